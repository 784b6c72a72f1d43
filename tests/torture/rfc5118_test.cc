// RFC 5118: IPv6 torture messages.
//
//  4.1  an IPv6 reference in the Request-URI
//  4.2  the address without brackets: 400
//  4.3  brackets around what was meant to be address and port: it is an address
//  4.4  address and port
//  4.5  received with and without brackets
//  4.6  IPv6 in the session description
//  4.7  both families in the Via headers
//  4.8  both families in the session description
//  4.9  IPv4-mapped addresses
//  4.10 three colons before an IPv4 address, as the grammar of RFC 3261 had it
#include <gtest/gtest.h>

#include "sip/uri.h"
#include "torture/torture_message.h"

namespace missive::sip {
namespace {

using test::Torture;

Uri request_uri(const Torture& message) { return parse_uri(message.packet.request_uri()).value(); }

TEST(Rfc5118, ipv6_good) {
  const Torture message("ipv6-good");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(request_uri(message).host, "2001:db8::10");
  EXPECT_TRUE(request_uri(message).host_is_ipv6);
  EXPECT_EQ(message.packet.top_via().value().host, "2001:db8::9:1");
}

TEST(Rfc5118, ipv6_bad) { EXPECT_EQ(Torture("ipv6-bad").verdict(), "400 Malformed Request-URI"); }

TEST(Rfc5118, port_ambiguous) {
  const Torture message("port-ambiguous");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(request_uri(message).host, "2001:db8::10:5070");
  EXPECT_EQ(request_uri(message).port, std::nullopt);
}

TEST(Rfc5118, port_unambiguous) {
  const Torture message("port-unambiguous");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(request_uri(message).host, "2001:db8::10");
  EXPECT_EQ(request_uri(message).port, 5070);
}

TEST(Rfc5118, via_received_param) {
  for (const auto* name : {"via-received-param-with-delim", "via-received-param-no-delim"}) {
    const Torture message(name);
    ASSERT_EQ(message.verdict(), "ok") << name;
    EXPECT_EQ(message.packet.top_via().value().received, "2001:db8::9:255") << name;
  }
}

TEST(Rfc5118, ipv6_in_sdp) {
  const Torture message("ipv6-in-sdp");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_NE(message.packet.body().find("c=IN IP6 2001:db8::20\r\n"), std::string_view::npos);
}

TEST(Rfc5118, mult_ip_in_header) {
  const Torture message("mult-ip-in-header");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.count(HeaderId::Via), 3u);
  EXPECT_EQ(message.packet.top_via().value().port, 6050);
  auto last = message.packet.headers()[2].value;
  const auto via = parse_via(last).value();
  EXPECT_EQ(via.host, "2001:db8::9:255");
  EXPECT_EQ(via.received, "192.0.2.200");
}

TEST(Rfc5118, mult_ip_in_sdp) {
  const Torture message("mult-ip-in-sdp");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_NE(message.packet.body().find("c=IN IP4 192.0.2.2\r\n"), std::string_view::npos);
}

TEST(Rfc5118, ipv4_mapped_ipv6) {
  const Torture message("ipv4-mapped-ipv6");
  ASSERT_EQ(message.verdict(), "ok");
  EXPECT_EQ(message.packet.top_via().value().host, "::ffff:192.0.2.10");
  EXPECT_EQ(message.packet.top_via().value().port, 19823);
}

TEST(Rfc5118, ipv6_bug_abnf) {
  const Torture three("ipv6-bug-abnf-3-colons");
  const Torture two("ipv6-correct-abnf-2-colons");
  ASSERT_EQ(three.verdict(), "ok");
  ASSERT_EQ(two.verdict(), "ok");
  EXPECT_TRUE(equivalent(request_uri(three), request_uri(two)));
}

}  // namespace
}  // namespace missive::sip
