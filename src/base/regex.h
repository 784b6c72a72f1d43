// Regular expressions of the dialplan, of identify and of manager clients: POSIX extended ones, as
// the C library reads them, with time and memory that are bounded.
//
// Pattern and text may both come out of a message, and the C library's own matcher can be made to
// run for ever. So RE2 does the matching, in time that grows with pattern and text at most; what it
// lacks is refused: back-references, and classes such as [[.x.]] and [[=x=]]. Octet by octet (the C
// locale), NULs included; `.` is a line end too, and ^ and $ are the ends of the text. Immutable;
// any number of threads may share one. Source: POSIX regcomp(3) and regex(7), GNU's \w \W \s \S \b
// \B \< \>.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace missive::base {

class Regex {
 public:
  static constexpr std::size_t max_pattern = 1024;
  static constexpr std::size_t max_subject = 8 * 1024;

  // A match: the whole, and the first group if the pattern has one.
  struct Match {
    std::string_view whole;
    std::optional<std::string_view> group;
  };

  static Result<Regex> compile(std::string_view pattern);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // The first match, and of those that begin there the longest; an error when `text` is too long.
  Result<std::optional<Match>> find(std::string_view text) const;
  Result<bool> matches(std::string_view text) const;
  // Whether there is a group in the pattern.
  bool has_group() const;

 private:
  explicit Regex(std::unique_ptr<const re2::RE2> compiled);

  std::unique_ptr<const re2::RE2> compiled_;
};

}  // namespace missive::base
