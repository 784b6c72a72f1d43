// A time condition of the dialplan: "9:00-17:00,mon-fri,*,jan-mar[,timezone]".
//
// Times of day, days of week, days of month, months; `*` or nothing for any; ranges may
// wrap (fri-mon, 22:00-6:00), hold both ends, and are joined by `&` (mon&wed-fri). Local time, or
// the named zone's. Immutable. Source: Asterisk documentation, GotoIfTime, include.
#pragma once

#include <bitset>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/time_zone.h"

namespace missive::dialplan {

class TimeRange {
 public:
  // Parts separated by `,` or, as of old, by `|`.
  static base::Result<TimeRange> parse(std::string_view text);
  bool contains(base::WallTime now) const;

 private:
  TimeRange() = default;

  std::bitset<24 * 60> minutes_;          // of the day
  std::bitset<7> weekdays_;               // 0: Sunday
  std::bitset<31> days_;                  // 0: the first
  std::bitset<12> months_;                // 0: January
  const base::TimeZone* zone_ = nullptr;  // there is one after parse()
};

}  // namespace missive::dialplan
