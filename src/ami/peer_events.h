// The event PeerStatus of sip.conf's peers: who registers, goes and answers.
//
// Hears every change of the location service of `sip:`, on any thread. Registered at each REGISTER,
// Unregistered (with its Cause where the time was over), and for peers that are qualified
// Reachable, Lagged and Unreachable with the Time that the answer took. Those of pjsip.conf are
// told by PjsipEvents. Source: Asterisk documentation, AMI event PeerStatus.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>

#include "ami/event_bus.h"
#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::ami {

class PeerEvents final : public pjsip::LocationObserver {
 public:
  PeerEvents(EventBus& bus, std::shared_ptr<const pjsip::Configuration> configuration);

  // After a reload. Any thread.
  void use(std::shared_ptr<const pjsip::Configuration> configuration);

  void on_contact(pjsip::ContactChange change, const pjsip::KnownContact& contact,
                  std::size_t registered) override;

 private:
  void tell(pjsip::ContactChange change, const pjsip::KnownContact& contact, std::string_view peer);
  void tell_reach(const pjsip::KnownContact& contact, std::string_view peer);

  EventBus& bus_;
  std::mutex mutex_;
  std::shared_ptr<const pjsip::Configuration> configuration_;
};

}  // namespace missive::ami
