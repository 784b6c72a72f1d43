// The character classes of RFC 3261 section 25.1, one table lookup a character.
//
// Pure, constexpr, no allocation. A class holds the characters that may stand for
// themselves; where the grammar also allows "escaped" (% HEX HEX), ask
// all_or_escaped().
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/text.h"

namespace missive::sip::chars {

enum Class : std::uint16_t {
  token = 1 << 0,     // method, header and parameter names, tags, branches
  user = 1 << 1,      // user part of a SIP URI
  password = 1 << 2,  // password part of a SIP URI
  param = 1 << 3,     // uri-parameter
  header = 1 << 4,    // header part of a SIP URI
  word = 1 << 5,      // Call-ID
  opaque = 1 << 6,    // what follows the scheme of any other URI
  value = 1 << 7,     // unquoted value of a header parameter: token or host
  host = 1 << 8,      // hostname (with the _ that real ones have) and IPv4address
  uri = 1 << 9,       // any URI, '%' included
};

namespace detail {

constexpr std::uint16_t classes_of(char c) {
  const auto in = [c](std::string_view set) { return set.find(c) != std::string_view::npos; };
  const bool alphanum = base::is_alpha(c) || base::is_digit(c);
  const bool unreserved = alphanum || in("-_.!~*'()");
  const bool is_token = alphanum || in("-.!%*_+`'~");
  unsigned classes = 0;
  if (is_token) classes |= token;
  if (unreserved || in("&=+$,;?/")) classes |= user;
  if (unreserved || in("&=+$,")) classes |= password;
  if (unreserved || in("[]/:&+$")) classes |= param;
  if (unreserved || in("[]/?:+$")) classes |= header;
  if (is_token || in("()<>:\\\"/[]?{}")) classes |= word;
  if (unreserved || in(";/?:@&=+$,[]")) classes |= opaque;
  if (is_token || in("[]:")) classes |= value;
  if (alphanum || in("-._")) classes |= host;
  if ((classes & opaque) != 0 || c == '%') classes |= uri;
  return static_cast<std::uint16_t>(classes);
}

constexpr std::array<std::uint16_t, 256> make_table() {
  std::array<std::uint16_t, 256> table{};
  for (int octet = 0; octet < 128; ++octet) {
    table[static_cast<std::size_t>(octet)] = classes_of(static_cast<char>(octet));
  }
  return table;
}

inline constexpr auto table = make_table();

}  // namespace detail

constexpr bool is(char c, Class wanted) {
  return (detail::table[static_cast<unsigned char>(c)] & wanted) != 0;
}

// How many characters at the front are of the class.
constexpr std::size_t run(std::string_view text, Class wanted) {
  std::size_t length = 0;
  while (length < text.size() && is(text[length], wanted)) ++length;
  return length;
}

constexpr bool all(std::string_view text, Class wanted) { return run(text, wanted) == text.size(); }

// `token` in any case is `name`, which is in lower case.
constexpr bool same_name(std::string_view token, std::string_view name) {
  if (token.size() != name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (base::to_lower(token[i]) != name[i]) return false;
  }
  return true;
}

// '%' and two hexadecimal digits at the front.
constexpr bool is_escaped(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && base::is_hex_digit(text[1]) &&
         base::is_hex_digit(text[2]);
}

constexpr bool all_or_escaped(std::string_view text, Class wanted) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is(text[i], wanted)) continue;
    if (!is_escaped(text.substr(i))) return false;
    i += 2;
  }
  return true;
}

// Without spaces and tabs at the front; line ends are not blanks here.
constexpr void skip_blanks(std::string_view& text) {
  while (!text.empty() && base::is_blank(text.front())) text.remove_prefix(1);
}

// Takes `c` off the front, with the blanks before it; false leaves only the blanks gone.
constexpr bool take(std::string_view& text, char c) {
  skip_blanks(text);
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Takes the run of the class off the front; empty when there is none.
constexpr std::string_view take_run(std::string_view& text, Class wanted) {
  const auto length = run(text, wanted);
  const auto taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

}  // namespace missive::sip::chars
