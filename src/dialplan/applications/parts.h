// The parts that arguments of several applications are made of, and what they have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialplan/run.h"

namespace missive::dialplan {

// Where `what` is outside of quotes, brackets of any kind and ${...}; npos: nowhere.
std::size_t find_outside(std::string_view text, char what);

// "condition?first:second", taken apart before anything in it is expanded, so that what a
// message says cannot add a branch. No `?`: nothing.
struct Branches {
  std::string_view condition, when_true, when_false;
};
std::optional<Branches> split_branches(std::string_view text);

// "Name(arguments)" or "Name".
struct Call {
  std::string_view name, arguments;
};
Call split_call(std::string_view text);

// The options of an application, "ab(argument)c": each letter with what its brackets hold.
// A bracket that nobody closes goes to the end.
struct Letter {
  char letter;
  std::string_view argument;
};
std::vector<Letter> split_options(std::string_view text);

// Set(): to a variable, or to a function where `name` has arguments. Warns when it cannot.
bool assign(Run& run, std::string_view name, std::string value);

// Goto(): hang_up with a warning when there is no such label.
Outcome jump(Run& run, std::string_view label);

// Gosub(): pushes a frame that comes back to `back`, with ARG1.. and ARGC, and jumps.
Outcome go_sub(Run& run, std::string_view label, std::string_view arguments, Position back);

// Now in a time condition "times,weekdays,mdays,months[,timezone]".
base::Result<bool> is_time(Run& run, std::string_view condition);

}  // namespace missive::dialplan
