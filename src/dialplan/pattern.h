// Patterns of extensions: "_1NXX", "_[a-c]X.", "_alice!".
//
// X Z N (in either case) are digits 0-9, 1-9, 2-9; [...] a set of characters and ranges with `\`
// before a special one; `.` at least one character more, `!` any number, none among them; both
// end the pattern. Dashes outside of sets count nowhere. Anything else is itself, with case. All
// functions are pure. Source: Asterisk documentation, "Pattern Matching".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace missive::dialplan {

// `pattern` with or without its underscore, and well-formed.
bool matches_pattern(std::string_view pattern, std::string_view exten);

// Without the dashes, as look-ups compare names; the name itself when there is nothing else in it.
std::string without_dashes(std::string_view name);

// Where a pattern stands in best-match order: the fewest possible characters first, from the left.
class PatternOrder {
 public:
  // Fails on a set without its ']'. `warnings` gets what will surprise: an empty set, letters
  // that stand for digits.
  static base::Result<PatternOrder> of(std::string_view pattern,
                                       std::vector<std::string>& warnings);
  // The same order as any other pattern that matches the same.
  bool operator<(const PatternOrder& other) const { return places_ < other.places_; }
  bool operator==(const PatternOrder& other) const { return places_ == other.places_; }

 private:
  struct Place {
    int width = 0;           // how many characters it may be; `.` and `!` are the widest
    std::string characters;  // sorted

    bool operator<(const Place& other) const {
      return width != other.width ? width < other.width : characters < other.characters;
    }
    bool operator==(const Place&) const = default;
  };

  std::vector<Place> places_;
};

}  // namespace missive::dialplan
