// One `exten =>` or `same =>` line, taken apart.
//
// "name[/caller],priority[+n][(label)],Application[(arguments)]", without the name for `same`.
// Views into the text. Errors are one sentence without the place, which the caller knows.
// Source: Asterisk documentation, "Contexts, Extensions, and Priorities".
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace missive::dialplan {

// The parts between the commas, trimmed.
struct ExtensionLine {
  std::string_view name;      // with its caller
  std::string_view priority;  // with its label
  std::string_view call;
};

base::Result<ExtensionLine> split_exten(std::string_view value);
base::Result<ExtensionLine> split_same(std::string_view value);

struct ExtensionName {
  std::string_view name;
  // Empty: no caller, which is what messages have.
  std::string_view caller;
};
ExtensionName split_caller(std::string_view name);

struct PriorityText {
  enum class Kind { number, next, same, hint };
  Kind kind = Kind::number;
  int number = 0;  // of Kind::number
  int plus = 0;
  std::string_view label;
};
base::Result<PriorityText> read_priority(std::string_view text);

struct Call {
  std::string_view application;
  std::string_view arguments;
};
base::Result<Call> read_call(std::string_view text);

}  // namespace missive::dialplan
