// What the functions share: their arguments, variables by name, and how long a text may get.
//
// Text that comes out of a message is hostile. So a name that an argument gives is looked
// up, never expanded a second time: CUT(PASSTHRU(${MESSAGE(body)}),-,1) calls PASSTHRU with
// the text as it is. Functions that block or run commands cannot be named that way, and calls
// inside of calls end at a depth.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialplan/function.h"
#include "dialplan/run.h"

namespace missive::dialplan {

// No function makes a longer text, in octets.
inline constexpr std::size_t max_text = 1024 * 1024;

// `text`, or an error when it is too long.
base::Result<std::string> limited(std::string text);

class Arguments {
 public:
  // With quotes and backslashes taken off.
  explicit Arguments(std::string_view text, std::size_t limit = 0)
      : values_(split_arguments(text, limit)) {}
  // As written; text() and delimiter() then read escapes.
  static Arguments raw(std::string_view text, std::size_t limit = 0) {
    return Arguments(split_arguments(text, limit, false));
  }

  std::size_t size() const { return values_.size(); }
  // "" when there are not so many.
  const std::string& operator[](std::size_t place) const;
  // Of raw ones: without quotes, with \n \t \r \xHH \0ooo and \c read.
  std::string text(std::size_t place) const;
  // The same for what separates fields: `fallback` when there is none, one octet otherwise.
  char delimiter(std::size_t place, char fallback) const;

 private:
  explicit Arguments(std::vector<std::string> values) : values_(std::move(values)) {}

  std::vector<std::string> values_;
};

// One character off the front of `text`, which is not empty; escapes count as one.
// `escaped` tells whether it was written with a backslash.
char take_character(std::string_view& text, bool& escaped);

// What `${name}` is: a variable, NAME:offset:length, or NAME(arguments); "" when there is none.
base::Result<std::string> value_of(Run& run, std::string_view name);
// What Set(name=value) does.
base::Result<void> set_by_name(Run& run, std::string_view name, std::string value);

// Counts calls inside of calls on this thread.
class Depth {
 public:
  Depth() { ++depth(); }
  ~Depth() { --depth(); }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
  bool too_deep() const { return depth() > 16; }

 private:
  static int& depth();
};

}  // namespace missive::dialplan
