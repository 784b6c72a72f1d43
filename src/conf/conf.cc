#include "conf/conf.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace missive::conf {

std::string Location::str() const { return line > 0 ? fmt::format("{}:{}", file, line) : file; }

const Option* Section::find(std::string_view wanted) const {
  const auto found = std::find_if(options.rbegin(), options.rend(), [wanted](const Option& option) {
    return base::iequals(option.name, wanted);
  });
  return found == options.rend() ? nullptr : &*found;
}

const Section* File::find(std::string_view wanted) const {
  const auto found = std::find_if(sections.begin(), sections.end(), [wanted](const Section& s) {
    return base::iequals(s.name, wanted);
  });
  return found == sections.end() ? nullptr : &*found;
}

std::string Problem::str() const {
  const auto* kind = severity == Severity::error ? "error" : "warning";
  if (where.file.empty()) return fmt::format("{}: {}", kind, text);
  return fmt::format("{}: {}: {}", where.str(), kind, text);
}

bool has_errors(const Problems& problems) {
  return std::any_of(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Problem::Severity::error;
  });
}

}  // namespace missive::conf
