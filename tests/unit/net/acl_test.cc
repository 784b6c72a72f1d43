// Access lists.
//
//  1. Networks by prefix, netmask and single address, IPv4 and IPv6.
//  2. What is no network is refused with a text that helps.
//  3. An empty list permits everybody, and so does one that nothing matches.
//  4. The last matching rule decides.
//  5. A comma list with `!` inverts single entries.
//  6. IPv4 rules match IPv4-mapped peers; IPv6 rules do not match IPv4 peers.
//  7. A list with one bad entry adds nothing.
#include "net/acl.h"

#include <gtest/gtest.h>

namespace missive::net {
namespace {

Address ip(const char* text) { return *Address::from_ip(text, 1234); }

bool inside(const char* network, const char* address) {
  const auto parsed = Network::parse(network);
  EXPECT_TRUE(parsed) << network;
  return parsed && parsed->contains(ip(address));
}

TEST(Network, Contains) {  // 1
  EXPECT_TRUE(inside("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(inside("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(inside("10.9.9.9/8", "10.0.0.1"));  // host bits do not matter
  EXPECT_TRUE(inside("192.168.1.128/255.255.255.128", "192.168.1.200"));
  EXPECT_FALSE(inside("192.168.1.128/255.255.255.128", "192.168.1.100"));
  EXPECT_TRUE(inside("172.16.0.0/12", "172.31.255.255"));
  EXPECT_FALSE(inside("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(inside("0.0.0.0/0.0.0.0", "8.8.8.8"));
  EXPECT_TRUE(inside("0.0.0.0/0", "8.8.8.8"));
  EXPECT_TRUE(inside("1.2.3.4", "1.2.3.4"));
  EXPECT_FALSE(inside("1.2.3.4", "1.2.3.5"));
  EXPECT_TRUE(inside("1.2.3.4/32", "1.2.3.4"));
  EXPECT_TRUE(inside("fe80::/10", "febf::1"));
  EXPECT_FALSE(inside("fe80::/10", "fec0::1"));
  EXPECT_TRUE(inside("2001:db8::/ffff:ffff::", "2001:db8::5"));
  EXPECT_TRUE(inside("::1", "::1"));
  EXPECT_FALSE(inside("::1", "::2"));
  EXPECT_TRUE(inside("::/0", "2001:db8::5"));
  EXPECT_EQ(Network::parse("10.0.0.0/255.255.240.0")->prefix, 20u);
}

TEST(Network, RefusesWhatIsNone) {  // 2
  for (const auto* text :
       {"", "/", "10.0.0.0/", "10.0.0.0/33", "fe80::/129", "10.0.0.0/-1", "10.0.0.0/255.0.255.0",
        "10.0.0.0/ffff::", "host", "10.0.0/8", "10.0.0.0/8/8", "10.0.0.0:5060"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
  EXPECT_EQ(Network::parse("lan").error().text,
            "'lan' is not an IP address or network; 10.0.0.0/8 would be right");
  EXPECT_EQ(Network::parse("10.0.0.0/33").error().text,
            "prefix length 33 of network '10.0.0.0/33' is too long; 0 to 32 would be right");
  EXPECT_EQ(Network::parse("10.0.0.0/255.0.255.0").error().text,
            "'255.0.255.0' is not a netmask in '10.0.0.0/255.0.255.0'; 255.255.255.0 or 24 would "
            "be right");
}

TEST(Acl, EmptyPermits) {  // 3
  Acl acl;
  EXPECT_TRUE(acl.empty());
  EXPECT_TRUE(acl.permits(ip("1.2.3.4")));
  ASSERT_TRUE(acl.add(false, "10.0.0.0/8"));
  EXPECT_FALSE(acl.empty());
  EXPECT_TRUE(acl.permits(ip("1.2.3.4")));
  EXPECT_FALSE(acl.permits(ip("10.2.3.4")));
}

TEST(Acl, LastMatchDecides) {  // 4
  Acl acl;
  ASSERT_TRUE(acl.add(false, "0.0.0.0/0.0.0.0"));
  ASSERT_TRUE(acl.add(true, "127.0.0.1/255.255.255.255"));
  EXPECT_TRUE(acl.permits(ip("127.0.0.1")));
  EXPECT_FALSE(acl.permits(ip("127.0.0.2")));
  ASSERT_TRUE(acl.add(false, "127.0.0.0/8"));
  EXPECT_FALSE(acl.permits(ip("127.0.0.1")));
}

TEST(Acl, ListsAndInversion) {  // 5
  Acl acl;
  ASSERT_TRUE(acl.add(false, "0.0.0.0/0, ::/0"));
  ASSERT_TRUE(acl.add(true, "10.0.0.0/8, !10.1.0.0/16"));
  EXPECT_TRUE(acl.permits(ip("10.2.0.1")));
  EXPECT_FALSE(acl.permits(ip("10.1.0.1")));
  EXPECT_FALSE(acl.permits(ip("11.1.0.1")));
  EXPECT_FALSE(acl.permits(ip("2001:db8::1")));
  ASSERT_TRUE(acl.add(false, "!10.1.5.0/24"));
  EXPECT_TRUE(acl.permits(ip("10.1.5.1")));
}

TEST(Acl, MappedPeers) {  // 6
  Acl acl;
  ASSERT_TRUE(acl.add(false, "127.0.0.0/8"));
  EXPECT_FALSE(acl.permits(ip("::ffff:127.0.0.1")));
  EXPECT_TRUE(acl.permits(ip("::ffff:128.0.0.1")));
  EXPECT_TRUE(acl.permits(ip("::127.0.0.1")));
  Acl v6;
  ASSERT_TRUE(v6.add(false, "::/0"));
  EXPECT_TRUE(v6.permits(ip("127.0.0.1")));
}

TEST(Acl, BadEntryAddsNothing) {  // 7
  Acl acl;
  EXPECT_FALSE(acl.add(false, "10.0.0.0/8, nonsense"));
  EXPECT_FALSE(acl.add(false, ""));
  EXPECT_FALSE(acl.add(false, "!"));
  EXPECT_TRUE(acl.empty());
}

}  // namespace
}  // namespace missive::net
