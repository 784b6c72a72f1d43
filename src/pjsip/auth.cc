#include "pjsip/auth.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "conf/binder.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;

std::size_t hex_digits(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::md5 ? 32 : 64;
}

// The errors do not repeat the hash: it is as good as the password.
base::Result<void> add_hash(Auth& auth, DigestAlgorithm algorithm, std::string_view hex) {
  const auto digits = hex_digits(algorithm);
  if (hex.size() != digits || !std::all_of(hex.begin(), hex.end(), base::is_hex_digit)) {
    return base::fail("the {} hash of username:realm:password has {} hexadecimal digits",
                      name_of(algorithm), digits);
  }
  auto& hashes = auth.password_digest;
  hashes.erase(std::remove_if(hashes.begin(), hashes.end(),
                              [=](const auto& other) { return other.algorithm == algorithm; }),
               hashes.end());
  hashes.push_back({algorithm, base::lower(hex)});
  return {};
}

base::Result<void> set_md5_cred(Auth& auth, const conf::Option& option) {
  if (option.value.empty()) return {};
  return add_hash(auth, DigestAlgorithm::md5, option.value);
}

base::Result<void> set_password_digest(Auth& auth, const conf::Option& option) {
  for (const auto part : base::split_list(option.value)) {
    const auto colon = part.find(':');
    const auto name = base::trim(part.substr(0, colon));
    const auto algorithm =
        std::find_if(digest_algorithms.begin(), digest_algorithms.end(),
                     [name](const auto& known) { return base::iequals(known.first, name); });
    if (colon == std::string_view::npos || algorithm == digest_algorithms.end()) {
      return base::fail("needs ALGORITHM:hash, the algorithm one of MD5, SHA-256, SHA-512-256");
    }
    const auto added = add_hash(auth, algorithm->second, base::trim(part.substr(colon + 1)));
    if (!added) return added;
  }
  return {};
}

conf::Binder<Auth> make_binder() {
  conf::Binder<Auth> binder("auth");
  binder
      .choice("auth_type", &Auth::auth_type,
              {{"digest", Auth::Type::digest},
               {"userpass", Auth::Type::userpass},
               {"md5", Auth::Type::md5},
               {"google_oauth", Auth::Type::google_oauth}})
      .text("username", &Auth::username)
      .text("password", &Auth::password)
      .custom("md5_cred", set_md5_cred)
      .custom("password_digest", set_password_digest)
      .text("realm", &Auth::realm)
      .number("nonce_lifetime", &Auth::nonce_lifetime, 1s, 86'400s)
      .choices("supported_algorithms_uac", &Auth::supported_algorithms_uac, digest_algorithms)
      .choices("supported_algorithms_uas", &Auth::supported_algorithms_uas, digest_algorithms)
      .text("refresh_token", &Auth::refresh_token)
      .text("oauth_clientid", &Auth::oauth_clientid)
      .text("oauth_secret", &Auth::oauth_secret)
      .ignored({"type"});
  return binder;
}

void check(const Auth& auth, conf::Problems& problems) {
  using Severity = conf::Problem::Severity;
  const auto add = [&](Severity severity, std::string_view text) {
    problems.push_back(
        {severity, auth.where, fmt::format("auth '{}' {}", base::printable(auth.name), text)});
  };
  if (auth.auth_type == Auth::Type::google_oauth) return;
  if (auth.username.empty()) add(Severity::error, "has no username");
  if (auth.auth_type == Auth::Type::md5) {
    if (auth.hash(DigestAlgorithm::md5) == nullptr) {
      add(Severity::error, "of auth_type=md5 has no md5_cred");
    }
  } else if (auth.password.empty() && auth.password_digest.empty()) {
    add(Severity::warning, "has neither password nor password_digest; its password is empty");
  }
}

}  // namespace

std::string_view name_of(DigestAlgorithm algorithm) {
  const auto found =
      std::find_if(digest_algorithms.begin(), digest_algorithms.end(),
                   [algorithm](const auto& known) { return known.second == algorithm; });
  return found->first;
}

const Auth::Hash* Auth::hash(DigestAlgorithm algorithm) const {
  const auto found =
      std::find_if(password_digest.begin(), password_digest.end(),
                   [algorithm](const Hash& hash) { return hash.algorithm == algorithm; });
  return found == password_digest.end() ? nullptr : &*found;
}

void read_auth(const conf::Section& section, Auth& auth, conf::Problems& problems) {
  static const auto binder = make_binder();
  auth.name = section.name;
  auth.where = section.where;
  binder.bind(section, auth, problems);
  check(auth, problems);
}

}  // namespace missive::pjsip
