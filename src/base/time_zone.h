// Time zones by their name: what a clock on the wall shows, there, at a moment.
//
// Reads the zone files of the system (RFC 9636, "TZif") itself, since the C library knows one
// zone a process. A TimeZone is immutable, is read once and lives as long as the process; any
// thread. Names come out of configuration or messages: only letters, digits and _ + - /, so
// that no other file is ever opened.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace missive::base {

class TimeZone {
 public:
  // "Europe/Berlin", "UTC"; an empty name is the system's own zone. Never nullptr, never freed.
  static Result<const TimeZone*> find(std::string_view name);
  // From the octets of a zone file.
  static Result<TimeZone> parse(std::string_view octets);

  // The broken-down time there, tm_gmtoff and tm_zone included (good as long as the
  // zone is). `seconds` since 1970; beyond the year 9999 or before 1 it is held there.
  std::tm at(std::int64_t seconds) const;
  // The moment at which a clock there shows that; fields out of range carry over. An hour that
  // comes twice is the first one, one that is left out is counted on from before.
  std::int64_t seconds(const std::tm& local) const;

 private:
  struct Kind {
    std::int64_t offset = 0;  // seconds east of Greenwich
    bool daylight = false;
    std::string name;
  };
  struct Change {
    std::int64_t when;
    std::size_t kind;
  };
  // A day of each year, as the rule at the end of a zone file gives it, and a time.
  struct YearDay {
    enum class Form { month_week, julian, plain } form = Form::month_week;
    int month = 1, week = 1, weekday = 0;
    int day = 0;
    std::int64_t time = 7200;
  };
  // What holds after the last change.
  struct Rule {
    bool present = false;
    bool has_daylight = false;
    Kind standard, daylight;
    YearDay begins, ends;
  };
  friend class ZoneReader;

  const Kind& kind_at(std::int64_t seconds) const;
  const Kind& kind_by_rule(std::int64_t seconds) const;
  static std::int64_t day_of(const YearDay& day, std::int64_t year);

  std::vector<Change> changes_;  // by time
  std::vector<Kind> kinds_;      // never empty
  Rule rule_;
};

}  // namespace missive::base
