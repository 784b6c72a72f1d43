#include "states/presence_states.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/text.h"

namespace missive::states {
namespace {

constexpr std::string_view custom = "CustomPresence:";
constexpr auto names = std::to_array<std::string_view>(
    {"not_set", "unavailable", "available", "away", "xa", "chat", "dnd"});

std::string_view custom_name(std::string_view presentity) {
  return base::istarts_with(presentity, custom) ? presentity.substr(custom.size())
                                                : std::string_view();
}

// Up to the next comma.
std::string_view take_field(std::string_view& text) {
  const auto end = std::min(text.find(','), text.size());
  const auto field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

base::Result<std::string> decoded(std::string_view what, std::string_view text) {
  auto plain = base::base64_decode(text);
  if (!plain) return base::fail("the {} of a presence is no Base64: {}", what, plain.error().text);
  return plain;
}

// As it was written once, whatever has become of it since.
Presence read(std::string_view text) {
  return Presence::parse(text).value_or(Presence{"not_set", {}, {}});
}

}  // namespace

base::Result<Presence> Presence::parse(std::string_view text) {
  const auto state = base::trim(take_field(text));
  const auto subtype = take_field(text);
  const auto message = take_field(text);
  const auto options = take_field(text);
  const auto* const known = std::find_if(
      names.begin(), names.end(), [state](const auto& name) { return base::iequals(name, state); });
  if (known == names.end()) {
    return base::fail("'{}' is no presence; there are {}", base::printable(state, 40),
                      fmt::join(names, ", "));
  }
  Presence presence{std::string(*known), std::string(subtype), std::string(message)};
  if (options.find('e') == std::string_view::npos) return presence;
  auto plain_subtype = decoded("subtype", subtype);
  if (!plain_subtype) return tl::unexpected(plain_subtype.error());
  auto plain_message = decoded("message", message);
  if (!plain_message) return tl::unexpected(plain_message.error());
  return Presence{std::move(presence.state), std::move(*plain_subtype), std::move(*plain_message)};
}

std::optional<Presence> PresenceStates::presence(std::string_view presentity) const {
  const auto name = custom_name(presentity);
  if (name.empty()) return std::nullopt;
  const auto kept = database_.get(custom_presence_family, name);
  return kept ? read(*kept) : Presence{"not_set", {}, {}};
}

base::Result<void> PresenceStates::set(std::string_view presentity, std::string_view text) {
  const auto name = custom_name(presentity);
  if (name.empty()) {
    return base::fail("the presence of '{}' cannot be set, only that of a CustomPresence:NAME",
                      base::printable(presentity, 80));
  }
  const auto presence = Presence::parse(text);
  if (!presence) return tl::unexpected(presence.error());
  const std::lock_guard lock(changing_);
  database_.put(custom_presence_family, name, text);
  const auto full_name = fmt::format("{}{}", custom, name);
  for (auto* observer : observers_) observer->on_presence(full_name, *presence);
  return {};
}

void PresenceStates::visit(const Visit& visit) const {
  for (const auto& [key, value] : database_.entries(custom_presence_family)) {
    const auto name = std::string_view(key).substr(custom_presence_family.size() + 1);
    visit(fmt::format("{}{}", custom, name), read(value));
  }
}

}  // namespace missive::states
