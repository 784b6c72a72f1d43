#include "dialplan/hints.h"

#include <fmt/format.h>

#include <algorithm>

#include "dialplan/load_time_text.h"
#include "dialplan/pattern.h"

namespace missive::dialplan {
namespace {

std::string key_of(std::string_view context, std::string_view exten) {
  return fmt::format("{}@{}", without_dashes(exten), context);
}

}  // namespace

Hints::Hints(states::States& states, const FunctionTable& functions, const base::Clock& clock)
    : states_(states),
      functions_(functions),
      clock_(clock),
      dialplan_(std::make_shared<const Dialplan>()) {}

void Hints::use(std::shared_ptr<const Dialplan> dialplan) {
  const std::lock_guard lock(mutex_);
  dialplan_ = std::move(dialplan);
  const auto asked_for = std::vector<ExtensionStatus>(
      watched_.end() - static_cast<std::ptrdiff_t>(of_patterns_), watched_.end());
  watched_.clear();
  of_patterns_ = 0;
  by_extension_.clear();
  by_device_.clear();
  for (const auto& context : dialplan_->contexts()) {
    for (const auto& extension : context.extensions) {
      if (!extension.hint || extension.is_pattern) continue;
      watch(read(*extension.hint, context.name, extension.name));
    }
  }
  for (const auto& old : asked_for) {
    const auto* extension = dialplan_->hinted(old.context, old.exten, clock_.wall());
    if (extension == nullptr || !extension->is_pattern) continue;
    watch(read(*extension->hint, old.context, old.exten));
    ++of_patterns_;
  }
}

ExtensionStatus Hints::read(const Hint& hint, std::string_view context,
                            std::string_view exten) const {
  ExtensionStatus status{std::string(context), std::string(exten), hint.text, hint.name,
                         ExtensionState::none};
  if (hint.text.find('$') != std::string::npos) {
    LoadTimeText text(functions_);
    for (const auto& [name, value] : dialplan_->globals()) text.set_global(name, value);
    text.set_global("CONTEXT", status.context);
    text.set_global("EXTEN", status.exten);
    std::vector<std::string> warnings;  // the file was read with them already
    status.hint = text.expand(hint.text, warnings);
  }
  status.state = state_of(status.hint);
  return status;
}

ExtensionState Hints::state_of(std::string_view hint) const {
  states::DeviceStateSum sum;
  for (const auto device : HintParts(hint).devices) sum.add(states_.devices.state(device));
  return extension_state_of(sum.state());
}

void Hints::watch(ExtensionStatus status) {
  const auto place = watched_.size();
  by_extension_[key_of(status.context, status.exten)].assign(1, place);
  const HintParts parts(status.hint);
  for (const auto device : parts.devices) by_device_[base::lower(device)].push_back(place);
  if (!parts.presentity.empty()) by_device_[base::lower(parts.presentity)].push_back(place);
  watched_.push_back(std::move(status));
}

const ExtensionStatus* Hints::watched(std::string_view context, std::string_view exten) const {
  const auto found = by_extension_.find(key_of(context, exten));
  return found == by_extension_.end() ? nullptr : &watched_[found->second.front()];
}

std::optional<ExtensionStatus> Hints::find(std::string_view context, std::string_view exten) {
  const std::lock_guard lock(mutex_);
  if (const auto* known = watched(context, exten)) return *known;
  const auto* extension = dialplan_->hinted(context, exten, clock_.wall());
  if (extension == nullptr) return std::nullopt;
  auto status = read(*extension->hint, context, exten);
  if (extension->is_pattern && of_patterns_ < most_of_patterns) {
    watch(status);
    ++of_patterns_;
  }
  return status;
}

std::vector<ExtensionStatus> Hints::all() const {
  const std::lock_guard lock(mutex_);
  return watched_;
}

void Hints::on_device_state(std::string_view device, states::DeviceState /*state*/) {
  const std::lock_guard lock(mutex_);
  const auto found = by_device_.find(base::lower(device));
  if (found == by_device_.end()) return;
  for (const auto place : found->second) {
    auto& status = watched_[place];
    const auto now = state_of(status.hint);
    if (std::exchange(status.state, now) == now) continue;
    for (auto* observer : observers_) observer->on_extension_state(status);
  }
}

void Hints::on_presence(std::string_view presentity, const states::Presence& presence) {
  const std::lock_guard lock(mutex_);
  const auto found = by_device_.find(base::lower(presentity));
  if (found == by_device_.end()) return;
  for (const auto place : found->second) {
    for (auto* observer : observers_) observer->on_extension_presence(watched_[place], presence);
  }
}

}  // namespace missive::dialplan
