// MATH(number operator number[,type])
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "base/text.h"
#include "dialplan/functions/arguments.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

enum class Operator {
  add,
  subtract,
  multiply,
  divide,
  modulus,
  power,
  shift_left,
  shift_right,
  bit_and,
  bit_or,
  bit_xor,
  less,
  greater,
  less_equal,
  greater_equal,
  equal,
};

struct OperatorName {
  std::string_view name;
  Operator value;
};

// The longer of two that begin alike goes first.
constexpr std::array operators{
    OperatorName{"<<", Operator::shift_left}, OperatorName{">>", Operator::shift_right},
    OperatorName{"<=", Operator::less_equal}, OperatorName{">=", Operator::greater_equal},
    OperatorName{"==", Operator::equal},      OperatorName{"AND", Operator::bit_and},
    OperatorName{"XOR", Operator::bit_xor},   OperatorName{"OR", Operator::bit_or},
    OperatorName{"+", Operator::add},         OperatorName{"-", Operator::subtract},
    OperatorName{"*", Operator::multiply},    OperatorName{"/", Operator::divide},
    OperatorName{"%", Operator::modulus},     OperatorName{"^", Operator::power},
    OperatorName{"<", Operator::less},        OperatorName{">", Operator::greater},
};

struct Expression {
  double left = 0;
  Operator what{};
  double right = 0;
};

// A number off the front, with its sign.
std::optional<double> take_number(std::string_view& text) {
  text = base::trim_left(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<Operator> take_operator(std::string_view& text) {
  text = base::trim_left(text);
  for (const auto& [name, value] : operators) {
    if (!base::istarts_with(text, name)) continue;
    text.remove_prefix(name.size());
    return value;
  }
  return std::nullopt;
}

std::optional<Expression> parse(std::string_view text) {
  const auto left = take_number(text);
  if (!left) return std::nullopt;
  const auto what = take_operator(text);
  if (!what) return std::nullopt;
  const auto right = take_number(text);
  if (!right || !base::trim(text).empty()) return std::nullopt;
  return Expression{*left, *what, *right};
}

std::optional<std::int64_t> whole(double value) {
  value = std::trunc(value);
  if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// Those that work on whole numbers. Nothing when there is no result.
std::optional<std::int64_t> calculate_whole(std::int64_t left, Operator what, std::int64_t right) {
  const auto bits = static_cast<std::uint64_t>(left);
  switch (what) {
    case Operator::modulus:
      return right == -1 ? 0 : left % right;
    case Operator::shift_left:
      if (right < 0 || right > 63) return std::nullopt;
      return static_cast<std::int64_t>(bits << right);
    case Operator::shift_right:
      if (right < 0 || right > 63) return std::nullopt;
      return left >> right;
    case Operator::bit_and:
      return left & right;
    case Operator::bit_or:
      return left | right;
    default:
      return left ^ right;
  }
}

std::optional<bool> compare(const Expression& e) {
  switch (e.what) {
    case Operator::less:
      return e.left < e.right;
    case Operator::greater:
      return e.left > e.right;
    case Operator::less_equal:
      return e.left <= e.right;
    case Operator::greater_equal:
      return e.left >= e.right;
    case Operator::equal:
      return e.left == e.right;
    default:
      return std::nullopt;
  }
}

// Not finite when there is no result.
double calculate(const Expression& e) {
  switch (e.what) {
    case Operator::add:
      return e.left + e.right;
    case Operator::subtract:
      return e.left - e.right;
    case Operator::multiply:
      return e.left * e.right;
    case Operator::divide:
      return e.left / e.right;
    default:
      return std::pow(e.left, e.right);
  }
}

bool works_on_whole_numbers(Operator what) {
  return what == Operator::modulus || (what >= Operator::shift_left && what <= Operator::bit_xor);
}

// A result as a number of both kinds: whole ones keep all of their digits.
struct Number {
  double value = 0;
  std::optional<std::int64_t> whole;
};

Text written(const Number& number, std::string_view type) {
  if (type.empty() || base::iequals(type, "f") || base::iequals(type, "float")) {
    return fmt::format("{:.6f}", number.value);
  }
  const bool hex = base::iequals(type, "h") || base::iequals(type, "hex");
  const bool character = base::iequals(type, "c") || base::iequals(type, "char");
  if (!hex && !character && !base::iequals(type, "i") && !base::iequals(type, "int")) {
    return base::fail("MATH knows the types float, int, hex and char, not {}",
                      base::printable(type, 40));
  }
  if (!number.whole) return base::fail("the result of MATH is too large for type {}", type);
  if (hex) return fmt::format("{:x}", static_cast<std::uint64_t>(*number.whole));
  if (character) return std::string(1, static_cast<char>(*number.whole & 0xFF));
  return std::to_string(*number.whole);
}

bool divides_by_zero(const Expression& e) {
  return (e.what == Operator::divide && e.right == 0) ||
         (e.what == Operator::modulus && std::trunc(e.right) == 0);
}

Text read_math(Run& run, std::string_view text) {
  const Arguments arguments(text);
  const auto expression = parse(arguments[0]);
  if (!expression) {
    return base::fail("MATH wants two numbers and an operator, such as 1+2, not \"{}\"",
                      base::printable(arguments[0], 60));
  }
  if (const auto yes = compare(*expression)) return std::string(*yes ? "TRUE" : "FALSE");
  const auto type = base::trim(arguments[1]);
  if (divides_by_zero(*expression)) {
    run.warn("MATH cannot divide by zero; the result is 0");
    return written({0.0, 0}, type);
  }
  if (works_on_whole_numbers(expression->what)) {
    const auto left = whole(expression->left), right = whole(expression->right);
    const auto result =
        left && right ? calculate_whole(*left, expression->what, *right) : std::nullopt;
    if (!result) return base::fail("the numbers of MATH are too large for that operator");
    return written({static_cast<double>(*result), result}, type);
  }
  const double result = calculate(*expression);
  if (!std::isfinite(result)) return base::fail("the result of MATH is no number");
  return written({result, whole(result)}, type);
}

}  // namespace

void add_math_function(FunctionTable& table);
void add_math_function(FunctionTable& table) { table.add({"MATH", read_math}); }

}  // namespace missive::dialplan
