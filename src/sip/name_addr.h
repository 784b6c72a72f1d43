// name-addr and addr-spec, the form of From, To, Contact, Route (RFC 3261 20.10).
//
// A NameAddr is views into the header value. parse_name_addr() checks the form
// around the URI and leaves the URI itself to parse_uri(). In the form without
// angle brackets what follows the first ';' belongs to the header, and ',' and '?'
// are not allowed in the URI.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sip/params.h"

namespace missive::sip {

struct NameAddr {
  std::string_view display_name;  // inside of the quotes, still with its backslashes
  bool quoted = false;
  std::string_view uri;     // without angle brackets
  std::string_view params;  // of the header, raw, from the first ';'

  std::string unquoted_display() const;
  // "" for a parameter without a value, the inside of a quoted one.
  std::optional<std::string_view> param(std::string_view name) const;
  // The tag, "" when there is none.
  std::string_view tag() const;
};

// One value, nothing after it. A tag that is no token is an error.
base::Result<NameAddr> parse_name_addr(std::string_view text);

// `text` in quotes, with '"' and '\' escaped and control characters made spaces.
void append_quoted(std::string& out, std::string_view text);

// Walks the values of a comma list, minding quotes and angle brackets. An empty
// value between two commas is handed out as "", for the parser to refuse.
class ListSplitter {
 public:
  explicit ListSplitter(std::string_view list) : rest_(list) {}
  // The next value, trimmed; false at the end.
  bool next(std::string_view& item);

 private:
  std::string_view rest_;
  bool more_ = true;
};

}  // namespace missive::sip
