// The dialplan's view of pjsip.conf, of who is registered, and of AMI sessions.
//
// Any thread; a reload puts another configuration in force with use().
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "dialplan/host.h"
#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::app {

class DialplanHost final : public dialplan::Host {
 public:
  using SessionCount = std::function<std::size_t(std::string_view user)>;

  DialplanHost(const pjsip::LocationService& locations, const base::Clock& clock,
               SessionCount sessions, std::shared_ptr<const pjsip::Configuration> configuration)
      : locations_(locations),
        clock_(clock),
        sessions_(std::move(sessions)),
        configuration_(std::move(configuration)) {}

  void use(std::shared_ptr<const pjsip::Configuration> configuration);

  std::optional<std::string> endpoint(std::string_view name, std::string_view option) override;
  std::optional<std::string> aor(std::string_view name, std::string_view option) override;
  std::optional<std::string> contact(std::string_view id, std::string_view field) override;
  std::optional<std::string> dial_contacts(std::string_view endpoint, std::string_view aor,
                                           std::string_view user) override;
  std::size_t manager_sessions(std::string_view user) override { return sessions_(user); }

 private:
  std::shared_ptr<const pjsip::Configuration> configuration() const;

  const pjsip::LocationService& locations_;
  const base::Clock& clock_;
  const SessionCount sessions_;
  mutable std::mutex mutex_;
  std::shared_ptr<const pjsip::Configuration> configuration_;
};

}  // namespace missive::app
