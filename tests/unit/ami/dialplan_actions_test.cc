// The actions of Asterisk's core that change, show and run the dialplan, and its events.
//
// Dialplan
//  1. DialplanExtensionAdd: in force at once, also patterns in their order, hints; Replace
//  2. DialplanExtensionRemove: a priority, an extension; what is missing
//  3. ShowDialPlan: all, a context, an extension with includes; none found
// Originate
//  4. runs the extension of Local, then the application, with variables, functions and CallerID
//  5. Context, Exten and Priority, also a label; Async with its event and the caller in it; the
//     time-out; variables of the same name in another case
//  6. everything that is refused; what runs commands needs the class system, however it is named
// Events
//  7. a UserEvent of a stranger's text stays one packet
//  8. Newexten and VarSet for whoever reads the class dialplan; nothing is asked for otherwise
#include "unit/ami/core_actions.h"

namespace missive::ami {
namespace {

using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::MatchesRegex;

// --- dialplan

TEST_F(CoreActions, DialplanExtensionAdd) {
  const auto add = [this](std::string_view exten, std::string_view priority,
                          std::string_view data = "x", std::string_view more = "") {
    return ask("DialplanExtensionAdd",
               fmt::format("Context: in\r\nExtension: {}\r\nPriority: {}\r\nApplication: "
                           "Set\r\nApplicationData: {}\r\n{}",
                           exten, priority, data, more));
  };
  const auto added = success("Added requested extension");
  EXPECT_EQ(add("new", "1", "GLOBAL(new)=${EXTEN}"), added);
  EXPECT_EQ(add("_12X", "1", "GLOBAL(pattern)=better"), added);
  EXPECT_EQ(add("_X.", "1", "GLOBAL(pattern)=worse"), added);
  EXPECT_EQ(add("alice", "5"), added);
  EXPECT_EQ(add("alice", "1"), error("That extension and priority already exist at that context"));
  EXPECT_EQ(add("alice", "1", "GLOBAL(replaced)=1", "Replace: yes\r\n"), added);
  EXPECT_EQ(add("alice", "hint"), added);
  const auto now = in_force.get();
  EXPECT_EQ(handler.environment().dialplan, now);
  const auto* alice = now->extension("in", "alice", {});
  ASSERT_NE(alice, nullptr);
  EXPECT_EQ(alice->hint->text, "Set");
  EXPECT_EQ(alice->priorities.size(), 4u);
  EXPECT_EQ(alice->find(1)->arguments.text(), "GLOBAL(replaced)=1");
  for (const auto& [exten, chosen] : {std::pair{"123", "_12X"}, {"199", "_1XX"}, {"99", "_X."}}) {
    EXPECT_EQ(now->extension("in", exten, {})->name, chosen);
  }
  EXPECT_EQ(ask("DialplanExtensionAdd",
                "Context: other\r\nExtension: s\r\nPriority: 1\r\nApplication: NoOp\r\n"),
            added);
  EXPECT_NE(in_force.get()->extension("other", "s", {}), nullptr);
  EXPECT_EQ(add("new", "0"), error("The priority specified was invalid."));
  EXPECT_EQ(add("new", "n"), error("The priority specified was invalid."));
  EXPECT_THAT(add("_[1", "1"), HasSubstr("Failed to change the dialplan\r\nReason: "));
  EXPECT_THAT(add("x/123", "1"), HasSubstr("Reason: extension 'x/123' is never run"));
  EXPECT_EQ(ask("DialplanExtensionAdd", "Context: in\r\n"),
            error("Context, Extension, Priority, and Application must be defined for "
                  "DialplanExtensionAdd."));
}

TEST_F(CoreActions, DialplanExtensionRemove) {
  const auto remove = [this](std::string_view context, std::string_view exten,
                             std::string_view priority = "") {
    return ask(
        "DialplanExtensionRemove",
        fmt::format("Context: {}\r\nExtension: {}\r\nPriority: {}\r\n", context, exten, priority));
  };
  const auto removed = success("Removed the requested extension");
  const auto missing = error("Extension and priority not found in the context");
  const auto before = in_force.get();
  EXPECT_EQ(remove("in", "alice", "2"), removed);
  EXPECT_EQ(in_force.get()->extension("in", "alice", {})->find(2), nullptr);
  EXPECT_EQ(remove("in", "alice", "2"), missing);
  EXPECT_EQ(remove("in", "alice", "hint"), missing);
  EXPECT_EQ(remove("in", "alice"), removed);
  EXPECT_EQ(in_force.get()->extension("in", "alice", {}), nullptr);
  EXPECT_EQ(in_force.get()->extension("in", "150", {})->name, "_1XX");
  EXPECT_NE(in_force.get()->extension("in", "slow", {}), nullptr);
  EXPECT_EQ(remove("in", "_1XX", "1"), removed);
  EXPECT_EQ(in_force.get()->extension("in", "150", {}), nullptr);
  EXPECT_EQ(remove("in", "alice"), missing);
  EXPECT_EQ(remove("nosuch", "alice"), missing);
  EXPECT_EQ(remove("in", "slow", "x"), error("The priority specified was invalid."));
  EXPECT_EQ(remove("in", ""),
            error("Context and Extension must be provided for DialplanExtensionRemove"));
  EXPECT_NE(before->extension("in", "alice", {}), nullptr);  // runs keep the one they began with
}

TEST_F(CoreActions, ShowDialPlan) {
  const auto all = ask("ShowDialPlan", "ActionID: s\r\n");
  EXPECT_THAT(all, testing::StartsWith(
                       "Response: Success\r\nActionID: s\r\nEventList: start\r\n"
                       "Message: DialPlan list will follow\r\n\r\n"
                       "Event: ListDialplan\r\nActionID: s\r\nContext: in\r\nExtension: alice\r\n"
                       "Priority: 1\r\nApplication: NoOp\r\nAppData: ${X}\r\n"
                       "Registrar: pbx_config\r\n\r\n"
                       "Event: ListDialplan\r\nActionID: s\r\nContext: in\r\nExtension: alice\r\n"
                       "ExtensionLabel: second\r\nPriority: 2\r\nApplication: Set\r\n"));
  EXPECT_THAT(all,
              HasSubstr("Context: in\r\nIncludeContext: more\r\nRegistrar: pbx_config\r\n\r\n"));
  EXPECT_THAT(all, testing::EndsWith("Event: ShowDialPlanComplete\r\nActionID: s\r\n"
                                     "EventList: Complete\r\nListItems: 7\r\nListExtensions: 4\r\n"
                                     "ListPriorities: 6\r\nListContexts: 2\r\n\r\n"));
  EXPECT_THAT(ask("ShowDialPlan", "Context: more\r\n"),
              HasSubstr("ListItems: 1\r\nListExtensions: 1\r\nListPriorities: 1\r\n"));
  EXPECT_THAT(ask("ShowDialPlan", "Context: in\r\nExtension: bob\r\n"),
              HasSubstr("Context: more\r\nExtension: bob\r\n"));
  EXPECT_THAT(ask("ShowDialPlan", "Extension: 123\r\n"), HasSubstr("Extension: _1XX\r\n"));
  EXPECT_EQ(ask("ShowDialPlan", "Context: x\r\n"), error("Did not find context x"));
  EXPECT_EQ(ask("ShowDialPlan", "Context: in\r\nExtension: x\r\n"),
            error("Did not find extension x@in"));
  EXPECT_EQ(ask("ShowDialPlan", "Extension: x\r\n"),
            error("Did not find extension x in any context"));
}

// --- Originate

TEST_F(CoreActions, OriginateRunsBothEnds) {
  EXPECT_EQ(ask("Originate",
                "ActionID: o\r\nChannel: Local/alice@in/n\r\nApplication: Set\r\n"
                "Data: GLOBAL(after)=${GLOBAL(seen)}+${X}\r\nCallerID: CRM <sip:crm@x>\r\n"
                "Variable: X=1,MESSAGE(body)=hello\r\n"),
            "Response: Success\r\nActionID: o\r\nMessage: Originate successfully queued\r\n\r\n");
  settle();
  EXPECT_EQ(global("seen"), "1/blue/CRM <sip:crm@x>/hello");
  EXPECT_EQ(global("after"), "1/blue/CRM <sip:crm@x>/hello+1");
  EXPECT_EQ(ask("Originate",
                "Channel: local/bob@in\r\nContext: in\r\nExten: alice\r\nPriority: second\r\n"
                "Variable: X=2\r\n"),
            success("Originate successfully queued"));
  settle();
  EXPECT_EQ(global("bob"), "was here");
  EXPECT_EQ(global("seen"), "2/blue//");
}

TEST_F(CoreActions, OriginateAsyncAndItsTime) {
  client.ask("Action: Events\r\nEventMask: call\r\n\r\n");
  EXPECT_THAT(ask("Originate",
                  "ActionID: o\r\nChannel: Local/150@in\r\nApplication: NoOp\r\nData: d\r\n"
                  "Async: true\r\n"),
              MatchesRegex("Response: Success\r\nActionID: o\r\nMessage: Originate successfully "
                           "queued\r\n\r\nEvent: OriginateResponse\r\nPrivilege: call,all\r\n"
                           "ActionID: o\r\nResponse: Success\r\nChannel: Local/150@in\r\n"
                           "Application: NoOp\r\nData: d\r\nReason: 4\r\n"
                           "Uniqueid: [0-9.]+\r\nCallerIDNum: <unknown>\r\n"
                           "CallerIDName: <unknown>\r\n\r\n"));
  ask("Originate", "ActionID: p\r\nChannel: Local/150@in\r\nApplication: NoOp\r\nAsync: yes\r\n");
  EXPECT_EQ(global("pattern"), "150");
  EXPECT_EQ(ask("Originate",
                "ActionID: q\r\nChannel: Local/slow@in\r\nApplication: Set\r\nData: "
                "GLOBAL(late)=1\r\nAsync: yes\r\nTimeout: 3000\r\n"),
            "Response: Success\r\nActionID: q\r\nMessage: Originate successfully queued\r\n\r\n");
  world.clock.advance(3s);
  settle();
  EXPECT_EQ(client.read(),
            "Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: q\r\n"
            "Response: Failure\r\nChannel: Local/slow@in\r\n"
            "Application: Set\r\nData: GLOBAL(late)=1\r\nReason: 3\r\nUniqueid: <unknown>\r\n"
            "CallerIDNum: <unknown>\r\nCallerIDName: <unknown>\r\n\r\n");
  world.clock.advance(3s);
  settle();
  EXPECT_EQ(global("late"), "none");
  EXPECT_EQ(
      ask("Originate", "Channel: Local/slow@in\r\nApplication: Set\r\nData: GLOBAL(late)=2\r\n"),
      "");
  world.clock.advance(5s);
  settle();
  EXPECT_EQ(client.read(), success("Originate successfully queued"));
  EXPECT_EQ(global("late"), "2");
}

TEST_F(CoreActions, OriginateTellsWhoCalls) {
  client.ask("Action: Events\r\nEventMask: call\r\n\r\n");
  const auto told = [this](std::string_view caller_id) {
    return ask("Originate",
               fmt::format("Channel: Local/150@in\r\nContext: in\r\nExten: alice\r\nPriority: "
                           "1\r\nAsync: yes\r\nCallerID: {}\r\n",
                           caller_id));
  };
  EXPECT_THAT(told("\"The CRM\" <sip:crm@x>"),
              HasSubstr("Channel: Local/150@in\r\nContext: in\r\nExten: alice\r\nReason: 4\r\n"));
  const std::string_view unknown = "<unknown>";
  for (const auto& [caller_id, number, name] :
       std::initializer_list<std::array<std::string_view, 3>>{
           {"\"The CRM\" <sip:crm@x>", "sip:crm@x", "The CRM"},
           {"<+4930123>", "+4930123", unknown},
           {"4711", "4711", unknown},
           {"sip:crm@x", "sip:crm@x", unknown},
           {"CRM", unknown, "CRM"},
           {"", unknown, unknown}}) {
    EXPECT_THAT(told(caller_id), HasSubstr(fmt::format(
                                     "CallerIDNum: {}\r\nCallerIDName: {}\r\n\r\n", number, name)));
  }
}

TEST_F(CoreActions, OriginateKeepsVariablesOfAnotherCaseApart) {
  ask("Originate",
      "Channel: Local/alice@in\r\nApplication: Set\r\nData: GLOBAL(both)=${v}+${V}\r\n"
      "Variable: v=1,V=2\r\n");
  settle();
  EXPECT_EQ(global("both"), "1+2");
}

TEST_F(CoreActions, OriginateRefuses) {
  const std::string app = "Application: NoOp\r\n";
  EXPECT_EQ(ask("Originate"), error("Channel not specified"));
  EXPECT_EQ(ask("Originate", "Channel: Local\r\n" + app), error("Invalid channel"));
  EXPECT_EQ(ask("Originate", "Channel: Local/x@y\r\nTimeout: soon\r\n" + app),
            error("Invalid timeout"));
  EXPECT_EQ(ask("Originate", "Channel: Local/x@y\r\nPriority: nosuch\r\n" + app),
            error("Invalid priority"));
  EXPECT_EQ(ask("Originate", "Channel: Local/alice@in\r\nContext: in\r\nExten: bob\r\n"),
            error("Originate with 'Exten' requires 'Context' and 'Priority'"));
  EXPECT_EQ(
      ask("Originate", "Channel: Local/alice@in\r\nContext: in\r\nExten: bob\r\nPriority: 2\r\n"),
      error("Extension does not exist."));
  for (const auto* channel :
       {"PJSIP/alice", "SIP/alice", "Local/nosuch@in", "Local/alice@nosuch", "Local/alice"}) {
    EXPECT_THAT(ask("Originate", fmt::format("Channel: {}\r\n{}", channel, app)),
                HasSubstr("Response: Error\r\nMessage: Originate failed\r\nReason: "))
        << channel;
  }
  EXPECT_THAT(ask("Originate", "Channel: Local/alice@in\r\nApplication: Nosuch\r\n"),
              HasSubstr("Reason: there is no application 'Nosuch'"));
  EXPECT_THAT(ask("Originate", "Channel: Local/alice@in\r\nVariable: rubbish\r\n" + app),
              HasSubstr("Reason: Variable: "));
  for (const auto* application : {"System", "TrySystem", "ExecIf", "TryExec", "AGI", "Originate"}) {
    EXPECT_EQ(ask_caller("Originate", fmt::format("Channel: Local/alice@in\r\nApplication: {}\r\n",
                                                  application)),
              error("Originate Access Forbidden: Application"));
  }
  EXPECT_EQ(ask_caller("Originate", "Channel: Local/alice@in\r\nData: ${SHELL(id)}\r\n" + app),
            error("Originate Access Forbidden: Data"));
  EXPECT_EQ(ask_caller("Originate", "Channel: Local/alice@in\r\nVariable: SHELL(id)=1\r\n" + app),
            error("Originate Access Forbidden: Variable"));
  EXPECT_EQ(global("seen"), "none");
  EXPECT_EQ(ask_caller("Originate", "Channel: Local/150@in\r\n" + app),
            success("Originate successfully queued"));
}

// A function is found in any case of letters, and by a name that is put together.
TEST_F(DangerousActions, CommandsNeedTheClassSystemHoweverTheyAreNamed) {
  const auto originate = [](std::string_view data) {
    return fmt::format("Channel: Local/150@in\r\nApplication: Set\r\nData: GLOBAL(out)={}\r\n",
                       data);
  };
  EXPECT_EQ(ask_caller("Originate", originate("${Shell(echo -n x)}")),
            error("Originate Access Forbidden: Data"));
  EXPECT_EQ(ask_caller("Originate", originate("${SH${nothing}ELL(echo -n x)}")),
            success("Originate successfully queued"));
  EXPECT_EQ(global_once_set("out"), "");
  ask("Originate", originate("${SH${nothing}ELL(echo -n x)}"));
  EXPECT_EQ(global_once_set("out"), "x");
}

// --- events

TEST_F(CoreActions, UserEventsStayInTheirPacket) {
  client.ask("Action: Events\r\nEventMask: user\r\n\r\n");
  const auto told =
      ask("Originate",
          "Channel: Local/150@in\r\nApplication: UserEvent\r\n"
          "Data: E,${BASE64_DECODE(eA0KDQpFdmVudA==)}: v\r\n");  // x, two lines, Event
  EXPECT_THAT(told, HasSubstr("UserEvent: E\r\nx\\x0d\\x0a\\x0d\\x0aEvent: v\r\n\r\n"));
}

TEST_F(CoreActions, DialplanEventsForThoseWhoListen) {
  EXPECT_FALSE(dialplan_events.wants_dialplan());
  client.ask("Action: Events\r\nEventMask: dialplan\r\n\r\n");
  EXPECT_TRUE(dialplan_events.wants_dialplan());
  const auto told = ask("Originate",
                        "Channel: Local/150@in\r\nApplication: NoOp\r\nData: ${X}\r\n"
                        "Variable: X=9\r\n");
  const std::string channel =
      "Privilege: dialplan,all\r\nChannel: Message/ast_msg_queue\r\nChannelState: 6\r\n"
      "ChannelStateDesc: Up\r\nCallerIDNum: <unknown>\r\nCallerIDName: <unknown>\r\n"
      "ConnectedLineNum: <unknown>\r\nConnectedLineName: <unknown>\r\nLanguage: en\r\n"
      "AccountCode: \r\nContext: in\r\nExten: 150\r\nPriority: 1\r\n";
  EXPECT_THAT(told, HasSubstr("Event: VarSet\r\n" + channel));
  EXPECT_THAT(told, HasSubstr("Variable: X\r\nValue: 9\r\n\r\n"));
  EXPECT_THAT(told, HasSubstr("Event: Newexten\r\n" + channel));
  EXPECT_THAT(told, HasSubstr("Extension: 150\r\nApplication: Set\r\nAppData: "
                              "GLOBAL(pattern)=150\r\n\r\n"));
  EXPECT_THAT(told, HasSubstr("Application: NoOp\r\nAppData: 9\r\n\r\n"));
  EXPECT_THAT(told, HasSubstr("Event: VarSet\r\nPrivilege: dialplan,all\r\nChannel: none\r\n"
                              "Uniqueid: none\r\nVariable: pattern\r\nValue: 150\r\n\r\n"));
  EXPECT_THAT(ask("Setvar", "Variable: Y\r\nValue: 1\r\n"),
              testing::EndsWith("Channel: none\r\nUniqueid: none\r\nVariable: Y\r\n"
                                "Value: 1\r\n\r\n"));
  client.ask("Action: Events\r\nEventMask: call\r\n\r\n");
  EXPECT_FALSE(dialplan_events.wants_dialplan());
}

}  // namespace
}  // namespace missive::ami
