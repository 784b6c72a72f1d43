// Whom a certificate is for (RFC 5922 section 7).
//
//  1. DNS names: whole, without regard to case, a dot at the end apart.
//  2. URIs: `sip:` with a host only; a user, another scheme count for nothing.
//  3. The common name counts when there is no name of type DNS or URI, and then alone.
//  4. IP addresses: by names of type IP and by SIP URIs, never by DNS names or the common name.
//  5. Wildcards: one label, the first one, never of a top-level domain, and only when allowed.
//  6. A name with a NUL in it is not the name before the NUL.
//  7. What it says in error texts.
#include "net/tls_names.h"

#include <gtest/gtest.h>

#include "unit/net/test_certificates.h"

namespace missive::net {
namespace {

CertificateNames names(const std::string& alternative, const std::string& common = "test") {
  return CertificateNames(*test::TestAuthority::in_memory({common, alternative}));
}

TEST(TlsNames, Dns) {  // 1
  const auto of = names("DNS:example.org,DNS:SIP.Example.NET");
  for (const auto* good : {"example.org", "EXAMPLE.org", "example.org.", "sip.example.net"}) {
    EXPECT_TRUE(of.covers(good, false)) << good;
  }
  for (const auto* bad : {"", ".", "org", "xample.org", "a.example.org", "example.org.evil.net"}) {
    EXPECT_FALSE(of.covers(bad, true)) << bad;
  }
}

TEST(TlsNames, Uri) {  // 2
  const auto of = names(
      "URI:sip:example.org,URI:SIP:port.example.org:5061,URI:sip:param.example.org;transport=tls,"
      "URI:sip:alice@user.example.org,URI:https://web.example.org,URI:sips:sips.example.org");
  for (const auto* good : {"example.org", "port.example.org", "param.example.org"}) {
    EXPECT_TRUE(of.covers(good, false)) << good;
  }
  for (const auto* bad : {"user.example.org", "web.example.org", "sips.example.org", "test"}) {
    EXPECT_FALSE(of.covers(bad, false)) << bad;
  }
}

TEST(TlsNames, CommonName) {  // 3
  EXPECT_TRUE(names("", "example.org").covers("example.org", false));
  EXPECT_TRUE(names("IP:127.0.0.1", "example.org").covers("example.org", false));
  EXPECT_TRUE(names("email:a@example.net", "example.org").covers("example.org", false));
  EXPECT_FALSE(names("DNS:example.net", "example.org").covers("example.org", false));
  EXPECT_FALSE(names("URI:https://example.net", "example.org").covers("example.org", false));
  EXPECT_FALSE(names("", "").covers("example.org", false));
}

TEST(TlsNames, Addresses) {  // 4
  const auto of = names("IP:192.0.2.1,IP:2001:db8:0:0:0:0:0:1,URI:sip:[2001:db8::2]:5061");
  for (const auto* good :
       {"192.0.2.1", "2001:db8::1", "[2001:db8::1]", "2001:DB8:0::1", "[2001:db8::2]"}) {
    EXPECT_TRUE(of.covers(good, false)) << good;
  }
  EXPECT_FALSE(of.covers("192.0.2.2", false));
  EXPECT_FALSE(of.covers("2001:db8::3", false));
  EXPECT_FALSE(names("DNS:192.0.2.1").covers("192.0.2.1", true));
  EXPECT_FALSE(names("", "192.0.2.1").covers("192.0.2.1", true));
}

TEST(TlsNames, Wildcards) {  // 5
  const auto of = names("DNS:*.example.org");
  EXPECT_FALSE(of.covers("a.example.org", false));
  EXPECT_TRUE(of.covers("a.example.org", true));
  EXPECT_TRUE(of.covers("A.Example.Org", true));
  EXPECT_TRUE(of.covers_by_wildcard_only("a.example.org"));
  EXPECT_FALSE(of.covers_by_wildcard_only("a.example.net"));
  EXPECT_FALSE(names("DNS:a.example.org").covers_by_wildcard_only("a.example.org"));
  for (const auto* bad : {"example.org", ".example.org", "a.b.example.org", "aexample.org"}) {
    EXPECT_FALSE(of.covers(bad, true)) << bad;
  }
  EXPECT_FALSE(names("DNS:*.org").covers("example.org", true));
  EXPECT_FALSE(names("DNS:*").covers("example", true));
  EXPECT_FALSE(names("DNS:a*.example.org").covers("ab.example.org", true));
  EXPECT_FALSE(names("DNS:sip.*.org").covers("sip.example.org", true));
  EXPECT_TRUE(names("", "*.example.org").covers("a.example.org", true));
}

TEST(TlsNames, Nul) {  // 6
  const auto trick = names("", std::string("example.org\0.evil.net", 21));
  EXPECT_FALSE(trick.covers("example.org", true));
  EXPECT_EQ(trick.str(), "example.org\\x00.evil.net");
}

TEST(TlsNames, Texts) {  // 7
  EXPECT_EQ(names("DNS:Example.org,IP:192.0.2.1,IP:2001:db8::1").str(),
            "example.org, 192.0.2.1, 2001:db8::1");
  EXPECT_EQ(names("", "").str(), "nobody");
  EXPECT_EQ(subject_of(*test::TestAuthority::in_memory({"phone", "DNS:a.example.org"})), "phone");
  EXPECT_EQ(subject_of(*test::TestAuthority::in_memory({"", "DNS:a.example.org"})),
            "a.example.org");
  EXPECT_EQ(subject_of(*test::TestAuthority::in_memory({"", ""})), "");
}

}  // namespace
}  // namespace missive::net
