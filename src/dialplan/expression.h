// $[expressions] of the dialplan: numbers, strings, comparisons, logic, regular expressions.
//
// Pure: gets the text with its variables already expanded. Operators by rising precedence:
// `? ::`, `|`, `&`, `= == != < > <= >=`, `+ -`, `* / %`, `! -` (unary), `:` and `=~` (match at the
// start, anywhere) with `~~` (joins). Numbers are written as Asterisk writes them: whole ones
// without a point. Strings with blanks or operators in them are quoted, and keep their quotes.
// NAME(number,...) calls a mathematical function. The error says what is wrong and where;
// what only makes a result doubtful (text where a number is wanted, a division by zero) is a
// warning. Source: Asterisk documentation, "Expressions", "Operators", "Expr2 Built-in Functions".
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace missive::dialplan {

// Octets of the text, the first and the one behind the last, that came out of a variable and
// stand between quotes: no quote in them ends the string.
struct Sealed {
  std::size_t begin = 0;
  std::size_t end = 0;
};

base::Result<std::string> evaluate(std::string_view expression);
// `sealed` in rising order; `warnings` gets a sentence each.
base::Result<std::string> evaluate(std::string_view expression, std::span<const Sealed> sealed,
                                   std::vector<std::string>& warnings);

// What a condition means: empty is false, a number is true when its whole part is not zero,
// any other text is true.
bool is_true(std::string_view value);

}  // namespace missive::dialplan
