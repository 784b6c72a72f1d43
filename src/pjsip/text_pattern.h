// What a header or a Request-URI must be: a text as it is, or a /regular expression/.
//
// POSIX extended expressions, as in Asterisk; they match anywhere unless anchored. An empty
// pattern is refused, for it would say nothing; a default-made one matches nothing. Immutable and
// cheap to copy; any number of threads may ask. Source: Asterisk documentation, "identify".
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::pjsip {

class TextPattern {
 public:
  // "text" or "/expression/".
  static base::Result<TextPattern> parse(std::string_view text);

  bool matches(std::string_view text) const;
  bool empty() const { return literal_.empty() && expression_ == nullptr; }

 private:
  class Expression;

  std::string literal_;
  std::shared_ptr<const Expression> expression_;
};

}  // namespace missive::pjsip
