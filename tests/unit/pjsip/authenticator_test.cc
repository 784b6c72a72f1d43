// Asking for a password and checking it.
//
//  1. without credentials: 401 with realm, nonce, opaque, algorithm and qop
//  2. the right password passes; MD5, SHA-256, SHA-512-256; the user name is handed out
//  3. a wrong password: refused, a new challenge without stale, and an event
//  4. the types: userpass, digest, md5; hashes instead of the password, each for its algorithm
//  5. algorithms: the strongest first, one header each; those of global unless the auth names
//     some; those that nothing can check are not offered; others and -sess do not pass
//  6. realm: the auth's, else default_realm; "*" is for clients; credentials for another realm, and
//     a nonce of another one, are no good
//  7. several auths: one challenge for each realm, any of them lets in
//  8. nobody we know: the same 401 as for a wrong password, whatever is tried
//  9. nonces: a too old one and one of another process with the right response are stale; a
//     forged one or a wrong response is not
// 10. replay: the same nc twice is stale, the next one passes; without qop a nonce is good once
// 11. uri: ports and parameters may differ and the user be left out; another user or host not
// 12. the method is part of the response
// 13. malformed Authorization: 401, never more; user names and passwords with quotes; an empty
// realm;
//     an over-long response
// 14. more than a few Authorization headers are not looked at
#include "pjsip/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "unit/pjsip/incoming_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using test::authorization_for;
using test::challenges_of;
using test::configured;
using test::Parsed;
using test::RequestText;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Verdict = Authenticator::Verdict;

class RecordingEvents final : public AuthEvents {
 public:
  void invalid_account(const AuthSubject&) override { told.push_back("invalid_account"); }
  void invalid_password(const AuthSubject&, std::string_view, std::string_view) override {
    told.push_back("invalid_password");
  }
  void challenge_sent(const AuthSubject&, std::string_view) override {
    told.push_back("challenge_sent");
  }
  void successful_auth(const AuthSubject&) override { told.push_back("successful_auth"); }
  void failed_acl(const AuthSubject&, std::string_view) override { told.push_back("failed_acl"); }
  std::vector<std::string> told;
};

constexpr std::string_view alice =
    "[alice]\ntype=endpoint\nauth=a\n[a]\ntype=auth\nusername=alice\npassword=secret\n";

class AuthenticatorTest : public testing::Test {
 protected:
  void configure(std::string_view text) { configuration = configured(text); }

  // `endpoint`: "" for nobody we know.
  Verdict check(const RequestText& request, std::string_view endpoint = "alice") {
    const Parsed parsed(request);
    response = {};
    user.clear();
    events.told.clear();
    const AuthSubject subject{endpoint, "call-1", request.method, "UDP", {}, {}};
    return authenticator.check(*configuration, configuration->endpoint(endpoint), *parsed, subject,
                               response, user);
  }
  static RequestText with(const std::string& headers) {
    RequestText request;
    request.headers += headers;
    return request;
  }
  // The challenge to a request without credentials.
  std::string challenge(std::string_view endpoint = "alice", std::size_t which = 0) {
    check({}, endpoint);
    const auto challenges = challenges_of(response.headers);
    return which < challenges.size() ? challenges[which] : "";
  }
  Verdict answer(std::string_view challenge, std::string_view username, std::string_view password,
                 std::string_view endpoint = "alice", std::uint32_t nc = 1) {
    return check(with(authorization_for(challenge, username, password, {}, nc)), endpoint);
  }

  base::ManualClock clock;
  base::RandomSource random;
  Nonces nonces{clock};
  RecordingEvents events;
  Authenticator authenticator{nonces, random, events};
  std::shared_ptr<const Configuration> configuration = configured(alice);
  sip::Response response;
  std::string user;
};

TEST_F(AuthenticatorTest, Challenges) {  // 1
  EXPECT_EQ(check({}), Verdict::challenged);
  EXPECT_EQ(response.status, 401);
  EXPECT_THAT(response.headers, StartsWith("WWW-Authenticate: Digest realm=\"asterisk\",nonce=\""));
  EXPECT_THAT(response.headers, HasSubstr(",opaque=\""));
  EXPECT_THAT(response.headers, HasSubstr(",algorithm=MD5,qop=\"auth\"\r\n"));
  EXPECT_THAT(response.headers, Not(HasSubstr("stale")));
  EXPECT_THAT(events.told, ElementsAre("challenge_sent"));
}

TEST_F(AuthenticatorTest, TheRightPasswordPasses) {  // 2
  for (const auto* algorithm : {"MD5", "SHA-256", "SHA-512-256"}) {
    configure(std::string(alice) + "supported_algorithms_uas=" + algorithm + "\n");
    const auto asked = challenge();
    EXPECT_THAT(asked, HasSubstr(fmt::format("algorithm={},", algorithm)));
    EXPECT_EQ(answer(asked, "alice", "secret"), Verdict::passed) << algorithm;
    EXPECT_EQ(user, "alice");
    EXPECT_THAT(response.headers, IsEmpty());
    EXPECT_THAT(events.told, ElementsAre("successful_auth"));
  }
}

TEST_F(AuthenticatorTest, AWrongPasswordIsRefused) {  // 3
  const auto asked = challenge();
  EXPECT_EQ(answer(asked, "alice", "Secret"), Verdict::refused);
  EXPECT_EQ(response.status, 401);
  EXPECT_THAT(challenges_of(response.headers), ElementsAre(Not(asked)));
  EXPECT_THAT(response.headers, Not(HasSubstr("stale")));
  EXPECT_THAT(events.told, ElementsAre("invalid_password", "challenge_sent"));
  EXPECT_EQ(user, "");
  EXPECT_EQ(answer(asked, "Alice", "secret"), Verdict::refused);
  EXPECT_EQ(answer(asked, "alice", ""), Verdict::refused);
  EXPECT_EQ(answer(asked, "alice", "secret"), Verdict::passed);  // the nonce was not used up
}

TEST_F(AuthenticatorTest, TypesAndHashes) {  // 4
  const auto md5 = sip::digest_ha1(sip::DigestHash::md5, "alice", "asterisk", "secret");
  const auto sha = sip::digest_ha1(sip::DigestHash::sha256, "alice", "asterisk", "secret");
  const std::string start = "[alice]\ntype=endpoint\nauth=a\n[a]\ntype=auth\nusername=alice\n";
  for (const auto& [text, algorithm] : std::vector<std::pair<std::string, std::string>>{
           {"auth_type=userpass\npassword=secret\n", "MD5"},
           {"auth_type=digest\npassword=secret\n", "MD5"},
           {"auth_type=md5\nmd5_cred=" + md5 + "\n", "MD5"},
           {"password_digest=MD5:" + md5 + "\n", "MD5"},
           {"password_digest=SHA-256:" + sha + "\nsupported_algorithms_uas=SHA-256\n", "SHA-256"},
           {"password=other\npassword_digest=MD5:" + md5 + "\n", "MD5"}}) {
    configure(start + text);
    const auto asked = challenge();
    EXPECT_THAT(asked, HasSubstr("algorithm=" + algorithm + ","));
    EXPECT_EQ(answer(asked, "alice", "secret"), Verdict::passed) << text;
    EXPECT_EQ(answer(asked, "alice", "wrong"), Verdict::refused) << text;
  }
}

std::vector<std::string> algorithms_in(const std::vector<std::string>& challenges) {
  std::vector<std::string> out;
  for (const auto& challenge : challenges) {
    const auto at = challenge.find("algorithm=") + 10;
    out.push_back(challenge.substr(at, challenge.find(',', at) - at));
  }
  return out;
}

TEST_F(AuthenticatorTest, Algorithms) {  // 5
  const auto md5 = sip::digest_ha1(sip::DigestHash::md5, "alice", "asterisk", "secret");
  configure("[global]\ndefault_auth_algorithms_uas=MD5,SHA-512-256,SHA-256,MD5\n" +
            std::string(alice));
  check({});
  const auto challenges = challenges_of(response.headers);
  EXPECT_THAT(algorithms_in(challenges), ElementsAre("SHA-512-256", "SHA-256", "MD5"));
  for (const auto& each : challenges) {
    EXPECT_EQ(answer(each, "alice", "secret", "alice",
                     static_cast<std::uint32_t>(&each - challenges.data() + 1)),
              Verdict::passed);
  }
  configure("[global]\ndefault_auth_algorithms_uas=SHA-256,MD5\n" + std::string(alice) +
            "supported_algorithms_uas=SHA-256\n");
  const auto asked = challenge();
  auto weaker = asked;
  weaker.replace(weaker.find("SHA-256"), 7, "MD5");
  EXPECT_EQ(answer(weaker, "alice", "secret"), Verdict::refused);
  auto session = asked;
  session.replace(session.find("SHA-256"), 7, "SHA-256-sess");
  EXPECT_EQ(answer(session, "alice", "secret"), Verdict::refused);
  EXPECT_EQ(answer(asked, "alice", "secret"), Verdict::passed);

  // Only the hash of MD5 is there.
  configure(
      "[global]\ndefault_auth_algorithms_uas=SHA-256,MD5\n[alice]\ntype=endpoint\nauth=a\n"
      "[a]\ntype=auth\nusername=alice\npassword_digest=MD5:" +
      md5 + "\n");
  check({});
  EXPECT_THAT(algorithms_in(challenges_of(response.headers)), ElementsAre("MD5"));
  // Nothing that is there can check what is wanted: asked for all the same, and nobody passes.
  configure("[alice]\ntype=endpoint\nauth=a\n[a]\ntype=auth\nusername=alice\npassword_digest=MD5:" +
            md5 + "\nsupported_algorithms_uas=SHA-256\n");
  EXPECT_THAT(challenge(), HasSubstr("SHA-256"));
  EXPECT_EQ(answer(challenge(), "alice", "secret"), Verdict::refused);
  EXPECT_EQ(answer(challenge(), "alice", ""), Verdict::refused);
}

TEST_F(AuthenticatorTest, Realms) {  // 6
  configure("[global]\ndefault_realm=here.example\n" + std::string(alice));
  EXPECT_THAT(challenge(), StartsWith("Digest realm=\"here.example\","));
  configure("[global]\ndefault_realm=here.example\n" + std::string(alice) + "realm=*\n");
  EXPECT_THAT(challenge(), StartsWith("Digest realm=\"here.example\","));
  configure(std::string(alice) + "realm=a \"b\\\n");
  const auto quoted = challenge();
  EXPECT_THAT(quoted, StartsWith("Digest realm=\"a \\\"b\\\\\","));
  EXPECT_EQ(answer(quoted, "alice", "secret"), Verdict::passed);
  configure("[global]\ndefault_realm=\n" + std::string(alice));
  EXPECT_EQ(answer(challenge(), "alice", "secret"), Verdict::passed);

  configure(std::string(alice) + "realm=one\n");
  const auto of_one = challenge();
  configure(std::string(alice) + "realm=two\n");
  EXPECT_EQ(answer(of_one, "alice", "secret"), Verdict::challenged);  // for somebody else
  auto moved = of_one;
  moved.replace(moved.find("one"), 3, "two");
  EXPECT_EQ(answer(moved, "alice", "secret"), Verdict::challenged);  // a nonce of another realm
  EXPECT_THAT(response.headers, HasSubstr("stale=true"));
}

TEST_F(AuthenticatorTest, SeveralAuths) {  // 7
  configure(
      "[alice]\ntype=endpoint\nauth=a,b,c\n"
      "[a]\ntype=auth\nusername=alice\npassword=one\nrealm=r1\n"
      "[b]\ntype=auth\nusername=alice\npassword=two\nrealm=r2\n"
      "[c]\ntype=auth\nusername=carol\npassword=three\nrealm=r2\n");
  check({});
  const auto challenges = challenges_of(response.headers);
  ASSERT_EQ(challenges.size(), 2u);
  EXPECT_EQ(answer(challenges[0], "alice", "one"), Verdict::passed);
  EXPECT_EQ(answer(challenges[1], "alice", "two"), Verdict::passed);
  EXPECT_EQ(answer(challenges[1], "carol", "three", "alice", 2), Verdict::passed);
  EXPECT_EQ(user, "carol");
  EXPECT_EQ(answer(challenges[0], "alice", "two", "alice", 3), Verdict::refused);
  EXPECT_EQ(answer(challenges[1], "dave", "three", "alice", 3), Verdict::refused);
  // The right one may come behind one that is for another realm, or of another algorithm.
  const auto both = authorization_for(challenges[0], "alice", "wrong", {}, 3) +
                    authorization_for(challenges[1], "alice", "two", {}, 4);
  EXPECT_EQ(check(with(both)), Verdict::passed);
}

// A 401 without what differs from one to the next.
std::string form_of(std::string headers) {
  for (const std::string name : {"nonce=\"", "opaque=\""}) {
    for (auto at = headers.find(name); at != std::string::npos; at = headers.find(name, at + 1)) {
      const auto begin = at + name.size();
      headers.replace(begin, headers.find('"', begin) - begin, "x");
    }
  }
  return headers;
}

TEST_F(AuthenticatorTest, NobodyWeKnow) {  // 8
  check({});
  const auto known = form_of(response.headers);
  EXPECT_EQ(check({}, ""), Verdict::challenged);
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(form_of(response.headers), known);
  const auto asked = challenge("");
  for (const auto* password : {"", "secret", "wrong"}) {
    EXPECT_EQ(answer(asked, "alice", password, ""), Verdict::refused);
    EXPECT_EQ(form_of(response.headers), known);
  }
  EXPECT_EQ(answer(asked, "", "", ""), Verdict::refused);
  // An endpoint whose only auth is for clients is as good as none.
  configure("[alice]\ntype=endpoint\nauth=g\n[g]\ntype=auth\nauth_type=google_oauth\n");
  EXPECT_EQ(form_of(challenge()), form_of(asked));
  EXPECT_EQ(answer(challenge(), "", ""), Verdict::refused);
}

TEST_F(AuthenticatorTest, StaleNonces) {  // 9
  const auto asked = challenge();
  clock.advance(32s);
  EXPECT_EQ(answer(asked, "alice", "wrong"), Verdict::refused);
  EXPECT_THAT(response.headers, Not(HasSubstr("stale")));
  EXPECT_EQ(answer(asked, "alice", "secret"), Verdict::challenged);
  EXPECT_THAT(response.headers, HasSubstr(",stale=true,"));
  EXPECT_EQ(answer(challenges_of(response.headers).at(0), "alice", "secret"), Verdict::passed);

  Nonces before(clock);  // of the process that was here before
  const auto old = fmt::format("Digest realm=\"asterisk\",nonce=\"{}\",algorithm=MD5,qop=\"auth\"",
                               before.make("asterisk"));
  EXPECT_EQ(answer(old, "alice", "secret"), Verdict::challenged);
  EXPECT_THAT(response.headers, HasSubstr("stale=true"));
  EXPECT_EQ(answer("Digest realm=\"asterisk\",nonce=\"0\",qop=\"auth\"", "alice", "wrong"),
            Verdict::refused);
  EXPECT_THAT(response.headers, Not(HasSubstr("stale")));

  configure(std::string(alice) + "nonce_lifetime=100\n");
  const auto lasting = challenge();
  clock.advance(99s);
  EXPECT_EQ(answer(lasting, "alice", "secret"), Verdict::passed);
}

TEST_F(AuthenticatorTest, Replays) {  // 10
  const auto asked = challenge();
  EXPECT_EQ(answer(asked, "alice", "secret"), Verdict::passed);
  EXPECT_EQ(answer(asked, "alice", "secret"), Verdict::challenged);
  EXPECT_THAT(response.headers, HasSubstr("stale=true"));
  EXPECT_THAT(events.told, ElementsAre("challenge_sent"));
  EXPECT_EQ(answer(asked, "alice", "secret", "alice", 2), Verdict::passed);
  EXPECT_EQ(answer(asked, "alice", "secret", "alice", 0xFFFFFFFF), Verdict::passed);
  EXPECT_EQ(answer(asked, "alice", "secret", "alice", 3), Verdict::challenged);

  auto old_style = challenge();
  old_style.erase(old_style.find(",qop"));
  EXPECT_EQ(answer(old_style, "alice", "secret"), Verdict::passed);
  EXPECT_EQ(answer(old_style, "alice", "secret"), Verdict::challenged);
}

TEST_F(AuthenticatorTest, DigestUri) {  // 11
  const auto of_uri = [this](const std::string& uri) {
    auto digested = RequestText{};
    digested.uri = uri;
    return check(with(authorization_for(challenge(), "alice", "secret", digested)));
  };
  for (const auto* good : {"sip:bob@example.com", "sip:bob@EXAMPLE.com:5060;transport=udp",
                           "sips:bob@example.com", "sip:%62ob@example.com", "sip:example.com"}) {
    EXPECT_EQ(of_uri(good), Verdict::passed) << good;
  }
  for (const auto* bad : {"sip:carol@example.com", "sip:bob@example.net", "sip:example.net",
                          "bob@example.com", "*", ""}) {
    EXPECT_EQ(of_uri(bad), Verdict::refused) << bad;
  }
}

TEST_F(AuthenticatorTest, TheMethodCounts) {  // 12
  auto of_register = RequestText{};
  of_register.method = "REGISTER";
  EXPECT_EQ(check(with(authorization_for(challenge(), "alice", "secret", of_register))),
            Verdict::refused);
}

TEST_F(AuthenticatorTest, MalformedCredentials) {  // 13
  const auto good = authorization_for(challenge(), "alice", "secret", {});
  const auto broken = [&good](std::string_view from, std::string_view to) {
    auto text = good;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const auto& bad : {std::string("Authorization:\r\n"),
                          std::string("Authorization: Digest\r\n"),
                          std::string("Authorization: Digest ,\r\n"),
                          std::string("Authorization: Basic YTpi\r\n"),
                          "Authorization: Digest " + std::string(20'000, 'a') + "\r\n",
                          "Authorization: Digest username=\"" + std::string(20'000, '\\') + "\r\n",
                          broken("username=\"alice\"", "username=\"alice"),
                          broken("username=", "username"),
                          broken("username=\"alice\"", "username=\"alice\", username=\"alice\""),
                          broken("username=\"alice\", ", ""),
                          broken("nc=00000001", "nc=000000001"),
                          broken("nc=00000001", "nc=-1"),
                          broken("nc=00000001", "nc=0x1"),
                          broken("nc=00000001", "nc=99999999999999999999999999"),
                          broken("nc=00000001", "nc=00000000"),
                          broken("qop=auth", "qop=auth-int"),
                          broken("qop=auth", "qop=\"auth,auth-int\""),
                          broken("algorithm=MD5", "algorithm=SHA-1"),
                          broken("cnonce=\"c1\"", "cnonce=\"\""),
                          broken(", response", "; response"),
                          broken("Digest ", "Digest")}) {
    EXPECT_EQ(check(with(bad)), Verdict::refused) << bad.substr(0, 200);
    EXPECT_EQ(response.status, 401);
    EXPECT_THAT(response.headers, Not(HasSubstr("stale")));
  }
  const auto at = good.find("response=\"") + 10;
  for (const auto& response_text :
       {std::string(), std::string("0"), good.substr(at, 31), good.substr(at, 32) + "0",
        std::string(50'000, 'f'), std::string(32, '\x80')}) {
    auto text = good;
    text.replace(at, 32, response_text);
    EXPECT_EQ(check(with(text)), Verdict::refused);
  }
  EXPECT_EQ(check(with(broken("Digest ", "DIGEST   "))), Verdict::passed);

  configure(
      "[alice]\ntype=endpoint\nauth=a\n[a]\ntype=auth\nusername=al\"i\\ce\npassword=s\"\\:\n");
  EXPECT_EQ(answer(challenge(), "al\"i\\ce", "s\"\\:"), Verdict::passed);
  EXPECT_EQ(user, "al\"i\\ce");
}

TEST_F(AuthenticatorTest, LooksAtAFewHeadersOnly) {  // 14
  const auto asked = challenge();
  std::string guesses;
  for (int i = 0; i < 10; ++i) guesses += authorization_for(asked, "alice", "wrong", {});
  EXPECT_EQ(check(with(guesses + authorization_for(asked, "alice", "secret", {}))),
            Verdict::refused);
}

}  // namespace
}  // namespace missive::pjsip
