#include "conf/binder.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "conf/nearest.h"

namespace missive::conf {
namespace {

std::string shown(std::string_view text) { return fmt::format("'{}'", base::printable(text, 80)); }

// The largest first.
constexpr std::array<std::pair<char, long long>, 4> units_of_time{
    {{'d', 86'400}, {'h', 3600}, {'m', 60}, {'s', 1}}};

// 0: no unit.
long long seconds_of(char letter) {
  for (const auto& [name, seconds] : units_of_time) {
    if (name == letter) return seconds;
  }
  return 0;
}

// Written above the section, or in another file: by a template, most likely.
bool is_inherited(const Section& section, const Option& option) {
  return option.where.file != section.where.file || option.where.line < section.where.line;
}

}  // namespace

void OptionTable::add(std::string_view name, Setter setter) {
  entries_[std::string(name)] = Entry{std::move(setter), {}};
}

void OptionTable::add_alias(std::string_view old_name, std::string_view name, bool deprecated) {
  const auto present = entries_.find(name);
  assert(present != entries_.end());
  auto entry = present->second;
  if (deprecated) entry.deprecated_for = name;
  entries_[std::string(old_name)] = std::move(entry);
}

std::vector<std::string_view> OptionTable::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, entry] : entries_) {
    if (entry.deprecated_for.empty()) names.push_back(name);
  }
  return names;
}

void OptionTable::bind(const Section& section, void* target, Problems& problems) const {
  for (const auto& option : section.options) bind_one(section, option, target, problems);
}

void OptionTable::bind_one(const Section& section, const Option& option, void* target,
                           Problems& problems) const {
  const auto add_problem = [&](Problem::Severity severity, std::string_view text) {
    report(problems, severity, section, option,
           fmt::format("[{}] {}", base::printable(section.name), text));
  };
  const auto found = entries_.find(option.name);
  if (found == entries_.end()) {
    return add_problem(Problem::Severity::error,
                       fmt::format("unknown {} option {}{}", what_, shown(option.name),
                                   did_you_mean(option.name, names())));
  }
  const auto& entry = found->second;
  if (!entry.deprecated_for.empty()) {
    add_problem(Problem::Severity::warning,
                fmt::format("option '{}' is now called '{}'", found->first, entry.deprecated_for));
  }
  if (!entry.setter) return;
  if (const auto set = entry.setter(target, option); !set) {
    add_problem(Problem::Severity::error, fmt::format("{}: {}", found->first, set.error().text));
  }
}

void report(Problems& problems, Problem::Severity severity, const Location& where,
            std::string text) {
  const bool known = std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) {
    return problem.where == where && problem.severity == severity;
  });
  if (!known) problems.push_back({severity, where, std::move(text)});
}

void report(Problems& problems, Problem::Severity severity, const Section& section,
            const Option& option, std::string text) {
  if (is_inherited(section, option)) {
    report(problems, severity, option.where, std::move(text));
  } else {
    problems.push_back({severity, option.where, std::move(text)});
  }
}

base::Result<bool> read_boolean(std::string_view text) {
  if (const auto value = base::parse_bool(text)) return *value;
  return base::fail("{} is neither yes nor no", shown(text));
}

base::Result<long long> read_number(std::string_view text, long long min, long long max,
                                    std::string_view unit) {
  const auto value = base::parse_number<long long>(text);
  if (value && *value >= min && *value <= max) return *value;
  return base::fail("{} is no whole number from {} to {}{}{}", shown(text), min, max,
                    unit.empty() ? "" : " ", unit);
}

base::Result<long long> read_size(std::string_view text, long long min, long long max) {
  auto digits = text;
  long long unit = 1;
  if (!digits.empty() && base::is_alpha(digits.back())) {
    const char letter = base::to_lower(digits.back());
    unit = letter == 'k' ? 1LL << 10 : letter == 'm' ? 1LL << 20 : letter == 'g' ? 1LL << 30 : 0;
    digits = base::trim_right(digits.substr(0, digits.size() - 1));
  }
  const auto value = base::parse_number<long long>(digits);
  if (unit > 0 && value && *value >= 0 && *value <= max / unit && *value * unit >= min) {
    return *value * unit;
  }
  return base::fail("{} is no size from {} to {} octets (k, M and G are understood)", shown(text),
                    min, max);
}

base::Result<std::chrono::seconds> read_duration(std::string_view text, std::chrono::seconds min,
                                                 std::chrono::seconds max) {
  auto digits = text;
  long long unit = 1;
  if (!digits.empty() && base::is_alpha(digits.back())) {
    unit = seconds_of(base::to_lower(digits.back()));
    digits = base::trim_right(digits.substr(0, digits.size() - 1));
  }
  const auto value = base::parse_number<long long>(digits);
  if (unit > 0 && value && *value >= 0 && *value <= max.count() / unit &&
      *value * unit >= min.count()) {
    return std::chrono::seconds{*value * unit};
  }
  return base::fail("{} is no time from {} to {} (as in 30, 30s, 5m, 2h or 7d)", shown(text),
                    show_duration(min), show_duration(max));
}

std::string show_duration(std::chrono::seconds time) {
  for (const auto& [letter, seconds] : units_of_time) {
    if (time.count() != 0 && time.count() % seconds == 0) {
      return fmt::format("{}{}", time.count() / seconds, letter);
    }
  }
  return "0s";
}

base::Result<std::size_t> read_choice(std::string_view text,
                                      const std::vector<std::string_view>& accepted) {
  const auto found = std::find_if(accepted.begin(), accepted.end(), [text](std::string_view name) {
    return base::iequals(name, text);
  });
  if (found != accepted.end()) return static_cast<std::size_t>(found - accepted.begin());
  return base::fail("{} is none of {}", shown(text), fmt::join(accepted, ", "));
}

std::vector<std::string> read_list(std::string_view text) {
  const auto parts = base::split_list(text);
  return {parts.begin(), parts.end()};
}

}  // namespace missive::conf
