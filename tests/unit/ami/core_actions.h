// What the tests of the core's actions share: a session of an admin and one of a caller with few
// classes, before a dialplan on a shard that the test turns.
#pragma once

#include <gmock/gmock.h>

#include "ami/action.h"
#include "ami/dialplan_events.h"
#include "console/host.h"
#include "dialplan/message_handler.h"
#include "dialplan/tables.h"
#include "dialplan/workers.h"
#include "store/ast_db.h"
#include "unit/ami/harness.h"

namespace missive::ami {
// Answers each reload with what the test says.
class FakeHost final : public console::Host {
 public:
  console::Facts facts() const override {
    console::Facts facts;
    facts.system_name = "texts";
    return facts;
  }
  base::WallTime started() const override { return {}; }
  base::WallTime reloaded() const override { return {}; }
  std::vector<console::Module> modules() const override {
    return {{.name = "res_pjsip.so",
             .description = "",
             .reloads = true,
             .is_built_in = false,
             .is_running = true},
            {.name = "manager",
             .description = "",
             .reloads = true,
             .is_built_in = true,
             .is_running = true},
            {.name = "chan_sip.so",
             .description = "",
             .reloads = true,
             .is_built_in = false,
             .is_running = false}};
  }
  void reload(std::string module, net::Shard&, console::ReloadAnswer answer) override {
    asked = std::move(module);
    answer(next);
  }
  void request_stop(console::StopMode) override {}
  std::shared_ptr<const dialplan::Dialplan> dialplan() const override { return nullptr; }
  console::HttpStatus http() const override { return {}; }
  std::uint64_t messages_run() const override { return 4711; }
  std::vector<std::string> technologies() const override { return {}; }
  std::vector<std::string> handlers() const override { return {}; }

  std::string asked = "nothing";
  console::Reloaded next;
};

inline constexpr std::string_view users = R"(
[general]
enabled = yes
displayconnects = no
[admin]
secret = s3cret-AMI
read = all
write = all
setvar = TENANT=blue
[caller]
secret = caller
read = all
write = call,reporting,originate
)";

inline constexpr std::string_view extensions = R"(
[globals]
CITY=Bern
[in]
exten => alice,1,NoOp(${X})
 same => n(second),Set(GLOBAL(seen)=${X}/${TENANT}/${MESSAGE(from)}/${MESSAGE(body)})
 same => n,Set(DB(run/alice)=${EPOCH})
exten => _1XX,1,Set(GLOBAL(pattern)=${EXTEN})
exten => slow,1,Wait(5)
include => more
[more]
exten => bob,1,Set(GLOBAL(bob)=was here)
)";

class CoreActions : public testing::Test {
 protected:
  explicit CoreActions(conf::MissiveConf::Dialplan options = {})
      : shared(world.clock, options, database) {
    shared.events = &dialplan_events;
    shared.globals.set_all(in_force.get()->globals());
    in_force.listen([this](const auto& dialplan) { handler.use(dialplan); });
    world.shared.dialplan = &shared;
    world.shared.in_force = &in_force;
    world.shared.host = &host;
    world.environment.dialplan = &handler.environment();
    EXPECT_THAT(client.login("admin", "s3cret-AMI"), testing::HasSubstr("accepted"));
    EXPECT_THAT(caller.login("caller", "caller"), testing::HasSubstr("accepted"));
  }
  ~CoreActions() override { shared.workers->stop(); }

  static std::shared_ptr<const dialplan::Dialplan> parse() {
    conf::Problems problems;
    auto parsed = dialplan::Dialplan::parse(extensions, dialplan::all_applications(),
                                            dialplan::all_functions(), problems);
    EXPECT_TRUE(parsed);
    return *parsed;
  }
  std::string ask(std::string_view action, std::string_view headers = "") {
    return client.ask(fmt::format("Action: {}\r\n{}\r\n", action, headers));
  }
  std::string ask_caller(std::string_view action, std::string_view headers) {
    return caller.ask(fmt::format("Action: {}\r\n{}\r\n", action, headers));
  }
  static std::string error(std::string_view message) {
    return fmt::format("Response: Error\r\nMessage: {}\r\n\r\n", message);
  }
  static std::string success(std::string_view message) {
    return fmt::format("Response: Success\r\nMessage: {}\r\n\r\n", message);
  }
  std::string global(std::string_view name) { return shared.globals.find(name).value_or("none"); }
  void settle() {
    for (int i = 0; i < 1000 && world.shard.run_once(); ++i) {
    }
    world.pump();
  }
  // Turns the shard until the client has been told something; the limit is for a failing test only.
  std::string later() {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    std::string text;
    while (text.empty() && std::chrono::steady_clock::now() < limit) {
      if (!world.shard.run_once()) std::this_thread::yield();
      text = client.read();
    }
    return text;
  }

  // The same until there is such a variable; it is taken away again.
  std::string global_once_set(const std::string& name) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (global(name) == "none" && std::chrono::steady_clock::now() < limit) {
      if (!world.shard.run_once()) std::this_thread::yield();
    }
    auto value = global(name);
    shared.globals.erase(name);
    return value;
  }

  World world{conf::MissiveConf::Ami{}, users};
  FakeHost host;
  store::AstDb database;
  DialplanEvents dialplan_events{world.shared.events};
  dialplan::Shared shared;
  dialplan::InForce in_force{parse()};
  dialplan::MessageHandler handler{shared, world.shard, world.sender, in_force.get()};
  Client client{world};
  Client caller{world};
};

inline conf::MissiveConf::Dialplan dangerous() {
  conf::MissiveConf::Dialplan options;
  options.live_dangerously = true;
  return options;
}

class DangerousActions : public CoreActions {
 protected:
  DangerousActions() : CoreActions(dangerous()) {}
};

}  // namespace missive::ami
