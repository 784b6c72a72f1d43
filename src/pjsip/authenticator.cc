#include "pjsip/authenticator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/constant_time.h"
#include "base/text.h"
#include "sip/digest.h"
#include "sip/host.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

// A client answers one challenge, or each of the algorithms; more would be guesses.
constexpr unsigned max_tries = 4;

sip::DigestHash hash_of(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::sha256:
      return sip::DigestHash::sha256;
    case DigestAlgorithm::sha512_256:
      return sip::DigestHash::sha512_256;
    default:
      return sip::DigestHash::md5;
  }
}

DigestAlgorithm algorithm_of(sip::DigestHash hash) {
  switch (hash) {
    case sip::DigestHash::sha256:
      return DigestAlgorithm::sha256;
    case sip::DigestHash::sha512_256:
      return DigestAlgorithm::sha512_256;
    default:
      return DigestAlgorithm::md5;
  }
}

bool can_check(const Auth& auth, DigestAlgorithm algorithm) {
  switch (auth.auth_type) {
    case Auth::Type::google_oauth:
      return false;  // for clients only
    case Auth::Type::md5:
      return auth.hash(algorithm) != nullptr;
    default:
      return auth.password_digest.empty() || !auth.password.empty() ||
             auth.hash(algorithm) != nullptr;
  }
}

// Clients leave out ports and parameters, some (SIPp) even the user. That credentials are good
// for one request is the nonce count's to see to.
bool names_request_uri(std::string_view digest_uri, std::string_view request_uri) {
  if (digest_uri == request_uri) return true;
  const auto digest = sip::parse_uri(digest_uri);
  const auto request = sip::parse_uri(request_uri);
  if (!digest || !request || !digest->sip() || !request->sip()) return false;
  const bool same_user =
      digest->user.empty() || sip::unescape(digest->user) == sip::unescape(request->user);
  return same_user &&
         sip::same_host(digest->host, digest->host_is_ipv6, request->host, request->host_is_ipv6);
}

}  // namespace

std::string_view realm_of(const Auth& auth, const Global& global) {
  return auth.any_realm() ? std::string_view(global.default_realm) : std::string_view(auth.realm);
}

std::vector<DigestAlgorithm> algorithms_of(const Auth& auth, const Global& global) {
  auto wanted = auth.supported_algorithms_uas.empty() ? global.default_auth_algorithms_uas
                                                      : auth.supported_algorithms_uas;
  if (wanted.empty()) wanted.push_back(DigestAlgorithm::md5);
  std::sort(wanted.begin(), wanted.end(), std::greater<>());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<DigestAlgorithm> usable;
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(usable),
               [&auth](DigestAlgorithm algorithm) { return can_check(auth, algorithm); });
  return usable.empty() ? wanted : usable;
}

Authenticator::Authenticator(Nonces& nonces, base::RandomSource& random, AuthEvents& events)
    : nonces_(nonces), events_(events), opaque_(random.token(16)) {
  nobody_.username = random.token(16);
  nobody_.password = random.token(32);
}

void Authenticator::find_ways(const Configuration& configuration, const Endpoint* endpoint) {
  ways_.clear();
  const auto& global = configuration.global();
  const auto add = [&](const Auth& auth) {
    ways_.push_back(Way{&auth, realm_of(auth, global), algorithms_of(auth, global)});
  };
  if (endpoint != nullptr) {
    for (const auto& name : endpoint->auth) {
      const auto* auth = configuration.auth(name);
      if (auth != nullptr && auth->auth_type != Auth::Type::google_oauth) add(*auth);
    }
  }
  if (ways_.empty()) add(nobody_);
}

Authenticator::Outcome Authenticator::verify(const Way& way, const DigestCredentials& credentials,
                                             const sip::Packet& request) {
  const auto& auth = *way.auth;
  const auto hash = credentials.algorithm.hash;
  const auto algorithm = algorithm_of(hash);
  const auto& offered = way.algorithms;
  const bool was_offered = !credentials.algorithm.session && can_check(auth, algorithm) &&
                           std::find(offered.begin(), offered.end(), algorithm) != offered.end();
  // Everything is computed whatever is known to be wrong by then: the time is the same for all.
  auto ha1 = sip::digest_ha1(hash, auth.username, way.realm, auth.password);
  if (const auto* stored = auth.hash(algorithm)) ha1 = stored->hex;
  const sip::DigestRequest digested{.method = request.method_name(),
                                    .uri = credentials.uri,
                                    .body = {},
                                    .cnonce = credentials.cnonce,
                                    .nonce_count = credentials.nonce_count};
  const auto expected = sip::digest_response(credentials.algorithm, credentials.qop, ha1,
                                             credentials.nonce, digested);
  const auto nonce = nonces_.read(credentials.nonce, way.realm);
  const bool right_response =
      base::same_in_constant_time(base::lower(credentials.response), expected);
  const bool right_user = base::same_in_constant_time(credentials.username, auth.username);
  const bool right_uri = names_request_uri(credentials.uri, request.request_uri());
  if (!was_offered || !right_response || !right_user || !right_uri) return Outcome::wrong;
  const auto count = credentials.qop == sip::DigestQop::none ? 1 : credentials.nonce_count;
  if (!nonce || !nonces_.use(*nonce, count, auth.nonce_lifetime)) return Outcome::stale;
  return Outcome::good;
}

// The one of its realm, and of its user where there are several.
const Authenticator::Way* Authenticator::way_for(const DigestCredentials& credentials) const {
  const Way* found = nullptr;
  for (const auto& way : ways_) {
    if (way.realm != credentials.realm) continue;
    if (way.auth->username == credentials.username) return &way;
    if (found == nullptr) found = &way;
  }
  return found;
}

Authenticator::Verdict Authenticator::check(const Configuration& configuration,
                                            const Endpoint* endpoint, const sip::Packet& request,
                                            const AuthSubject& subject, sip::Response& response,
                                            std::string& authenticated_as) {
  find_ways(configuration, endpoint);
  bool wrong = false;
  bool stale = false;
  unsigned tries = 0;
  for (const auto& header : request.headers()) {
    if (header.id != sip::HeaderId::Authorization) continue;
    if (tries++ == max_tries) break;
    const auto credentials = parse_digest_credentials(header.value);
    if (!credentials) {
      wrong = true;
      continue;
    }
    const auto* way = way_for(*credentials);
    if (way == nullptr) continue;  // meant for somebody else
    const auto outcome = verify(*way, *credentials, request);
    if (outcome == Outcome::good) {
      authenticated_as = credentials->username;
      events_.successful_auth(subject);
      return Verdict::passed;
    }
    stale |= outcome == Outcome::stale;
    if (outcome == Outcome::wrong) {
      wrong = true;
      events_.invalid_password(subject, credentials->nonce, credentials->response);
    }
  }
  challenge(stale, subject, response);
  return wrong ? Verdict::refused : Verdict::challenged;
}

void Authenticator::challenge(bool stale, const AuthSubject& subject, sip::Response& response) {
  response.status = 401;
  response.reason.clear();
  auto& out = response.headers;
  out.clear();
  for (std::size_t i = 0; i < ways_.size(); ++i) {
    const auto& way = ways_[i];
    const auto nonce = nonces_.make(way.realm);
    if (i == 0) events_.challenge_sent(subject, nonce);
    for (const auto algorithm : way.algorithms) {
      const bool asked = std::any_of(
          ways_.begin(), ways_.begin() + static_cast<std::ptrdiff_t>(i), [&](const Way& earlier) {
            return earlier.realm == way.realm &&
                   std::find(earlier.algorithms.begin(), earlier.algorithms.end(), algorithm) !=
                       earlier.algorithms.end();
          });
      if (asked) continue;
      out += "WWW-Authenticate: Digest realm=";
      sip::append_quoted(out, way.realm);
      out +=
          fmt::format(",nonce=\"{}\",opaque=\"{}\",{}algorithm={},qop=\"auth\"\r\n", nonce, opaque_,
                      stale ? "stale=true," : "", sip::algorithm_name({hash_of(algorithm), false}));
    }
  }
}

}  // namespace missive::pjsip
