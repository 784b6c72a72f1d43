// The endpoints of a SIP technology as devices: PJSIP/alice, SIP/alice.
//
// One is there (not in use) while it has a contact that may be reached: a permanent or registered
// one that does not fail to answer. Hears the location service and tells DeviceStates which devices
// may have changed. Any thread; a reload puts another configuration in force with use().
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "pjsip/configuration.h"
#include "pjsip/location_service.h"
#include "states/device_states.h"

namespace missive::pjsip {

states::DeviceState device_state_of(const Endpoint& endpoint, const LocationService& locations);

class EndpointDevices final : public states::DeviceProvider, public LocationObserver {
 public:
  // `technology` in front of their names: "PJSIP". Tells of itself there; both outlive it.
  EndpointDevices(std::string_view technology, states::DeviceStates& states,
                  const LocationService& locations,
                  std::shared_ptr<const Configuration> configuration);

  void use(std::shared_ptr<const Configuration> configuration);

  std::string_view technology() const override { return technology_; }
  states::DeviceState state(std::string_view endpoint) const override;
  void visit(const Visit& visit) const override;

  void on_contact(ContactChange change, const KnownContact& contact,
                  std::size_t registered) override;

 private:
  std::shared_ptr<const Configuration> configuration() const;

  const std::string technology_;
  states::DeviceStates& states_;
  const LocationService& locations_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Configuration> configuration_;
};

}  // namespace missive::pjsip
