// What an operator may ask of one SIP technology, and have it do: the seam between the manager
// interface (AMI, console) and pjsip: or sip:.
//
// Any thread. What is to be done is done on the shards afterwards; an error says that it cannot be
// ("registration 'trunk' not found").
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::pjsip {

// How a registration of ours stands.
struct RegistrationStatus {
  enum class State { unregistered, registered, rejected, stopped };

  std::string name;
  std::string server_uri, client_uri;
  State state = State::unregistered;
  std::chrono::seconds expires_in{0};  // registered: until its time is over
  std::chrono::seconds next_in{0};     // until the next REGISTER; 0: none is planned
  int response_code = 0;               // of the last answer; 0: none came
  std::string reason;                  // why it is not registered
  base::WallTime registered_at{};
};

// "Registered", "Rejected", "Unregistered".
constexpr std::string_view name_of(RegistrationStatus::State state) {
  switch (state) {
    case RegistrationStatus::State::registered:
      return "Registered";
    case RegistrationStatus::State::rejected:
      return "Rejected";
    case RegistrationStatus::State::unregistered:
    case RegistrationStatus::State::stopped:
      break;
  }
  return "Unregistered";
}

// A NOTIFY outside of any dialog.
struct NotifyOrder {
  std::string endpoint;                                      // to each of its contacts; or
  std::string uri;                                           // to this URI
  std::vector<std::pair<std::string, std::string>> headers;  // Event among them
  std::string content_type;
  std::string body;
};

class Operations {
 public:
  virtual ~Operations() = default;
  virtual std::shared_ptr<const Configuration> configuration() const = 0;
  virtual const LocationService& locations() const = 0;

  virtual std::vector<RegistrationStatus> registrations() const = 0;
  // Registers at once; "*all": each.
  virtual base::Result<void> register_now(std::string_view name) = 0;
  // Takes the registration back; it stays so until register_now() or the next start.
  virtual base::Result<void> unregister(std::string_view name) = 0;
  // Asks every contact of the endpoint whether it is there, now.
  virtual base::Result<void> qualify(std::string_view endpoint) = 0;
  virtual base::Result<void> notify(NotifyOrder order) = 0;
};

}  // namespace missive::pjsip
