// register => lines.
//
// 1. Every part, and the examples of the documentation.
// 2. Marks inside of a secret are part of it.
// 3. Refused, without the password in the error.
// 4. auth= lines: secrets, hashes, and what is neither.
#include "chan_sip/register_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chan_sip/credentials_line.h"

namespace missive::chan_sip {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// peer | transport | user | domain | secret | authuser | host | port | extension | expiry
std::string parts(std::string_view text) {
  const auto line = RegisterLine::parse(text);
  if (!line) return "error: " + line.error().text;
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", line->peer,
                     line->transport ? sip::name_of(*line->transport) : "", line->user,
                     line->domain, line->secret, line->authuser, line->host, line->port.value_or(0),
                     line->extension, line->expiry.value_or(std::chrono::seconds{0}).count());
}

TEST(RegisterLine, Parts) {  // 1
  EXPECT_EQ(parts("1234:password@mysipprovider.com"), "||1234||password||mysipprovider.com|0|s|0");
  EXPECT_EQ(parts("2345:password@sip_proxy/1234"), "||2345||password||sip_proxy|0|1234|0");
  EXPECT_EQ(parts("3456@mydomain:5082::@mysipprovider.com"),
            "||3456|mydomain:5082|||mysipprovider.com|0|s|0");
  EXPECT_EQ(parts("tls://username:xxxxxx@sip-tls-proxy.example.org"),
            "|tls|username||xxxxxx||sip-tls-proxy.example.org|0|s|0");
  EXPECT_EQ(parts("trunk?tcp://7@dom.example:pw:auth@192.0.2.1:5070/300~600"),
            "trunk|tcp|7|dom.example|pw|auth|192.0.2.1|5070|300|600");
  EXPECT_EQ(parts("7@[2001:db8::1]:5061~90"), "||7||||[2001:db8::1]|5061|s|90");
  EXPECT_EQ(parts("7:pw@my peer"), "||7||pw||my peer|0|s|0");
}

TEST(RegisterLine, MarksInSecrets) {  // 2
  EXPECT_EQ(parts("7:p@ss?w/ord~1@host.example"), "||7||p@ss?w/ord~1||host.example|0|s|0");
}

TEST(RegisterLine, Refused) {  // 3
  EXPECT_THAT(parts("7:pw"), HasSubstr("error: has no '@' in front of the host"));
  EXPECT_THAT(parts(":geheim@host.example"), HasSubstr("error: names no user"));
  EXPECT_THAT(parts("7:geheim@"), HasSubstr("error: names no host"));
  EXPECT_THAT(parts("sctp://7:geheim@host.example"),
              HasSubstr("error: 'sctp' is none of udp, tcp, tls"));
  EXPECT_THAT(parts("7:geheim:a:b:c@host.example"), HasSubstr("error: has too many ':'"));
  EXPECT_THAT(parts("7:geheim@host.example:99999"),
              HasSubstr("error: 'host.example:99999' is no host:port"));
  EXPECT_THAT(parts("7:geheim@host.example~soon"),
              HasSubstr("error: the expiry behind '~' is no number of seconds"));
  for (const auto* line : {":geheim@host.example", "7:geheim@", "7:geheim:a:b:c@host.example"}) {
    EXPECT_THAT(parts(line), Not(HasSubstr("geheim")));
  }
}

TEST(CredentialsLine, Forms) {  // 4
  const auto secret = CredentialsLine::parse("mark:topsecret@example.com");
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->user, "mark");
  EXPECT_EQ(secret->secret, "topsecret");
  EXPECT_EQ(secret->realm, "example.com");
  const auto hash = CredentialsLine::parse("mark#0123456789ABCDEF0123456789abcdef@example.com");
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->md5secret, "0123456789abcdef0123456789abcdef");
  EXPECT_TRUE(hash->secret.empty());
  for (const auto* wrong : {"mark", "mark:pw", "mark@realm", ":pw@realm", "mark:pw@", "m#12@r"}) {
    EXPECT_FALSE(CredentialsLine::parse(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace missive::chan_sip
