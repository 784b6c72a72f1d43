// A dialplan that differs in one extension or priority.
//
// 1. Added one by one in any order, priorities and patterns make the dialplan that the file makes.
// 2. What is removed again leaves the dialplan as it was; the original never changes.
// 3. A priority that is there is replaced only if that is wanted; its label goes with it.
// 4. Each thing that is missing has an outcome of its own; what never runs is refused.
// 5. InForce: changes at a time are all in force in the end, and listeners hear each, in order.
#include "dialplan/dialplan_change.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "dialplan/in_force.h"
#include "dialplan/tables.h"

namespace missive::dialplan {
namespace {

using Outcome = Changed::Outcome;

Changed add(const Dialplan& dialplan, std::string_view exten, int number,
            std::string_view arguments = "x", bool replace = false) {
  return add_priority(dialplan,
                      {.context = "in",
                       .exten = exten,
                       .number = number,
                       .application = "NoOp",
                       .arguments = arguments,
                       .replace = replace},
                      all_applications(), all_functions());
}

std::string shown(const Dialplan& dialplan) {
  std::string out;
  for (const auto& context : dialplan.contexts()) {
    std::vector<std::string> lines;
    for (const auto& extension : context.extensions) {
      for (const auto& priority : extension.priorities) {
        lines.push_back(fmt::format("{},{},{}({})", extension.name, priority.number,
                                    priority.application, priority.arguments.text()));
      }
    }
    std::sort(lines.begin(), lines.end());
    out += fmt::format("[{}]{}", context.name, fmt::join(lines, ";"));
    for (const auto place : context.patterns) out += " " + context.extensions.at(place).name;
    for (const auto& [name, place] : context.exact) {
      EXPECT_EQ(context.extensions.at(place).name, name);
    }
  }
  return out;
}

std::shared_ptr<const Dialplan> parse(std::string_view text) {
  conf::Problems problems;
  auto parsed = Dialplan::parse(text, all_applications(), all_functions(), problems);
  EXPECT_TRUE(parsed);
  return *parsed;
}

const std::vector<std::pair<std::string, int>> places{{"alice", 1}, {"alice", 2}, {"alice", 5},
                                                      {"_X.", 1},   {"_1X", 1},   {"_1X", 2},
                                                      {"_12", 1},   {"bob", 1},   {"_[1-3]!", 1}};

TEST(DialplanChange, MakesWhatTheFileMakes) {
  std::string text = "[in]\n";
  for (const auto& [exten, number] : places) {
    text += fmt::format("exten => {},{},NoOp(x)\n", exten, number);
  }
  const auto expected = shown(*parse(text));
  auto order = places;
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    auto dialplan = std::make_shared<const Dialplan>();
    for (const auto& [exten, number] : order) {
      auto changed = add(*dialplan, exten, number);
      ASSERT_EQ(changed.outcome, Outcome::done) << changed.problem;
      dialplan = changed.dialplan;
    }
    EXPECT_EQ(shown(*dialplan), expected);
    // And away again, in another order.
    std::shuffle(order.begin(), order.end(), random);
    for (const auto& [exten, number] : order) {
      const auto before = shown(*dialplan);
      auto changed = remove_extension(*dialplan, "in", exten, number);
      ASSERT_EQ(changed.outcome, Outcome::done);
      EXPECT_EQ(shown(*dialplan), before);
      dialplan = changed.dialplan;
    }
    EXPECT_EQ(shown(*dialplan), "[in]");
  }
}

TEST(DialplanChange, ReplacesOnlyIfWanted) {
  const auto dialplan = parse("[in]\nexten => alice,1(here),NoOp(old)\nexten => a-b,1,NoOp(x)\n");
  EXPECT_EQ(add(*dialplan, "alice", 1).outcome, Outcome::exists);
  EXPECT_EQ(add(*dialplan, "ab", 1).outcome, Outcome::exists);  // dashes count nowhere
  const auto changed = add(*dialplan, "alice", 1, "new", true);
  ASSERT_EQ(changed.outcome, Outcome::done);
  EXPECT_EQ(changed.dialplan->extension("in", "alice", {})->find(1)->arguments.text(), "new");
  EXPECT_FALSE(changed.dialplan->find_label("in", "alice", "here", {}));
  EXPECT_TRUE(dialplan->find_label("in", "alice", "here", {}));
}

TEST(DialplanChange, SaysWhatIsMissing) {
  const auto dialplan = parse("[in]\nexten => alice,1,NoOp\nexten => _X.,1,NoOp\n");
  const auto remove = [&](std::string_view context, std::string_view exten,
                          std::optional<int> number = std::nullopt) {
    const auto changed = remove_extension(*dialplan, context, exten, number);
    EXPECT_EQ(changed.dialplan != nullptr, changed.outcome == Outcome::done);
    return changed.outcome;
  };
  EXPECT_EQ(remove("out", "alice"), Outcome::no_context);
  EXPECT_EQ(remove("in", "bob"), Outcome::no_extension);
  EXPECT_EQ(remove("in", "_Z."), Outcome::no_extension);
  EXPECT_EQ(remove("in", "12"), Outcome::no_extension);  // matches a pattern, is none
  EXPECT_EQ(remove("in", "alice", 2), Outcome::no_priority);
  EXPECT_EQ(remove("in", "alice", hint_priority), Outcome::no_priority);
  EXPECT_EQ(remove("in", "alice"), Outcome::done);
  EXPECT_EQ(add(*dialplan, "_[1", 1).outcome, Outcome::refused);
  EXPECT_EQ(add(*dialplan, "alice/7", 2).outcome, Outcome::refused);
}

TEST(InForce, LosesNoChange) {
  InForce in_force(std::make_shared<const Dialplan>());
  std::size_t heard = 0, priorities = 0;
  in_force.listen([&](const std::shared_ptr<const Dialplan>& dialplan) {
    ++heard;
    const auto count = dialplan->context("in")->extensions.front().priorities.size();
    EXPECT_EQ(count, priorities + 1);
    priorities = count;
  });
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&in_force, thread] {
      for (int i = 0; i < 25; ++i) {
        in_force.change([&](const Dialplan& now) { return add(now, "s", 100 - thread - 4 * i); });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(heard, 100u);
  EXPECT_EQ(in_force.get()->extension("in", "s", {})->priorities.size(), 100u);
  const auto now = in_force.get();
  EXPECT_EQ(in_force.change([](const Dialplan& dialplan) { return add(dialplan, "s", 1); }).outcome,
            Outcome::exists);
  EXPECT_EQ(in_force.get(), now);
}

}  // namespace
}  // namespace missive::dialplan
