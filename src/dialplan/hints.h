// The hints of extensions.conf at work: which state an extension has, and who is told when it
// changes.
//
// Every extension with a hint is watched. A hint of a pattern (`_1XX,hint,PJSIP/${EXTEN}`) has no
// extension of its own: one that somebody asked for is watched from then on, most_of_patterns of
// them at most. Variables of a hint are EXTEN, CONTEXT and the [globals] of the file; functions
// are empty. Observers hear a state when it is another than before, on the thread of the change.
// Any thread. Source: Asterisk documentation, "Extension State and Hints", functions HINT,
// EXTENSION_STATE.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "dialplan/dialplan.h"
#include "dialplan/extension_status.h"
#include "states/states.h"

namespace missive::dialplan {

// May ask Hints for nothing from inside the call.
class HintObserver {
 public:
  virtual ~HintObserver() = default;
  virtual void on_extension_state(const ExtensionStatus& status) = 0;
  // The presence of the second part of its hint has changed.
  virtual void on_extension_presence(const ExtensionStatus& status,
                                     const states::Presence& presence) = 0;
};

class Hints final : public states::DeviceObserver, public states::PresenceObserver {
 public:
  static constexpr std::size_t most_of_patterns = 10'000;

  // All three outlive it. It is to be added to the observers of devices and presences.
  Hints(states::States& states, const FunctionTable& functions, const base::Clock& clock);

  // Before the shards start; it outlives this.
  void add(HintObserver& observer) { observers_.push_back(&observer); }
  // At start, when the devices are known, and after a reload.
  void use(std::shared_ptr<const Dialplan> dialplan);

  // nullopt: no hint is there for it.
  std::optional<ExtensionStatus> find(std::string_view context, std::string_view exten);
  // All that are watched: in file order, then those of patterns, the oldest first.
  std::vector<ExtensionStatus> all() const;

  void on_device_state(std::string_view device, states::DeviceState state) override;
  void on_presence(std::string_view presentity, const states::Presence& presence) override;

 private:
  using Places =
      std::unordered_map<std::string, std::vector<std::size_t>, base::StringHash, std::equal_to<>>;

  ExtensionStatus read(const Hint& hint, std::string_view context, std::string_view exten) const;
  ExtensionState state_of(std::string_view hint) const;
  void watch(ExtensionStatus status);
  const ExtensionStatus* watched(std::string_view context, std::string_view exten) const;

  states::States& states_;
  const FunctionTable& functions_;
  const base::Clock& clock_;
  std::vector<HintObserver*> observers_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Dialplan> dialplan_;
  std::vector<ExtensionStatus> watched_;
  std::size_t of_patterns_ = 0;  // at the end of watched_
  Places by_extension_;          // "exten@context"
  Places by_device_;             // in lower case, presentities too
};

}  // namespace missive::dialplan
