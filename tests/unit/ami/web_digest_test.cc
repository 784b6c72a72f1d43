// HTTP Digest for AMI (RFC 7616).
//
// 1. Without credentials: two challenges with one nonce, MD5 first.
// 2. Right credentials of both algorithms, and by RFC 2069 without qop, are let in, with a proof
//    that only who knows the secret can give.
// 3. An nc is good once, in any order; a nonce that is too old, of another server or made up gives
//    stale with right credentials, and is wrong with others.
// 4. Wrong: secret, user, realm, method, path or query of another request, an algorithm that was
// not
//    offered, a user without a secret, an address that is not let in, a header that cannot be read.
// 5. The name of the user in another case finds it; credentials are hashed with the name as sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ami/web/digest.h"
#include "unit/ami/harness.h"

namespace missive::ami::web {
namespace {

using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::StartsWith;
using Result = DigestGate::Result;

struct Given {
  std::string username = "admin", secret = "secret", realm = "asterisk",
              uri = "/arawman?action=ping";
  std::string method = "GET", algorithm = "MD5";
  bool qop = true;
  std::uint32_t nc = 1;
};

struct Digest : testing::Test {
  std::string nonce() {
    std::string out;
    gate.challenge(false, out);
    return out;
  }
  std::string header(const Given& given, const std::string& nonce) {
    const auto algorithm = *sip::parse_algorithm(given.algorithm);
    const auto ha1 = sip::digest_ha1(algorithm.hash, given.username, given.realm, given.secret);
    const auto response = sip::digest_response(
        algorithm, given.qop ? sip::DigestQop::auth : sip::DigestQop::none, ha1, nonce,
        {.method = given.method, .uri = given.uri, .cnonce = "c", .nonce_count = given.nc});
    auto out = fmt::format(
        "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{}\", "
        "algorithm={}",
        given.username, given.realm, nonce, given.uri, response, given.algorithm);
    if (given.qop) out += fmt::format(", qop=auth, nc={:08x}, cnonce=\"c\"", given.nc);
    return out;
  }
  DigestGate::Verdict look(const std::string& authorization, std::string_view from = "127.0.0.1") {
    http::Request request;
    request.method = "GET";
    request.path = "/arawman";
    request.query = "action=ping";
    request.peer = *net::Address::from_ip(from, 1);
    if (!authorization.empty()) request.fields.push_back({"Authorization", authorization});
    return gate.look_at(request, *configuration);
  }
  Result result(const Given& given, const std::string& with) {
    return look(header(given, with)).result;
  }

  base::ManualClock clock;
  DigestGate gate{clock, "asterisk"};
  std::shared_ptr<const Configuration> configuration =
      configuration_from("[admin]\nsecret = secret\n[far]\nsecret = secret\ndeny = 0.0.0.0/0\n");
};

TEST_F(Digest, Asks) {
  EXPECT_EQ(look("").result, Result::asked);
  std::string nonce;
  const auto challenge = gate.challenge(true, nonce);
  EXPECT_EQ(challenge.status, 401u);
  ASSERT_EQ(challenge.fields.size(), 2u);
  EXPECT_EQ(challenge.fields[0].value,
            fmt::format("Digest realm=\"asterisk\", nonce=\"{}\", qop=\"auth\", algorithm=MD5, "
                        "stale=true",
                        nonce));
  EXPECT_THAT(challenge.fields[1].value, HasSubstr("algorithm=SHA-256"));
}

TEST_F(Digest, LetsIn) {
  for (const auto* algorithm : {"MD5", "SHA-256"}) {
    Given given;
    given.algorithm = algorithm;
    const auto with = nonce();
    const auto verdict = look(header(given, with));
    EXPECT_EQ(verdict.result, Result::admitted);
    EXPECT_EQ(verdict.user->name, "admin");
    const auto hash = sip::parse_algorithm(algorithm)->hash;
    const auto proof = sip::digest_response(
        {hash, false}, sip::DigestQop::auth, sip::digest_ha1(hash, "admin", "asterisk", "secret"),
        with, {.method = "", .uri = given.uri, .cnonce = "c", .nonce_count = 1});
    EXPECT_EQ(verdict.proof,
              fmt::format("rspauth=\"{}\", qop=auth, nc=00000001, cnonce=\"c\"", proof));
  }
  Given old;
  old.qop = false;
  const auto with = nonce();
  EXPECT_EQ(result(old, with), Result::admitted);
  EXPECT_EQ(result(old, with), Result::stale);
}

TEST_F(Digest, CountsUses) {
  const auto with = nonce();
  const auto use = [&](std::uint32_t nc) {
    Given given;
    given.nc = nc;
    return result(given, with);
  };
  EXPECT_EQ(use(1), Result::admitted);
  EXPECT_EQ(use(1), Result::stale);
  EXPECT_EQ(use(3), Result::admitted);
  EXPECT_EQ(use(2), Result::admitted);
  EXPECT_EQ(use(2), Result::stale);
  clock.advance(DigestGate::nonce_lifetime);
  EXPECT_EQ(use(4), Result::stale);
  EXPECT_EQ(result({}, "made up"), Result::stale);
  std::string other;
  DigestGate(clock, "asterisk").challenge(false, other);
  EXPECT_EQ(result({}, other), Result::stale);
  Given wrong;
  wrong.secret = "wrong";
  EXPECT_EQ(result(wrong, "made up"), Result::wrong_password);
}

TEST_F(Digest, RefusesWhatIsWrong) {
  const auto with = nonce();
  const auto is = [&](Result expected, auto change) {
    Given given;
    change(given);
    EXPECT_EQ(result(given, with), expected);
  };
  is(Result::wrong_password, [](Given& given) { given.secret = "Secret"; });
  is(Result::wrong_password, [](Given& given) { given.secret = ""; });
  is(Result::unknown_user, [](Given& given) { given.username = "nobody"; });
  is(Result::unknown_user, [](Given& given) {
    given.username = "nobody";
    given.secret = "nobody has this one";
  });
  is(Result::wrong_password, [](Given& given) { given.realm = "elsewhere"; });
  is(Result::wrong_password, [](Given& given) { given.method = "POST"; });
  is(Result::wrong_password, [](Given& given) { given.uri = "/arawman?action=logoff"; });
  is(Result::wrong_password, [](Given& given) { given.uri = "/arawman"; });
  is(Result::wrong_password, [](Given& given) { given.algorithm = "SHA-512-256"; });
  is(Result::wrong_password, [](Given& given) { given.algorithm = "MD5-sess"; });
  is(Result::forbidden, [](Given& given) { given.username = "far"; });
  is(Result::admitted, [](Given&) {});  // none of them has used the nonce up
  for (const auto* broken : {"Basic YTpi", "Digest", "Digest username", "Digest username=\"admin\"",
                             "Digest username=\"a\", username=\"b\""}) {
    EXPECT_EQ(look(broken).result, Result::wrong_password) << broken;
  }
  conf::Problems problems;
  configuration =
      Configuration::from(conf::parse("[admin]\n", "manager.conf", problems), {}, problems);
  is(Result::wrong_password, [](Given& given) { given.secret = ""; });
  is(Result::wrong_password, [](Given& given) { given.secret = "nobody has this one"; });
}

TEST_F(Digest, TakesTheNameAsSent) {
  Given given;
  given.username = "ADMIN";
  EXPECT_EQ(result(given, nonce()), Result::admitted);
}

}  // namespace
}  // namespace missive::ami::web
