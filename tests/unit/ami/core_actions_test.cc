// The actions of Asterisk's core about channels, variables, the database and modules.
//
// Channels
//  1. there are none: CoreShowChannels, Status; CoreShowChannelMap, Status, SendText of one
//  2. CoreStatus has CoreProcessedCalls where the version says so; CoreSettings the system's name
// Database
//  3. DBPut, DBGet, DBDel; DBGetTree of all, a family, a key; DBDelTree; what is missing
// Variables
//  4. Setvar and Getvar of global variables, of functions, of parts of a value; what is missing
//  5. SHELL and EVAL need the class system, SHELL and DB_DELETE live_dangerously
//  6. a function that blocks is called on a worker, and the reply keeps its place
// Modules
//  7. Reload and ModuleLoad: each outcome; ModuleCheck; LoggerRotate
//  8. each action without the class it needs is refused
#include "unit/ami/core_actions.h"

namespace missive::ami {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

// --- channels

TEST_F(CoreActions, ThereAreNoChannels) {
  EXPECT_EQ(ask("CoreShowChannels", "ActionID: 1\r\n"),
            "Response: Success\r\nActionID: 1\r\nEventList: start\r\nMessage: Channels will "
            "follow\r\n\r\nEvent: CoreShowChannelsComplete\r\nActionID: 1\r\n"
            "EventList: Complete\r\nListItems: 0\r\n\r\n");
  EXPECT_EQ(ask("Status"),
            "Response: Success\r\nEventList: start\r\nMessage: Channel status will follow\r\n\r\n"
            "Event: StatusComplete\r\nEventList: Complete\r\nListItems: 0\r\nItems: 0\r\n\r\n");
  for (const auto* action : {"Status", "CoreShowChannelMap"}) {
    EXPECT_EQ(ask(action, "Channel: PJSIP/alice-1\r\n"), error("No such channel"));
  }
  EXPECT_EQ(ask("CoreShowChannelMap"), error("Channel not specified"));
  EXPECT_EQ(ask_caller("Status", "Variables: SHELL(id)\r\n"),
            error("Status Access Forbidden: Variables"));
  EXPECT_EQ(ask("SendText"), error("No channel specified"));
  EXPECT_EQ(ask("SendText", "Channel: x\r\n"), error("No Message specified"));
  EXPECT_EQ(ask("SendText", "Channel: x\r\nMessage: y\r\n"), error("No such channel"));
}

TEST_F(CoreActions, CoreStatusByVersion) {
  EXPECT_THAT(ask("CoreStatus"), testing::EndsWith("CoreCurrentCalls: 0\r\n\r\n"));
  world.shared.events.set_system_name("texts");
  EXPECT_THAT(ask("CoreSettings"), HasSubstr("\r\nSystemName: texts\r\n"));
  for (const auto& [version, told] : {std::pair{"20.11.1", false},
                                      {"20.12.0-missive", true},
                                      {"certified-20.7-cert10", false},
                                      {"21.6.0", false},
                                      {"21.7.0", true},
                                      {"22.1.1", false},
                                      {"22.2.0", true},
                                      {"23.0.0", true},
                                      {"18.26.0", false},
                                      {"unknown", false}}) {
    conf::MissiveConf::Ami limits;
    limits.asterisk_version = version;
    World other(limits, users, false);
    other.shared.host = &host;
    Client its(other);
    its.login("admin", "s3cret-AMI");
    EXPECT_EQ(its.ask("Action: CoreStatus\r\n\r\n").find("CoreProcessedCalls: 4711\r\n") !=
                  std::string::npos,
              told)
        << version;
  }
}

// --- database

TEST_F(CoreActions, Database) {
  const std::string put = "Updated database successfully";
  EXPECT_EQ(ask("DBPut", "Family: a\r\nKey: b/c\r\nVal: 1\r\n"), success(put));
  EXPECT_EQ(ask("DBPut", "Family: a\r\nKey: d\r\n"), success(put));
  EXPECT_EQ(ask("DBPut", "Family: ab\r\nKey: x\r\nVal: 2\r\n"), success(put));
  EXPECT_EQ(
      ask("DBGet", "ActionID: 7\r\nFamily: a\r\nKey: b/c\r\n"),
      "Response: Success\r\nActionID: 7\r\nEventList: start\r\nMessage: Result will follow\r\n"
      "\r\nEvent: DBGetResponse\r\nFamily: a\r\nKey: b/c\r\nVal: 1\r\nActionID: 7\r\n\r\n"
      "Event: DBGetComplete\r\nActionID: 7\r\nEventList: Complete\r\nListItems: 1\r\n\r\n");
  const auto tree = [](std::string_view entries, int count) {
    return fmt::format(
        "Response: Success\r\nEventList: start\r\nMessage: Result will follow\r\n\r\n{}"
        "Event: DBGetTreeComplete\r\nEventList: Complete\r\nListItems: {}\r\n\r\n",
        entries, count);
  };
  const auto entry = [](std::string_view key, std::string_view value) {
    return fmt::format("Event: DBGetTreeResponse\r\nKey: {}\r\nVal: {}\r\n\r\n", key, value);
  };
  EXPECT_EQ(ask("DBGetTree"),
            tree(entry("/a/b/c", "1") + entry("/a/d", "") + entry("/ab/x", "2"), 3));
  EXPECT_EQ(ask("DBGetTree", "Family: a\r\n"), tree(entry("/a/b/c", "1") + entry("/a/d", ""), 2));
  EXPECT_EQ(ask("DBGetTree", "Family: a\r\nKey: b\r\n"), tree(entry("/a/b/c", "1"), 1));
  EXPECT_EQ(ask("DBGetTree", "Family: none\r\n"), tree("", 0));
  EXPECT_EQ(ask("DBDel", "Family: a\r\nKey: d\r\n"), success("Key deleted successfully"));
  EXPECT_EQ(ask("DBDel", "Family: a\r\nKey: d\r\n"), error("Database entry not found"));
  EXPECT_EQ(ask("DBGet", "Family: a\r\nKey: d\r\n"), error("Database entry not found"));
  EXPECT_EQ(ask("DBDelTree", "Family: a\r\nKey: b\r\n"), success("Key tree deleted successfully"));
  EXPECT_EQ(ask("DBDelTree", "Family: a\r\n"), error("Database entry not found"));
  EXPECT_EQ(ask("DBDelTree"), error("No family specified."));
  EXPECT_EQ(database.entries("").size(), 1u);
  for (const auto& [action, dot] : {std::pair{"DBGet", "."}, {"DBDel", "."}, {"DBPut", ""}}) {
    EXPECT_EQ(ask(action), error(fmt::format("No family specified{}", dot)));
    EXPECT_EQ(ask(action, "Family: a\r\n"), error(fmt::format("No key specified{}", dot)));
  }
}

// --- variables

TEST_F(CoreActions, GlobalVariablesAndFunctions) {
  const auto get = [this](std::string_view name) {
    const auto reply = ask("Getvar", fmt::format("Variable: {}\r\n", name));
    const auto head = fmt::format("Response: Success\r\nVariable: {}\r\nValue: ", name);
    EXPECT_THAT(reply, testing::StartsWith(head));
    return reply.substr(head.size(), reply.find("\r\n", head.size()) - head.size());
  };
  EXPECT_EQ(get("CITY"), "Bern");
  EXPECT_EQ(get("CITY:1:2"), "er");
  EXPECT_EQ(get("NOSUCH"), "");
  EXPECT_EQ(get("CHANNEL"), "");
  EXPECT_EQ(ask("Setvar", "Variable: __CITY\r\nValue: Basel, too\r\n"), success("Variable Set"));
  EXPECT_EQ(get("CITY"), "Basel, too");
  EXPECT_EQ(ask("Setvar", "Variable: DB(a/b)\r\nValue: 5\r\n"), success("Variable Set"));
  EXPECT_EQ(get("DB(a/b)"), "5");
  EXPECT_EQ(get("LEN(${CITY})"), "7");  // as Asterisk: the arguments are not expanded
  EXPECT_EQ(get("NOSUCH(1)"), "");
  EXPECT_EQ(get("LEN"), "");
  EXPECT_THAT(ask("Setvar", "Variable: NOSUCH(1)\r\nValue: 5\r\n"),
              HasSubstr("Response: Error\r\nMessage: Variable not set\r\n"));
  for (const auto* action : {"Getvar", "Setvar"}) {
    EXPECT_EQ(ask(action), error("No variable specified"));
    EXPECT_EQ(ask(action, "Variable: X\r\nChannel: PJSIP/alice-1\r\n"), error("No such channel"));
  }
}

TEST_F(CoreActions, WhatRunsCommandsNeedsMore) {
  for (const auto* name : {"SHELL(echo x)", "EVAL(${SHELL(echo x)})", "shell(echo x)", "Eval(1)"}) {
    EXPECT_EQ(ask_caller("Getvar", fmt::format("Variable: {}\r\n", name)),
              error("GetVar Access Forbidden: Variable"));
    EXPECT_EQ(ask_caller("Setvar", fmt::format("Variable: {}\r\n", name)),
              error("SetVar Access Forbidden: Variable"));
  }
  database.put("a", "b", "1");
  for (const auto* name : {"SHELL(echo x)", "DB_DELETE(a/b)"}) {
    EXPECT_EQ(ask("Getvar", fmt::format("Variable: {}\r\n", name)),
              fmt::format("Response: Success\r\nVariable: {}\r\nValue: \r\n\r\n", name));
  }
  EXPECT_TRUE(database.get("a", "b"));
}

TEST_F(DangerousActions, BlockingFunctionsAreCalledOnAWorker) {
  EXPECT_EQ(client.ask("Action: Getvar\r\nActionID: 1\r\nVariable: SHELL(echo x)\r\n\r\n"
                       "Action: Nosuch\r\nActionID: 2\r\n\r\n"),
            "");
  EXPECT_THAT(later(),
              MatchesRegex("Response: Success\r\nActionID: 1\r\nVariable: SHELL\\(echo x\\)\r\n"
                           "Value: x\\\\x0a\r\n\r\nResponse: Error\r\nActionID: 2\r\n.*"));
  database.put("a", "b", "1");
  EXPECT_THAT(ask("Getvar", "Variable: DB_DELETE(a/b)\r\n"), HasSubstr("Value: 1\r\n"));
  EXPECT_FALSE(database.get("a", "b"));
}

// --- modules

TEST_F(CoreActions, ModulesAreReloaded) {
  using Status = console::Reloaded::Status;
  EXPECT_EQ(ask("Reload"), success("Module Reloaded"));
  EXPECT_EQ(host.asked, "");
  EXPECT_EQ(ask("Reload", "Module: res_pjsip.so\r\n"), success("Module Reloaded"));
  EXPECT_EQ(host.asked, "res_pjsip.so");
  EXPECT_EQ(ask("ModuleLoad", "LoadType: reload\r\nModule: pbx_config\r\n"),
            success("Module reloaded."));
  EXPECT_EQ(host.asked, "pbx_config");
  EXPECT_EQ(ask("ModuleLoad", "LoadType: Reload\r\n"), success("All modules reloaded"));
  for (const auto& [status, text] : {std::pair{Status::not_found, "No such module"},
                                     {Status::not_implemented, "Module does not support reload"}}) {
    host.next.status = status;
    EXPECT_EQ(ask("Reload", "Module: x\r\n"), error(text));
    EXPECT_EQ(ask("ModuleLoad", "LoadType: reload\r\nModule: x\r\n"),
              error(std::string(text) + "."));
  }
  host.next = {Status::failed, "pjsip.conf:3: error"};
  EXPECT_EQ(ask("Reload"),
            "Response: Error\r\nMessage: An unknown error occurred\r\n"
            "Reason: pjsip.conf:3: error\r\n\r\n");
}

TEST_F(CoreActions, ModulesAreThereOrNot) {
  EXPECT_EQ(ask("ModuleCheck", "Module: res_pjsip.so\r\nActionID: c\r\n"),
            "Response: Success\r\nActionID: c\r\nVersion: \r\n\r\n");
  EXPECT_THAT(ask("ModuleCheck", "Module: res_pjsip\r\n"), HasSubstr("Success"));
  for (const auto* name : {"chan_sip.so", "app_queue.so", "manager", ""}) {
    EXPECT_EQ(ask("ModuleCheck", fmt::format("Module: {}\r\n", name)), error("Module not loaded"));
  }
  EXPECT_EQ(ask("ModuleLoad", "LoadType: load\r\nModule: res_pjsip.so\r\n"),
            success("Module loaded."));
  EXPECT_EQ(ask("ModuleLoad", "LoadType: load\r\nModule: app_queue.so\r\n"),
            error("Could not load module."));
  EXPECT_EQ(ask("ModuleLoad", "LoadType: unload\r\nModule: res_pjsip.so\r\n"),
            error("Could not unload module."));
  EXPECT_EQ(ask("ModuleLoad", "LoadType: load\r\n"), error("Need module name"));
  EXPECT_EQ(ask("ModuleLoad", "Module: x\r\n"), error("Incomplete ModuleLoad action."));
  EXPECT_EQ(host.asked, "nothing");
  EXPECT_EQ(ask("LoggerRotate"), "");
  EXPECT_EQ(later(), success("Reloaded the logger and rotated log files"));
}

TEST_F(CoreActions, ClassesAreAsked) {
  World other(conf::MissiveConf::Ami{}, "[general]\n[mute]\nsecret=m\nread=all\nwrite=verbose\n");
  Client mute(other);
  mute.login("mute", "m");
  for (const auto* action : {"CoreSettings",
                             "CoreStatus",
                             "CoreShowChannels",
                             "CoreShowChannelMap",
                             "Status",
                             "Getvar",
                             "Setvar",
                             "SendText",
                             "Originate",
                             "Reload",
                             "LoggerRotate",
                             "ModuleCheck",
                             "ModuleLoad",
                             "GetConfig",
                             "GetConfigJSON",
                             "ListCategories",
                             "CreateConfig",
                             "UpdateConfig",
                             "DBGet",
                             "DBPut",
                             "DBDel",
                             "DBDelTree",
                             "DBGetTree",
                             "DialplanExtensionAdd",
                             "DialplanExtensionRemove",
                             "ShowDialPlan"}) {
    EXPECT_EQ(mute.ask(fmt::format("Action: {}\r\n\r\n", action)), error("Permission denied"))
        << action;
  }
}

}  // namespace
}  // namespace missive::ami
