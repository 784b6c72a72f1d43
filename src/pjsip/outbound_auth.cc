#include "pjsip/outbound_auth.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace missive::pjsip {
namespace {

using base::fail;

sip::Credentials credentials_of(const Auth& auth) {
  sip::Credentials out{.username = auth.username, .password = auth.password, .ha1 = {}};
  const auto keep = [&](DigestAlgorithm algorithm, sip::DigestHash hash) {
    if (const auto* known = auth.hash(algorithm)) {
      out.ha1[static_cast<std::size_t>(hash)] = known->hex;
    }
  };
  keep(DigestAlgorithm::md5, sip::DigestHash::md5);
  keep(DigestAlgorithm::sha256, sip::DigestHash::sha256);
  keep(DigestAlgorithm::sha512_256, sip::DigestHash::sha512_256);
  return out;
}

bool allows(const Auth& auth, sip::DigestHash hash) {
  const auto& allowed = auth.supported_algorithms_uac;
  return allowed.empty() ||
         std::any_of(allowed.begin(), allowed.end(), [hash](DigestAlgorithm algorithm) {
           return static_cast<int>(algorithm) == static_cast<int>(hash);
         });
}
static_assert(static_cast<int>(DigestAlgorithm::md5) == static_cast<int>(sip::DigestHash::md5));
static_assert(static_cast<int>(DigestAlgorithm::sha256) ==
              static_cast<int>(sip::DigestHash::sha256));
static_assert(static_cast<int>(DigestAlgorithm::sha512_256) ==
              static_cast<int>(sip::DigestHash::sha512_256));

}  // namespace

const Auth* OutboundAuth::auth_for(std::string_view realm) const {
  const Auth* any = nullptr;
  for (const auto& name : endpoint_.outbound_auth) {
    const auto* auth = configuration_.auth(name);
    if (auth == nullptr) continue;
    if (auth->realm == realm) return auth;
    if (auth->any_realm() && any == nullptr) any = auth;
  }
  return any;
}

base::Result<std::string> OutboundAuth::answer(const sip::Packet& response,
                                               const sip::OutgoingRequest& request,
                                               base::RandomSource& random) {
  const bool proxy = response.status() == 407;
  std::map<std::string, std::vector<sip::Challenge>> by_realm;
  response.for_each(proxy ? sip::HeaderId::ProxyAuthenticate : sip::HeaderId::WwwAuthenticate,
                    [&](const sip::Header& header) {
                      if (auto challenge = sip::parse_challenge(header.value)) {
                        by_realm[challenge->realm].push_back(std::move(*challenge));
                      }
                    });
  if (by_realm.empty())
    return fail("{} without a Digest challenge that is known", response.status());

  std::string lines;
  for (auto& [realm, challenges] : by_realm) {
    const bool again = std::find(answered_.begin(), answered_.end(), realm) != answered_.end();
    if (again && (!challenges.front().stale || std::exchange(stale_answered_, true))) {
      return fail("realm '{}' did not accept the credentials of endpoint '{}'",
                  base::printable(realm), endpoint_.name);
    }
    const auto* auth = auth_for(realm);
    if (auth == nullptr) continue;
    std::erase_if(challenges, [auth](const sip::Challenge& challenge) {
      return !allows(*auth, challenge.algorithm.hash);
    });
    const auto credentials = credentials_of(*auth);
    const auto* chosen = sip::choose_challenge(challenges, credentials);
    if (chosen == nullptr) continue;
    const auto cnonce = random.token(16);
    const auto value = sip::authorization(
        *chosen, credentials,
        {sip::method_name(request.method()), request.request_uri(), request.body(), cnonce, 1});
    if (!value) return tl::unexpected(value.error());
    lines += fmt::format("{}: {}\r\n", proxy ? "Proxy-Authorization" : "Authorization", *value);
    answered_.push_back(realm);
  }
  if (lines.empty()) {
    return fail("endpoint '{}' has no outbound_auth for realm '{}'", endpoint_.name,
                base::printable(by_realm.begin()->first));
  }
  return lines;
}

}  // namespace missive::pjsip
