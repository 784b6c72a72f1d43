#include "pjsip/text_pattern.h"

namespace missive::pjsip {

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
  auto expression = base::Regex::compile(text.substr(1, text.size() - 2));
  if (!expression) return tl::unexpected(expression.error());
  pattern.expression_ = std::make_shared<const base::Regex>(std::move(*expression));
  return pattern;
}

bool TextPattern::matches(std::string_view text) const {
  if (expression_ != nullptr) return expression_->matches(text).value_or(false);
  return !literal_.empty() && text == literal_;
}

}  // namespace missive::pjsip
