// STRFTIME STRPTIME IFTIME
#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>

#include "base/text.h"
#include "base/time_zone.h"
#include "dialplan/functions/arguments.h"
#include "dialplan/functions/choice.h"
#include "dialplan/time_range.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

constexpr std::size_t max_format = 1000;

struct Moment {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
};

Moment now(Run& run) {
  const auto since = run.shared().clock.wall().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds);
  return {seconds.count(), static_cast<std::uint32_t>(rest.count())};
}

// "1141219835" or "1141219835.25".
base::Result<Moment> parse_epoch(std::string_view text) {
  const auto point = text.find('.');
  const auto seconds = base::parse_number<std::int64_t>(text.substr(0, point));
  constexpr std::int64_t year_9999 = 253'402'300'799;
  if (!seconds || *seconds > year_9999 || *seconds < -62'135'596'800) {
    return base::fail("STRFTIME wants seconds since 1970, not \"{}\"", base::printable(text, 40));
  }
  Moment moment{*seconds, 0};
  if (point == text.npos) return moment;
  std::uint32_t unit = 100'000'000;
  for (const char c : text.substr(point + 1)) {
    if (!base::is_digit(c)) break;
    moment.nanoseconds += unit * static_cast<std::uint32_t>(c - '0');
    unit /= 10;
  }
  return moment;
}

// The first `digits` of the fraction.
std::string fraction(const Moment& moment, std::size_t digits) {
  return fmt::format("{:09}", moment.nanoseconds).substr(0, digits);
}

// `format` with what strftime() does not know, or gets wrong for a zone that is not the
// process's, filled in: %q, %3q, %s.
std::string fill_in(std::string_view format, const Moment& moment) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 >= format.size()) {
      out += format[i];
      continue;
    }
    const char kind = format[i + 1];
    if (kind == 's') {
      out += std::to_string(moment.seconds);
      ++i;
    } else if (kind == 'q') {
      out += fraction(moment, 3);
      ++i;
    } else if (kind >= '1' && kind <= '9' && i + 2 < format.size() && format[i + 2] == 'q') {
      out += fraction(moment, static_cast<std::size_t>(kind - '0'));
      i += 2;
    } else {
      (out += '%') += kind;
      ++i;
    }
  }
  return out;
}

Text read_strftime(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 3);
  Moment moment = now(run);
  if (const auto epoch = base::trim(arguments[0]); !epoch.empty()) {
    const auto parsed = parse_epoch(epoch);
    if (!parsed) return tl::unexpected(parsed.error());
    moment = *parsed;
  }
  const auto zone = base::TimeZone::find(base::trim(arguments[1]));
  if (!zone) return tl::unexpected(zone.error());
  const std::string format = arguments[2].empty() ? "%c" : arguments.text(2);
  if (format.size() > max_format) {
    return base::fail("the format of STRFTIME has {} octets; {} are the most", format.size(),
                      max_format);
  }
  const std::tm local = (*zone)->at(moment.seconds);
  // The blank at the end tells an empty result from one that does not fit.
  const std::string filled = fill_in(format, moment) + ' ';
  std::string out(32 * 1024, '\0');
  const auto length = std::strftime(out.data(), out.size(), filled.c_str(), &local);
  if (length == 0) return base::fail("the result of STRFTIME would be too long");
  out.resize(length - 1);
  return out;
}

Text read_strptime(Run&, std::string_view text) {
  const Arguments arguments(text);
  if (arguments.size() < 3 || arguments[2].empty()) {
    return base::fail("STRPTIME wants a time, a zone and a format: STRPTIME(2026-01-02,UTC,%F)");
  }
  const auto zone = base::TimeZone::find(base::trim(arguments[1]));
  if (!zone) return tl::unexpected(zone.error());
  if (arguments[2].size() > max_format) return base::fail("the format of STRPTIME is too long");
  std::tm parsed{};
  parsed.tm_mday = 1;
  parsed.tm_year = 70;
  if (strptime(arguments[0].c_str(), arguments[2].c_str(), &parsed) == nullptr) {
    return base::fail("\"{}\" is no time of the form {}", base::printable(arguments[0], 60),
                      arguments[2]);
  }
  return std::to_string((*zone)->seconds(parsed));
}

Text read_iftime(Run& run, std::string_view text) {
  const auto choice = parse_choice(text);
  if (!choice) {
    return base::fail(
        "IFTIME wants a time range and two texts: "
        "IFTIME(9:00-17:00,mon-fri,*,*?yes:no)");
  }
  const auto range = TimeRange::parse(choice->condition);
  if (!range) return tl::unexpected(range.error());
  return range->contains(run.shared().clock.wall()) ? choice->yes : choice->no;
}

}  // namespace

void add_time_functions(FunctionTable& table) {
  table.add({"STRFTIME", read_strftime});
  table.add({"STRPTIME", read_strptime});
  table.add({"IFTIME", read_iftime});
}

}  // namespace missive::dialplan
