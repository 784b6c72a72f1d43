// Goto, Gosub and their kin; Set, logs, calls, System.
//
//  1. Goto, GotoIf: to labels, numbers, other contexts; a branch that is not given goes on; a
//     label that does not exist ends the run.
//  2. GotoIfTime by the server's clock.
//  3. Gosub: arguments, ARGC, GOSUB_RETVAL, locals that end with it, arguments of outer ones
//  hidden.
//  4. GosubIf takes its branches apart before it expands them.
//  5. StackPop forgets a frame; Return without one ends the run; so does endless recursion.
//  6. Exec, TryExec with TRYSTATUS, also of what waits.
//  7. Wait takes fractions and refuses what is no number.
//  8. Set, MSet, functions written to, and what cannot be.
//  9. DBdel, DBdeltree.
// 10. UserEvent hands its headers over.
// 11. What is for calls is passed over; Busy ends the run.
// 12. System and TrySystem: SYSTEMSTATUS.
// 13. A command is ended with its run's time.
#include "unit/dialplan/run_lab.h"

namespace missive::dialplan::test {
namespace {

using namespace std::chrono_literals;

TEST(Flow, Jumps) {
  Lab lab;
  EXPECT_EQ(lab.play({"Goto(3)", "Remember(no)", "Remember(a)", "Goto(other,s,there)"},
                     "[other]\nexten => s,1,Remember(no)\n same => n(there),Remember(b)\n"),
            (Remembered{"a", "b"}));
  EXPECT_EQ(lab.play({"GotoIf($[1 = 1]?4:3)", "NoOp()", "Remember(false)", "Remember(true)"}),
            Remembered{"true"});
  EXPECT_EQ(lab.play({"GotoIf(0?3)", "Remember(on)"}), Remembered{"on"});
  EXPECT_EQ(lab.play({"GotoIf(0?3:)", "Remember(on)"}), Remembered{"on"});
  EXPECT_EQ(lab.play({"GotoIf(1?:3)", "Remember(on)"}), Remembered{"on"});
  EXPECT_EQ(lab.play({"Goto(nolabel)", "Remember(no)"}, "exten => h,1,Remember(h)\n"),
            Remembered{"h"});
}

TEST(Flow, JumpsByTheTime) {
  Lab lab;  // 2026-01-02 00:00 UTC, a Friday
  EXPECT_EQ(lab.play({"GotoIfTime(*,fri,*,jan,UTC?3:2)", "Remember(no)", "Remember(yes)"}),
            (Remembered{"yes"}));
  EXPECT_EQ(lab.play({"GotoIfTime(9:00-17:00,*,*,*,UTC?3)", "Remember(no)"}), Remembered{"no"});
}

TEST(Flow, CallsSubroutines) {
  Lab lab;
  EXPECT_EQ(
      lab.play({"Set(X=outer)", "Gosub(sub,s,1(a,b c))",
                "Remember(${GOSUB_RETVAL} ${X} ${Y} .${ARG1}${ARGC}.)"},
               "[sub]\nexten => s,1,Remember(${ARGC} ${ARG1} ${ARG2})\n"
               " same => n,Set(LOCAL(X)=inner)\n same => n,Set(X=${X}!)\n"
               " same => n,Set(Y=kept)\n same => n,Remember(${X})\n"
               " same => n,Gosub(deeper,1(one))\n same => n,Remember(${ARG1} ${ARG2})\n"
               " same => n,Return(value ${X})\n"
               "exten => deeper,1,Remember(${ARG1} ${ARG2} ${X})\n same => n,Return()\n"),
      (Remembered{"2 a b c", "inner!", "one  inner!", "a b c", "value inner! outer kept .."}));
}

TEST(Flow, TakesBranchesApartFirst) {
  Lab lab;
  lab.load(
      "[in]\nexten => 1,1,GosubIf(0?a,1(${MESSAGE(body)}):b,1(${MESSAGE(body)}))\n"
      "exten => a,1,Remember(a)\n"
      "exten => b,1,Remember(${ARG1})\n same => n,Return()\n"
      "exten => evil,1,Remember(evil)\n");
  lab.run(Lab::message("1", "x):evil,1("));
  EXPECT_EQ(lab.remembered.size(), 1U);
  EXPECT_NE(lab.remembered.at(0), "evil");
}

TEST(Flow, GuardsTheStack) {
  Lab lab;
  EXPECT_EQ(lab.play({"Return()", "Remember(no)"}, "exten => h,1,Remember(h)\n"), Remembered{"h"});
  EXPECT_EQ(
      lab.play({"StackPop()", "Gosub(3)", "StackPop()", "Remember(a)", "Return()", "Remember(no)"}),
      Remembered{"a"});
  EXPECT_EQ(lab.play({"Gosub(1)"}, "exten => h,1,Remember(h)\n"), Remembered{"h"});
  EXPECT_EQ(lab.play({"Gosub(nowhere,1)", "Remember(no)"}), Remembered{});
}

TEST(Flow, ExecutesByName) {
  Lab lab;
  EXPECT_EQ(lab.play({"Exec(Remember(a(b),c))", "Set(APP=Remember)", "Exec(${APP}(d))"}),
            (Remembered{"a(b),c", "d"}));
  EXPECT_EQ(lab.play({"Exec(NoSuchThing())", "Remember(no)"}), Remembered{});
  constexpr auto status = "Remember(${TRYSTATUS})";
  EXPECT_EQ(lab.play({"TryExec(NoOp())", status, "TryExec(Hangup())", status, "TryExec(Nothing())",
                      status, "TryExec()", status, "TryExec(Block(1))", status}),
            (Remembered{"SUCCESS", "FAILED", "NOAPP", "NOAPP", "SUCCESS"}));
  lab.load("[in]\nexten => 1,1,TryExec(Wait(1))\n same => n,Remember(${TRYSTATUS})\n");
  lab.remembered.clear();
  lab.begin(Lab::message("1"));
  EXPECT_EQ(lab.remembered, Remembered{});
  lab.pass(2s);
  EXPECT_EQ(lab.remembered, Remembered{"SUCCESS"});
}

TEST(Flow, WaitsForFractions) {
  Lab lab;
  EXPECT_EQ(lab.play({"Wait(0)", "Wait(abc)", "Wait()", "Wait(-1)", "Wait(nan)", "Remember(a)"}),
            Remembered{"a"});
}

TEST(Flow, SetsVariables) {
  Lab lab;
  EXPECT_EQ(lab.play({"Set(A=1,2=3)", "Set(__B=b)", "MSet(C=c,D=d)", "Set(E=)",
                      "Remember(${A}|${B}|${C}|${D}|${E})"}),
            Remembered{"1,2=3|b|c|d|"});
  EXPECT_EQ(lab.play({"Set(MESSAGE(body)=new)", "Set(MESSAGE_DATA(X-A)=1)",
                      "Remember(${MESSAGE(body)} ${MESSAGE_DATA(x-a)})"}),
            Remembered{"new 1"});
  EXPECT_EQ(lab.play({"Set(novalue)", "Set(NOSUCH(1)=2)", "Set(LEN(1)=2)", "Set(=1)",
                      "Set(MESSAGE(custom_data)=what)", "Set(MESSAGE(nothing)=1)",
                      "Remember(on${MESSAGE(nothing)})"}),
            Remembered{"on"});
}

TEST(Flow, DeletesFromTheDatabase) {
  Lab lab;
  for (const auto* const key : {"a", "b", "c/d", "c/e"}) lab.database.put("family", key, "1");
  lab.play({"DBdel(family/a)", "DBdeltree(family/c)", "DBdel(nothing)", "DBdeltree()"});
  EXPECT_EQ(lab.database.get("family", "a"), std::nullopt);
  EXPECT_EQ(lab.database.get("family", "b"), "1");
  EXPECT_EQ(lab.database.get("family", "c/d"), std::nullopt);
}

TEST(Flow, TellsTheWorld) {
  Lab lab;
  lab.play({"UserEvent(Received,From: ${MESSAGE(from)},Odd,Empty:)", "UserEvent()",
            "Verbose(1,text)", "Verbose(text)", "Log(NOTICE,text)", "Log(WHAT,text)"});
  EXPECT_EQ(lab.events.log, Remembered{"Received|From=pjsip:alice@example.com|Empty="});
}

TEST(Flow, PassesCallsOver) {
  Lab lab;
  EXPECT_EQ(lab.play({"Answer()", "Ringing()", "Progress()", "ResetCDR()", "Remember(a)", "Busy()",
                      "Remember(no)"}),
            Remembered{"a"});
}

TEST(Flow, RunsCommands) {
  Lab lab({.live_dangerously = true});
  constexpr auto status = "Remember(${SYSTEMSTATUS})";
  EXPECT_EQ(lab.play({"System(exit 0)", status, "System(exit 3)", status, "TrySystem(echo a)",
                      status, "TrySystem(/no/such/command)", status, "TrySystem( )", status,
                      "System(/no/such/command)", "Remember(no)"}),
            (Remembered{"SUCCESS", "APPERROR", "SUCCESS", "FAILURE", "FAILURE"}));
  // What it leaves behind in the background is not waited for.
  EXPECT_EQ(lab.play({"System(tail -f /dev/null & exit 0)", status}), Remembered{"SUCCESS"});
}

TEST(Flow, EndsCommandsInTime) {
  Lab lab({.live_dangerously = true, .max_duration = 10s});
  lab.load("[in]\nexten => 1,1,TrySystem(tail -f /dev/null)\n same => n,Remember(no)\n");
  lab.begin(Lab::message("1"));
  lab.pass(11s);
  ASSERT_TRUE(lab.until([&] { return lab.done == 1; }));
  EXPECT_EQ(lab.remembered, Remembered{});
}

}  // namespace
}  // namespace missive::dialplan::test
