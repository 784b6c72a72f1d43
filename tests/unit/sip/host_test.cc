// Hosts and host:port.
//
//  1. Host names, IPv4 addresses and IPv6 references that RFC 3261 allows.
//  2. What is none of them: empty labels, a numeric last label, zones, brackets.
//  3. host:port in its four forms.
//  4. Ports out of range, signs, blanks, and text after the port.
//  5. IPv6 addresses are the same by value, names without regard to case.
//  6. The third colon of RFC 5118 section 4.10 only before an IPv4 address.
#include "sip/host.h"

#include <gtest/gtest.h>

#include <string>

namespace missive::sip {
namespace {

TEST(Host, ValidHosts) {
  for (const auto* host : {"example.com", "example.com.", "a", "a-b.c9", "x1.y2.z", "192.0.2.1",
                           "0.0.0.0", "my_app", "a1.4f2c9e", "255.255.255.255", "[2001:db8::1]",
                           "[::]", "[::ffff:192.0.2.1]", "3com.example.com"}) {
    EXPECT_TRUE(is_valid_host(host)) << host;
  }
}

TEST(Host, InvalidHosts) {
  for (const auto* host : {"",
                           ".",
                           ".1",
                           "[.1]",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "256.0.0.1",
                           "1.2.3.",
                           "a..b",
                           "-a",
                           "a-",
                           "_a",
                           "a b",
                           "example.1",
                           "2001:db8::1",
                           "[",
                           "[]",
                           "[2001:db8::1",
                           "[::1]x",
                           "[fe80::1%eth0]",
                           "[1.2.3.4]",
                           "[12345::]",
                           "a,b",
                           "ex%61mple.com"}) {
    EXPECT_FALSE(is_valid_host(host)) << host;
  }
  EXPECT_FALSE(is_valid_host(std::string(64, 'a') + ".com"));
  EXPECT_TRUE(is_valid_host(std::string(63, 'a') + ".com"));
  EXPECT_FALSE(is_valid_host(std::string_view("[::1\0]", 6)));
}

TEST(Host, HostPortForms) {
  const auto name = parse_host_port("example.com");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->host, "example.com");
  EXPECT_FALSE(name->ipv6);
  EXPECT_FALSE(name->port);

  const auto with_port = parse_host_port("192.0.2.1:5060");
  ASSERT_TRUE(with_port);
  EXPECT_EQ(with_port->host, "192.0.2.1");
  EXPECT_EQ(with_port->port, 5060);

  const auto v6 = parse_host_port("[2001:db8::1]");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "2001:db8::1");
  EXPECT_TRUE(v6->ipv6);
  EXPECT_FALSE(v6->port);

  const auto v6_port = parse_host_port("[2001:db8::1]:65535");
  ASSERT_TRUE(v6_port);
  EXPECT_EQ(v6_port->port, 65535);
}

TEST(Host, BadHostPort) {
  for (const auto* text : {"", ":5060", "a:", "a:0", "a:65536", "a:-1", "a:+1", "a:5060x", "a: 1",
                           "a :1", "[::1]5060", "[::1]:", "a:1:2", "2001:db8::1"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
  EXPECT_EQ(parse_host_port("a:0").error().text,
            "':0' after the host is no port; it is ':' and 1 to 65535");
}

TEST(Host, SameHost) {
  EXPECT_TRUE(same_host("Example.COM", false, "example.com", false));
  EXPECT_FALSE(same_host("example.com", false, "example.org", false));
  EXPECT_TRUE(same_host("2001:db8::1", true, "2001:0DB8:0::1", true));
  EXPECT_FALSE(same_host("2001:db8::1", true, "2001:db8::2", true));
  EXPECT_FALSE(same_host("2001:db8::1", true, "2001:db8::1", false));
}

TEST(Host, ThirdColonBeforeIpv4) {
  ASSERT_TRUE(is_ipv6("2001:db8:::192.0.2.1"));
  EXPECT_EQ(ipv6_octets("2001:db8:::192.0.2.1"), ipv6_octets("2001:db8::192.0.2.1"));
  EXPECT_FALSE(is_ipv6("2001:db8:::1"));
  EXPECT_FALSE(is_ipv6("2001:db8::::192.0.2.1"));
}

}  // namespace
}  // namespace missive::sip
