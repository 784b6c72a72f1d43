// Regular expressions of the dialplan and of manager clients: POSIX extended ones, on a leash.
//
// Pattern and text may both come out of a message, so what could take exponential time or
// memory is refused: back-references, long patterns, large or nested counts, deep groups, long
// texts. What is left is matched by the C library's automaton, octet by octet (the C locale),
// NULs included. Immutable; threads that share one take turns. Source: regex(7).
#pragma once

#include <regex.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace missive::base {

class Regex {
 public:
  static constexpr std::size_t max_pattern = 1024;
  static constexpr std::size_t max_subject = 8 * 1024;  // the time may grow with its square

  // A match: the whole, and the first group if the pattern has one.
  struct Match {
    std::string_view whole;
    std::optional<std::string_view> group;
  };

  static Result<Regex> compile(std::string_view pattern, bool ignore_case = false);
  // The first, leftmost match; an error when `text` is too long.
  Result<std::optional<Match>> find(std::string_view text) const;
  Result<bool> matches(std::string_view text) const;
  // Whether there is a group in the pattern.
  bool has_group() const { return compiled_->re_nsub > 0; }

 private:
  struct Free {
    void operator()(regex_t* compiled) const;
  };
  explicit Regex(std::unique_ptr<regex_t, Free> compiled) : compiled_(std::move(compiled)) {}
  // places[0] exists; fills `wanted` of them.
  Result<bool> run(std::string_view text, std::span<regmatch_t> places, std::size_t wanted) const;

  std::unique_ptr<regex_t, Free> compiled_;
};

}  // namespace missive::base
