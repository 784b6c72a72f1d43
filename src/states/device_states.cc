#include "states/device_states.h"

#include <fmt/format.h>

#include <algorithm>

namespace missive::states {
namespace {

constexpr std::string_view custom = "Custom:";

std::string_view custom_name(std::string_view device) {
  return base::istarts_with(device, custom) ? device.substr(custom.size()) : std::string_view();
}

DeviceState state_of_text(std::string_view text) {
  return device_state_named(text).value_or(DeviceState::unknown);
}

}  // namespace

DeviceState DeviceStates::state(std::string_view device) const {
  if (const auto name = custom_name(device); !name.empty()) {
    const auto kept = database_.get(custom_device_family, name);
    return kept ? state_of_text(*kept) : DeviceState::unknown;
  }
  const auto slash = device.find('/');
  if (slash == std::string_view::npos) return DeviceState::invalid;
  const auto found = std::find_if(providers_.begin(), providers_.end(), [&](const auto* provider) {
    return base::iequals(provider->technology(), device.substr(0, slash));
  });
  return found == providers_.end() ? DeviceState::invalid
                                   : (*found)->state(device.substr(slash + 1));
}

base::Result<void> DeviceStates::set(std::string_view device, std::string_view state) {
  const auto name = custom_name(device);
  if (name.empty()) {
    return base::fail("the state of '{}' cannot be set, only that of a Custom:NAME",
                      base::printable(device, 80));
  }
  database_.put(custom_device_family, name, name_of(state_of_text(base::trim(state))));
  tell(fmt::format("{}{}", custom, name));
  return {};
}

void DeviceStates::changed(std::string_view device) { tell(device); }

void DeviceStates::tell(std::string_view device) {
  const std::lock_guard lock(changing_);
  // Asked inside of the lock: of two changes at once the later one is told last.
  const auto now = state(device);
  const auto [known, is_new] = told_.try_emplace(std::string(device), now);
  if (!is_new && std::exchange(known->second, now) == now) return;
  for (auto* observer : observers_) observer->on_device_state(device, now);
  // There are no more of them than there are devices.
  if (now == DeviceState::invalid) told_.erase(known);
}

void DeviceStates::visit(const Visit& visit) const {
  for (const auto* provider : providers_) {
    provider->visit([&](std::string_view resource, DeviceState state) {
      visit(fmt::format("{}/{}", provider->technology(), resource), state);
    });
  }
  for (const auto& [key, value] : database_.entries(custom_device_family)) {
    const auto name = std::string_view(key).substr(custom_device_family.size() + 1);
    visit(fmt::format("{}{}", custom, name), state_of_text(value));
  }
}

}  // namespace missive::states
