// The value of the header `Variable` of an action: a comma list of name=value.
//
// Double quotes keep commas and are taken away, a backslash takes away the meaning of the
// character behind it, and a comma inside (...) or [...] does not separate; so `X-Q="a,b"`
// and `X-Q=a\,b` both set X-Q to `a,b`. Names lose the blanks around them, values keep
// theirs. What a later variable does to an earlier one of the same name depends on what they
// become. A part without '=' or without a name, or a quote left open, is an error. Memory is
// kept from one use to the next. Not thread-safe.
// Source: Asterisk documentation, AMI action MessageSend; the wire of Asterisk 20.7.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "message/message.h"

namespace missive::ami {

class VariableList {
 public:
  static constexpr std::size_t max_variables = 500;

  enum class Again {
    replaces,            // the name without case: headers of a message
    replaces_same_case,  // variables of the dialplan
    stands_beside,       // headers of a NOTIFY
  };
  void clear(Again again = Again::replaces);
  // Adds what one `Variable` header says.
  base::Result<void> add(std::string_view list);
  // Views that live until the next clear() or add().
  std::span<const message::Variable> items();

 private:
  struct Entry {  // places in text_
    std::size_t name, name_size, value, value_size;
  };

  // Writes the next part to text_, without quotes and backslashes, and takes it from `list`.
  base::Result<void> read_part(std::string_view& list);
  base::Result<void> keep_part(std::size_t begin);
  std::string_view name_of(const Entry& entry) const;
  bool is_replaced(const Entry& entry, std::string_view name) const;

  Again again_ = Again::replaces;
  std::string text_;
  std::vector<Entry> entries_;
  std::vector<message::Variable> items_;
};

}  // namespace missive::ami
