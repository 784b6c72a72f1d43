// The event Registry: how the registrations of ours elsewhere go.
//
// Hears the RegistrationBoard of each SIP technology, on any thread. Told when an attempt has
// ended, also where it was a refresh, and when a connection that carried a registration is lost.
// Source: Asterisk documentation, AMI event Registry.
#pragma once

#include <string>
#include <string_view>

#include "ami/event_bus.h"
#include "pjsip/outbound_registrations.h"

namespace missive::ami {

class RegistryEvents final : public pjsip::RegistrationObserver {
 public:
  explicit RegistryEvents(EventBus& bus) : bus_(bus) {}

  void on_registration(std::string_view technology,
                       const pjsip::RegistrationStatus& status) override;

 private:
  EventBus& bus_;
};

}  // namespace missive::ami
