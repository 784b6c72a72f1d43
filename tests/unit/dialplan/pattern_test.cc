// Patterns of extensions.
//
//  1. X Z N in either case, sets, ranges, escapes, other characters as they are
//  2. `.` wants one character more, `!` none
//  3. dashes in patterns and names count nowhere; in sets they make ranges
//  4. best-match order: the documented example, `.` and `!` last, sets by their characters
//  5. a set without its end is an error; an empty set and letters that are wildcards are warnings
#include "dialplan/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace missive::dialplan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Row {
  std::string_view pattern;
  std::vector<std::string_view> matching;
  std::vector<std::string_view> other;
};

void expect(std::initializer_list<Row> rows) {
  for (const auto& row : rows) {
    for (const auto exten : row.matching) {
      EXPECT_TRUE(matches_pattern(row.pattern, exten)) << row.pattern << " " << exten;
    }
    for (const auto exten : row.other) {
      EXPECT_FALSE(matches_pattern(row.pattern, exten)) << row.pattern << " " << exten;
    }
  }
}

TEST(Pattern, MatchesDigitsSetsAndCharacters) {
  expect({
      {"_X", {"0", "9"}, {"", "a", "00", "x", "X"}},
      {"_Z", {"1", "9"}, {"0", "Z"}},
      {"_N", {"2", "9"}, {"0", "1", "N"}},
      {"_xzn", {"012"}, {"002", "011", "xzn"}},
      {"_64XX", {"6400", "6499"}, {"640", "64000", "6300"}},
      {"_1NXXNXXXXXX", {"12015551212"}, {"11015551212", "1201555121"}},
      {"_[1237-9]", {"1", "2", "3", "7", "8", "9"}, {"4", "6", "-", "0"}},
      {"_[1-468]X", {"10", "40", "60", "80"}, {"50", "70"}},
      {"_[a-c5]X", {"a0", "c9", "50"}, {"d0", "A0"}},
      {"_[X]", {"X"}, {"1", "x"}},
      {"_[.]a", {".a"}, {"xa"}},
      {"_[!]", {"!"}, {""}},
      {"_[\\]a]", {"]", "a"}, {"\\"}},
      {"_[a\\-c]", {"a", "c", "-a"}, {"b", "-"}},
      {"_[ab-]", {"a", "b"}, {"c"}},
      {"_alice", {"alice"}, {"Alice", "alic", "alice2"}},
      {"_+49X.", {"+4930"}, {"+493", "4930"}},
      {"_[a-z].@example.com", {"bo", "b@x"}, {"b", "1@example.com"}},
      {"_", {""}, {"a"}},
      {"_[9-0]", {}, {"9", "0", "5"}},
      {"_[", {}, {"[", ""}},
  });
}

TEST(Pattern, EndsInWildcards) {
  expect({
      {"_.", {"1", "alice", "a b", "-"}, {""}},
      {"_!", {"", "1", "alice"}, {}},
      {"_9876.", {"98760", "9876abc"}, {"9876", "987"}},
      {"_9876!", {"9876", "98760"}, {"987"}},
      {"_X!", {"1", "1a"}, {"", "a"}},
      {"_1.2", {"11", "12", "1999"}, {"1"}},
      {"_.!", {"1"}, {""}},
  });
}

TEST(Pattern, SkipsDashes) {
  expect({
      {"_555-XXXX", {"5551212", "555-1212", "5-5-5-1212"}, {"555121"}},
      {"_5X", {"5-0"}, {"5-"}},
      {"_X-.", {"12", "1-2"}, {"1"}},
  });
  EXPECT_EQ(without_dashes("555-12-12"), "5551212");
  EXPECT_EQ(without_dashes("--"), "--");
  EXPECT_EQ(without_dashes(""), "");
}

std::vector<std::string_view> sorted(std::vector<std::string_view> patterns) {
  std::vector<std::string> warnings;
  std::stable_sort(patterns.begin(), patterns.end(), [&](auto a, auto b) {
    return *PatternOrder::of(a, warnings) < *PatternOrder::of(b, warnings);
  });
  return patterns;
}

TEST(Pattern, ComesInBestMatchOrder) {
  EXPECT_THAT(sorted({"_6XX1", "_64XX", "_640X", "_6.", "_64NX", "_6[45]NX", "_6[34]NX"}),
              ElementsAre("_640X", "_64NX", "_64XX", "_6[34]NX", "_6[45]NX", "_6XX1", "_6."));
  EXPECT_THAT(sorted({"_!", "_.", "_[a-z]", "_X", "_Z", "_N", "_1"}),
              ElementsAre("_1", "_N", "_Z", "_X", "_[a-z]", "_.", "_!"));
  EXPECT_THAT(sorted({"_[a-j]", "_X", "_[0-4]", "_[4-8]"}),
              ElementsAre("_[0-4]", "_[4-8]", "_X", "_[a-j]"));
  EXPECT_THAT(sorted({"_X.", "_1!", "_1.", "_12"}), ElementsAre("_12", "_1.", "_1!", "_X."));
  std::vector<std::string> warnings;
  EXPECT_EQ(PatternOrder::of("_5-XX", warnings), PatternOrder::of("_5x[0123456789]", warnings));
}

TEST(Pattern, TellsWhatIsWrong) {
  std::vector<std::string> warnings;
  const auto order = PatternOrder::of("_1[23", warnings);
  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().text, "pattern '_1[23' has a '[' without its ']'");
  EXPECT_THAT(warnings, IsEmpty());

  for (const auto* const fine : {"_nxxnxx", "_X.", "_[n]ames", "_+49x.", "_ALICE", "_bob."}) {
    ASSERT_TRUE(PatternOrder::of(fine, warnings));
    EXPECT_THAT(warnings, IsEmpty()) << fine;
  }
  ASSERT_TRUE(PatternOrder::of("_anna.", warnings));
  EXPECT_THAT(warnings, ElementsAre("'n' in pattern '_anna.' stands for a digit; the letter itself "
                                    "is [n]"));
  warnings.clear();
  ASSERT_TRUE(PatternOrder::of("_1[]", warnings));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("is empty, so nothing matches")));
}

}  // namespace
}  // namespace missive::dialplan
