// The part of a value that `${NAME:offset:length}` asks for.
//
// Octets are counted, as Asterisk does. A negative offset counts from the end and stops at the
// beginning; a negative length leaves that many off the end. Pure. Source: Asterisk
// documentation, "Manipulating Variables Basics".
#pragma once

#include <optional>
#include <string_view>

namespace missive::dialplan {

struct Substring {
  long long offset = 0;
  std::optional<long long> length;  // none: to the end

  // "offset" or "offset:length"; nothing when these are no numbers. An empty one is 0.
  static std::optional<Substring> parse(std::string_view text);
  std::string_view of(std::string_view value) const;
};

}  // namespace missive::dialplan
