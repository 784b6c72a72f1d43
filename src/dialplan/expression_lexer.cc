#include "dialplan/expression_lexer.h"

#include <array>

namespace missive::dialplan {
namespace {

using Kind = Token::Kind;

struct Operator {
  std::string_view text;
  Kind kind;
};

// The longer ones first.
constexpr std::array operators{
    Operator{"::", Kind::otherwise},  Operator{"==", Kind::equal},
    Operator{"=~", Kind::match},      Operator{"!=", Kind::not_equal},
    Operator{"<=", Kind::less_equal}, Operator{">=", Kind::greater_equal},
    Operator{"~~", Kind::join},       Operator{"||", Kind::or_},
    Operator{"&&", Kind::and_},       Operator{"?", Kind::condition},
    Operator{"|", Kind::or_},         Operator{"&", Kind::and_},
    Operator{"=", Kind::equal},       Operator{"<", Kind::less},
    Operator{">", Kind::greater},     Operator{"+", Kind::plus},
    Operator{"-", Kind::minus},       Operator{"*", Kind::times},
    Operator{"/", Kind::divided},     Operator{"%", Kind::modulo},
    Operator{"!", Kind::not_},        Operator{":", Kind::match_start},
    Operator{"(", Kind::open},        Operator{")", Kind::close},
};

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

const Operator* find_operator(std::string_view text) {
  for (const auto& candidate : operators) {
    if (text.starts_with(candidate.text)) return &candidate;
  }
  return nullptr;
}

}  // namespace

Token Lexer::take(Kind kind, std::size_t length) {
  const Token token{kind, text_.substr(place_, length), place_};
  place_ += length;
  return token;
}

Token Lexer::next(bool comma_separates) {
  while (place_ < text_.size() && is_space(text_[place_])) ++place_;
  if (place_ == text_.size()) return take(Kind::end, 0);
  if (text_[place_] == '"') return take_string();
  if (text_[place_] == ',' && comma_separates) return take(Kind::comma, 1);
  if (const auto* found = find_operator(text_.substr(place_))) {
    return take(found->kind, found->text.size());
  }
  return take_word(comma_separates);
}

Token Lexer::take_word(bool comma_separates) {
  auto end = place_;
  while (end < text_.size() && !is_space(text_[end]) && text_[end] != '"' &&
         !(text_[end] == ',' && comma_separates) &&
         find_operator(text_.substr(end, 2)) == nullptr) {
    ++end;
  }
  return take(Kind::word, end - place_);
}

Token Lexer::take_string() {
  auto end = place_ + 1;
  while (end < text_.size()) {
    if (const auto behind = skip_sealed(end); behind > end) {
      end = behind;
    } else if (text_[end] == '"') {
      return take(Kind::string, end + 1 - place_);
    } else {
      end += text_.substr(end, 2) == "\\\"" ? 2 : 1;
    }
  }
  return take(Kind::unclosed_string, text_.size() - place_);
}

std::size_t Lexer::skip_sealed(std::size_t place) {
  while (!sealed_.empty() && (sealed_.front().end <= place)) sealed_ = sealed_.subspan(1);
  if (sealed_.empty() || sealed_.front().begin > place) return place;
  return sealed_.front().end;
}

}  // namespace missive::dialplan
