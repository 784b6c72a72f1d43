#include "app/dialplan_host.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "pjsip/contact_shown.h"
#include "pjsip/shown_options.h"
#include "sip/uri.h"

namespace missive::app {
namespace {

// The URI with another user; as it is when `user` is empty.
std::string with_user(const std::string& text, std::string_view user) {
  const auto parsed = sip::parse_uri(text);
  if (user.empty() || !parsed) return text;
  auto uri = *parsed;
  uri.user = user;
  uri.password = {};
  return uri.str();
}

}  // namespace

void DialplanHost::use(std::shared_ptr<const pjsip::Configuration> configuration) {
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(configuration);
}

std::shared_ptr<const pjsip::Configuration> DialplanHost::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

std::optional<std::string> DialplanHost::endpoint(std::string_view name, std::string_view option) {
  const auto current = configuration();
  const auto* found = current->endpoint(name);
  if (found == nullptr) return std::nullopt;
  return pjsip::shown_option(*found, option);
}

std::optional<std::string> DialplanHost::aor(std::string_view name, std::string_view option) {
  const auto current = configuration();
  const auto* found = current->aor(name);
  if (found == nullptr) return std::nullopt;
  if (!base::iequals(option, "contact")) return pjsip::shown_option(*found, option);
  std::vector<std::string> ids;
  for (const auto& known : locations_.contacts(name))
    ids.push_back(pjsip::contact_id(*known.contact));
  return fmt::format("{}", fmt::join(ids, ","));
}

std::optional<std::string> DialplanHost::contact(std::string_view id, std::string_view field) {
  // The AOR is what stands before the last ";@" or "@@".
  const auto at = id.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  for (const auto& known : locations_.contacts(id.substr(0, at - 1))) {
    if (pjsip::contact_id(*known.contact) != id) continue;
    const auto current = configuration();
    const auto* aor = current->aor(known.contact->aor);
    return pjsip::shown_field({known, aor, clock_}, field);
  }
  return std::nullopt;
}

std::optional<std::string> DialplanHost::dial_contacts(std::string_view endpoint,
                                                       std::string_view aor,
                                                       std::string_view user) {
  const auto current = configuration();
  const auto* found = current->endpoint(endpoint);
  if (found == nullptr) return std::nullopt;
  const auto aors = aor.empty() ? found->aors : std::vector<std::string>{std::string(aor)};
  std::vector<std::string> targets;
  for (const auto& name : aors) {
    for (const auto& known : locations_.contacts(name)) {
      targets.push_back(fmt::format("PJSIP/{}/{}", endpoint, with_user(known.contact->uri, user)));
    }
  }
  return fmt::format("{}", fmt::join(targets, "&"));
}

}  // namespace missive::app
