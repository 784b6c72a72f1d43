// "condition?yes:no", the argument of IF() and IFTIME().
//
// The first `?` and the first `:` behind it that are outside of quotes and parentheses divide
// it; a backslash protects one. Blanks around the parts and quotes around a whole part are taken
// off. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace missive::dialplan {

struct Choice {
  std::string condition;
  std::string yes;
  std::string no;
};

// Nothing when there is no `?`.
std::optional<Choice> parse_choice(std::string_view text);

}  // namespace missive::dialplan
