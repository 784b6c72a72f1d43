// The schedule of attempts.
//
//  1. the gaps come one after the other, the last one again and again; no failure counts as one
//  2. each within a fifth of what is configured, and not always the same
//  3. never below what the peer asked for, at most a fifth above it, and a day at most
//  4. without gaps it is a minute
#include "message/retry_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace missive::message {
namespace {

using namespace std::chrono_literals;

void expect_about(base::Duration gap, std::chrono::seconds configured) {
  EXPECT_GE(gap, configured * 4 / 5);
  EXPECT_LE(gap, configured * 6 / 5);
}

TEST(RetrySchedule, GrowsToTheLastGap) {  // 1, 2
  const RetrySchedule schedule({30s, 60s, 3600s});
  base::RandomSource random;
  for (int i = 0; i < 200; ++i) {
    expect_about(schedule.gap(0, random), 30s);
    expect_about(schedule.gap(1, random), 30s);
    expect_about(schedule.gap(2, random), 60s);
    expect_about(schedule.gap(3, random), 3600s);
    expect_about(schedule.gap(4, random), 3600s);
    expect_about(schedule.gap(4'000'000'000, random), 3600s);
  }
}

TEST(RetrySchedule, Scatters) {  // 2
  const RetrySchedule schedule({1000s});
  base::RandomSource random;
  std::set<base::Duration> seen;
  for (int i = 0; i < 500; ++i) seen.insert(schedule.gap(1, random));
  EXPECT_GT(seen.size(), 400U);
  // Of five hundred some are near either end: all in one half would be one chance in 2^499.
  EXPECT_LT(*seen.begin(), 1000s);
  EXPECT_GT(*seen.rbegin(), 1000s);
}

TEST(RetrySchedule, HonoursWhatThePeerAsks) {  // 3
  const RetrySchedule schedule({100s});
  base::RandomSource random;
  std::set<base::Duration> seen;
  for (int i = 0; i < 200; ++i) {
    expect_about(schedule.gap(1, random, 10s), 100s);
    expect_about(schedule.gap(1, random, -5s), 100s);
    const auto wished = schedule.gap(1, random, 1000s);
    EXPECT_GE(wished, 1000s);
    EXPECT_LE(wished, 1200s);
    seen.insert(wished);
    const auto absurd = schedule.gap(1, random, std::chrono::seconds::max());
    EXPECT_GE(absurd, 24h);
    EXPECT_LE(absurd, 29h);
    EXPECT_GE(schedule.gap(1, random, 110s), 110s);
  }
  EXPECT_GT(seen.size(), 100U);
}

TEST(RetrySchedule, HasAGapInAnyCase) {  // 4
  base::RandomSource random;
  expect_about(RetrySchedule({}).gap(7, random), 60s);
}

}  // namespace
}  // namespace missive::message
