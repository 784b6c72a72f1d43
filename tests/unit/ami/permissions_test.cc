// Who may do what and who hears what: every action and every event class with every class of a
// user.
//
// 1. Each action of the table, asked for by a user who may write one class alone: ListCommands has
//    it, and the check passes, where it asks for that class or for none; else the session answers
//    `Permission denied` with the ActionID, tells RequestNotAllowed, and runs nothing.
// 2. A user of no class has the actions that ask for none; one of `all` has every action.
// 3. Before the login there is nothing but Challenge, Login and Logoff, and what is unknown is
//    refused in the same words as what is known.
// 4. Each class of events reaches a user who may read it, and nobody else; the mask narrows that.
// 5. An action that is not there is answered in Asterisk's words.
// 6. The table is sorted by name, without regard to case, and its privileges are classes we know.
#include <gmock/gmock.h>

#include "ami/action.h"
#include "base/text.h"
#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::vector<Class> every_class() {
  std::vector<Class> all;
  for (unsigned i = 0; i < class_count; ++i) all.push_back(Class{1u << i});
  return all;
}

std::string name_of(Class one) {
  const auto text = privilege_text(one);
  return text.substr(0, text.find(','));
}

// A user for each class, who may read and write that one only.
std::string one_user_a_class() {
  std::string out = "[general]\ndisplayconnects = no\n";
  for (const auto one : every_class()) {
    out += fmt::format("[{0}]\nsecret = s\nread = {0}\nwrite = {0}\n", name_of(one));
  }
  return out + "[nothing]\nsecret = s\n[everything]\nsecret = s\nread = all\nwrite = all\n" +
         "[watcher]\nsecret = s\nread = security\n";
}

struct Permissions : testing::Test {
  std::unique_ptr<Client> log_in(std::string_view user, std::string_view events = "off") {
    auto client = std::make_unique<Client>(world);
    EXPECT_THAT(client->login(user, "s", events), HasSubstr("accepted"));
    return client;
  }
  static std::string ask_for(Client& client, std::string_view action) {
    return client.ask(fmt::format("Action: {}\r\nActionID: 7\r\n\r\n", action));
  }

  World world{conf::MissiveConf::Ami{}, one_user_a_class()};
};

TEST_F(Permissions, EveryActionByEveryClass) {
  const auto watcher = log_in("watcher", "on");
  for (const auto one : every_class()) {
    const auto user = name_of(one);
    const auto client = log_in(user);
    const auto listed = ask_for(*client, "ListCommands");
    for (const auto& action : all_actions()) {
      const bool may = !any(action.privilege) || any(action.privilege & one);
      EXPECT_EQ(may_run(action, *client->session().user()), may) << action.name << " as " << user;
      if (is_there(action, world.shared)) {
        const auto line = fmt::format("\r\n{}: {}", action.name, action.synopsis);
        EXPECT_EQ(listed.find(line) != std::string::npos, may) << action.name << " as " << user;
      }
      if (may || !is_there(action, world.shared)) continue;
      watcher->read();
      EXPECT_EQ(ask_for(*client, action.name),
                "Response: Error\r\nActionID: 7\r\nMessage: Permission denied\r\n\r\n")
          << action.name << " as " << user;
      const auto told = watcher->read();
      EXPECT_THAT(told, HasSubstr("Event: RequestNotAllowed\r\nPrivilege: security,all\r\n"));
      EXPECT_THAT(told, HasSubstr(fmt::format("AccountID: {}\r\n", user)));
      EXPECT_THAT(told, HasSubstr(fmt::format("RequestType: Action: {}\r\n", action.name)));
    }
  }
  EXPECT_TRUE(world.technology.sent.empty());
}

TEST_F(Permissions, OfNoneAndOfAll) {
  const auto nothing = log_in("nothing"), everything = log_in("everything");
  for (const auto& action : all_actions()) {
    EXPECT_EQ(may_run(action, *nothing->session().user()), !any(action.privilege)) << action.name;
    EXPECT_TRUE(may_run(action, *everything->session().user())) << action.name;
  }
}

TEST_F(Permissions, BeforeTheLogin) {
  for (const auto& action : all_actions()) {
    const bool allowed = base::iequals(action.name, "Login") ||
                         base::iequals(action.name, "Challenge") ||
                         base::iequals(action.name, "Logoff");
    EXPECT_EQ(action.before_login, allowed) << action.name;
    if (allowed) continue;
    Client stranger(world);
    EXPECT_EQ(ask_for(stranger, action.name),
              "Response: Error\r\nActionID: 7\r\nMessage: Permission denied\r\n\r\n")
        << action.name;
  }
  Client stranger(world);
  EXPECT_EQ(ask_for(stranger, "Nosuch"),
            "Response: Error\r\nActionID: 7\r\nMessage: Permission denied\r\n\r\n");
}

TEST_F(Permissions, EveryEventByEveryClass) {
  for (const auto user : every_class()) {
    const auto client = log_in(name_of(user), "on");
    const auto deaf = log_in(name_of(user), "off");
    for (const auto one : every_class()) {
      client->read();
      world.shared.events.publish(one, "Probe", [](EventText&) {});
      world.pump();
      const auto heard = client->read();
      EXPECT_EQ(heard.find("Event: Probe") != std::string::npos, user == one)
          << name_of(one) << " to " << name_of(user);
      EXPECT_EQ(deaf->read().find("Event: Probe"), std::string::npos);
    }
  }
}

TEST_F(Permissions, WhatIsNotThere) {
  const auto client = log_in("everything");
  for (const std::string_view name : {"QueueStatus", "ConfbridgeList", "DAHDIShowChannels", "x"}) {
    EXPECT_EQ(ask_for(*client, name),
              fmt::format("Response: Error\r\nActionID: 7\r\nMessage: Invalid/unknown command: {}. "
                          "Use Action: ListCommands to show available commands.\r\n\r\n",
                          name));
  }
}

TEST_F(Permissions, TableIsInOrder) {
  const auto actions = all_actions();
  constexpr std::uint32_t known = (1u << class_count) - 1;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    EXPECT_EQ(bits(actions[i].privilege) & ~known, 0u) << actions[i].name;
    EXPECT_FALSE(actions[i].synopsis.empty()) << actions[i].name;
    if (i == 0) continue;
    EXPECT_TRUE(base::ILess{}(actions[i - 1].name, actions[i].name))
        << actions[i - 1].name << " before " << actions[i].name;
  }
}

}  // namespace
}  // namespace missive::ami
