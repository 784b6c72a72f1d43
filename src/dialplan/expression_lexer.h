// Takes an expression apart: words, quoted strings, operators.
//
// Views into the text, which outlives the Lexer. A word ends at blanks, quotes and operators; at a
// comma only where the parser says so (between the arguments of a function). A quoted string
// keeps its quotes; `\"` and quotes in sealed places do not end it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "dialplan/expression.h"

namespace missive::dialplan {

struct Token {
  enum class Kind {
    end,
    word,
    string,
    open,
    close,
    comma,
    unclosed_string,
    condition,
    otherwise,
    or_,
    and_,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    plus,
    minus,
    times,
    divided,
    modulo,
    not_,
    match_start,
    match,
    join,
  };

  Kind kind = Kind::end;
  std::string_view text;
  std::size_t place = 0;  // in the expression
};

class Lexer {
 public:
  Lexer(std::string_view text, std::span<const Sealed> sealed) : text_(text), sealed_(sealed) {}

  Token next(bool comma_separates);

 private:
  Token take(Token::Kind kind, std::size_t length);
  Token take_string();
  Token take_word(bool comma_separates);
  // The place behind the sealed octets that begin here, or `place`.
  std::size_t skip_sealed(std::size_t place);

  std::string_view text_;
  std::span<const Sealed> sealed_;
  std::size_t place_ = 0;
};

}  // namespace missive::dialplan
