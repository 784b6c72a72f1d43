#include "dialplan/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/regex.h"
#include "base/text.h"
#include "dialplan/expression_functions.h"
#include "dialplan/expression_lexer.h"
#include "dialplan/expression_value.h"

namespace missive::dialplan {
namespace {

using Kind = Token::Kind;

constexpr int max_nesting = 100;  // of parentheses and conditions
constexpr std::size_t max_warnings = 5;

// How tightly an operator of two values binds; 0: it is none.
int binding(Kind kind) {
  switch (kind) {
    case Kind::or_:
      return 1;
    case Kind::and_:
      return 2;
    case Kind::equal:
    case Kind::not_equal:
    case Kind::less:
    case Kind::less_equal:
    case Kind::greater:
    case Kind::greater_equal:
      return 3;
    case Kind::plus:
    case Kind::minus:
      return 4;
    case Kind::times:
    case Kind::divided:
    case Kind::modulo:
      return 5;
    default:
      return 0;
  }
}

bool is_match(Kind kind) {
  return kind == Kind::match || kind == Kind::match_start || kind == Kind::join;
}

bool is_unary(Kind kind) { return kind == Kind::minus || kind == Kind::not_; }

bool holds(Kind kind, int order) {
  switch (kind) {
    case Kind::equal:
      return order == 0;
    case Kind::not_equal:
      return order != 0;
    case Kind::less:
      return order < 0;
    case Kind::less_equal:
      return order <= 0;
    case Kind::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

// Reads and calculates in one go. After the first error everything is empty until the end.
class Evaluator {
 public:
  Evaluator(std::string_view text, std::span<const Sealed> sealed,
            std::vector<std::string>& warnings)
      : lexer_(text, sealed), warnings_(warnings) {}

  base::Result<std::string> evaluate() {
    advance();
    if (token_.kind == Kind::end) return std::string();
    auto value = condition();
    if (!error_ && token_.kind != Kind::end) complain_about_token("an operator");
    if (error_) return tl::unexpected(std::move(*error_));
    return value.text();
  }

 private:
  void advance() { token_ = error_ ? Token{} : lexer_.next(calls_ > 0); }

  template <class... Args>
  void fail(fmt::format_string<Args...> text, Args&&... args) {
    if (!error_) error_ = base::Error{fmt::format(text, std::forward<Args>(args)...)};
    token_ = Token{};
  }

  void complain_about_token(std::string_view expected) {
    if (token_.kind == Kind::end) return fail("it ends where {} is expected", expected);
    if (token_.kind == Kind::unclosed_string) {
      return fail("the string at column {} has no closing '\"'", token_.place + 1);
    }
    fail(
        "{} is expected at column {}, not '{}'; texts that may be empty or hold blanks belong "
        "between quotes",
        expected, token_.place + 1, base::printable(token_.text, 40));
  }

  void warn(std::string text) {
    if (warnings_.size() < max_warnings) warnings_.push_back(std::move(text));
  }

  // Takes what `kind` says, or complains.
  void expect(Kind kind, std::string_view name) {
    if (token_.kind != kind) return complain_about_token(name);
    advance();
  }

  // a ? b :: c, from the right. All three are calculated.
  Value condition() {
    if (++nesting_ > max_nesting) {
      fail("it is nested more than {} deep", max_nesting);
      return {};
    }
    auto value = binary(1);
    if (token_.kind == Kind::condition) {
      advance();
      auto yes = condition();
      expect(Kind::otherwise, "'::'");
      auto no = condition();
      value = value.is_null() ? std::move(no) : std::move(yes);
    }
    --nesting_;
    return value;
  }

  // Operators that bind at least that tightly, from the left.
  Value binary(int lowest) {
    auto left = unary();
    for (int level = binding(token_.kind); level >= lowest && level > 0;
         level = binding(token_.kind)) {
      const auto kind = token_.kind;
      advance();
      const auto right = binary(level + 1);
      if (error_) return {};
      left = apply(kind, std::move(left), right);
    }
    return left;
  }

  Value unary() {
    std::vector<Kind> signs;  // a long row of them is no recursion
    for (; is_unary(token_.kind); advance()) signs.push_back(token_.kind);
    auto value = matching();
    for (; !signs.empty() && !error_; signs.pop_back()) {
      value = Value::from_number(signs.back() == Kind::minus ? -number_of(value)
                                                             : (value.is_null() ? 1 : 0));
    }
    return value;
  }

  Value matching() {
    auto left = primary();
    while (is_match(token_.kind)) {
      const auto kind = token_.kind;
      advance();
      const auto right = is_unary(token_.kind) ? nested_unary() : primary();
      if (error_) return {};
      if (kind == Kind::join) {
        left.join(right);
      } else {
        left = match(left, right, kind == Kind::match_start);
      }
    }
    return left;
  }

  Value nested_unary() {
    if (++nesting_ > max_nesting) fail("it is nested more than {} deep", max_nesting);
    auto value = error_ ? Value() : unary();
    --nesting_;
    return value;
  }

  Value primary() {
    const auto token = token_;
    if (token.kind == Kind::open) {
      advance();
      auto value = condition();
      expect(Kind::close, "')'");
      return value;
    }
    if (token.kind == Kind::string) {
      advance();
      return Value::from_text(std::string(token.text));
    }
    if (token.kind == Kind::word) {
      advance();
      if (token_.kind == Kind::open) return call(token.text);
      return Value::from_word(token.text);
    }
    complain_about_token("a value");
    return {};
  }

  Value call(std::string_view name) {
    std::vector<long double> arguments;
    ++calls_;
    advance();
    while (!error_ && token_.kind != Kind::close) {
      arguments.push_back(number_of(condition()));
      if (token_.kind == Kind::comma) {
        advance();
      } else if (token_.kind != Kind::close) {
        complain_about_token("',' or ')'");
      }
    }
    --calls_;
    if (error_) return {};
    advance();
    const auto result = call_math(name, arguments);
    if (result) return Value::from_number(*result);
    fail("{}", result.error().text);
    return {};
  }

  long double number_of(const Value& value) {
    if (!value.is_number()) {
      warn(fmt::format("non-numeric argument '{}' counts as 0", base::printable(value.text(), 40)));
    }
    return value.number();
  }

  Value apply(Kind kind, Value left, const Value& right) {
    if (kind == Kind::or_) return left.is_null() ? right : left;
    if (kind == Kind::and_) {
      return left.is_null() || right.is_null() ? Value::from_number(0) : left;
    }
    if (binding(kind) == binding(Kind::equal)) {
      return Value::from_number(holds(kind, compare(left, right)) ? 1 : 0);
    }
    return calculate(kind, number_of(left), number_of(right));
  }

  Value calculate(Kind kind, long double a, long double b) {
    const bool divides = kind == Kind::divided || kind == Kind::modulo;
    if (divides && b == 0) {
      // As Asterisk: what follows gets a number that nobody mistakes for a result.
      warn("division by zero; the result is 2147483647");
      return Value::from_number(std::numeric_limits<std::int32_t>::max());
    }
    const auto result = kind == Kind::plus      ? a + b
                        : kind == Kind::minus   ? a - b
                        : kind == Kind::times   ? a * b
                        : kind == Kind::divided ? a / b
                                                : std::fmod(a, b);
    if (!std::isfinite(result)) fail("the result is too large");
    return Value::from_number(result);
  }

  Value match(const Value& text, const Value& pattern, bool at_start) {
    const auto regex = base::Regex::compile(pattern.bare_text());
    if (!regex) {
      fail("{}", regex.error().text);
      return {};
    }
    const auto subject = text.bare_text();
    const auto found = regex->find(subject);
    if (!found) {
      fail("{}", found.error().text);
      return {};
    }
    const bool has_matched = *found && (!at_start || (*found)->whole.data() == subject.data());
    if (!has_matched) {
      return regex->has_group() ? Value::from_text({}) : Value::from_number(0);
    }
    if ((*found)->group) return Value::from_word(*(*found)->group);
    return Value::from_number(static_cast<long double>((*found)->whole.size()));
  }

  Lexer lexer_;
  std::vector<std::string>& warnings_;
  Token token_;
  std::optional<base::Error> error_;
  int nesting_ = 0;
  int calls_ = 0;  // calls of functions whose arguments are being read
};

}  // namespace

base::Result<std::string> evaluate(std::string_view expression) {
  std::vector<std::string> warnings;
  return evaluate(expression, {}, warnings);
}

base::Result<std::string> evaluate(std::string_view expression, std::span<const Sealed> sealed,
                                   std::vector<std::string>& warnings) {
  return Evaluator(expression, sealed, warnings).evaluate();
}

bool is_true(std::string_view value) {
  if (value.empty()) return false;
  auto text = base::trim_left(value);
  const bool is_signed = text.starts_with('-') || text.starts_with('+');
  if (is_signed) text.remove_prefix(1);
  if (text.empty() || !base::is_digit(text.front())) return true;
  const auto whole = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  return whole.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace missive::dialplan
