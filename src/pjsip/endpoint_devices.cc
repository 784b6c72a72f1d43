#include "pjsip/endpoint_devices.h"

#include <fmt/format.h>

#include <algorithm>

namespace missive::pjsip {

using states::DeviceState;

DeviceState device_state_of(const Endpoint& endpoint, const LocationService& locations) {
  const bool there =
      std::any_of(endpoint.aors.begin(), endpoint.aors.end(), [&locations](const auto& aor) {
        const auto contacts = locations.contacts(aor);
        return std::any_of(contacts.begin(), contacts.end(), [](const KnownContact& contact) {
          return contact.status.reachability != Reachability::unreachable;
        });
      });
  return there ? DeviceState::not_in_use : DeviceState::unavailable;
}

EndpointDevices::EndpointDevices(std::string_view technology, states::DeviceStates& states,
                                 const LocationService& locations,
                                 std::shared_ptr<const Configuration> configuration)
    : technology_(technology),
      states_(states),
      locations_(locations),
      configuration_(std::move(configuration)) {
  states_.add(*this);
}

void EndpointDevices::use(std::shared_ptr<const Configuration> configuration) {
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(configuration);
}

std::shared_ptr<const Configuration> EndpointDevices::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

DeviceState EndpointDevices::state(std::string_view endpoint) const {
  const auto current = configuration();
  const auto* found = current->endpoint(endpoint);
  return found != nullptr ? device_state_of(*found, locations_) : DeviceState::invalid;
}

void EndpointDevices::visit(const Visit& visit) const {
  const auto current = configuration();
  for (const auto& endpoint : current->endpoints()) {
    visit(endpoint.name, device_state_of(endpoint, locations_));
  }
}

void EndpointDevices::on_contact(ContactChange change, const KnownContact& contact,
                                 std::size_t /*registered*/) {
  if (change == ContactChange::updated) return;
  const auto current = configuration();
  for (const auto* endpoint : current->endpoints_of(contact.contact->aor)) {
    states_.changed(fmt::format("{}/{}", technology_, endpoint->name));
  }
}

}  // namespace missive::pjsip
