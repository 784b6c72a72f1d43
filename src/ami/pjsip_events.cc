#include "ami/pjsip_events.h"

#include <algorithm>

namespace missive::ami {

using pjsip::ContactChange;
using pjsip::KnownContact;
using pjsip::Reachability;

PjsipEvents::PjsipEvents(EventBus& bus, const pjsip::LocationService& locations,
                         std::shared_ptr<const pjsip::Configuration> configuration)
    : bus_(bus), locations_(locations) {
  use(std::move(configuration));
}

void PjsipEvents::use(std::shared_ptr<const pjsip::Configuration> configuration) {
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(configuration);
  endpoints_of_.clear();
  for (const auto& endpoint : configuration_->endpoints()) {
    for (const auto& aor : endpoint.aors) endpoints_of_[aor].push_back(&endpoint);
  }
}

void PjsipEvents::on_contact(ContactChange change, const KnownContact& contact,
                             std::size_t /*registered*/) {
  const std::lock_guard lock(mutex_);
  const auto& aor = contact.contact->aor;
  const auto status = status_text(change, contact);
  if (!status.empty()) {
    const auto known = endpoints_of_.find(aor);
    const auto& registered_by = contact.contact->endpoint;
    if (!registered_by.empty()) {
      tell_contact(status, contact, registered_by);
    } else if (known != endpoints_of_.end()) {
      for (const auto* endpoint : known->second) tell_contact(status, contact, endpoint->name);
    }
  }
  if (change != ContactChange::updated) tell_peers(aor);
}

// Empty where nothing is to be told.
std::string_view PjsipEvents::status_text(ContactChange change, const KnownContact& contact) const {
  switch (change) {
    case ContactChange::created: {
      const auto* aor = configuration_->aor(contact.contact->aor);
      const bool qualified = aor != nullptr && aor->qualify_frequency.count() > 0;
      return qualified ? "Unknown" : "NonQualified";
    }
    case ContactChange::updated:
      return configuration_->global().send_contact_status_on_update_registration ? "Updated" : "";
    case ContactChange::removed:
    case ContactChange::expired:
      return "Removed";
    case ContactChange::status:
      break;
  }
  switch (contact.status.reachability) {
    case Reachability::reachable:
      return "Reachable";
    case Reachability::unreachable:
      return "Unreachable";
    case Reachability::unknown:
      break;
  }
  return "NonQualified";
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

bool PjsipEvents::may_be_reached(const pjsip::Endpoint& endpoint) const {
  return std::any_of(endpoint.aors.begin(), endpoint.aors.end(), [this](const std::string& aor) {
    const auto contacts = locations_.contacts(aor);
    return std::any_of(contacts.begin(), contacts.end(), [](const KnownContact& contact) {
      return contact.status.reachability != Reachability::unreachable;
    });
  });
}

void PjsipEvents::tell_peers(const std::string& aor) {
  const auto known = endpoints_of_.find(aor);
  if (known == endpoints_of_.end()) return;
  for (const auto* endpoint : known->second) {
    const bool now = may_be_reached(*endpoint);
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
