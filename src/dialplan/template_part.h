// What a Template is made of, and the compiler that takes its text apart.
//
// Only for template*.cc and the loader, which reads [globals] with it. A function is looked up
// once, here; its Function outlives the parts. Text nested more deeply than max_nesting stays as it
// is, with a warning.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialplan/function.h"
#include "dialplan/substring.h"
#include "dialplan/template.h"

namespace missive::dialplan {

struct Template::Part {
  enum class Kind {
    literal,     // `text`
    variable,    // ${text}
    indirect,    // ${...${text}...}: `name` is put together first
    function,    // ${text(inner)}, or with `name` instead of `text`
    expression,  // $[inner]
  };

  Kind kind = Kind::literal;
  std::string text;
  const Function* function = nullptr;  // nullptr: there is none, or its name is not known yet
  std::vector<Part> name;
  std::vector<Part> inner;
  std::optional<Substring> substring;
  std::vector<Part> substring_text;  // what only an expansion makes a Substring
  // In an expression: stands between quotes, which its value must not end.
  bool is_quoted = false;
};

inline constexpr int max_nesting = 64;

struct Compiled {
  std::vector<Template::Part> parts;
  bool may_block = false;
};

// With `report_unknown`, functions that do not exist are warnings, too.
Compiled compile_parts(std::string_view text, const FunctionTable& functions,
                       std::vector<std::string>& warnings, bool report_unknown = true);

}  // namespace missive::dialplan
