// Time zones.
//
//  1. A clock before and after changes, in the north, in the south and where there are none.
//  2. Times after the last change that the file tells follow the rule at its end.
//  3. seconds() is the inverse of at(); hours that come twice or never; fields that carry over.
//  4. Names that are no zones, and paths, are refused.
//  5. Files that are cut off or altered anywhere are errors or zones, never harm.
//  6. Rules of every form.
#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace missive::base {
namespace {

const TimeZone& zone(std::string_view name) {
  const auto found = TimeZone::find(name);
  if (!found) ADD_FAILURE() << found.error().text;
  return **found;
}

std::string shown(const TimeZone& zone, std::int64_t seconds) {
  const std::tm local = zone.at(seconds);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%F %T %Z %z", &local)};
}

std::tm local(int year, int month, int day, int hour, int minute = 0) {
  std::tm result{};
  result.tm_year = year - 1900;
  result.tm_mon = month - 1;
  result.tm_mday = day;
  result.tm_hour = hour;
  result.tm_min = minute;
  return result;
}

// A file of version 2 with one local time and the rule.
std::string file_with_rule(std::string_view rule) {
  const auto block = [](char count) {
    std::string octets = "TZif2" + std::string(15, '\0') + std::string(16, '\0');
    octets += std::string(3, '\0') + count + std::string(3, '\0') + char(4);
    return octets + std::string(6, '\0') + std::string("UTC\0", 4);
  };
  return block(1) + block(1) + "\n" + std::string(rule) + "\n";
}

TEST(TimeZone, Changes) {
  EXPECT_EQ(shown(zone("Europe/Berlin"), 1774745999), "2026-03-29 01:59:59 CET +0100");
  EXPECT_EQ(shown(zone("Europe/Berlin"), 1774746000), "2026-03-29 03:00:00 CEST +0200");
  EXPECT_EQ(shown(zone("Europe/Berlin"), 1792889999), "2026-10-25 02:59:59 CEST +0200");
  EXPECT_EQ(shown(zone("Europe/Berlin"), 1792890000), "2026-10-25 02:00:00 CET +0100");
  EXPECT_EQ(shown(zone("Australia/Sydney"), 1767225600), "2026-01-01 11:00:00 AEDT +1100");
  EXPECT_EQ(shown(zone("Asia/Kolkata"), 0), "1970-01-01 05:30:00 IST +0530");
  EXPECT_EQ(shown(zone("UTC"), -1), "1969-12-31 23:59:59 UTC +0000");
  EXPECT_EQ(zone("UTC").at(0).tm_wday, 4);
  EXPECT_EQ(zone("Europe/Berlin").at(1792889999).tm_isdst, 1);
}

TEST(TimeZone, AfterTheLastChange) {
  EXPECT_EQ(shown(zone("America/New_York"), 4102444800), "2099-12-31 19:00:00 EST -0500");
  EXPECT_EQ(shown(zone("America/New_York"), 4118083200), "2100-06-30 20:00:00 EDT -0400");
  EXPECT_EQ(shown(zone("Australia/Sydney"), 4118083200), "2100-07-01 10:00:00 AEST +1000");
  EXPECT_EQ(shown(zone("UTC"), 253402300799), "9999-12-31 23:59:59 UTC +0000");
  EXPECT_EQ(zone("UTC").at(INT64_MAX).tm_year, 9999 - 1900);
  EXPECT_EQ(zone("UTC").at(INT64_MIN).tm_year, 1 - 1900);
}

TEST(TimeZone, Inverse) {
  for (const auto* name : {"Europe/Berlin", "America/New_York", "Australia/Sydney", "UTC"}) {
    for (std::int64_t when = -5'000'000'000; when < 9'000'000'000; when += 12'345'678) {
      EXPECT_EQ(zone(name).seconds(zone(name).at(when)), when) << name;
    }
  }
  const auto& berlin = zone("Europe/Berlin");
  EXPECT_EQ(berlin.seconds(local(2026, 10, 25, 2, 30)), 1792888200);  // comes twice
  EXPECT_EQ(berlin.seconds(local(2026, 3, 29, 2, 30)), 1774747800);   // never comes
  EXPECT_EQ(berlin.seconds(local(2025, 14, 1, 0)), berlin.seconds(local(2026, 2, 1, 0)));
  EXPECT_EQ(berlin.seconds(local(2026, -1, 1, 0)), berlin.seconds(local(2025, 11, 1, 0)));
  EXPECT_EQ(berlin.seconds(local(2026, 1, 32, 0)), berlin.seconds(local(2026, 2, 1, 0)));
}

TEST(TimeZone, Names) {
  for (const auto* name : {"No/Such", "../zoneinfo/UTC", "/etc/passwd", "Europe", "Europe//Berlin",
                           "Europe/", "UTC\n", "a.b"}) {
    EXPECT_FALSE(TimeZone::find(name)) << name;
  }
  EXPECT_TRUE(TimeZone::find(""));
  EXPECT_EQ(*TimeZone::find("UTC"), *TimeZone::find("UTC"));
}

TEST(TimeZone, BrokenFiles) {
  const std::string good = file_with_rule("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(TimeZone::parse(good));
  EXPECT_FALSE(TimeZone::parse(""));
  EXPECT_FALSE(TimeZone::parse("no zone file"));
  for (std::size_t length = 0; length < good.size(); ++length) {
    if (const auto zone = TimeZone::parse(good.substr(0, length))) zone->at(1'000'000'000);
  }
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (const int octet : {0, 1, 0x7F, 0xFF}) {
      auto bad = good;
      bad[place] = static_cast<char>(octet);
      if (const auto zone = TimeZone::parse(bad)) zone->seconds(zone->at(1'000'000'000));
    }
  }
}

TEST(TimeZone, Rules) {
  const auto at = [](std::string_view rule, std::int64_t seconds) {
    const auto parsed = TimeZone::parse(file_with_rule(rule));
    return parsed ? shown(*parsed, seconds) : parsed.error().text;
  };
  EXPECT_EQ(at("CET-1CEST,M3.5.0,M10.5.0/3", 1774746000), "2026-03-29 03:00:00 CEST +0200");
  EXPECT_EQ(at("<+0330>-3:30", 0), "1970-01-01 03:30:00 +0330 +0330");
  EXPECT_EQ(at("AAA0BBB-2,J60/0,J300/0", 1709251200), "2024-03-01 02:00:00 BBB +0200");
  EXPECT_EQ(at("AAA0BBB-2,J60/0,J300/0", 1709251199), "2024-02-29 23:59:59 AAA +0000");
  EXPECT_EQ(at("AAA0BBB,59/0,300/0", 1709164800), "2024-02-29 01:00:00 BBB +0100");
  EXPECT_EQ(at("AAA0BBB,nonsense", 0), "1970-01-01 00:00:00 UTC +0000");
  EXPECT_EQ(at("", 0), "1970-01-01 00:00:00 UTC +0000");
}

}  // namespace
}  // namespace missive::base
