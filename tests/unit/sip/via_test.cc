// Via values.
//
//  1. Every parameter we know.
//  2. rport as a flag; no port; a transport we do not know.
//  3. Blanks wherever the grammar has LWS.
//  4. IPv6 sent-by; received with and without brackets.
//  5. Several values in one header, taken one by one.
//  6. Malformed values are refused, with words.
#include "sip/via.h"

#include <gtest/gtest.h>

namespace missive::sip {
namespace {

base::Result<Via> only(std::string_view text) {
  auto via = parse_via(text);
  if (via && !text.empty()) return base::fail("'{}' is left", text);
  return via;
}

TEST(Via, EveryParameter) {
  const auto via = only(
      "SIP/2.0/UDP 192.0.2.1:5062;rport=5070;branch=z9hG4bKxyz;received=192.0.2.7;maddr=224.2.0.1;"
      "ttl=16;keep;x=\"a,b\"");
  ASSERT_TRUE(via) << via.error().text;
  EXPECT_EQ(via->protocol, "SIP");
  EXPECT_EQ(via->version, "2.0");
  EXPECT_EQ(via->transport, "UDP");
  EXPECT_EQ(via->host, "192.0.2.1");
  EXPECT_FALSE(via->host_is_ipv6);
  EXPECT_EQ(via->port, 5062);
  EXPECT_TRUE(via->has_rport);
  EXPECT_EQ(via->rport, 5070);
  EXPECT_EQ(via->branch, "z9hG4bKxyz");
  EXPECT_TRUE(via->has_magic_cookie());
  EXPECT_EQ(via->received, "192.0.2.7");
  EXPECT_EQ(via->maddr, "224.2.0.1");
  EXPECT_EQ(via->ttl, 16);
  EXPECT_TRUE(via->params.starts_with(";rport=5070;"));
  EXPECT_TRUE(via->params.ends_with(";x=\"a,b\""));
}

TEST(Via, Sparse) {
  const auto via = only("SIP/2.0/UNKNOWN example.com;RPORT");
  ASSERT_TRUE(via) << via.error().text;
  EXPECT_EQ(via->transport, "UNKNOWN");
  EXPECT_FALSE(via->port);
  EXPECT_TRUE(via->has_rport);
  EXPECT_FALSE(via->rport);
  EXPECT_EQ(via->branch, "");
  EXPECT_FALSE(via->has_magic_cookie());
  EXPECT_EQ(only("SIP/2.0/TCP a").value().params, "");
}

TEST(Via, Blanks) {
  const auto via = only("SIP  / 2.0 /\tTCP     example.com : 5060   ;\tbranch  =   z9hG4bK9  ");
  ASSERT_TRUE(via) << via.error().text;
  EXPECT_EQ(via->host, "example.com");
  EXPECT_EQ(via->port, 5060);
  EXPECT_EQ(via->branch, "z9hG4bK9");
}

TEST(Via, Ipv6) {
  const auto via = only("SIP/2.0/UDP [2001:db8::9:1]:5060;received=[2001:db8::9:255];branch=b");
  ASSERT_TRUE(via) << via.error().text;
  EXPECT_EQ(via->host, "2001:db8::9:1");
  EXPECT_TRUE(via->host_is_ipv6);
  EXPECT_EQ(via->port, 5060);
  EXPECT_EQ(via->received, "2001:db8::9:255");
  EXPECT_EQ(only("SIP/2.0/UDP a;received=2001:db8::9:255").value().received, "2001:db8::9:255");
}

TEST(Via, List) {
  std::string_view rest = "SIP/2.0/TCP a;branch=1 , SIP/2.0/UDP b;branch=2";
  EXPECT_EQ(parse_via(rest).value().branch, "1");
  EXPECT_EQ(rest, "SIP/2.0/UDP b;branch=2");
  EXPECT_EQ(parse_via(rest).value().host, "b");
  EXPECT_EQ(rest, "");
}

TEST(Via, Refused) {
  for (const auto* text : {"",
                           "SIP",
                           "SIP/2.0",
                           "SIP/2.0/UDP",
                           "SIP/2.0/UDP ",
                           "SIP/2.0/ a",
                           "SIP/2.0 a",
                           "/2.0/UDP a",
                           "SIP/2.0/UDPa.b;x",
                           "SIP/2.0/UDP .1",
                           "SIP/2.0/UDP 192.0.2.300",
                           "SIP/2.0/UDP a:0",
                           "SIP/2.0/UDP a:70000",
                           "SIP/2.0/UDP a:",
                           "SIP/2.0/UDP [::1",
                           "SIP/2.0/UDP [x]",
                           "SIP/2.0/UDP ::1",
                           "SIP/2.0/UDP 192.0.2.15;;,;,,",
                           "SIP/2.0/UDP a;",
                           "SIP/2.0/UDP a,",
                           "SIP/2.0/UDP a, ",
                           "SIP/2.0/UDP a b",
                           "SIP/2.0/UDP a;branch",
                           "SIP/2.0/UDP a;branch=",
                           "SIP/2.0/UDP a;branch=1;branch=2",
                           "SIP/2.0/UDP a;branch=\"x\"",
                           "SIP/2.0/UDP a;rport=",
                           "SIP/2.0/UDP a;rport=0",
                           "SIP/2.0/UDP a;rport=x",
                           "SIP/2.0/UDP a;rport;rport",
                           "SIP/2.0/UDP a;ttl",
                           "SIP/2.0/UDP a;ttl=256",
                           "SIP/2.0/UDP a;received=",
                           "SIP/2.0/UDP a;received=[1.2]",
                           "SIP/2.0/UDP a;received=.1",
                           "SIP/2.0/UDP a;maddr"}) {
    EXPECT_FALSE(only(text)) << text;
  }
  EXPECT_EQ(only("SIP/2.0/UDP a:0").error().text, "Via: a port from 1 to 65535 expected before ''");
  EXPECT_EQ(only("SIP/2.0/UDP a;ttl=x").error().text,
            "Via: the parameter 'ttl' is malformed or given twice");
}

}  // namespace
}  // namespace missive::sip
