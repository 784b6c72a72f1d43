// Header parameters: *( SEMI name [ EQUAL value ] ), read one at a time.
//
// Via, From, To, Contact and their like share this form (generic-param, RFC 3261
// section 25.1). The reader takes views off the front of a view, allocates nothing
// and stops at the end of the text or at the ',' of a list, whichever is first.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace missive::sip {

struct Param {
  std::string_view name;
  std::string_view value;  // of a quoted value the inside, still with its backslashes
  bool has_value = false;
  bool quoted = false;
};

enum class ParamStep { param, end, error };

// `rest` begins at the ';' (blanks allowed). After `error` it begins where the
// form is broken.
ParamStep next_param(std::string_view& rest, Param& param);

// The first parameter of that name (without regard to case) in `;a=b;c`.
std::optional<Param> find_param(std::string_view params, std::string_view name);

// Takes a quoted-string off the front, which must be '"', and gives its inside;
// nothing when the closing quote is missing.
std::optional<std::string_view> take_quoted(std::string_view& rest);

// The text a quoted-string stands for: each quoted-pair becomes its character.
std::string unquote(std::string_view inside);

}  // namespace missive::sip
