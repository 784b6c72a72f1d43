#include "pjsip/text_pattern.h"

#include <regex.h>

#include <array>

#include "base/text.h"

namespace missive::pjsip {
namespace {

constexpr std::size_t max_expression = 1024;

}  // namespace

class TextPattern::Expression {
 public:
  explicit Expression(const std::string& text)
      : error_(::regcomp(&compiled_, text.c_str(), REG_EXTENDED)) {}
  ~Expression() {
    if (error_ == 0) ::regfree(&compiled_);
  }
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;

  bool good() const { return error_ == 0; }
  std::string error() const {
    std::array<char, 200> text{};
    ::regerror(error_, &compiled_, text.data(), text.size());
    return text.data();
  }
  bool matches(std::string_view text) const {
    regmatch_t whole{0, static_cast<regoff_t>(text.size())};
    const char* begin = text.empty() ? "" : text.data();
    return ::regexec(&compiled_, begin, 1, &whole, REG_STARTEND) == 0;
  }

 private:
  regex_t compiled_{};
  int error_;
};

base::Result<TextPattern> TextPattern::parse(std::string_view text) {
  TextPattern pattern;
  const bool enclosed = text.size() >= 2 && text.front() == '/' && text.back() == '/';
  if (text.empty() || (enclosed && text.size() == 2)) {
    return base::fail("there is nothing to match; a text or a /regular expression/ would be right");
  }
  if (!enclosed) {
    pattern.literal_ = text;
    return pattern;
  }
  text = text.substr(1, text.size() - 2);
  if (text.size() > max_expression) {
    return base::fail("the regular expression has more than {} characters", max_expression);
  }
  const auto expression = std::make_shared<const Expression>(std::string(text));
  if (!expression->good()) {
    return base::fail("'{}' is no regular expression: {}", base::printable(text, 80),
                      expression->error());
  }
  pattern.expression_ = expression;
  return pattern;
}

bool TextPattern::matches(std::string_view text) const {
  if (expression_ != nullptr) return expression_->matches(text);
  return !literal_.empty() && text == literal_;
}

}  // namespace missive::pjsip
