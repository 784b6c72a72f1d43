// Digest authentication for SIP (RFC 7616, RFC 8760, RFC 2617, RFC 3261 section 22).
//
// The client half: parse_challenge() reads a WWW-Authenticate or Proxy-Authenticate
// value, choose_challenge() picks the strongest one that can be answered,
// authorization() writes the value of the header that answers it. The calculation
// itself, digest_response(), serves a server as well. All functions are pure; the
// hashing is OpenSSL's. Nothing here is fast enough for, or meant for, a request
// that was not challenged.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::sip {

enum class DigestHash : std::uint8_t { md5, sha256, sha512_256 };  // by strength

enum class DigestQop : std::uint8_t { none, auth, auth_int };

struct DigestAlgorithm {
  DigestHash hash = DigestHash::md5;
  bool session = false;  // the -sess forms

  bool operator==(const DigestAlgorithm&) const = default;
};

// "MD5", "SHA-256-sess" and so on, as in the algorithm parameter.
std::string_view algorithm_name(DigestAlgorithm algorithm);
std::optional<DigestAlgorithm> parse_algorithm(std::string_view name);

struct Challenge {
  std::string realm;
  std::string nonce;
  std::optional<std::string> opaque;
  DigestAlgorithm algorithm;
  bool algorithm_given = false;  // then the answer names it too
  bool qop_auth = false;
  bool qop_auth_int = false;
  bool stale = false;

  // auth before auth-int; none where the challenge is of RFC 2069.
  DigestQop qop() const;
};

// An error for another scheme than Digest, and for an algorithm or a qop that is
// not known: the caller then goes on to the next challenge.
base::Result<Challenge> parse_challenge(std::string_view value);

struct Credentials {
  std::string username;
  std::string password;
  // H(username:realm:password) in hex by hash; used instead of the password. It is
  // good for one realm only.
  std::array<std::string, 3> ha1;

  bool has_ha1(DigestHash hash) const { return !ha1[static_cast<std::size_t>(hash)].empty(); }
};

// The strongest challenge that these credentials can answer, the first one among
// equals, or nullptr. Without a password only a hash that has an ha1 will do; an
// ha1 does not keep a password from answering the others.
const Challenge* choose_challenge(std::span<const Challenge> challenges,
                                  const Credentials& credentials);

struct DigestRequest {
  std::string_view method;
  std::string_view uri;     // the Request-URI as sent
  std::string_view body;    // for auth-int
  std::string_view cnonce;  // unguessable, of characters that need no escape
  std::uint32_t nonce_count = 1;
};

// `Digest username="..", realm="..", ...`, the value of Authorization or
// Proxy-Authorization. An error when neither password nor ha1 fit the algorithm.
base::Result<std::string> authorization(const Challenge& challenge, const Credentials& credentials,
                                        const DigestRequest& request);

// H(username:realm:password), in hex.
std::string digest_ha1(DigestHash hash, std::string_view username, std::string_view realm,
                       std::string_view password);

// The value of `response`, in hex. `ha1` is as digest_ha1() gives it, also for the
// -sess algorithms.
std::string digest_response(DigestAlgorithm algorithm, DigestQop qop, std::string_view ha1,
                            std::string_view nonce, const DigestRequest& request);

}  // namespace missive::sip
