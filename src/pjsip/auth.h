// type=auth of pjsip.conf: a user name with its password or the hashes of it.
//
// A hash is that of username:realm:password in hexadecimal. Members are named as the
// options; md5_cred has become the MD5 hash. Plain values, part of the immutable
// Configuration. Source: Asterisk documentation, res_pjsip, "auth"; RFC 8760.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conf/conf.h"

namespace missive::pjsip {

enum class DigestAlgorithm { md5, sha256, sha512_256 };
// As in SIP headers: MD5, SHA-256, SHA-512-256.
std::string_view name_of(DigestAlgorithm algorithm);
// The names that options take, for a Binder.
inline constexpr auto digest_algorithms =
    std::to_array<std::pair<std::string_view, DigestAlgorithm>>(
        {{"MD5", DigestAlgorithm::md5},
         {"SHA-256", DigestAlgorithm::sha256},
         {"SHA-512-256", DigestAlgorithm::sha512_256}});

struct Auth {
  // userpass and md5 are older names of what digest does.
  enum class Type { digest, userpass, md5, google_oauth };

  struct Hash {
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    std::string hex;  // lower case
  };

  std::string name;
  conf::Location where;
  Type auth_type = Type::digest;
  std::string username;
  std::string password;
  std::vector<Hash> password_digest;  // at most one of an algorithm
  // As server: the realm of the challenge, empty for the default_realm. As client: the
  // realm to answer for; empty or "*" for any.
  std::string realm;
  std::chrono::seconds nonce_lifetime{32};
  // Empty: all of them as client; as server the default of type=global.
  std::vector<DigestAlgorithm> supported_algorithms_uac;
  std::vector<DigestAlgorithm> supported_algorithms_uas;
  std::string refresh_token, oauth_clientid, oauth_secret;

  // nullptr when there is only the password.
  const Hash* hash(DigestAlgorithm algorithm) const;
  bool any_realm() const { return realm.empty() || realm == "*"; }
};

void read_auth(const conf::Section& section, Auth& auth, conf::Problems& problems);

}  // namespace missive::pjsip
