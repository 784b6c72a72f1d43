// Text as protocols see it: ASCII case, trimming, splitting, numbers, UTF-8.
//
// All functions are pure, take views and never read past them. "Case" is ASCII
// case only; octets above 127 compare as they are.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace missive::base {

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}
// A blank is a space or a tab, never a line end.
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Whether there is a control character other than a tab: no header line may hold one.
constexpr bool has_control(std::string_view text) {
  bool found = false;
  for (const char c : text) found |= is_control(c) && c != '\t';  // all of it, in wide steps
  return found;
}

bool iequals(std::string_view a, std::string_view b);
bool istarts_with(std::string_view text, std::string_view prefix);
std::string lower(std::string_view text);
std::string upper(std::string_view text);

// Without blanks and line ends at either side.
std::string_view trim(std::string_view text);
std::string_view trim_left(std::string_view text);
std::string_view trim_right(std::string_view text);

// The parts between separators, trimmed; empty parts are left out.
std::vector<std::string_view> split_list(std::string_view text, char separator = ',');

// The words of a command line: double quotes keep blanks together and are taken away, a backslash
// takes away the meaning of the character behind it.
std::vector<std::string> split_words(std::string_view line);

// The whole of `text` as a decimal number, or nothing.
template <std::integral T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// yes/no as Asterisk reads it: yes true y t 1 on / no false n f 0 off.
std::optional<bool> parse_bool(std::string_view text);

bool is_utf8(std::string_view text);

// For one log line or error text: control octets as \xNN, at most `limit` octets.
std::string printable(std::string_view text, std::size_t limit = 200);

// The same of a text of several lines: tabs and line ends stay, CR is left out.
std::string printable_lines(std::string_view text);

// "1 message", "2 messages".
std::string counted(std::uint64_t count, std::string_view what);

// Lets maps keyed by std::string be asked with a string_view.
struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

// Case-insensitive ordering for names of headers, options and actions.
struct ILess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

}  // namespace missive::base
