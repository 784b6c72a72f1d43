// Answers to 401 and 407.
//
//  1. 401: Authorization; 407: Proxy-Authorization; the digest is right, over the Request-URI as
//  sent.
//  2. Several realms in one response are answered each with its own auth; one that cannot be is
//  left out.
//  3. Of several challenges for a realm the strongest that is allowed and known.
//  4. A stale nonce is answered once more, then no more.
//  5. A second challenge for a realm ends it, also with a new nonce.
//  6. qop: auth, auth-int over the body, none; opaque is given back.
//  7. A hash answers only its own algorithm; a password answers all.
//  8. No outbound_auth, none for the realm, no Digest, no challenge at all: an error that says so.
//  9. An auth for any realm answers where none is for that realm.
// 10. The client nonce is another each time.
// 11. A proxy challenges, then the phone behind it: both credentials from then on, the count of the
//     first nonce one higher; both in one response; each may be stale once.
// 12. For the next server: the same credentials computed anew, and each realm may challenge again.
#include "pjsip/outbound_auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "unit/pjsip/configured.h"
#include "unit/sip/loop_lab.h"

namespace missive::pjsip {
namespace {

using sip::DigestHash;
using sip::DigestQop;
using test::configured;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class OutboundAuthTest : public testing::Test {
 protected:
  OutboundAuthTest() { sip::test::write_request(request); }

  void configure(std::string_view text) {
    configuration = configured(text);
    auth.emplace(*configuration, configuration->endpoint("e")->outbound_auth, "endpoint 'e'");
  }

  // The lines that answer a response with this status and these header lines, or "error: ...".
  std::string answer(int status, const std::string& challenges) {
    auto text = sip::test::answer_to(std::string(request.text()), status, challenges);
    sip::Packet packet;
    EXPECT_TRUE(packet.parse(text));
    const auto lines = auth->answer(packet, request, random);
    return lines ? *lines : "error: " + lines.error().text;
  }
  std::string challenged(const std::string& value) {
    return answer(401, "WWW-Authenticate: " + value + "\r\n");
  }

  // The value of a parameter in a credentials line.
  static std::string param(const std::string& line, const std::string& name) {
    std::smatch match;
    if (!std::regex_search(line, match, std::regex("[ ,]" + name + "=\"?([^\",\r]*)"))) return "?";
    return match[1];
  }

  // Whether `line` is right for alice/secret and the request.
  void expect_right(const std::string& line, sip::DigestAlgorithm algorithm, DigestQop qop,
                    std::string_view user = "alice", std::string_view password = "secret") {
    EXPECT_EQ(param(line, "username"), user);
    EXPECT_EQ(param(line, "uri"), "sip:bob@192.0.2.2");
    const auto ha1 = sip::digest_ha1(algorithm.hash, user, param(line, "realm"), password);
    const auto cnonce = param(line, "cnonce");
    EXPECT_EQ(param(line, "response"),
              sip::digest_response(algorithm, qop, ha1, param(line, "nonce"),
                                   {"MESSAGE", "sip:bob@192.0.2.2", "hello", cnonce, 1}))
        << line;
  }

  base::RandomSource random;
  sip::OutgoingRequest request;
  std::shared_ptr<const Configuration> configuration;
  std::optional<OutboundAuth> auth;
};

constexpr std::string_view alice =
    "[e]\ntype=endpoint\noutbound_auth=a\n"
    "[a]\ntype=auth\nusername=alice\npassword=secret\n";
const std::string md5_challenge = R"(Digest realm="r", nonce="n1", algorithm=MD5, qop="auth")";

TEST_F(OutboundAuthTest, RightDigest) {  // 1
  configure(alice);
  const auto line = challenged(md5_challenge);
  EXPECT_THAT(line, StartsWith("Authorization: Digest username=\"alice\""));
  EXPECT_THAT(line, testing::EndsWith("\r\n"));
  EXPECT_EQ(param(line, "realm"), "r");
  EXPECT_EQ(param(line, "nonce"), "n1");
  EXPECT_EQ(param(line, "nc"), "00000001");
  expect_right(line, {DigestHash::md5}, DigestQop::auth);

  configure(alice);
  const auto proxy = answer(407, "Proxy-Authenticate: " + md5_challenge + "\r\n");
  EXPECT_THAT(proxy, StartsWith("Proxy-Authorization: Digest username=\"alice\""));
  expect_right(proxy, {DigestHash::md5}, DigestQop::auth);
}

TEST_F(OutboundAuthTest, SeveralRealms) {  // 2
  configure(
      "[e]\ntype=endpoint\noutbound_auth=a,b\n"
      "[a]\ntype=auth\nusername=alice\npassword=secret\nrealm=one\n"
      "[b]\ntype=auth\nusername=bert\npassword=other\nrealm=two\n");
  const auto lines = answer(407,
                            "Proxy-Authenticate: Digest realm=\"two\", nonce=\"n2\"\r\n"
                            "Proxy-Authenticate: Digest realm=\"three\", nonce=\"n3\"\r\n"
                            "Proxy-Authenticate: Digest realm=\"one\", nonce=\"n1\"\r\n");
  const auto end = lines.find("\r\n") + 2;
  const auto first = lines.substr(0, end), second = lines.substr(end);
  expect_right(first, {DigestHash::md5}, DigestQop::none);
  EXPECT_EQ(param(first, "realm"), "one");
  expect_right(second, {DigestHash::md5}, DigestQop::none, "bert", "other");
  EXPECT_EQ(param(second, "realm"), "two");
  EXPECT_THAT(lines, Not(HasSubstr("three")));
}

const std::string three_challenges =
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\"\r\n"
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256, qop=\"auth\"\r\n"
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"\r\n";

TEST_F(OutboundAuthTest, Strongest) {  // 3
  configure(alice);
  auto line = answer(401, three_challenges);
  EXPECT_EQ(param(line, "algorithm"), "SHA-512-256");
  expect_right(line, {DigestHash::sha512_256}, DigestQop::auth);
  EXPECT_EQ(line.find("\r\n"), line.size() - 2) << "one answer for one realm";

  configure(std::string(alice) + "supported_algorithms_uac=MD5,SHA-256\n");
  line = answer(401, three_challenges);
  EXPECT_EQ(param(line, "algorithm"), "SHA-256");
  expect_right(line, {DigestHash::sha256}, DigestQop::auth);

  configure(std::string(alice) + "supported_algorithms_uac=SHA-256\n");
  EXPECT_THAT(challenged(md5_challenge), StartsWith("error: "));

  configure(alice);
  line = answer(401,
                "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", algorithm=SHA3\r\n"
                "WWW-Authenticate: Basic realm=\"r\"\r\n"
                "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
  expect_right(line, {DigestHash::md5}, DigestQop::none);
}

TEST_F(OutboundAuthTest, Stale) {  // 4
  configure(alice);
  EXPECT_THAT(challenged(md5_challenge), StartsWith("Authorization: "));
  const auto again = challenged(R"(Digest realm="r", nonce="n2", qop="auth", stale=TRUE)");
  EXPECT_EQ(param(again, "nonce"), "n2");
  expect_right(again, {DigestHash::md5}, DigestQop::auth);
  EXPECT_THAT(challenged(R"(Digest realm="r", nonce="n3", stale=true)"), StartsWith("error: "));
  // A first challenge may say stale too.
  configure(alice);
  EXPECT_THAT(challenged(R"(Digest realm="r", nonce="n1", stale=true)"),
              StartsWith("Authorization: "));
}

TEST_F(OutboundAuthTest, WrongPassword) {  // 5
  configure(alice);
  EXPECT_THAT(challenged(md5_challenge), StartsWith("Authorization: "));
  for (const auto* nonce : {"n1", "n2", "n3"}) {
    EXPECT_EQ(challenged(std::string("Digest realm=\"r\", nonce=\"") + nonce + "\", stale=false"),
              "error: realm 'r' did not accept the credentials of endpoint 'e'");
  }
}

TEST_F(OutboundAuthTest, Qop) {  // 6
  configure(alice);
  auto line = challenged(R"(Digest realm="r", nonce="n", qop="auth-int", opaque="o p")");
  EXPECT_EQ(param(line, "qop"), "auth-int");
  EXPECT_EQ(param(line, "opaque"), "o p");
  expect_right(line, {DigestHash::md5}, DigestQop::auth_int);
  configure(alice);
  line = challenged(R"(Digest realm="r", nonce="n", qop="auth-int,auth", algorithm=SHA-256)");
  EXPECT_EQ(param(line, "qop"), "auth");
  expect_right(line, {DigestHash::sha256}, DigestQop::auth);
  configure(alice);
  line = challenged(R"(Digest realm="r", nonce="n")");
  EXPECT_EQ(param(line, "qop"), "?");
  EXPECT_EQ(param(line, "nc"), "?");
  EXPECT_EQ(param(line, "opaque"), "?");
  EXPECT_EQ(param(line, "algorithm"), "?");
  expect_right(line, {DigestHash::md5}, DigestQop::none);
  configure(alice);
  line = challenged(R"(Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess)");
  expect_right(line, {DigestHash::md5, true}, DigestQop::auth);
  configure(alice);
  EXPECT_THAT(challenged(R"(Digest realm="r", nonce="n", qop="strange")"), StartsWith("error: "));
}

TEST_F(OutboundAuthTest, Hashes) {  // 7
  const auto md5 = sip::digest_ha1(DigestHash::md5, "alice", "r", "secret");
  const auto sha256 = sip::digest_ha1(DigestHash::sha256, "alice", "r", "secret");
  const auto section = [](const std::string& more) {
    return "[e]\ntype=endpoint\noutbound_auth=a\n[a]\ntype=auth\nusername=alice\n" + more;
  };
  configure(section("auth_type=md5\nrealm=r\nmd5_cred=" + md5 + "\n"));
  auto line = answer(401, three_challenges);
  EXPECT_EQ(param(line, "algorithm"), "MD5");
  expect_right(line, {DigestHash::md5}, DigestQop::auth);

  configure(section("realm=r\npassword_digest=SHA-256:" + sha256 + "\n"));
  line = answer(401, three_challenges);
  EXPECT_EQ(param(line, "algorithm"), "SHA-256");
  expect_right(line, {DigestHash::sha256}, DigestQop::auth);
  configure(section("realm=r\npassword_digest=SHA-256:" + sha256 + "\n"));
  EXPECT_THAT(challenged(md5_challenge), StartsWith("error: "));

  configure(section("realm=r\npassword=secret\nmd5_cred=" + md5 + "\n"));
  line = answer(401, three_challenges);
  EXPECT_EQ(param(line, "algorithm"), "SHA-512-256");
  expect_right(line, {DigestHash::sha512_256}, DigestQop::auth);
}

TEST_F(OutboundAuthTest, NoAnswer) {  // 8
  configure("[e]\ntype=endpoint\n");
  EXPECT_EQ(challenged(md5_challenge), "error: endpoint 'e' has no outbound_auth for realm 'r'");
  configure(std::string(alice) + "realm=other\n");
  EXPECT_EQ(challenged(md5_challenge), "error: endpoint 'e' has no outbound_auth for realm 'r'");
  configure(alice);
  EXPECT_EQ(challenged("Basic realm=\"r\""), "error: 401 without a Digest challenge that is known");
  EXPECT_EQ(answer(401, ""), "error: 401 without a Digest challenge that is known");
  EXPECT_THAT(challenged("Digest realm=\"r\""), StartsWith("error: "));
  EXPECT_THAT(challenged("Digest realm=\"r, nonce=\"n\""), StartsWith("error: "));
  EXPECT_THAT(challenged(md5_challenge), StartsWith("Authorization: ")) << "it was never answered";
}

TEST_F(OutboundAuthTest, AnyRealm) {  // 9
  for (const std::string& any : {std::string(), std::string("realm=*\n")}) {
    for (const auto& [realm, user] :
         std::vector<std::pair<std::string, std::string>>{// Realms are compared with case.
                                                          {"two", "bert"},
                                                          {"one", "alice"},
                                                          {"", "alice"},
                                                          {"TWO", "alice"}}) {
      configure(
          "[e]\ntype=endpoint\noutbound_auth=a,b\n"
          "[a]\ntype=auth\nusername=alice\npassword=secret\n" +
          any + "[b]\ntype=auth\nusername=bert\npassword=other\nrealm=two\n");
      EXPECT_EQ(param(challenged("Digest realm=\"" + realm + "\", nonce=\"n\""), "username"), user)
          << realm;
    }
  }
}

TEST_F(OutboundAuthTest, ClientNonce) {  // 10
  configure(alice);
  const auto first = param(challenged(md5_challenge), "cnonce");
  configure(alice);
  const auto second = param(challenged(md5_challenge), "cnonce");
  EXPECT_GE(first.size(), 16u);
  EXPECT_NE(first, second);
}

TEST_F(OutboundAuthTest, ProxyAndPhone) {  // 11
  configure(alice);
  const std::string proxy = R"(Proxy-Authenticate: Digest realm="p", nonce="p1", qop="auth")"
                            "\r\n";
  const std::string phone = R"(WWW-Authenticate: Digest realm="r", nonce="n1", qop="auth")"
                            "\r\n";
  EXPECT_THAT(answer(407, proxy), StartsWith("Proxy-Authorization: "));
  const auto both = answer(401, phone);
  const auto end = both.find("\r\n") + 2;
  EXPECT_THAT(both.substr(0, end), StartsWith("Proxy-Authorization: "));
  EXPECT_EQ(param(both.substr(0, end), "nc"), "00000002");
  EXPECT_EQ(param(both.substr(0, end), "nonce"), "p1");
  EXPECT_THAT(both.substr(end), StartsWith("Authorization: "));
  expect_right(both.substr(end), {DigestHash::md5}, DigestQop::auth);

  // Each of the two may be stale once.
  const auto stale = [](std::string challenge) {
    return challenge.insert(challenge.find("nonce="), "stale=true, ");
  };
  EXPECT_THAT(answer(407, stale(proxy)), HasSubstr("\r\nAuthorization: "));
  EXPECT_THAT(answer(401, stale(phone)), HasSubstr("\r\nAuthorization: "));
  EXPECT_THAT(answer(407, stale(proxy)), StartsWith("error: realm 'p' did not accept"));

  configure(alice);
  const auto gathered = answer(401, proxy + phone);
  EXPECT_THAT(gathered, StartsWith("Authorization: "));
  EXPECT_THAT(gathered, HasSubstr("\r\nProxy-Authorization: "));
}

TEST_F(OutboundAuthTest, NextServer) {  // 12
  configure(alice);
  EXPECT_FALSE(auth->has_answers());
  const auto first = challenged(md5_challenge);
  EXPECT_TRUE(auth->has_answers());
  auth->meet_another();
  const auto again = auth->repeat(request, random);
  ASSERT_TRUE(again);
  EXPECT_EQ(param(*again, "nonce"), "n1");
  EXPECT_EQ(param(*again, "nc"), "00000002");
  EXPECT_NE(param(*again, "cnonce"), param(first, "cnonce"));
  const auto other = challenged(R"(Digest realm="r", nonce="n2", algorithm=MD5, qop="auth")");
  EXPECT_EQ(param(other, "nonce"), "n2");
  expect_right(other, {DigestHash::md5}, DigestQop::auth);
  EXPECT_THAT(challenged(R"(Digest realm="r", nonce="n3", algorithm=MD5, qop="auth")"),
              StartsWith("error: realm 'r' did not accept the credentials of endpoint 'e'"));
}

}  // namespace
}  // namespace missive::pjsip
