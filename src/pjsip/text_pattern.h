// What a header or a Request-URI must be: a text as it is, or a /regular expression/.
//
// POSIX extended expressions (base/regex.h), as in Asterisk; they match anywhere unless anchored,
// and nothing that is longer than such an expression may look at. An empty pattern is refused, for
// it would say nothing; a default-made one matches nothing. Immutable and cheap to copy; any number
// of threads may ask. Source: Asterisk documentation, "identify".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/regex.h"
#include "base/result.h"

namespace missive::pjsip {

class TextPattern {
 public:
  // "text" or "/expression/".
  static base::Result<TextPattern> parse(std::string_view text);

  bool matches(std::string_view text) const;
  bool empty() const { return literal_.empty() && expression_ == nullptr; }

 private:
  std::string literal_;
  std::shared_ptr<const base::Regex> expression_;
};

}  // namespace missive::pjsip
