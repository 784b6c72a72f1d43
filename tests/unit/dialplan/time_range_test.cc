// Time conditions of includes, GotoIfTime and IFTIME.
//
//  1. times of day: both ends belong to it, over midnight, a single minute
//  2. days of the week, by name or number, in any case, over the week's end
//  3. days of the month and months
//  4. several ranges joined by &, old separators, parts left out
//  5. all parts must fit
//  6. a time zone, in summer and in winter
//  7. what cannot be read is an error that says which part
#include "dialplan/time_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace missive::dialplan {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// UTC.
base::WallTime at(int year, unsigned month, unsigned day, int hour = 12, int minute = 0) {
  const std::chrono::sys_days date =
      std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day);
  return date + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

// A Wednesday.
base::WallTime clock_shows(int hour, int minute) { return at(2026, 7, 15, hour, minute); }

bool holds(std::string_view text, base::WallTime when) {
  const auto range = TimeRange::parse(text);
  EXPECT_TRUE(range) << text << ": " << range.error().text;
  return range && range->contains(when);
}

std::string error_of(std::string_view text) {
  const auto range = TimeRange::parse(text);
  return range ? "no error" : range.error().text;
}

TEST(TimeRange, KnowsTimesOfDay) {
  const std::string day = "9:00-17:00,*,*,*,UTC";
  EXPECT_FALSE(holds(day, clock_shows(8, 59)));
  EXPECT_TRUE(holds(day, clock_shows(9, 0)));
  EXPECT_TRUE(holds(day, clock_shows(9, 0) + 59s));
  EXPECT_TRUE(holds(day, clock_shows(17, 0) + 59s));
  EXPECT_FALSE(holds(day, clock_shows(17, 1)));
  const std::string night = " 22:00 - 06:00 ,*,*,*,UTC";
  EXPECT_TRUE(holds(night, clock_shows(23, 59)));
  EXPECT_TRUE(holds(night, clock_shows(0, 0)));
  EXPECT_TRUE(holds(night, clock_shows(6, 0)));
  EXPECT_FALSE(holds(night, clock_shows(6, 1)));
  EXPECT_FALSE(holds(night, clock_shows(21, 59)));
  EXPECT_TRUE(holds("12:30,*,*,*,UTC", clock_shows(12, 30)));
  EXPECT_FALSE(holds("12:30,*,*,*,UTC", clock_shows(12, 31)));
}

TEST(TimeRange, KnowsDaysOfTheWeek) {
  // 2026-07-12 is a Sunday.
  const struct {
    std::string_view range;
    std::string_view days;  // Sunday first
  } rows[] = {{"mon-fri", "_MTWTF_"}, {"sat-mon", "SM____S"}, {"Wed", "___W___"},
              {"MONDAY", "_M_____"},  {"1", "S______"},       {"sun&wed-thu", "S__WT__"},
              {"*", "SMTWTFS"},       {"", "SMTWTFS"},        {"sat-fri", "SMTWTFS"}};
  for (const auto& row : rows) {
    for (unsigned i = 0; i < 7; ++i) {
      EXPECT_EQ(holds("*," + std::string(row.range) + ",*,*,UTC", at(2026, 7, 12 + i)),
                row.days[i] != '_')
          << row.range << " " << i;
    }
  }
}

TEST(TimeRange, KnowsDaysAndMonths) {
  EXPECT_TRUE(holds("*,*,1-15,*,UTC", at(2026, 7, 1)));
  EXPECT_TRUE(holds("*,*,1-15,*,UTC", at(2026, 7, 15)));
  EXPECT_FALSE(holds("*,*,1-15,*,UTC", at(2026, 7, 16)));
  EXPECT_TRUE(holds("*,*,30-2,*,UTC", at(2026, 7, 31)));
  EXPECT_TRUE(holds("*,*,30-2,*,UTC", at(2026, 7, 2)));
  EXPECT_FALSE(holds("*,*,30-2,*,UTC", at(2026, 7, 3)));
  EXPECT_TRUE(holds("*,*,*,jan-mar,UTC", at(2026, 3, 31)));
  EXPECT_FALSE(holds("*,*,*,jan-mar,UTC", at(2026, 4, 1)));
  EXPECT_TRUE(holds("*,*,*,nov-february,UTC", at(2026, 1, 1)));
  EXPECT_TRUE(holds("*,*,*,12,UTC", at(2026, 12, 1)));
  EXPECT_FALSE(holds("*,*,*,feb&apr,UTC", at(2026, 3, 1)));
}

TEST(TimeRange, JoinsRangesAndTakesOldSeparators) {
  EXPECT_TRUE(holds("8:00-9:00&20:00-21:00,*,*,*,UTC", clock_shows(20, 30)));
  EXPECT_FALSE(holds("8:00-9:00&20:00-21:00,*,*,*,UTC", clock_shows(12, 0)));
  EXPECT_TRUE(holds("9:00-17:00|mon-fri|*|*|UTC", clock_shows(12, 0)));
  EXPECT_TRUE(holds("", clock_shows(12, 0)));
  EXPECT_TRUE(holds(",,,", clock_shows(12, 0)));
  EXPECT_TRUE(holds("*,*,*,jul", clock_shows(12, 0)));
}

TEST(TimeRange, NeedsAllPartsToFit) {
  const std::string range = "9:00-17:00,wed,15,jul,UTC";
  EXPECT_TRUE(holds(range, at(2026, 7, 15, 12)));
  EXPECT_FALSE(holds(range, at(2026, 7, 15, 18)));
  EXPECT_FALSE(holds(range, at(2026, 7, 14, 12)));
  EXPECT_FALSE(holds(range, at(2026, 7, 22, 12)));
  EXPECT_FALSE(holds(range, at(2026, 4, 15, 12)));
}

TEST(TimeRange, ReadsAnotherPlacesClock) {
  if (!base::TimeZone::find("Europe/Berlin")) GTEST_SKIP() << "no zone files on this machine";
  const std::string noon = "12:00,*,*,*,Europe/Berlin";
  EXPECT_TRUE(holds(noon, at(2026, 7, 15, 10)));
  EXPECT_FALSE(holds(noon, at(2026, 7, 15, 11)));
  EXPECT_TRUE(holds(noon, at(2026, 1, 15, 11)));
  EXPECT_TRUE(holds("*,thu,*,*,Europe/Berlin", at(2026, 7, 15, 22)));
}

TEST(TimeRange, SaysWhatItCannotRead) {
  for (const auto* const times :
       {"9", "9:00-", "24:00", "9:60", "a:b", "-9:00", "9:00-17:00-18:00"}) {
    EXPECT_THAT(error_of(times), HasSubstr("is not times of day such as 9:00-17:30")) << times;
  }
  EXPECT_EQ(error_of("*,mo-fr"),
            "'mo-fr' in a time range is not days of the week such as mon-fri, nor *");
  EXPECT_THAT(error_of("*,8"), HasSubstr("days of the week"));
  EXPECT_THAT(error_of("*,&"), HasSubstr("days of the week"));
  EXPECT_THAT(error_of("*,*,0"), HasSubstr("days of the month"));
  EXPECT_THAT(error_of("*,*,32"), HasSubstr("days of the month"));
  EXPECT_THAT(error_of("*,*,*,juli"), HasSubstr("months such as"));
  EXPECT_THAT(error_of("*,*,*,13"), HasSubstr("months such as"));
  EXPECT_THAT(error_of("*,*,*,*,No/Where"), HasSubstr("No/Where"));
  EXPECT_THAT(error_of("*,*,*,*,UTC,more"), HasSubstr("has more than times"));
}

}  // namespace
}  // namespace missive::dialplan
