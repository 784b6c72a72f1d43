// The events ContactStatus and PeerStatus: which phones come, go and answer.
//
// Hears every change of the location service, on any thread. ContactStatus tells of one contact
// (NonQualified or Unknown when it registers, Reachable, Unreachable, Removed, and Updated where
// send_contact_status_on_update_registration=yes), PeerStatus of an endpoint that now has a
// contact that may be reached (Reachable) or has none any more (Unreachable). Fields and their
// order are Asterisk's. Source: Asterisk documentation, AMI events ContactStatus, PeerStatus.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "ami/event_bus.h"
#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::ami {

class PjsipEvents final : public pjsip::LocationObserver {
 public:
  PjsipEvents(EventBus& bus, const pjsip::LocationService& locations,
              std::shared_ptr<const pjsip::Configuration> configuration);

  // After a reload. Any thread.
  void use(std::shared_ptr<const pjsip::Configuration> configuration);

  void on_contact(pjsip::ContactChange change, const pjsip::KnownContact& contact,
                  std::size_t registered) override;

 private:
  std::string_view status_text(pjsip::ContactChange change,
                               const pjsip::KnownContact& contact) const;
  void tell_contact(std::string_view status, const pjsip::KnownContact& contact,
                    std::string_view endpoint);
  void tell_peers(const std::string& aor);

  EventBus& bus_;
  const pjsip::LocationService& locations_;
  std::mutex mutex_;
  std::shared_ptr<const pjsip::Configuration> configuration_;
  std::unordered_map<std::string, bool> reachable_;  // by endpoint, as it was last told
};

}  // namespace missive::ami
