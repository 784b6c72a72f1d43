// Look-ups in a dialplan.
//
//  1. an exact name before patterns, patterns by best match, then includes in order
//  2. names: with case, dashes do not count, letters, + and @
//  3. priorities: with gaps, out of order, none below one
//  4. an extension that runs out goes on in a pattern and in an included context
//  5. labels, also those of a pattern behind an exact name
//  6. includes: nested, at their time only, missing ones, loops
//  7. many contexts: each is searched once, and a limited number of them
//  8. what would run first, and contexts by name
#include "dialplan/dialplan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "dialplan/application.h"
#include "dialplan/function.h"

namespace missive::dialplan {
namespace {

class DialplanTest : public testing::Test {
 protected:
  DialplanTest() { applications_.add({"NoOp", {}}); }

  void load(std::string_view text) {
    conf::Problems problems;
    const auto loaded = Dialplan::parse(text, applications_, functions_, problems);
    ASSERT_TRUE(loaded) << loaded.error().text;
    dialplan_ = *loaded;
  }

  // The text of the priority's arguments.
  std::string at(std::string_view exten, int priority = 1, std::string_view context = "c") {
    const auto* found = dialplan_->find(context, exten, priority, now_);
    return found == nullptr ? "(none)" : found->arguments.text();
  }
  int label(std::string_view exten, std::string_view label, std::string_view context = "c") {
    return dialplan_->find_label(context, exten, label, now_).value_or(0);
  }

  ApplicationTable applications_;
  FunctionTable functions_;
  std::shared_ptr<const Dialplan> dialplan_ = std::make_shared<const Dialplan>();
  base::WallTime now_{std::chrono::seconds{1767225600}};  // 2026-01-01 00:00 UTC, a Thursday
};

TEST_F(DialplanTest, PrefersTheBestMatch) {
  load(R"(
[c]
include => first
include => second
exten => _.,1,NoOp(dot)
exten => _6XX1,1,NoOp(A)
exten => _64XX,1,NoOp(B)
exten => _64NX,1,NoOp(E)
exten => 6422,1,NoOp(exact)
[first]
exten => _64XX,1,NoOp(never)
[d]
include => first
include => second
exten => 1,1,NoOp(one)
[second]
exten => _6.,1,NoOp(second)
exten => 1,1,NoOp(never)
)");
  EXPECT_EQ(at("6422"), "exact");
  EXPECT_EQ(at("6421"), "E");
  EXPECT_EQ(at("6411"), "B");
  EXPECT_EQ(at("6391"), "A");
  EXPECT_EQ(at("6"), "dot");
  EXPECT_EQ(at(""), "(none)");
  EXPECT_EQ(at("1", 1, "d"), "one");
  EXPECT_EQ(at("6400", 1, "d"), "never");
  EXPECT_EQ(at("640", 1, "d"), "second");
  EXPECT_EQ(at("2", 1, "d"), "(none)");
  EXPECT_EQ(at("6422", 1, "nowhere"), "(none)");
}

TEST_F(DialplanTest, KnowsNames) {
  load(R"(
[c]
exten => alice,1,NoOp(alice)
exten => +4930-12,1,NoOp(number)
exten => bob@example.com,1,NoOp(mail)
exten => -,1,NoOp(dash)
exten => x,1,NoOp(x)
)");
  EXPECT_EQ(at("alice"), "alice");
  EXPECT_EQ(at("Alice"), "(none)");
  EXPECT_EQ(at("al-ice"), "alice");
  EXPECT_EQ(at("+493012"), "number");
  EXPECT_EQ(at("+4930-12"), "number");
  EXPECT_EQ(at("+49-3012"), "number");
  EXPECT_EQ(at("bob@example.com"), "mail");
  EXPECT_EQ(at("-"), "dash");
  EXPECT_EQ(at("7"), "(none)");
}

TEST_F(DialplanTest, FindsPriorities) {
  load(R"(
[c]
exten => a,1,NoOp(one)
exten => a,5,NoOp(five)
exten => a,3,NoOp(three)
exten => a,2,NoOp(two)
)");
  EXPECT_EQ(at("a", 1), "one");
  EXPECT_EQ(at("a", 2), "two");
  EXPECT_EQ(at("a", 3), "three");
  EXPECT_EQ(at("a", 4), "(none)");
  EXPECT_EQ(at("a", 5), "five");
  EXPECT_EQ(at("a", 6), "(none)");
  EXPECT_EQ(at("a", 0), "(none)");
  EXPECT_EQ(at("a", -1), "(none)");
  EXPECT_EQ(at("a", 2147483647), "(none)");
  EXPECT_EQ(at("a", -2147483647 - 1), "(none)");
}

TEST_F(DialplanTest, GoesOnInAPattern) {
  load(R"(
[c]
exten => 6410,1,NoOp(987)
exten => _641X,1,NoOp(12345)
exten => _641X,n,NoOp(54321)
include => more
[more]
exten => _.,3,NoOp(third)
)");
  EXPECT_EQ(at("6410", 1), "987");
  EXPECT_EQ(at("6410", 2), "54321");
  EXPECT_EQ(at("6410", 3), "third");
  EXPECT_EQ(at("6410", 4), "(none)");
  EXPECT_EQ(at("6411", 1), "12345");
}

TEST_F(DialplanTest, FindsLabels) {
  load(R"(
[c]
exten => a,1,NoOp(1)
 same => n(again),NoOp(2)
 same => n(),NoOp(3)
exten => _.,1,NoOp(1)
 same => 7(rest),NoOp(7)
 same => n(again),NoOp(8)
)");
  EXPECT_EQ(label("a", "again"), 2);
  EXPECT_EQ(label("a", "rest"), 7);
  EXPECT_EQ(label("b", "again"), 8);
  EXPECT_EQ(label("a", "Again"), 0);
  EXPECT_EQ(label("a", ""), 0);
  EXPECT_EQ(label("a", "again", "nowhere"), 0);
}

TEST_F(DialplanTest, FollowsIncludes) {
  load(R"(
[c]
include => loop
include => nowhere
include => c
include => thursday,*,thu,*,*,UTC
include => friday,*,fri,*,*,UTC
include => deep
[loop]
include => c
include => loop
[thursday]
exten => day,1,NoOp(thursday)
[friday]
exten => day,1,NoOp(friday)
[deep]
include => deeper
[deeper]
exten => day,1,NoOp(any)
exten => deep,1,NoOp(deep)
)");
  EXPECT_EQ(at("day"), "thursday");
  EXPECT_EQ(at("deep"), "deep");
  EXPECT_EQ(at("none"), "(none)");
  now_ += std::chrono::hours{24};
  EXPECT_EQ(at("day"), "friday");
  now_ += std::chrono::hours{24};
  EXPECT_EQ(at("day"), "any");
}

TEST_F(DialplanTest, SearchesEachContextOnce) {
  // Every context includes all that follow: 2^60 ways from the first to the last.
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += fmt::format("[{}]\n", i == 0 ? "c" : std::to_string(i));
    for (int j = i + 1; j < 60; ++j) text += fmt::format("include => {}\n", j);
  }
  load(text + "exten => last,1,NoOp(found)\n");
  EXPECT_EQ(at("last"), "found");
  EXPECT_EQ(at("other"), "(none)");

  std::string chain = "[c]\ninclude => 1\n";
  for (int i = 1; i < 200; ++i) {
    chain += fmt::format("[{}]\nexten => {},1,NoOp({})\ninclude => {}\n", i, i, i, i + 1);
  }
  load(chain + "[200]\n");
  EXPECT_EQ(at("127"), "127");
  EXPECT_EQ(at("128"), "(none)");
}

TEST_F(DialplanTest, TellsWhatWouldRunFirst) {
  load(R"(
[c]
exten => a,2,NoOp(2)
exten => _.,1,NoOp(1)
exten => b,1,NoOp(1)
)");
  ASSERT_NE(dialplan_->extension("c", "a", now_), nullptr);
  EXPECT_EQ(dialplan_->extension("c", "a", now_)->name, "_.");
  EXPECT_TRUE(dialplan_->extension("c", "a", now_)->is_pattern);
  EXPECT_EQ(dialplan_->extension("c", "b", now_)->name, "b");
  EXPECT_EQ(dialplan_->extension("c", "", now_), nullptr);
  EXPECT_EQ(dialplan_->extension("C", "b", now_), nullptr);
  ASSERT_NE(dialplan_->context("c"), nullptr);
  EXPECT_EQ(dialplan_->context("c")->where.str(), "extensions.conf:2");
  EXPECT_EQ(dialplan_->context("d"), nullptr);
}

}  // namespace
}  // namespace missive::dialplan
