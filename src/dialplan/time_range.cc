#include "dialplan/time_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace missive::dialplan {
namespace {

constexpr std::array<std::string_view, 7> weekday_names{
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> month_names{
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

// The place of a value in its set, or nothing.
using ReadPlace = std::optional<std::size_t> (*)(std::string_view);

// 1 is the first.
template <std::size_t count>
std::optional<std::size_t> read_number(std::string_view text) {
  const auto number = base::parse_number<std::size_t>(text);
  if (!number || *number == 0 || *number > count) return std::nullopt;
  return *number - 1;
}

// "mon", "monday", or its number.
template <std::size_t count>
std::optional<std::size_t> read_name(std::string_view text,
                                     const std::array<std::string_view, count>& names) {
  for (std::size_t i = 0; i < count && text.size() >= 3; ++i) {
    if (base::istarts_with(names[i], text)) return i;
  }
  return read_number<count>(text);
}

std::optional<std::size_t> read_time(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto hour = base::parse_number<std::size_t>(text.substr(0, colon));
  const auto minute = base::parse_number<std::size_t>(text.substr(colon + 1));
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  return *hour * 60 + *minute;
}

std::optional<std::size_t> read_weekday(std::string_view text) {
  return read_name(text, weekday_names);
}
std::optional<std::size_t> read_month(std::string_view text) {
  return read_name(text, month_names);
}

// Sets what the ranges of `text` hold; false when they cannot be read.
template <std::size_t count>
bool read_ranges(std::string_view text, ReadPlace read, std::bitset<count>& set) {
  text = base::trim(text);
  if (text.empty() || text == "*") {
    set.set();
    return true;
  }
  for (const auto range : base::split_list(text, '&')) {
    if (range == "*") {
      set.set();
      continue;
    }
    const auto dash = std::min(range.find('-'), range.size());
    const auto first = read(base::trim(range.substr(0, dash)));
    const auto last = dash < range.size() ? read(base::trim(range.substr(dash + 1))) : first;
    if (!first || !last) return false;
    for (auto i = *first; i != *last; i = (i + 1) % count) set.set(i);
    set.set(*last);
  }
  return set.any();
}

std::vector<std::string_view> split_parts(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find_first_of(",|");
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

base::Result<TimeRange> TimeRange::parse(std::string_view text) {
  auto parts = split_parts(text);
  if (parts.size() > 5) {
    return base::fail(
        "the time range '{}' has more than times, days of week, days of month, "
        "months and a time zone",
        base::printable(text, 80));
  }
  parts.resize(5);
  const auto wrong = [](std::string_view part, std::string_view right) {
    return base::fail("'{}' in a time range is not {}", base::printable(part, 40), right);
  };
  TimeRange range;
  if (!read_ranges(parts[0], read_time, range.minutes_)) {
    return wrong(parts[0], "times of day such as 9:00-17:30, nor *");
  }
  if (!read_ranges(parts[1], read_weekday, range.weekdays_)) {
    return wrong(parts[1], "days of the week such as mon-fri, nor *");
  }
  if (!read_ranges(parts[2], read_number<31>, range.days_)) {
    return wrong(parts[2], "days of the month such as 1-15, nor *");
  }
  if (!read_ranges(parts[3], read_month, range.months_)) {
    return wrong(parts[3], "months such as jan-mar, nor *");
  }
  const auto zone = base::TimeZone::find(base::trim(parts[4]));
  if (!zone) return tl::unexpected(zone.error());
  range.zone_ = *zone;
  return range;
}

bool TimeRange::contains(base::WallTime now) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::tm local = zone_->at(seconds);
  const auto in = [](const auto& set, int place) {
    return place >= 0 && static_cast<std::size_t>(place) < set.size() &&
           set[static_cast<std::size_t>(place)];
  };
  return in(minutes_, local.tm_hour * 60 + local.tm_min) && in(weekdays_, local.tm_wday) &&
         in(days_, local.tm_mday - 1) && in(months_, local.tm_mon);
}

}  // namespace missive::dialplan
