// The events DeviceStateChange, PresenceStateChange, ExtensionStatus, PresenceStatus and
// MessageWaiting.
//
// Hears the states (states/) and the hints of the dialplan, on any thread. Fields and their order
// are Asterisk's; the actions that list states write the same. Source: Asterisk documentation, AMI
// events of these names.
#pragma once

#include <string>
#include <string_view>

#include "ami/event_bus.h"
#include "dialplan/hints.h"
#include "states/states.h"

namespace missive::ami {

void append_device_state(std::string& out, std::string_view device, states::DeviceState state);
void append_presence(std::string& out, std::string_view presentity,
                     const states::Presence& presence);
void append_extension_status(std::string& out, const dialplan::ExtensionStatus& status);

class StateEvents final : public states::DeviceObserver,
                          public states::PresenceObserver,
                          public states::MailboxObserver,
                          public dialplan::HintObserver {
 public:
  // Hears all of them from now on; they are there as long as it is.
  StateEvents(EventBus& bus, states::States& states, dialplan::Hints& hints);

  void on_device_state(std::string_view device, states::DeviceState state) override;
  void on_presence(std::string_view presentity, const states::Presence& presence) override;
  void on_mailbox(std::string_view mailbox, const states::MailboxCounts& counts) override;
  void on_extension_state(const dialplan::ExtensionStatus& status) override;
  void on_extension_presence(const dialplan::ExtensionStatus& status,
                             const states::Presence& presence) override;

 private:
  EventBus& bus_;
};

}  // namespace missive::ami
