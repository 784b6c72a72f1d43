#include "base/time_zone.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/text.h"

namespace missive::base {
namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::size_t max_file = 256 * 1024;

// Days since 1970-01-01 of a date; the proleptic Gregorian calendar.
std::int64_t days_from(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// What a clock in Greenwich shows.
std::tm broken_down(std::int64_t seconds) {
  std::tm result{};
  const auto time = static_cast<std::time_t>(seconds);
  gmtime_r(&time, &result);
  return result;
}

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
  return (value % step + step) % step;
}

}  // namespace

// Reads one zone file (RFC 9636 section 3), and the rule in its footer.
class ZoneReader {
 public:
  explicit ZoneReader(std::string_view octets) : rest_(octets) {}

  Result<TimeZone> read() {
    Header header;
    if (!read_header(header)) return fail("it is no zone file (TZif)");
    std::size_t time_size = 4;
    if (header.version >= '2') {
      // The first block is for old readers; the second has times of 64 bits.
      if (!skip(header.body_size(4)) || !read_header(header)) return fail("it is cut off");
      time_size = 8;
    }
    if (rest_.size() < header.body_size(time_size)) return fail("it is cut off");
    if (header.kinds == 0) return fail("it has no local time");
    if (!read_body(header, time_size)) return fail("its tables do not fit together");
    if (time_size == 8) read_footer();
    return std::move(zone_);
  }

 private:
  struct Header {
    char version = 0;
    std::size_t utc_marks = 0, standard_marks = 0, leaps = 0, changes = 0, kinds = 0, names = 0;

    std::size_t body_size(std::size_t time_size) const {
      return changes * (time_size + 1) + kinds * 6 + names + leaps * (time_size + 4) +
             standard_marks + utc_marks;
    }
  };

  bool skip(std::size_t count) {
    if (rest_.size() < count) return false;
    rest_.remove_prefix(count);
    return true;
  }

  // A big-endian signed number; the caller knows that it is there.
  std::int64_t number(std::size_t size) {
    std::uint64_t value = static_cast<unsigned char>(rest_[0]) & 0x80 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | static_cast<unsigned char>(rest_[i]);
    }
    rest_.remove_prefix(size);
    return static_cast<std::int64_t>(value);
  }

  bool read_header(Header& header) {
    if (rest_.size() < 44 || !rest_.starts_with("TZif")) return false;
    header.version = rest_[4];
    rest_.remove_prefix(20);
    for (auto* count : {&header.utc_marks, &header.standard_marks, &header.leaps, &header.changes,
                        &header.kinds, &header.names}) {
      const auto value = number(4);
      if (value < 0 || value > static_cast<std::int64_t>(max_file)) return false;
      *count = static_cast<std::size_t>(value);
    }
    return true;
  }

  bool read_body(const Header& header, std::size_t time_size) {
    for (std::size_t i = 0; i < header.changes; ++i) {
      zone_.changes_.push_back({number(time_size), 0});
    }
    for (auto& change : zone_.changes_) {
      change.kind = static_cast<std::size_t>(number(1)) & 0xFF;
      if (change.kind >= header.kinds) return false;
    }
    std::vector<std::size_t> name_places;
    for (std::size_t i = 0; i < header.kinds; ++i) {
      TimeZone::Kind kind;
      kind.offset = number(4);
      kind.daylight = number(1) != 0;
      if (kind.offset < -2 * day_seconds || kind.offset > 2 * day_seconds) return false;
      name_places.push_back(static_cast<std::size_t>(number(1)) & 0xFF);
      zone_.kinds_.push_back(kind);
    }
    const auto names = rest_.substr(0, header.names);
    for (std::size_t i = 0; i < header.kinds; ++i) {
      if (name_places[i] > names.size()) return false;
      const auto name = names.substr(name_places[i]);
      zone_.kinds_[i].name = name.substr(0, name.find('\0'));
    }
    rest_.remove_prefix(header.names + header.leaps * (time_size + 4) + header.standard_marks +
                        header.utc_marks);
    return std::is_sorted(zone_.changes_.begin(), zone_.changes_.end(),
                          [](const auto& a, const auto& b) { return a.when < b.when; });
  }

  // A line such as CET-1CEST,M3.5.0,M10.5.0/3 (POSIX, TZ). One that is not understood counts as
  // none: the last change then holds for good.
  void read_footer() {
    if (!skip(1)) return;
    rest_ = rest_.substr(0, rest_.find('\n'));
    TimeZone::Rule rule;
    if (!read_name(rule.standard.name) || !read_offset(rule.standard.offset)) return;
    rule.standard.offset = -rule.standard.offset;
    if (!rest_.empty()) {
      rule.has_daylight = rule.daylight.daylight = true;
      if (!read_name(rule.daylight.name)) return;
      rule.daylight.offset = rule.standard.offset + 3600;
      if (!rest_.starts_with(',')) {
        if (!read_offset(rule.daylight.offset)) return;
        rule.daylight.offset = -rule.daylight.offset;
      }
      if (!read_day(rule.begins) || !read_day(rule.ends)) return;
    }
    rule.present = true;
    zone_.rule_ = rule;
  }

  bool read_name(std::string& name) {
    std::size_t length = 0;
    if (rest_.starts_with('<')) {
      length = rest_.find('>');
      if (length == rest_.npos) return false;
      name = rest_.substr(1, length - 1);
      return skip(length + 1);
    }
    while (length < rest_.size() && is_alpha(rest_[length])) ++length;
    name = rest_.substr(0, length);
    return length >= 3 && skip(length);
  }

  bool read_int(int& value) {
    std::size_t length = 0;
    while (length < rest_.size() && length < 4 && is_digit(rest_[length])) ++length;
    const auto parsed = parse_number<int>(rest_.substr(0, length));
    if (!parsed) return false;
    value = *parsed;
    return skip(length);
  }

  // [+-]h[h][:mm[:ss]]
  bool read_offset(std::int64_t& seconds) {
    const bool negative = rest_.starts_with('-');
    if (negative || rest_.starts_with('+')) rest_.remove_prefix(1);
    int part = 0;
    if (!read_int(part) || part > 167) return false;
    seconds = part * 3600;
    for (const int unit : {60, 1}) {
      if (!rest_.starts_with(':')) break;
      rest_.remove_prefix(1);
      if (!read_int(part) || part > 59) return false;
      seconds += part * unit;
    }
    if (negative) seconds = -seconds;
    return true;
  }

  bool read_day(TimeZone::YearDay& day) {
    using Form = TimeZone::YearDay::Form;
    if (!rest_.starts_with(',')) return false;
    rest_.remove_prefix(1);
    if (rest_.starts_with('M')) {
      rest_.remove_prefix(1);
      if (!read_int(day.month) || !skip(1) || !read_int(day.week) || !skip(1) ||
          !read_int(day.weekday)) {
        return false;
      }
      if (day.month < 1 || day.month > 12 || day.week < 1 || day.week > 5 || day.weekday > 6) {
        return false;
      }
    } else {
      day.form = rest_.starts_with('J') ? Form::julian : Form::plain;
      if (day.form == Form::julian) rest_.remove_prefix(1);
      if (!read_int(day.day) || day.day > 366) return false;
    }
    if (!rest_.starts_with('/')) return true;
    rest_.remove_prefix(1);
    return read_offset(day.time);
  }

  std::string_view rest_;
  TimeZone zone_;
};

Result<TimeZone> TimeZone::parse(std::string_view octets) { return ZoneReader(octets).read(); }

// Seconds since 1970 of the beginning of that day's change, on the clock that was showing.
std::int64_t TimeZone::day_of(const YearDay& day, std::int64_t year) {
  const auto first = days_from(year, 1, 1);
  switch (day.form) {
    case YearDay::Form::julian:  // the 29th of February is not counted
      return (first + day.day - 1 + (is_leap(year) && day.day >= 60 ? 1 : 0)) * day_seconds +
             day.time;
    case YearDay::Form::plain:
      return (first + day.day) * day_seconds + day.time;
    case YearDay::Form::month_week:
      break;
  }
  const auto month = days_from(year, day.month, 1);
  const auto next = day.month == 12 ? days_from(year + 1, 1, 1) : days_from(year, day.month + 1, 1);
  const auto weekday = floor_to(month + 4, 7);  // 1970-01-01 was a Thursday
  auto found = month + floor_to(day.weekday - weekday, 7) + (day.week - 1) * 7;
  if (found >= next) found -= 7;  // week 5 is the last one
  return found * day_seconds + day.time;
}

const TimeZone::Kind& TimeZone::kind_by_rule(std::int64_t seconds) const {
  if (!rule_.has_daylight) return rule_.standard;
  const std::int64_t year = broken_down(seconds + rule_.standard.offset).tm_year + 1900;
  const auto begins = day_of(rule_.begins, year) - rule_.standard.offset;
  const auto ends = day_of(rule_.ends, year) - rule_.daylight.offset;
  const bool daylight = begins < ends ? seconds >= begins && seconds < ends
                                      : seconds >= begins || seconds < ends;  // in the south
  return daylight ? rule_.daylight : rule_.standard;
}

const TimeZone::Kind& TimeZone::kind_at(std::int64_t seconds) const {
  const auto after =
      std::upper_bound(changes_.begin(), changes_.end(), seconds,
                       [](std::int64_t when, const Change& change) { return when < change.when; });
  if (after == changes_.end() && rule_.present) return kind_by_rule(seconds);
  return after == changes_.begin() ? kinds_.front() : kinds_[std::prev(after)->kind];
}

std::tm TimeZone::at(std::int64_t seconds) const {
  constexpr std::int64_t first = -62'135'596'800;  // year 1
  constexpr std::int64_t last = 253'402'300'799;   // year 9999
  seconds = std::clamp(seconds, first, last);
  const auto& kind = kind_at(seconds);
  auto result = broken_down(seconds + kind.offset);
  result.tm_isdst = kind.daylight ? 1 : 0;
  result.tm_gmtoff = static_cast<long>(kind.offset);
  result.tm_zone = kind.name.c_str();
  return result;
}

std::int64_t TimeZone::seconds(const std::tm& local) const {
  std::int64_t year = std::int64_t{local.tm_year} + 1900 + local.tm_mon / 12;
  int month = local.tm_mon % 12;
  if (month < 0) month += 12, --year;
  const std::int64_t shown = (days_from(year, month + 1, 1) + local.tm_mday - 1) * day_seconds +
                             std::int64_t{local.tm_hour} * 3600 + std::int64_t{local.tm_min} * 60 +
                             local.tm_sec;
  // The offsets of a day before and after are the only ones it can be.
  const auto before = kind_at(shown - day_seconds).offset;
  const auto after = kind_at(shown + day_seconds).offset;
  if (kind_at(shown - before).offset == before) return shown - before;
  if (kind_at(shown - after).offset == after) return shown - after;
  return shown - before;
}

namespace {

bool is_zone_name(std::string_view name) {
  if (name.size() > 64 || name.starts_with('/') || name.ends_with('/')) return false;
  if (name.find("//") != name.npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '_' || c == '+' || c == '-' || c == '/';
  });
}

Result<TimeZone> read_zone(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("there is no such zone");
  std::string octets(max_file, '\0');
  file.read(octets.data(), static_cast<std::streamsize>(octets.size()));
  octets.resize(static_cast<std::size_t>(file.gcount()));
  return TimeZone::parse(octets);
}

// The system's own: TZ, else the file that everybody links to the zone; else Greenwich.
std::string local_path(const std::string& folder) {
  const char* name = std::getenv("TZ");
  if (name == nullptr) return "/etc/localtime";
  std::string_view zone = name;
  if (zone.starts_with(':')) zone.remove_prefix(1);
  if (zone.starts_with('/')) return std::string(zone);
  return folder + "/" + (zone.empty() || !is_zone_name(zone) ? "UTC" : std::string(zone));
}

}  // namespace

Result<const TimeZone*> TimeZone::find(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const TimeZone>, std::less<>> zones;
  if (!is_zone_name(name)) return fail("\"{}\" is no name of a time zone", printable(name, 64));
  const std::lock_guard lock(mutex);
  if (const auto found = zones.find(name); found != zones.end()) return found->second.get();
  const char* variable = std::getenv("TZDIR");
  const std::string folder = variable != nullptr ? variable : "/usr/share/zoneinfo";
  auto zone = read_zone(name.empty() ? local_path(folder) : folder + "/" + std::string(name));
  if (!zone && name.empty()) {
    zone.emplace();  // a system without zones shows Greenwich's time
    zone->kinds_.emplace_back().name = "UTC";
  }
  if (!zone) {
    return fail("the time zone {} cannot be read from {}: {}", name, folder, zone.error().text);
  }
  auto kept = std::make_unique<const TimeZone>(std::move(*zone));
  return zones.emplace(std::string(name), std::move(kept)).first->second.get();
}

}  // namespace missive::base
