// AGI(): FastAGI servers and local scripts.
//
//  1. The environment: what a server is told first; line breaks cannot forge a line of it.
//  2. Variables: GET, SET, GET FULL; values with line breaks stay one line.
//  3. DATABASE commands.
//  4. EXEC of what runs at once, of what waits (MessageSend), of what blocks, of what is not there.
//  5. SET CONTEXT, EXTENSION, PRIORITY, and EXEC Goto decide where the run goes on.
//  6. GOSUB runs a subroutine to its Return(), with one worker too; a label that is not there.
//  7. HANGUP: the server is told, few commands are left, the run ends with `h`.
//  8. Commands that are none, and that are used wrongly.
//  9. AGISTATUS: SUCCESS, FAILURE when nobody listens, HANGUP.
// 10. A server that says nothing holds its run until max_duration, and no other.
// 11. A line without an end is refused.
// 12. Local scripts: only with live_dangerously, only from agi_folder.
// 13. EXEC'd MessageSend whose time runs out.
#include <filesystem>
#include <fstream>

#include "dialplan/applications/agi_channel.h"
#include "unit/dialplan/agi_lab.h"
#include "unit/dialplan/run_lab.h"

namespace missive::dialplan::test {
namespace {

using namespace std::chrono_literals;
using Replies = std::vector<std::string>;

constexpr std::string_view ok = "200 result=0";
constexpr auto status = "Remember(${AGISTATUS})";

std::string agi(const AgiServer& server) { return "AGI(" + server.url() + ")"; }

TEST(Agi, TellsTheEnvironment) {
  Lab lab;
  AgiServer server({});
  lab.load("[in]\nexten => 1,1,AGI(" + server.url("/script?a=1") +
           ",one,${MESSAGE(body)})\n same => n,Remember(${AGISTATUS})\n");
  lab.run(Lab::message("1", "two\nagi_forged: yes"));
  EXPECT_EQ(lab.remembered, Remembered{"SUCCESS"});
  const auto& heard = server.environment();
  EXPECT_EQ(heard.substr(0, heard.find("agi_uniqueid")),
            "agi_network: yes\nagi_network_script: script?a=1\nagi_request: " +
                server.url("/script?a=1") +
                "\nagi_channel: Message/ast_msg_queue\nagi_language: en\nagi_type: Message\n");
  EXPECT_NE(heard.find("\nagi_context: in\nagi_extension: 1\nagi_priority: 1\nagi_enhanced: 0.0\n"),
            std::string::npos);
  EXPECT_NE(heard.find("\nagi_arg_1: one\nagi_arg_2: two agi_forged: yes\n"), std::string::npos);
}

TEST(Agi, ReadsAndWritesVariables) {
  Lab lab;
  AgiServer server({"SET VARIABLE A \"one \\\"two\\\"\"", "GET VARIABLE A", "get variable NONE",
                    "SET VARIABLE MESSAGE(body) changed", "GET VARIABLE MESSAGE(body)",
                    "GET FULL VARIABLE \"${A}-${EXTEN}\"", "SET VARIABLE MESSAGE_DATA(X-A) 1"});
  EXPECT_EQ(lab.play({agi(server), "Remember(${A} ${MESSAGE(body)} ${MESSAGE_DATA(X-A)})"}),
            Remembered{"one \"two\" changed 1"});
  EXPECT_EQ(server.replies(),
            (Replies{"200 result=1", "200 result=1 (one \"two\")", "200 result=0", "200 result=1",
                     "200 result=1 (changed)", "200 result=1 (one \"two\"-1)", "200 result=1"}));
  AgiServer lines({"GET VARIABLE MESSAGE(body)"});
  lab.load("[in]\nexten => 1,1," + agi(lines) + "\n");
  lab.run(Lab::message("1", "a\r\n200 result=1 (forged)"));
  EXPECT_EQ(lines.replies(), Replies{"200 result=1 (a  200 result=1 (forged))"});
}

TEST(Agi, UsesTheDatabase) {
  Lab lab;
  AgiServer server({"DATABASE PUT f k v", "DATABASE GET f k", "DATABASE DEL f k",
                    "DATABASE GET f k", "DATABASE DEL f k", "DATABASE PUT f a/b 1",
                    "DATABASE DELTREE f a", "DATABASE DELTREE f"});
  lab.play({agi(server)});
  EXPECT_EQ(server.replies(),
            (Replies{"200 result=1", "200 result=1 (v)", "200 result=1", "200 result=0",
                     "200 result=0", "200 result=1", "200 result=1", "200 result=0"}));
}

TEST(Agi, ExecutesApplications) {
  Lab lab({.workers = 1});
  AgiServer server({"EXEC Remember \"a,b\"", "EXEC MessageSend \"pjsip:bob\"",
                    "GET VARIABLE MESSAGE_SEND_STATUS", "EXEC Block x", "GET VARIABLE BLOCKED",
                    "EXEC ExecIf \"1?Block(y)\"", "GET VARIABLE BLOCKED", "EXEC NoSuchThing",
                    "EXEC TryExec Hangup()", "GET VARIABLE TRYSTATUS", "ANSWER", "CHANNEL STATUS",
                    "CHANNEL STATUS other", "VERBOSE text 1", "NOOP"});
  EXPECT_EQ(lab.play({agi(server), status}), (Remembered{"a,b", "SUCCESS"}));
  EXPECT_EQ(server.replies(),
            (Replies{"200 result=0", "200 result=0", "200 result=1 (SUCCESS)", "200 result=0",
                     "200 result=1 (x)", "200 result=0", "200 result=1 (y)", "200 result=-2",
                     "200 result=0", "200 result=1 (FAILED)", "200 result=0", "200 result=6",
                     "200 result=-1", "200 result=1", "200 result=0"}));
  EXPECT_EQ(lab.technology.sent.size(), 1U);
}

TEST(Agi, MovesTheRun) {
  Lab lab;
  constexpr auto more =
      "exten => 1,4(here),Remember(four)\n"
      "[other]\nexten => 1,2,Remember(other two)\nexten => s,1(top),Remember(other s)\n"
      "exten => s,2,Remember(other s two)\n";
  const auto play = [&](std::vector<std::string> commands) {
    AgiServer server(std::move(commands));
    return lab.play({agi(server), "Hangup()"}, more);
  };
  EXPECT_EQ(play({"SET PRIORITY 4"}), Remembered{"four"});
  EXPECT_EQ(play({"SET PRIORITY here"}), Remembered{"four"});
  EXPECT_EQ(play({"SET CONTEXT other"}), Remembered{"other two"});
  EXPECT_EQ(play({"SET CONTEXT other", "SET EXTENSION s"}), Remembered{"other s two"});
  EXPECT_EQ(play({"SET CONTEXT other", "SET EXTENSION s", "SET PRIORITY top"}),
            (Remembered{"other s", "other s two"}));
  EXPECT_EQ(play({"EXEC Goto other,s,1", "NOOP"}), (Remembered{"other s", "other s two"}));
  EXPECT_EQ(play({"SET PRIORITY nowhere"}), Remembered{});
}

TEST(Agi, CallsSubroutines) {
  Lab lab({.workers = 1});
  constexpr auto more =
      "[sub]\nexten => s,1,Remember(${ARG1} ${ARG2})\n same => n,Block(in sub)\n"
      " same => n,MessageSend(pjsip:bob)\n same => n,Return(done ${BLOCKED} "
      "${MESSAGE_SEND_STATUS})\n"
      "exten => short,1,Remember(short)\nexten => out,1,Hangup()\n";
  AgiServer server({"GOSUB sub s 1 a,b", "GET VARIABLE GOSUB_RETVAL", "GOSUB sub short 1",
                    "GOSUB sub nowhere 1", "NOOP"});
  EXPECT_EQ(lab.play({agi(server), "Remember(after ${EXTEN} ${PRIORITY} ${ARG1})"}, more),
            (Remembered{"a b", "short", "after 1 2 "}));
  EXPECT_EQ(server.replies(), (Replies{"100 result=0 Trying...", "200 result=0 Gosub complete",
                                       "200 result=1 (done in sub SUCCESS)",
                                       "100 result=0 Trying...", "200 result=0 Gosub complete",
                                       "200 result=-1 Gosub label not found", "200 result=0"}));
  AgiServer hanging({"GOSUB sub out 1"});
  EXPECT_EQ(lab.play({agi(hanging), "Remember(no)"},
                     std::string(more) + "[in]\nexten => h,1,Remember(h ${AGISTATUS})\n"),
            Remembered{"h HANGUP"});
}

TEST(Agi, HangsUp) {
  Lab lab;
  AgiServer server({"HANGUP", "ANSWER", "GET VARIABLE EXTEN", "SET CONTEXT x"});
  EXPECT_EQ(lab.play({agi(server), "Remember(no)"}, "exten => h,1,Remember(h ${AGISTATUS})\n"),
            Remembered{"h HANGUP"});
  constexpr auto dead = "511 Command Not Permitted on a dead channel or intercept routine";
  EXPECT_EQ(server.replies(), (Replies{"200 result=1", "HANGUP", dead, "200 result=1 (1)", dead}));
}

TEST(Agi, RefusesWhatIsNoCommand) {
  Lab lab;
  AgiServer server(
      {"STREAM FILE beep \"\"", "ASYNCAGI BREAK", "GET", "NOOP", "GET VARIABLE", "NOOP"});
  lab.play({agi(server)});
  constexpr auto unknown = "510 Invalid or unknown command";
  EXPECT_EQ(server.replies(),
            (Replies{unknown, unknown, unknown, std::string(ok),
                     "520-Invalid command syntax.  Proper usage follows:",
                     " Usage: GET VARIABLE name", "520 End of proper usage.", std::string(ok)}));
}

TEST(Agi, FailsWhereNobodyListens) {
  Lab lab;
  std::string url;
  {
    AgiServer gone({});
    url = gone.url();
  }
  EXPECT_EQ(lab.play({"AGI(" + url + ")", status, "AGI()", status, "AGI(agi://)", status,
                      "AGI(hagi://host)", status}),
            Remembered(4, "FAILURE"));
}

TEST(Agi, SilenceEndsInTime) {
  Lab lab({.max_duration = 10s});
  AgiServer server({}, true);
  lab.load("[in]\nexten => 1,1," + agi(server) +
           "\n same => n,Remember(no)\nexten => 2,1,Block(x)\n same => n,Remember(other)\n");
  lab.begin(Lab::message("1"));
  lab.run(Lab::message("2"));
  EXPECT_EQ(lab.remembered, Remembered{"other"});
  lab.pass(11s);
  ASSERT_TRUE(lab.until([&] { return lab.done == 2; }));
  EXPECT_EQ(lab.remembered, Remembered{"other"});
}

TEST(Agi, RefusesEndlessLines) {
  Lab lab;
  AgiServer server({"SET VARIABLE A " + std::string(100'000, 'x')});
  EXPECT_EQ(lab.play({agi(server), "Remember(${LEN(${A})} ${AGISTATUS})"}),
            Remembered{"100000 SUCCESS"});
  AgiServer endless({"SET VARIABLE A " + std::string(2 * AgiChannel::longest_line, 'x')});
  EXPECT_EQ(lab.play({agi(endless), "Remember(${LEN(${A})} ${AGISTATUS})"}),
            Remembered{"0 FAILURE"});
}

TEST(Agi, RunsLocalScripts) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("missive-agi-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "agi");
  const auto write = [](const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  };
  constexpr std::string_view script =
      "#!/bin/sh\nwhile read -r line && [ -n \"$line\" ]; do :; done\n"
      "echo \"SET VARIABLE SAID $1\"\nread -r answer\necho \"SET VARIABLE HEARD \\\"$answer\\\"\"\n"
      "read -r answer\n";
  write(folder / "agi" / "inside.sh", script);
  write(folder / "outside.sh", script);
  std::filesystem::create_symlink(folder / "outside.sh", folder / "agi" / "link.sh");

  Lab lab({.live_dangerously = true, .agi_folder = (folder / "agi").string()});
  EXPECT_EQ(lab.play({"AGI(inside.sh,hi)", "Remember(${AGISTATUS} ${SAID} ${HEARD})"}),
            Remembered{"SUCCESS hi 200 result=1"});
  EXPECT_EQ(
      lab.play({"AGI(../outside.sh)", status, "AGI(link.sh)", status, "AGI(nothing.sh)", status,
                "AGI(" + (folder / "outside.sh").string() + ")", status, "AGI(.)", status}),
      Remembered(5, "NOTFOUND"));
  Lab careful({.agi_folder = (folder / "agi").string()});
  EXPECT_EQ(careful.play({"AGI(inside.sh,hi)", status}), Remembered{"FAILURE"});
  std::filesystem::remove_all(folder);
}

TEST(Agi, SendingMayTakeTooLong) {
  Lab lab({.max_duration = 10s});
  lab.technology.patient = true;
  AgiServer server({"EXEC MessageSend pjsip:bob"});
  lab.load("[in]\nexten => 1,1," + agi(server) + "\n same => n,Remember(no)\n");
  lab.begin(Lab::message("1"));
  ASSERT_TRUE(lab.until([&] { return lab.technology.waiting.size() == 1; }));
  lab.pass(11s);
  ASSERT_TRUE(lab.until([&] { return lab.done == 1; }));
  lab.technology.waiting[0](std::nullopt);
  lab.settle();
  EXPECT_EQ(lab.remembered, Remembered{});
  EXPECT_EQ(lab.done, 1);
}

}  // namespace
}  // namespace missive::dialplan::test
