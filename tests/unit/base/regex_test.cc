// Regular expressions that could take for ever, or all memory, are refused; the others are quick.
#include "base/regex.h"

#include <gtest/gtest.h>

namespace missive::base {
namespace {

TEST(Regex, IsOnALeash) {
  EXPECT_FALSE(Regex::compile("(a)\\1"));
  EXPECT_FALSE(Regex::compile("((a{255}){255}){255}"));
  EXPECT_FALSE(Regex::compile("a{1,30000}"));
  EXPECT_FALSE(Regex::compile("((((a{255})+)+)+)+)+"));
  EXPECT_FALSE(Regex::compile(std::string(2000, 'a')));
  EXPECT_FALSE(Regex::compile(std::string(40, '(') + "a" + std::string(40, ')')));
  EXPECT_FALSE(Regex::compile(std::string_view("a\0b", 3)));
  EXPECT_TRUE(Regex::compile("[\\1{300}]"));
  // Those that make a backtracking matcher take for ever.
  const auto slow = Regex::compile("(a|aa)+$");
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->matches(std::string(Regex::max_subject - 1, 'a') + "b"), false);
  EXPECT_FALSE(slow->matches(std::string(Regex::max_subject + 1, 'a')));
  // A NUL does not end the text.
  EXPECT_EQ(Regex::compile("b$")->matches(std::string_view("a\0b", 3)), true);
  const auto found = Regex::compile("b(c+)")->find("abccd");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->whole, "bcc");
  EXPECT_EQ((*found)->group, "cc");
}

// Each '+' behind a group or a repetition doubles what the C library makes of it.
TEST(Regex, RefusesWhatDoublesTooOften) {
  EXPECT_TRUE(Regex::compile("Event: (User|Peer)+Event(a+)+"));
  EXPECT_TRUE(Regex::compile("a" + std::string(13, '+')));
  const auto stacked = Regex::compile("a" + std::string(40, '+'));
  ASSERT_FALSE(stacked);
  EXPECT_NE(stacked.error().text.find("12 groups"), std::string::npos);
  std::string nested = "a";
  for (int i = 0; i < 20; ++i) nested = "(" + nested + ")+";
  EXPECT_FALSE(Regex::compile(nested));
}

}  // namespace
}  // namespace missive::base
