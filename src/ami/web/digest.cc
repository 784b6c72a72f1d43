#include "ami/web/digest.h"

#include <fmt/format.h>

#include "base/constant_time.h"
#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::ami::web {
namespace {

using pjsip::DigestCredentials;

// Whether the credentials are for what was asked for. The path is without the server's prefix.
bool is_for(const DigestCredentials& credentials, const http::Request& request) {
  const auto target =
      request.query.empty() ? request.path : fmt::format("{}?{}", request.path, request.query);
  return credentials.uri.ends_with(target);
}

bool is_offered(const sip::DigestAlgorithm& algorithm) {
  return !algorithm.session && algorithm.hash != sip::DigestHash::sha512_256;
}

std::string response_to(const DigestCredentials& credentials, const std::string& ha1,
                        std::string_view method) {
  return sip::digest_response(credentials.algorithm, credentials.qop, ha1, credentials.nonce,
                              {.method = method,
                               .uri = credentials.uri,
                               .body = {},
                               .cnonce = credentials.cnonce,
                               .nonce_count = credentials.nonce_count});
}

std::string in_quotes(std::string_view text) {
  std::string out;
  sip::append_quoted(out, text);
  return out;
}

// By which a client knows that we know the secret too (RFC 7616 section 3.5).
std::string proof_of(const DigestCredentials& credentials, const std::string& ha1) {
  const auto proof = response_to(credentials, ha1, "");
  if (credentials.qop == sip::DigestQop::none) return fmt::format("rspauth=\"{}\"", proof);
  return fmt::format("rspauth=\"{}\", qop=auth, nc={:08x}, cnonce={}", proof,
                     credentials.nonce_count, in_quotes(credentials.cnonce));
}

}  // namespace

std::string DigestGate::ha1_of(const User* user, const DigestCredentials& credentials) const {
  const bool has_secret = user != nullptr && !user->secret.empty();
  return sip::digest_ha1(credentials.algorithm.hash, credentials.username, realm_,
                         has_secret ? std::string_view(user->secret) : "nobody has this one");
}

DigestGate::Verdict DigestGate::look_at(const http::Request& request,
                                        const Configuration& configuration) {
  Verdict verdict;
  const auto header = request.field("Authorization");
  if (header.empty()) return verdict;
  auto credentials = pjsip::parse_digest_credentials(header);
  verdict.result = Result::wrong_password;
  if (!credentials) return verdict;
  verdict.credentials = std::move(*credentials);
  const auto& given = verdict.credentials;
  const auto* user = configuration.find(given.username);
  verdict.user = user;
  const auto ha1 = ha1_of(user, given);
  const bool right = base::same_in_constant_time(base::lower(given.response),
                                                 response_to(given, ha1, request.method)) &&
                     given.realm == realm_ && is_offered(given.algorithm) && is_for(given, request);
  if (user == nullptr) {
    verdict.result = Result::unknown_user;
  } else if (!user->permits(request.peer)) {
    verdict.result = Result::forbidden;
  } else if (right && !user->secret.empty()) {
    const auto nonce = nonces_.read(given.nonce, realm_);
    const auto count = given.qop == sip::DigestQop::none ? 1 : given.nonce_count;
    const bool fresh = nonce && nonces_.use(*nonce, count, nonce_lifetime);
    verdict.result = fresh ? Result::admitted : Result::stale;
    if (fresh) verdict.proof = proof_of(given, ha1);
  }
  return verdict;
}

http::Response DigestGate::challenge(bool stale, std::string& nonce) {
  auto out = http::Response::error(401, "this page asks for a user of manager.conf");
  nonce = nonces_.make(realm_);
  for (const auto* algorithm : {"MD5", "SHA-256"}) {
    out.fields.push_back(
        {"WWW-Authenticate",
         fmt::format("Digest realm={}, nonce=\"{}\", qop=\"auth\", algorithm={}{}",
                     in_quotes(realm_), nonce, algorithm, stale ? ", stale=true" : "")});
  }
  return out;
}

}  // namespace missive::ami::web
