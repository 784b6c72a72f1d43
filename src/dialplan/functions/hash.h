// What CURL() with CURLOPT(hashcompat), HASH(name)= and ARRAY() agree on: lists of values.
#pragma once

#include <string>
#include <string_view>

namespace missive::dialplan {

// The variable that names the fields of the last list of values, as in Asterisk.
inline constexpr std::string_view hash_fields = "~ODBCFIELDS~";

// Appends an item to a list with commas, so that split_arguments() gives it back as it is.
inline void append_item(std::string& list, std::string_view item, bool first) {
  if (!first) list += ',';
  for (const char c : item) {
    if (std::string_view("\\\",()[]").find(c) != std::string_view::npos) list += '\\';
    list += c;
  }
}

}  // namespace missive::dialplan
