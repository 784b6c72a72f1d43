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
  for (const auto& name : auths_) {
    const auto* auth = configuration_.auth(name);
    if (auth == nullptr) continue;
    if (auth->realm == realm) return auth;
    if (auth->any_realm() && any == nullptr) any = auth;
  }
  return any;
}

// Answers one realm from now on.
base::Result<void> OutboundAuth::take(bool proxy, std::vector<sip::Challenge> challenges) {
  const auto realm = challenges.front().realm;
  const auto known =
      std::find_if(answered_.begin(), answered_.end(), [&](const Answered& answered) {
        return answered.proxy == proxy && answered.challenge.realm == realm;
      });
  const bool again = known != answered_.end();
  const bool refused = again && std::exchange(known->challenged, true);
  if (refused && (!challenges.front().stale || std::exchange(known->stale_answered, true))) {
    return fail("realm '{}' did not accept the credentials of {}", base::printable(realm), who_);
  }
  const auto* auth = auth_for(realm);
  if (auth == nullptr) return {};
  std::erase_if(challenges, [auth](const sip::Challenge& challenge) {
    return !allows(*auth, challenge.algorithm.hash);
  });
  const auto credentials = credentials_of(*auth);
  const auto* chosen = sip::choose_challenge(challenges, credentials);
  if (chosen == nullptr) return {};
  if (again) {
    known->challenge = *chosen;
    known->count = 0;
  } else {
    answered_.push_back({proxy, *chosen, credentials, 0, true, false});
  }
  return {};
}

base::Result<std::string> OutboundAuth::write(const sip::OutgoingRequest& request,
                                              base::RandomSource& random) {
  std::string lines;
  for (auto& [proxy, challenge, credentials, count, challenged, stale] : answered_) {
    const auto cnonce = random.token(16);
    const auto value = sip::authorization(challenge, credentials,
                                          {sip::method_name(request.method()),
                                           request.request_uri(), request.body(), cnonce, ++count});
    if (!value) return tl::unexpected(value.error());
    lines += fmt::format("{}: {}\r\n", proxy ? "Proxy-Authorization" : "Authorization", *value);
  }
  return lines;
}

void OutboundAuth::meet_another() {
  for (auto& answered : answered_) answered.challenged = answered.stale_answered = false;
}

base::Result<std::string> OutboundAuth::answer(const sip::Packet& response,
                                               const sip::OutgoingRequest& request,
                                               base::RandomSource& random) {
  // A forking proxy may have gathered challenges of both kinds (16.7, step 7).
  std::map<std::pair<bool, std::string>, std::vector<sip::Challenge>> by_realm;
  for (const auto id : {sip::HeaderId::WwwAuthenticate, sip::HeaderId::ProxyAuthenticate}) {
    response.for_each(id, [&](const sip::Header& header) {
      if (auto challenge = sip::parse_challenge(header.value)) {
        auto& challenges = by_realm[{id == sip::HeaderId::ProxyAuthenticate, challenge->realm}];
        challenges.push_back(std::move(*challenge));
      }
    });
  }
  if (by_realm.empty())
    return fail("{} without a Digest challenge that is known", response.status());

  const auto realm = by_realm.begin()->first.second;
  for (auto& [key, challenges] : by_realm) {
    if (auto taken = take(key.first, std::move(challenges)); !taken) {
      return tl::unexpected(std::move(taken.error()));
    }
  }
  const auto is_new = [](const Answered& answered) { return answered.count == 0; };
  if (std::none_of(answered_.begin(), answered_.end(), is_new)) {
    return fail("{} has no outbound_auth for realm '{}'", who_, base::printable(realm));
  }
  return write(request, random);
}

}  // namespace missive::pjsip
