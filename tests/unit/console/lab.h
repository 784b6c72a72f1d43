// What the tests of commands share: an environment whose host, technologies and database the test
// has in hand, and the registry with all commands.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "console/commands/parts.h"
#include "dialplan/tables.h"
#include "unit/pjsip/configured.h"

namespace missive::console::test {

class FakeHost final : public Host {
 public:
  explicit FakeHost(const base::Clock& clock) : started_(clock.wall()) {}

  Facts facts() const override {
    return {"/etc/missive", "/var/lib/missive", "here", "info", 2, 9};
  }
  base::WallTime started() const override { return started_; }
  base::WallTime reloaded() const override { return started_; }
  std::vector<Module> modules() const override {
    return {{"chan_sip.so", "Texts of sip.conf", true, false, false},
            {"manager", "Manager interface", true, true, true},
            {"res_pjsip.so", "Texts of pjsip.conf", true, false, true},
            {"res_pjsip_path.so", "Path of registrations", false, false, true}};
  }
  void reload(std::string module, net::Shard& asker, ReloadAnswer answer) override {
    reloads.push_back(module);
    auto reloaded = module == "nosuch" ? Reloaded{Reloaded::Status::not_found, {}} : outcome;
    asker.post([answer = std::move(answer), reloaded]() mutable { answer(reloaded); });
  }
  void request_stop(StopMode mode) override { stop = mode; }
  std::shared_ptr<const dialplan::Dialplan> dialplan() const override { return plan; }
  HttpStatus http() const override { return http_status; }
  std::uint64_t messages_run() const override { return 7; }
  std::vector<std::string> technologies() const override { return {"pjsip", "sip"}; }
  std::vector<std::string> handlers() const override { return {"dialplan"}; }

  std::vector<std::string> reloads;
  Reloaded outcome;
  std::optional<StopMode> stop;
  std::shared_ptr<const dialplan::Dialplan> plan = std::make_shared<dialplan::Dialplan>();
  HttpStatus http_status;

 private:
  const base::WallTime started_;
};

class FakeOperations final : public pjsip::Operations {
 public:
  explicit FakeOperations(std::string_view text) : current(pjsip::test::configured(text)) {
    location_service.configure(*current);
  }

  std::shared_ptr<const pjsip::Configuration> configuration() const override { return current; }
  const pjsip::LocationService& locations() const override { return location_service; }
  std::vector<pjsip::RegistrationStatus> registrations() const override { return statuses; }
  base::Result<void> register_now(std::string_view name) override { return note("register", name); }
  base::Result<void> unregister(std::string_view name) override { return note("unregister", name); }
  base::Result<void> qualify(std::string_view name) override { return note("qualify", name); }
  base::Result<void> notify(pjsip::NotifyOrder order) override {
    return note("notify", order.endpoint + order.uri);
  }

  std::shared_ptr<const pjsip::Configuration> current;
  pjsip::LocationService location_service;
  std::vector<pjsip::RegistrationStatus> statuses;
  std::vector<std::string> orders;

 private:
  base::Result<void> note(std::string_view what, std::string_view name) {
    if (name == "nosuch") return base::fail("registration 'nosuch' not found");
    orders.push_back(fmt::format("{} {}", what, name));
    return {};
  }
};

class Lab {
 public:
  explicit Lab(std::string_view pjsip_conf = "", bool has_sip_conf = false) : pjsip(pjsip_conf) {
    if (has_sip_conf) environment.chan_sip = &pjsip;
    add_all_commands(registry, environment);
    in_force.listen([this](const auto& plan) { host.plan = plan; });
  }

  Result run(std::string_view line, Terminal* terminal = nullptr) {
    std::optional<Result> said;
    registry.run(
        line, [&said](const Result& result) { said = result; }, terminal);
    for (int i = 0; i < 20 && !said; ++i) shard.run_once();
    EXPECT_TRUE(said) << line << " was not answered";
    return said.value_or(Result{});
  }
  std::string text(std::string_view line) {
    const auto result = run(line);
    EXPECT_TRUE(result.ok) << line << ": " << result.text;
    return result.text;
  }
  std::string error(std::string_view line) {
    const auto result = run(line);
    EXPECT_FALSE(result.ok) << line << ": " << result.text;
    return result.text;
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  FakeHost host{clock};
  store::AstDb database;
  SipTrace trace{clock, nullptr};
  FakeOperations pjsip;
  dialplan::Shared dialplan{clock, {}, database};
  dialplan::InForce in_force{host.plan};
  Registry registry;
  Environment environment{.clock = clock,
                          .shard = shard,
                          .host = host,
                          .database = database,
                          .trace = trace,
                          .version = "20.7.0-missive",
                          .dialplan = dialplan,
                          .in_force = in_force,
                          .pjsip = &pjsip};
};

}  // namespace missive::console::test
