// Digest authentication.
//
//  1. The worked examples of RFC 2617 3.5 (MD5), RFC 7616 3.9.1 (MD5, SHA-256).
//  2. A challenge with every parameter; tokens in quotes and quotes left out.
//  3. Challenges that are refused: scheme, algorithm, qop, form, no realm or nonce.
//  4. The header value: order, quoting, what is left out without qop.
//  5. auth-int hashes the body; -sess hashes nonce and cnonce; SHA-512-256.
//  6. An ha1 instead of a password; neither is an error.
//  7. The strongest challenge that can be answered is chosen, the first among equals.
//  8. Names of algorithms round-trip.
#include "sip/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace missive::sip {
namespace {

Credentials user(std::string name, std::string password) {
  Credentials credentials;
  credentials.username = std::move(name);
  credentials.password = std::move(password);
  return credentials;
}

TEST(Digest, Rfc2617Example) {
  const auto ha1 = digest_ha1(DigestHash::md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
  EXPECT_EQ(ha1, "939e7578ed9e3c518a452acee763bce9");
  const DigestRequest request{"GET", "/dir/index.html", "", "0a4f113b", 1};
  EXPECT_EQ(
      digest_response({}, DigestQop::auth, ha1, "dcd98b7102dd2f0e8b11d0f600bfb0c093", request),
      "6629fae49393a05397450978507c4ef1");
}

TEST(Digest, Rfc7616Example) {
  const DigestRequest request{"GET", "/dir/index.html", "",
                              "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", 1};
  const auto response = [&](DigestHash hash) {
    return digest_response({hash, false}, DigestQop::auth,
                           digest_ha1(hash, "Mufasa", "http-auth@example.org", "Circle of Life"),
                           "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", request);
  };
  EXPECT_EQ(response(DigestHash::md5), "8ca523f5e9506fed4657c9700eebdbec");
  EXPECT_EQ(response(DigestHash::sha256),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Digest, ChallengeInFull) {
  const auto challenge = parse_challenge(
      R"(Digest realm="a \"b\", c", domain="sip:x", nonce="n==" , opaque="", stale=TRUE,)"
      R"( algorithm=sha-512-256-SESS, qop="foo, auth-int,auth", extra=1)");
  ASSERT_TRUE(challenge) << challenge.error().text;
  EXPECT_EQ(challenge->realm, R"(a "b", c)");
  EXPECT_EQ(challenge->nonce, "n==");
  EXPECT_EQ(challenge->opaque, "");
  EXPECT_TRUE(challenge->stale);
  EXPECT_EQ(challenge->algorithm, (DigestAlgorithm{DigestHash::sha512_256, true}));
  EXPECT_TRUE(challenge->algorithm_given);
  EXPECT_TRUE(challenge->qop_auth);
  EXPECT_TRUE(challenge->qop_auth_int);
  EXPECT_EQ(challenge->qop(), DigestQop::auth);

  const auto loose =
      parse_challenge(R"(  digest   nonce=abc,realm="",algorithm="MD5",qop=auth-int )");
  ASSERT_TRUE(loose) << loose.error().text;
  EXPECT_EQ(loose->nonce, "abc");
  EXPECT_EQ(loose->opaque, std::nullopt);
  EXPECT_FALSE(loose->stale);
  EXPECT_EQ(loose->qop(), DigestQop::auth_int);

  const auto old = parse_challenge(R"(Digest realm="r", nonce="n")");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->qop(), DigestQop::none);
  EXPECT_FALSE(old->algorithm_given);
}

TEST(Digest, ChallengeRefused) {
  for (const auto* value :
       {"", "Digest", "Digest ", "Basic realm=\"x\"", "Digestrealm=\"r\", nonce=\"n\"",
        "Digest realm=\"r\"", "Digest nonce=\"n\"", "Digest realm=\"r\", nonce=\"\"",
        "Digest realm=\"r\", nonce=\"n\",", "Digest realm=\"r\",, nonce=\"n\"",
        "Digest realm=\"r\" nonce=\"n\"", "Digest realm=\"r, nonce=n", "Digest realm=, nonce=n",
        "Digest realm=r, nonce=n, x", "Digest realm=r, nonce=n, algorithm=MD6",
        "Digest realm=r, nonce=n, qop=\"\"", "Digest realm=r, nonce=n, qop=private"}) {
    EXPECT_FALSE(parse_challenge(value)) << value;
  }
  EXPECT_EQ(parse_challenge("Digest realm=r, nonce=n, algorithm=MD6").error().text,
            "challenge: the algorithm 'MD6' is not supported");
  EXPECT_EQ(parse_challenge("Bearer x").error().text,
            "challenge: 'Bearer x' is not of the scheme Digest");
}

TEST(Digest, AuthorizationValue) {
  Challenge challenge;
  challenge.realm = "testrealm@host.com";
  challenge.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  challenge.opaque = "5ccc069c403ebaf9f0171e9517f40e41";
  challenge.qop_auth = true;
  const DigestRequest request{"GET", "/dir/index.html", "", "0a4f113b", 1};
  EXPECT_EQ(authorization(challenge, user("Mufasa", "Circle Of Life"), request).value(),
            R"(Digest username="Mufasa", realm="testrealm@host.com",)"
            R"( nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html",)"
            R"( response="6629fae49393a05397450978507c4ef1", cnonce="0a4f113b",)"
            R"( opaque="5ccc069c403ebaf9f0171e9517f40e41", qop=auth, nc=00000001)");
}

TEST(Digest, AuthorizationWithoutQop) {
  Challenge challenge;
  challenge.realm = "a\"b";
  challenge.nonce = "n";
  challenge.algorithm_given = true;
  const DigestRequest request{"MESSAGE", "sip:bob@example.com", "", "c", 255};
  const auto value = authorization(challenge, user("al\\ice", "pw"), request).value();
  const auto ha1 = digest_ha1(DigestHash::md5, "al\\ice", "a\"b", "pw");
  EXPECT_EQ(value, R"(Digest username="al\\ice", realm="a\"b", nonce="n",)"
                   R"( uri="sip:bob@example.com", response=")" +
                       digest_response({}, DigestQop::none, ha1, "n", request) +
                       R"(", algorithm=MD5)");
}

TEST(Digest, Variants) {
  // Each computed apart from this code, by the formulas of RFC 7616 section 3.4.
  const DigestRequest request{"MESSAGE", "sip:b@example.com", "hello", "cn", 0x1A};
  const auto ha1 = digest_ha1(DigestHash::md5, "a", "r", "p");
  EXPECT_EQ(digest_response({DigestHash::md5, false}, DigestQop::none, ha1, "n", request),
            "98cf5f7265c188fc77778acdecd72173");
  EXPECT_EQ(digest_response({DigestHash::md5, false}, DigestQop::auth_int, ha1, "n", request),
            "702c8c8ea6428b54acff7b2fd3c9b3eb");
  EXPECT_EQ(digest_response({DigestHash::md5, true}, DigestQop::auth, ha1, "n", request),
            "86f4caaa697d907751cf00f94dd90941");
  const auto sha = digest_ha1(DigestHash::sha512_256, "a", "r", "p");
  EXPECT_EQ(digest_response({DigestHash::sha512_256, false}, DigestQop::auth, sha, "n", request),
            "4be80bf9c6eec522a3decb93246c77842da2e6ef3f1359a8d25b2014b852134e");
}

TEST(Digest, Ha1InsteadOfPassword) {
  Challenge challenge;
  challenge.realm = "r";
  challenge.nonce = "n";
  const DigestRequest request{"MESSAGE", "sip:b@example.com", "", "cn", 1};
  auto credentials = user("a", "");
  EXPECT_EQ(authorization(challenge, credentials, request).error().text,
            "there is neither a password nor a MD5 digest for user 'a' in realm 'r'");
  credentials.ha1[0] = digest_ha1(DigestHash::md5, "a", "r", "p");
  EXPECT_EQ(authorization(challenge, credentials, request).value(),
            authorization(challenge, user("a", "p"), request).value());
  challenge.algorithm.hash = DigestHash::sha256;
  EXPECT_FALSE(authorization(challenge, credentials, request));
}

TEST(Digest, ChooseChallenge) {
  std::vector<Challenge> challenges(5);
  challenges[0].algorithm = {DigestHash::md5, false};
  challenges[1].algorithm = {DigestHash::sha256, false};
  challenges[2].algorithm = {DigestHash::sha512_256, true};
  challenges[3].algorithm = {DigestHash::sha512_256, false};
  challenges[4].algorithm = {DigestHash::md5, true};
  EXPECT_EQ(choose_challenge(challenges, user("a", "p")), &challenges[2]);
  auto only_md5 = user("a", "");
  EXPECT_EQ(choose_challenge(challenges, only_md5), nullptr);
  only_md5.ha1[0] = "00";
  EXPECT_EQ(choose_challenge(challenges, only_md5), &challenges[0]);
  EXPECT_EQ(choose_challenge({}, user("a", "p")), nullptr);
}

TEST(Digest, AlgorithmNames) {
  for (const auto* name :
       {"MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"}) {
    EXPECT_EQ(algorithm_name(parse_algorithm(name).value()), name);
  }
  EXPECT_EQ(parse_algorithm("SHA-1"), std::nullopt);
  EXPECT_EQ(parse_algorithm(""), std::nullopt);
}

}  // namespace
}  // namespace missive::sip
