// Runs of the dialplan: their way, their limits, their workers.
//
//  1. Goes through the priorities in order and is done once.
//  2. An extension that does not exist goes to `i` with INVALID_EXTEN, else to `e`, else ends.
//  3. `h` runs at the end and after Hangup, once.
//  4. An application that does not exist ends the run, and `h` still runs.
//  5. The run's own variables: CONTEXT, EXTEN, PRIORITY, CHANNEL, UNIQUEID, EPOCH; before a
//     variable of that name, which goes before a global one.
//  6. A loop without an end stops at max_steps, without `h`.
//  7. Wait() takes its time, and the run ends in the middle of it when its time is up.
//  8. What blocks runs on a worker, expansions and applications, and the run goes on after it.
//  9. A worker's expansion is followed by an application on the shard's thread.
// 10. A pattern, its extension in EXTEN.
// 11. A new dialplan is for new messages; has_destination() asks it.
// 12. A server that stops while runs wait and work loses nothing and waits for nobody.
// 13. Dangerous applications are refused unless allowed.
// 14. Labels as Goto takes them.
// 15. Several runs at a time do not see each other.
#include "dialplan/run.h"

#include <future>

#include "unit/dialplan/run_lab.h"

namespace missive::dialplan::test {
namespace {

using namespace std::chrono_literals;

TEST(Run, GoesThroughItsPriorities) {
  Lab lab;
  EXPECT_EQ(lab.play({"Remember(a)", "NoOp()", "Remember(${EXTEN})"}), (Remembered{"a", "1"}));
}

TEST(Run, SendsInvalidExtensionsToI) {
  Lab lab;
  EXPECT_EQ(lab.play({"Goto(nowhere,1)"},
                     "exten => i,1,Remember(i ${INVALID_EXTEN} ${EXTEN})\n"
                     "exten => e,1,Remember(e)\n"),
            Remembered{"i nowhere i"});
  EXPECT_EQ(lab.play({"Goto(nowhere,1)"}, "exten => e,1,Remember(e ${INVALID_EXTEN})\n"),
            Remembered{"e nowhere"});
  EXPECT_EQ(lab.play({"Remember(a)", "Goto(nowhere,1)"}), Remembered{"a"});
  // Beyond the last priority is no invalid extension.
  EXPECT_EQ(lab.play({"Goto(1,7)"}, "exten => i,1,Remember(i)\n"), Remembered{});
}

TEST(Run, RunsHAtTheEnd) {
  Lab lab;
  constexpr auto h = "exten => h,1,Remember(h)\nexten => h,2,Hangup()\nexten => h,3,Remember(no)\n";
  EXPECT_EQ(lab.play({"Remember(a)"}, h), (Remembered{"a", "h"}));
  EXPECT_EQ(lab.play({"Hangup()", "Remember(a)"}, h), Remembered{"h"});
  EXPECT_EQ(lab.play({"Goto(nowhere,1)"}, h), Remembered{"h"});
  EXPECT_EQ(lab.play({"Hangup()"}, "exten => h,1,Remember(h)\nexten => h,2,Goto(1,1)\n"),
            Remembered{"h"});
}

TEST(Run, EndsAtAnUnknownApplication) {
  Lab lab;
  EXPECT_EQ(lab.play({"NoSuchThing(1)", "Remember(a)"}, "exten => h,1,Remember(h)\n"),
            Remembered{"h"});
}

TEST(Run, KnowsItself) {
  Lab lab;
  EXPECT_EQ(lab.play({"Remember(${CONTEXT} ${EXTEN} ${PRIORITY} ${CHANNEL})"}),
            Remembered{"in 1 1 Message/ast_msg_queue"});
  EXPECT_EQ(lab.play({"Remember(${EPOCH} ${UNIQUEID})"}).at(0).substr(0, 22),
            "1767312000 1767312000.");
  lab.shared.globals.set("EXTEN", "global");
  lab.shared.globals.set("X", "global");
  lab.shared.globals.set("Y", "global");
  EXPECT_EQ(lab.play({"Set(EXTEN=mine)", "Set(X=mine)", "Remember(${EXTEN} ${X} ${Y}${Z})"}),
            Remembered{"1 mine global"});
}

TEST(Run, StopsAtMaxSteps) {
  Lab lab({.max_steps = 10});
  EXPECT_EQ(lab.play({"Remember(a)", "Goto(1,1)"}, "exten => h,1,Remember(h)\n"),
            Remembered(5, "a"));
}

TEST(Run, WaitsAndRunsOutOfTime) {
  Lab lab({.max_duration = 10s});
  lab.load(
      "[in]\nexten => 1,1,Wait(1.5)\nexten => 1,2,Remember(a)\n"
      "exten => 1,3,Wait(100)\nexten => 1,4,Remember(b)\n"
      "exten => h,1,Remember(h)\n");
  lab.begin(Lab::message("1"));
  lab.pass(1490ms);
  EXPECT_EQ(lab.remembered, Remembered{});
  lab.pass(20ms);
  EXPECT_EQ(lab.remembered, Remembered{"a"});
  lab.pass(8400ms);
  EXPECT_EQ(lab.done, 0);
  lab.pass(100ms);
  EXPECT_EQ(lab.done, 1);
  lab.pass(200s);
  EXPECT_EQ(lab.remembered, Remembered{"a"});
  EXPECT_EQ(lab.done, 1);
}

TEST(Run, BlocksOnAWorkerOnly) {
  Lab lab;
  EXPECT_EQ(lab.play({"Block(x)", "Remember(${BLOCKED})"}), Remembered{"x"});
  EXPECT_NE(lab.worker, std::this_thread::get_id());
  EXPECT_NE(lab.worker, std::thread::id{});
  lab.worker = {};
  EXPECT_EQ(lab.play({"Exec(Block(y))", "Remember(${BLOCKED})"}), Remembered{"y"});
  EXPECT_NE(lab.worker, std::this_thread::get_id());
  lab.worker = {};
  EXPECT_EQ(lab.play({"Block(${SLOW(z)})", "Remember(${BLOCKED})"}), Remembered{"slow z"});
  EXPECT_NE(lab.worker, std::this_thread::get_id());
}

TEST(Run, ExpandsOnAWorkerAndExecutesOnTheShard) {
  Lab lab;
  std::thread::id executed;
  lab.shared.applications.add({"Where", [&](dialplan::Run&, std::string_view text) {
                                 executed = std::this_thread::get_id();
                                 lab.remembered.emplace_back(text);
                                 return Outcome::next;
                               }});
  for (const auto* const way : {"Where(${SLOW(1)})", "ExecIf(1?Where(${SLOW(1)}):NoOp())"}) {
    executed = lab.worker = {};
    EXPECT_EQ(lab.play({way}), Remembered{"slow 1"}) << way;
    EXPECT_EQ(executed, std::this_thread::get_id()) << way;
    EXPECT_NE(lab.worker, std::this_thread::get_id()) << way;
    EXPECT_NE(lab.worker, std::thread::id{}) << way;
  }
}

TEST(Run, MatchesPatterns) {
  Lab lab;
  lab.load("[in]\nexten => _1NXX,1,Remember(${EXTEN:1})\n same => n,Remember(${PRIORITY})\n");
  lab.run(Lab::message("1234"));
  EXPECT_EQ(lab.remembered, (Remembered{"234", "2"}));
}

TEST(Run, KeepsTheDialplanItBeganWith) {
  Lab lab;
  lab.load("[in]\nexten => 1,1,Wait(1)\nexten => 1,2,Remember(old)\n");
  EXPECT_TRUE(lab.handler->has_destination("in", "1"));
  EXPECT_FALSE(lab.handler->has_destination("in", "2"));
  EXPECT_FALSE(lab.handler->has_destination("out", "1"));
  lab.begin(Lab::message("1"));
  conf::Problems problems;
  lab.handler->use(*Dialplan::parse("[in]\nexten => 2,1,Remember(new)\n", lab.shared.applications,
                                    lab.shared.functions, problems));
  lab.dialplan.reset();
  EXPECT_TRUE(lab.handler->has_destination("in", "2"));
  EXPECT_FALSE(lab.handler->has_destination("in", "1"));
  lab.run(Lab::message("2"));
  lab.pass(2s);
  EXPECT_EQ(lab.remembered, (Remembered{"new", "old"}));
  EXPECT_EQ(lab.done, 2);
}

TEST(Run, StopsWithTheServer) {
  Lab lab({.workers = 1});
  std::promise<void> at_work;
  lab.shared.applications.add({.name = "Hang",
                               .execute =
                                   [&](dialplan::Run& run, std::string_view) {
                                     at_work.set_value();
                                     while (!run.gives_up()) std::this_thread::yield();
                                     return Outcome::next;
                                   },
                               .blocks = true});
  lab.load("[in]\nexten => 1,1,Wait(100)\nexten => 2,1,Hang()\nexten => 3,1,Block(1)\n");
  for (const auto* const exten : {"1", "2", "3"}) lab.begin(Lab::message(exten));
  at_work.get_future().wait();
  lab.shared.workers->stop();
  EXPECT_EQ(lab.done, 0);
  // What is left goes with the Lab: a leak or a wait would be told by the sanitizers, or hang.
}

TEST(Run, RefusesWhatIsDangerous) {
  for (const bool allowed : {false, true}) {
    Lab lab({.live_dangerously = allowed});
    lab.shared.applications.add({.name = "Danger",
                                 .execute =
                                     [&](dialplan::Run&, std::string_view) {
                                       lab.remembered.push_back("danger");
                                       return Outcome::next;
                                     },
                                 .dangerous = true});
    const auto expected = allowed ? Remembered{"danger", ""} : Remembered{"APPERROR"};
    EXPECT_EQ(lab.play({"Danger()", "Remember(${SYSTEMSTATUS})"}), expected);
    EXPECT_EQ(lab.play({"Exec(Danger())", "Remember(${SYSTEMSTATUS})"}), expected);
  }
}

TEST(Run, ResolvesLabels) {
  Lab lab;
  lab.load(
      "[in]\nexten => 1,1,NoOp()\nexten => 1,2(here),NoOp()\n"
      "[other]\nexten => s,1,NoOp()\n same => n(there),NoOp()\n");
  Environment environment{lab.shared, lab.shard, lab.sender, lab.dialplan};
  const auto run = Run::create(environment, Lab::message("1"));
  run->go_to({"in", "1", 5});
  const auto resolve = [&](std::string_view label) -> std::string {
    const auto place = run->resolve_label(label);
    if (!place) return "none";
    return place->context + " " + place->exten + " " + std::to_string(place->priority);
  };
  EXPECT_EQ(resolve("3"), "in 1 3");
  EXPECT_EQ(resolve("n"), "in 1 6");
  EXPECT_EQ(resolve("+2"), "in 1 7");
  EXPECT_EQ(resolve("-2"), "in 1 3");
  EXPECT_EQ(resolve("here"), "in 1 2");
  EXPECT_EQ(resolve("2,1"), "in 2 1");
  EXPECT_EQ(resolve(" other , s , there "), "other s 2");
  EXPECT_EQ(resolve("other,s,here"), "none");
  EXPECT_EQ(resolve("0"), "none");
  EXPECT_EQ(resolve("-5"), "none");
  EXPECT_EQ(resolve(""), "none");
  EXPECT_EQ(resolve("a,b,c,1"), "none");
}

TEST(Run, RunsAreApart) {
  Lab lab;
  lab.load(
      "[in]\nexten => _X,1,Set(MINE=${EXTEN})\n same => n,Wait(${EXTEN})\n"
      " same => n,Remember(${MINE})\n");
  for (const auto* const exten : {"3", "1", "2"}) lab.begin(Lab::message(exten));
  lab.pass(4s);
  EXPECT_EQ(lab.remembered, (Remembered{"1", "2", "3"}));
  EXPECT_EQ(lab.done, 3);
}

}  // namespace
}  // namespace missive::dialplan::test
