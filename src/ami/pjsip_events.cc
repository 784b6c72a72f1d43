#include "ami/pjsip_events.h"

#include "pjsip/contact_shown.h"
#include "pjsip/endpoint_devices.h"

namespace missive::ami {

using pjsip::ContactChange;
using pjsip::KnownContact;

PjsipEvents::PjsipEvents(EventBus& bus, const pjsip::LocationService& locations,
                         std::shared_ptr<const pjsip::Configuration> configuration)
    : bus_(bus), locations_(locations) {
  use(std::move(configuration));
}

void PjsipEvents::use(std::shared_ptr<const pjsip::Configuration> configuration) {
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(configuration);
}

void PjsipEvents::on_contact(ContactChange change, const KnownContact& contact,
                             std::size_t /*registered*/) {
  const std::lock_guard lock(mutex_);
  const auto& aor = contact.contact->aor;
  const auto status = status_text(change, contact);
  if (!status.empty()) {
    const auto& registered_by = contact.contact->endpoint;
    if (!registered_by.empty()) {
      tell_contact(status, contact, registered_by);
    } else {
      for (const auto* endpoint : configuration_->endpoints_of(aor)) {
        tell_contact(status, contact, endpoint->name);
      }
    }
  }
  if (change != ContactChange::updated) tell_peers(aor);
}

// Empty where nothing is to be told.
std::string_view PjsipEvents::status_text(ContactChange change, const KnownContact& contact) const {
  switch (change) {
    case ContactChange::created:
    case ContactChange::status:
      return pjsip::status_label(configuration_->aor(contact.contact->aor), contact.status);
    case ContactChange::updated:
      return configuration_->global().send_contact_status_on_update_registration ? "Updated" : "";
    case ContactChange::removed:
    case ContactChange::expired:
      break;
  }
  return "Removed";
}

void PjsipEvents::tell_contact(std::string_view status, const KnownContact& contact,
                               std::string_view endpoint) {
  bus_.publish(Class::system, "ContactStatus", [&](EventText& text) {
    text.header("URI", contact.contact->uri)
        .header("ContactStatus", status)
        .header("AOR", contact.contact->aor)
        .header("EndpointName", endpoint)
        .header("RoundtripUsec", fmt::to_string(contact.status.round_trip.count()));
  });
}

void PjsipEvents::tell_peers(const std::string& aor) {
  for (const auto* endpoint : configuration_->endpoints_of(aor)) {
    const bool now = device_state_of(*endpoint, locations_) == states::DeviceState::not_in_use;
    auto& before = reachable_[endpoint->name];
    if (std::exchange(before, now) == now) continue;
    bus_.publish(Class::system, "PeerStatus", [&](EventText& text) {
      text.header("ChannelType", "PJSIP")
          .header("Peer", "PJSIP/" + endpoint->name)
          .header("PeerStatus", now ? "Reachable" : "Unreachable");
    });
  }
}

}  // namespace missive::ami
