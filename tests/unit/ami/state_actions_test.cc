// The actions and events about states of devices, people, extensions and mailboxes.
//
// ExtensionState, ExtensionStateList
//  1. every field: with a hint, without one, of a pattern, in the context `default`
//  2. the list; refused without a dialplan
// DeviceStateList
//  3. all devices, PJSIP and Custom:
// PresenceState, PresenceStateList
//  4. every field, with and without subtype and message; what is refused
//  5. the list
// Mailboxes
//  6. MWIUpdate, MailboxCount, MailboxStatus; counts that are none; one nobody told of
//  7. MWIGet: one, by regular expression, none, a bad one
//  8. MWIDelete: one, by regular expression, none
// Events
//  9. a phone that registers and goes: DeviceStateChange, then ExtensionStatus; each once
// 10. the dialplan sets states: DeviceStateChange, PresenceStateChange, PresenceStatus
// 11. MessageWaiting
// 12. class call only
// Others
// 13. without states; without the class
#include <gmock/gmock.h>

#include "ami/state_events.h"
#include "dialplan/tables.h"
#include "pjsip/endpoint_devices.h"
#include "unit/ami/fake_operations.h"
#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view pjsip_conf =
    "[alice]\ntype=aor\nmax_contacts=1\n[alice]\ntype=endpoint\naors=alice\n";

constexpr std::string_view extensions = R"([default]
exten => alice,hint,PJSIP/alice,CustomPresence:alice
exten => _2XX,hint,Custom:room${EXTEN:1}
)";

struct StateActions : testing::Test {
  StateActions() {
    world.shared.pjsip = &operations;
    world.shared.states = &states;
    world.shared.hints = &hints;
    states.devices.add(hints);
    states.presences.add(hints);
    operations.service.add(devices);
    conf::Problems problems;
    hints.use(*dialplan::Dialplan::parse(extensions, dialplan::all_applications(),
                                         dialplan::all_functions(), problems));
    client.login("admin", "s3cret-AMI", "on");
  }
  std::string ask(std::string_view action, std::string_view headers = "") {
    return client.ask(fmt::format("Action: {}\r\nActionID: a\r\n{}\r\n", action, headers));
  }
  std::string told() {
    world.pump();
    return client.read();
  }
  static std::string error(std::string_view message) {
    return fmt::format("Response: Error\r\nActionID: a\r\nMessage: {}\r\n\r\n", message);
  }
  static std::string list(std::string_view message, std::string_view events,
                          std::string_view complete, std::size_t items) {
    return fmt::format(
        "Response: Success\r\nActionID: a\r\nEventList: start\r\nMessage: {}\r\n\r\n{}"
        "Event: {}\r\nActionID: a\r\nEventList: Complete\r\nListItems: {}\r\n\r\n",
        message, events, complete, items);
  }
  void register_alice() {
    pjsip::Contact contact;
    contact.aor = contact.endpoint = "alice";
    contact.uri = "sip:alice@192.0.2.7";
    operations.set_contact(std::move(contact));
  }
  void forget_alice() {
    operations.service.change("alice", [](auto& contacts) {
      contacts.clear();
      return 0;
    });
  }

  World world;
  FakeOperations operations{pjsip_conf};
  store::AstDb database;
  states::States states{database};
  dialplan::Hints hints{states, dialplan::all_functions(), world.clock};
  StateEvents events{world.shared.events, states, hints};
  pjsip::EndpointDevices devices{"PJSIP", states.devices, operations.service, operations.current};
  Client client{world};
};

TEST_F(StateActions, ExtensionState) {  // 1
  const auto said = [](std::string_view fields) {
    return fmt::format("Response: Success\r\nActionID: a\r\nMessage: Extension Status\r\n{}\r\n",
                       fields);
  };
  EXPECT_EQ(ask("ExtensionState", "Exten: alice\r\n"),
            said("Exten: alice\r\nContext: default\r\n"
                 "Hint: PJSIP/alice,CustomPresence:alice\r\nStatus: 4\r\n"
                 "StatusText: Unavailable\r\n"));
  EXPECT_EQ(ask("ExtensionState", "Exten: 205\r\nContext: default\r\n"),
            said("Exten: 205\r\nContext: default\r\nHint: Custom:room05\r\nStatus: 0\r\n"
                 "StatusText: Idle\r\n"));
  EXPECT_EQ(ask("ExtensionState", "Exten: eve\r\nContext: elsewhere\r\n"),
            said("Exten: eve\r\nContext: elsewhere\r\nHint: \r\nStatus: -1\r\n"
                 "StatusText: Unknown\r\n"));
  EXPECT_EQ(ask("ExtensionState"), error("Extension not specified"));
}

TEST_F(StateActions, ExtensionStateList) {  // 2
  ask("ExtensionState", "Exten: 205\r\n");
  EXPECT_EQ(ask("ExtensionStateList"),
            list("Extension Statuses will follow",
                 "Event: ExtensionStatus\r\nActionID: a\r\nExten: alice\r\nContext: default\r\n"
                 "Hint: PJSIP/alice,CustomPresence:alice\r\nStatus: 4\r\n"
                 "StatusText: Unavailable\r\n\r\n"
                 "Event: ExtensionStatus\r\nActionID: a\r\nExten: 205\r\nContext: default\r\n"
                 "Hint: Custom:room05\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n",
                 "ExtensionStateListComplete", 2));
  world.shared.hints = nullptr;
  EXPECT_EQ(ask("ExtensionStateList"), error("No dialplan hints are available"));
}

TEST_F(StateActions, DeviceStateList) {  // 3
  ASSERT_TRUE(states.devices.set("Custom:lamp", "INUSE"));
  told();
  EXPECT_EQ(ask("DeviceStateList"),
            list("Device State Changes will follow",
                 "Event: DeviceStateChange\r\nActionID: a\r\nDevice: PJSIP/alice\r\n"
                 "State: UNAVAILABLE\r\n\r\n"
                 "Event: DeviceStateChange\r\nActionID: a\r\nDevice: Custom:lamp\r\n"
                 "State: INUSE\r\n\r\n",
                 "DeviceStateListComplete", 2));
}

TEST_F(StateActions, PresenceState) {  // 4
  const std::string begin = "Response: Success\r\nActionID: a\r\nMessage: Presence State\r\n";
  EXPECT_EQ(ask("PresenceState", "Provider: CustomPresence:alice\r\n"),
            begin + "State: not_set\r\n\r\n");
  ASSERT_TRUE(states.presences.set("CustomPresence:alice", "away,lunch,back at two"));
  told();
  EXPECT_EQ(ask("PresenceState", "Provider: CustomPresence:alice\r\n"),
            begin +
                "State: away\r\nSubtype: lunch\r\nMessage: back at two\r\n"
                "PresenceMessage: back at two\r\n\r\n");
  EXPECT_EQ(ask("PresenceState"), error("No provider specified"));
  EXPECT_EQ(ask("PresenceState", "Provider: Digium:alice\r\n"),
            error("Invalid provider Digium:alice or provider in invalid state"));
}

TEST_F(StateActions, PresenceStateList) {  // 5
  ASSERT_TRUE(states.presences.set("CustomPresence:alice", "away,lunch,back at two"));
  told();
  EXPECT_EQ(ask("PresenceStateList"),
            list("Presence State Changes will follow",
                 "Event: PresenceStateChange\r\nActionID: a\r\nPresentity: CustomPresence:alice\r\n"
                 "Status: away\r\nSubtype: lunch\r\nMessage: back at two\r\n\r\n",
                 "PresenceStateListComplete", 1));
}

TEST_F(StateActions, Mailboxes) {  // 6
  EXPECT_THAT(ask("MWIUpdate", "Mailbox: 100@default\r\nNewMessages: 2\r\nOldMessages: 5\r\n"),
              testing::StartsWith("Response: Success\r\nActionID: a\r\n\r\n"));
  EXPECT_EQ(ask("MailboxCount", "Mailbox: 100@default\r\n"),
            "Response: Success\r\nActionID: a\r\nMessage: Mailbox Message Count\r\n"
            "Mailbox: 100@default\r\nUrgMessages: 0\r\nNewMessages: 2\r\nOldMessages: 5\r\n\r\n");
  EXPECT_EQ(ask("MailboxStatus", "Mailbox: 100@default\r\n"),
            "Response: Success\r\nActionID: a\r\nMessage: Mailbox Status\r\n"
            "Mailbox: 100@default\r\nWaiting: 1\r\n\r\n");
  EXPECT_THAT(ask("MailboxStatus", "Mailbox: 200\r\n"), HasSubstr("Waiting: 0\r\n"));
  EXPECT_THAT(ask("MWIUpdate", "Mailbox: 100@default\r\n"), HasSubstr("Success"));
  EXPECT_THAT(ask("MailboxCount", "Mailbox: 100@default\r\n"), HasSubstr("NewMessages: 0\r\n"));
  EXPECT_EQ(ask("MWIUpdate", "Mailbox: 1\r\nOldMessages: many\r\n"),
            error("Invalid OldMessages: many"));
  EXPECT_EQ(ask("MWIUpdate", "Mailbox: 1\r\nNewMessages: -1\r\n"),
            error("Invalid NewMessages: -1"));
  EXPECT_EQ(ask("MWIUpdate"), error("Missing mailbox parameter in request"));
  EXPECT_EQ(ask("MWIUpdate", fmt::format("Mailbox: {}\r\n", std::string(300, 'x'))),
            error("Mailbox object creation failure"));
  EXPECT_EQ(ask("MailboxCount"), error("Mailbox not specified"));
  EXPECT_EQ(ask("MailboxStatus"), error("Mailbox not specified"));
}

TEST_F(StateActions, MwiGet) {  // 7
  states.mailboxes.update("100@default", {2, 5});
  states.mailboxes.update("101@default", {0, 1});
  states.mailboxes.update("200@other", {1, 0});
  told();
  const std::string first =
      "Event: MWIGet\r\nActionID: a\r\nMailbox: 100@default\r\nOldMessages: 5\r\n"
      "NewMessages: 2\r\n\r\n";
  const std::string second =
      "Event: MWIGet\r\nActionID: a\r\nMailbox: 101@default\r\nOldMessages: 1\r\n"
      "NewMessages: 0\r\n\r\n";
  const auto answer = [](const std::string& found, std::size_t items) {
    return list("Mailboxes will follow", found, "MWIGetComplete", items);
  };
  EXPECT_EQ(ask("MWIGet", "Mailbox: 100@default\r\n"), answer(first, 1));
  EXPECT_EQ(ask("MWIGet", "Mailbox: /^10.@default$/\r\n"), answer(first + second, 2));
  EXPECT_EQ(ask("MWIGet", "Mailbox: nosuch\r\n"), answer("", 0));
  EXPECT_EQ(ask("MWIGet"), error("Missing mailbox parameter in request"));
  EXPECT_THAT(ask("MWIGet", "Mailbox: /(/\r\n"),
              HasSubstr("Message: Mailbox regex format invalid in: /(/\r\nReason: "));
  EXPECT_THAT(ask("MWIGet", "Mailbox: /100\r\n"),
              HasSubstr("Mailbox regex format invalid in: /100\r\n"));
}

TEST_F(StateActions, MwiDelete) {  // 8
  for (const auto* name : {"a1", "a2", "b"}) states.mailboxes.update(name, {1, 0});
  const std::string done = "Response: Success\r\nActionID: a\r\n\r\n";
  told();
  EXPECT_THAT(ask("MWIDelete", "Mailbox: /^a/\r\n"), testing::StartsWith(done));
  EXPECT_EQ(ask("MWIDelete", "Mailbox: nosuch\r\n"), done);
  ASSERT_EQ(states.mailboxes.all().size(), 1u);
  EXPECT_EQ(states.mailboxes.all().front().first, "b");
  EXPECT_EQ(ask("MWIDelete"), error("Missing mailbox parameter in request"));
}

TEST_F(StateActions, PhonesAreTold) {  // 9
  const auto events_of = [](std::string_view device, std::string_view number,
                            std::string_view text) {
    return fmt::format(
        "Event: DeviceStateChange\r\nPrivilege: call,all\r\nDevice: PJSIP/alice\r\nState: {}\r\n"
        "\r\nEvent: ExtensionStatus\r\nPrivilege: call,all\r\nExten: alice\r\nContext: default\r\n"
        "Hint: PJSIP/alice,CustomPresence:alice\r\nStatus: {}\r\nStatusText: {}\r\n\r\n",
        device, number, text);
  };
  register_alice();
  EXPECT_EQ(told(), events_of("NOT_INUSE", "0", "Idle"));
  register_alice();
  EXPECT_EQ(told(), "");
  operations.service.set_status("alice", "sip:alice@192.0.2.7",
                                {pjsip::Reachability::unreachable, 0us});
  EXPECT_EQ(told(), events_of("UNAVAILABLE", "4", "Unavailable"));
  operations.service.set_status("alice", "sip:alice@192.0.2.7",
                                {pjsip::Reachability::reachable, 9us});
  EXPECT_EQ(told(), events_of("NOT_INUSE", "0", "Idle"));
  forget_alice();
  EXPECT_EQ(told(), events_of("UNAVAILABLE", "4", "Unavailable"));
}

TEST_F(StateActions, WhatTheDialplanSetsIsTold) {  // 10
  ASSERT_TRUE(states.devices.set("Custom:lamp", "BUSY"));
  EXPECT_EQ(told(),
            "Event: DeviceStateChange\r\nPrivilege: call,all\r\nDevice: Custom:lamp\r\n"
            "State: BUSY\r\n\r\n");
  ASSERT_TRUE(states.presences.set("CustomPresence:alice", "dnd,,leave\r\nme"));
  EXPECT_EQ(told(),
            "Event: PresenceStateChange\r\nPrivilege: call,all\r\n"
            "Presentity: CustomPresence:alice\r\nStatus: dnd\r\nSubtype: \r\n"
            "Message: leave\\x0d\\x0ame\r\n\r\n"
            "Event: PresenceStatus\r\nPrivilege: call,all\r\nExten: alice\r\nContext: default\r\n"
            "Hint: PJSIP/alice,CustomPresence:alice\r\nStatus: dnd\r\nSubtype: \r\n"
            "Message: leave\\x0d\\x0ame\r\n\r\n");
}

TEST_F(StateActions, MessageWaiting) {  // 11
  states.mailboxes.update("100@default", {2, 5});
  EXPECT_EQ(told(),
            "Event: MessageWaiting\r\nPrivilege: call,all\r\nMailbox: 100@default\r\n"
            "Waiting: 1\r\nNew: 2\r\nOld: 5\r\n\r\n");
  states.mailboxes.remove("100@default");
  EXPECT_EQ(told(),
            "Event: MessageWaiting\r\nPrivilege: call,all\r\nMailbox: 100@default\r\n"
            "Waiting: 0\r\nNew: 0\r\nOld: 0\r\n\r\n");
}

TEST_F(StateActions, EventsAreOfClassCall) {  // 12
  Client filtered(world);
  filtered.login("once", "once", "on");  // reads class system
  filtered.read();
  register_alice();
  states.mailboxes.update("100@default", {2, 5});
  world.pump();
  EXPECT_EQ(filtered.read(), "");
}

TEST_F(StateActions, WithoutStatesOrClass) {  // 13
  world.shared.states = nullptr;
  world.shared.hints = nullptr;
  for (const auto* action : {"DeviceStateList", "PresenceStateList", "ExtensionStateList"}) {
    EXPECT_THAT(ask(action), HasSubstr("Response: Error\r\n")) << action;
  }
  EXPECT_THAT(ask("ExtensionState", "Exten: alice\r\n"), HasSubstr("Status: -1\r\n"));
  EXPECT_THAT(ask("MailboxCount", "Mailbox: 1\r\n"), HasSubstr("NewMessages: 0\r\n"));
  EXPECT_THAT(ask("MWIGet", "Mailbox: 1\r\n"), HasSubstr("ListItems: 0\r\n"));
  EXPECT_THAT(ask("MWIUpdate", "Mailbox: 1\r\n"), HasSubstr("Response: Error\r\n"));
  Client reader(world);
  reader.login("reader", "readonly");  // writes class system
  for (const auto* action :
       {"ExtensionState", "ExtensionStateList", "DeviceStateList", "PresenceState",
        "PresenceStateList", "MWIGet", "MWIUpdate", "MWIDelete", "MailboxCount", "MailboxStatus"}) {
    EXPECT_THAT(reader.ask(fmt::format("Action: {}\r\n\r\n", action)),
                HasSubstr("Message: Permission denied"))
        << action;
  }
}

}  // namespace
}  // namespace missive::ami
