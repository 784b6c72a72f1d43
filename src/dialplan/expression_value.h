// A value in an expression: a number, a text that is one, or any other text.
//
// A text that is a number keeps its spelling ("007") until it is calculated with. Numbers are long
// double, as Asterisk's; whole ones below 2^63 are written without exponent.
#pragma once

#include <string>
#include <string_view>

namespace missive::dialplan {

class Value {
 public:
  // Of a word: a number when it is written as "12", "1.5".
  static Value from_word(std::string_view word);
  // A text that is none, quotes and all.
  static Value from_text(std::string text);
  static Value from_number(long double number);

  bool is_number() const { return is_number_; }
  // 0 for a text.
  long double number() const { return number_; }
  const std::string& text() const { return text_; }
  // Without the quotes around it.
  std::string_view bare_text() const;
  // Empty, "" or zero.
  bool is_null() const;
  // Puts the bare texts of both together.
  void join(const Value& other);

 private:
  std::string text_;
  long double number_ = 0;
  bool is_number_ = false;
};

// Below, at or above 0: as numbers if both are, else octet by octet.
int compare(const Value& a, const Value& b);

}  // namespace missive::dialplan
