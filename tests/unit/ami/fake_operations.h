// A SIP technology for the tests of actions: its objects and contacts are real, what it is asked to
// do is written down.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pjsip/operations.h"

namespace missive::ami {

class FakeOperations final : public pjsip::Operations {
 public:
  explicit FakeOperations(std::string_view pjsip_conf, std::string_view notify = "") {
    conf::Problems problems;
    auto read = pjsip::Configuration::parse(pjsip_conf, problems, "", "", notify);
    for (const auto& problem : problems) {
      if (problem.severity == conf::Problem::Severity::error) ADD_FAILURE() << problem.str();
    }
    current = *read;
    service.configure(*current);
  }
  std::shared_ptr<const pjsip::Configuration> configuration() const override { return current; }
  const pjsip::LocationService& locations() const override { return service; }
  std::vector<pjsip::RegistrationStatus> registrations() const override { return registered; }
  base::Result<void> register_now(std::string_view) override { return {}; }
  base::Result<void> unregister(std::string_view) override { return {}; }
  base::Result<void> qualify(std::string_view endpoint) override {
    qualified.emplace_back(endpoint);
    return answer;
  }
  base::Result<void> notify(pjsip::NotifyOrder order) override {
    notified.push_back(std::move(order));
    return answer;
  }
  // Of an AOR, in place of those that registered before.
  void set_contact(pjsip::Contact contact) {
    const auto aor = contact.aor;
    service.change(aor, [&contact](auto& contacts) {
      contacts.assign(1, {std::make_shared<const pjsip::Contact>(std::move(contact)), {}});
      return 0;
    });
  }

  std::shared_ptr<const pjsip::Configuration> current;
  pjsip::LocationService service;
  std::vector<pjsip::RegistrationStatus> registered;
  std::vector<std::string> qualified;
  std::vector<pjsip::NotifyOrder> notified;
  base::Result<void> answer;
};

}  // namespace missive::ami
