#include "dialplan/expression_value.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace missive::dialplan {
namespace {

// "12" or "1.5", nothing else that C takes for a number.
bool looks_like_number(std::string_view text) {
  const auto digits_of = [](std::string_view part) {
    std::size_t count = 0;
    while (count < part.size() && base::is_digit(part[count])) ++count;
    return count;
  };
  const auto whole = digits_of(text);
  if (whole == 0) return false;
  if (whole == text.size()) return true;
  const auto fraction = text.substr(whole + 1);
  return text[whole] == '.' && !fraction.empty() && digits_of(fraction) == fraction.size();
}

std::string write(long double number) {
  static constexpr long double largest_whole = 9223372036854775807.0L;
  if (number == 0) return "0";  // not "-0"
  if (std::fabs(number) < largest_whole && number == std::trunc(number)) {
    return fmt::format("{}", static_cast<long long>(number));
  }
  return fmt::format("{:.18g}", number);
}

std::string_view without_quotes(std::string_view text) {
  if (text.starts_with('"')) text.remove_prefix(1);
  if (text.ends_with('"')) text.remove_suffix(1);
  return text;
}

}  // namespace

Value Value::from_word(std::string_view word) {
  auto value = from_text(std::string(word));
  if (!looks_like_number(word)) return value;
  long double number = 0;
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), number, std::chars_format::fixed);
  value.is_number_ = error == std::errc{} && end == word.data() + word.size();
  if (value.is_number_) value.number_ = number;
  return value;
}

Value Value::from_text(std::string text) {
  Value value;
  value.text_ = std::move(text);
  return value;
}

Value Value::from_number(long double number) {
  Value value;
  value.text_ = write(number);
  value.number_ = number;
  value.is_number_ = true;
  return value;
}

std::string_view Value::bare_text() const { return without_quotes(text_); }

bool Value::is_null() const {
  if (is_number_) return number_ == 0;
  const auto bare = bare_text();
  return bare.empty() || bare == "0";
}

void Value::join(const Value& other) {
  if (text_.ends_with('"')) text_.pop_back();
  if (text_.starts_with('"')) text_.erase(0, 1);
  text_ += other.bare_text();
  // "1" ~~ "2" is the number 12, as 12 would be.
  if (text_.size() <= 64 && looks_like_number(text_)) {
    *this = from_word(text_);
  } else {
    is_number_ = false;
    number_ = 0;
  }
}

int compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    return a.number() < b.number() ? -1 : a.number() > b.number() ? 1 : 0;
  }
  return a.text().compare(b.text());
}

}  // namespace missive::dialplan
