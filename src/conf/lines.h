// The lines of a configuration file, taken apart: section headers, options, directives.
//
// They get a line without comments and without blanks at its ends, and answer with views into it.
// Errors are one sentence without the place, which the caller knows. Pure; any thread.
#pragma once

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/text.h"

namespace missive::conf {

// Sections that inherit themselves over and over, and files that include each
// other in a fan, end here instead of filling the memory.
inline constexpr std::size_t most_inherited_options = 2'000;
inline constexpr int most_included_files = 10'000;

// The text of a file, or why there is none: the error names the path.
base::Result<std::string> read_file(const std::filesystem::path& path);
// A byte order mark does not count.
std::string_view without_byte_order_mark(std::string_view text);

// For error texts: 'text', not too long.
std::string shown(std::string_view text);

// `[name](!,base,+filter)`
struct SectionHeader {
  std::string_view name;
  bool is_template = false;
  std::optional<std::string_view> addition;  // the filter, "" for a plain (+)
  std::vector<std::string_view> bases;
};
base::Result<SectionHeader> read_section_header(std::string_view line);

// `name = value`, `name => value`, `name += value`
struct OptionLine {
  std::string_view name;
  std::string_view value;
  bool object = false;  // written with =>
  bool append = false;
};
base::Result<OptionLine> read_option_line(std::string_view line);

// `#include "file"`
struct IncludeLine {
  std::string_view pattern;
  bool must_exist = true;  // false: #tryinclude
};
base::Result<IncludeLine> read_include_line(std::string_view line);

// The filter of `[name](+type=aor&x=y)`: every named option has that value. `value_of(name)`
// answers with an optional text.
template <class ValueOf>
bool matches_addition(std::string_view filter, ValueOf&& value_of) {
  const auto terms = base::split_list(filter, '&');
  return std::all_of(terms.begin(), terms.end(), [&value_of](std::string_view term) {
    const auto equals = std::min(term.find('='), term.size());
    const auto value = value_of(base::trim(term.substr(0, equals)));
    return value && equals < term.size() && *value == base::trim(term.substr(equals + 1));
  });
}

}  // namespace missive::conf
