// LEN CUT FILTER REPLACE STRREPLACE REGEX TOUPPER TOLOWER TRIM LTRIM RTRIM STRBETWEEN PASSTHRU
// QUOTE CSV_QUOTE KEYPADHASH
#include "base/text.h"

#include <algorithm>
#include <bitset>
#include <optional>
#include <string>
#include <utility>

#include "base/regex.h"
#include "dialplan/functions/arguments.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

Text read_len(Run&, std::string_view text) { return std::to_string(text.size()); }

// --- CUT

// Fields from `first` to `last`, counted from 1.
struct FieldRange {
  std::size_t first = 1;
  std::size_t last = static_cast<std::size_t>(-1);
};

// "2", "2-4", "2-", "-4".
std::optional<FieldRange> parse_field_range(std::string_view text) {
  FieldRange range;
  const auto dash = text.find('-');
  const auto first = text.substr(0, dash);
  if (!first.empty()) {
    const auto number = base::parse_number<std::size_t>(first);
    if (!number) return std::nullopt;
    range.first = std::max<std::size_t>(1, *number);
  }
  if (dash == text.npos) {
    if (first.empty()) return std::nullopt;
    range.last = range.first;
    return range;
  }
  if (const auto last = text.substr(dash + 1); !last.empty()) {
    const auto number = base::parse_number<std::size_t>(last);
    if (!number) return std::nullopt;
    range.last = *number;
  }
  return range;
}

std::vector<std::string_view> fields_of(std::string_view text, char delimiter) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto end = text.find(delimiter);
    fields.push_back(text.substr(0, end));
    if (end == text.npos) return fields;
    text.remove_prefix(end + 1);
  }
}

Text read_cut(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 3);
  if (arguments.size() < 3) {
    return base::fail("CUT wants a variable, a delimiter and fields: CUT(name,-,1)");
  }
  const auto value = value_of(run, arguments.text(0));
  if (!value) return value;
  const char delimiter = arguments.delimiter(1, '-');
  const auto fields = fields_of(*value, delimiter);
  std::string out;
  bool first = true;
  const std::string wanted = arguments.text(2);
  for (const auto part : base::split_list(wanted, '&')) {
    const auto range = parse_field_range(part);
    if (!range) return base::fail("CUT wants fields such as 1, 2-4 or 1&3, not {}", wanted);
    for (auto i = range->first; i <= std::min(range->last, fields.size()); ++i) {
      if (!std::exchange(first, false)) out += delimiter;
      out += fields[i - 1];
      if (out.size() > max_text) return limited(std::move(out));
    }
  }
  return out;
}

// --- FILTER

using CharSet = std::bitset<256>;

// "a-z0-9\-\x20": characters, ranges and escapes. A dash that is escaped, or at an end, is one.
CharSet parse_allowed(std::string_view text) {
  CharSet allowed;
  while (!text.empty()) {
    bool escaped = false;
    auto first = static_cast<unsigned char>(take_character(text, escaped));
    auto last = first;
    if (text.size() >= 2 && text.front() == '-') {
      text.remove_prefix(1);
      last = static_cast<unsigned char>(take_character(text, escaped));
      if (last < first) std::swap(first, last);
    }
    for (unsigned c = first; c <= last; ++c) allowed.set(c);
  }
  return allowed;
}

Text read_filter(Run&, std::string_view text) {
  const auto arguments = Arguments::raw(text, 2);
  if (arguments.size() < 2) {
    return base::fail("FILTER wants the allowed characters and a text: FILTER(0-9,text)");
  }
  const auto allowed = parse_allowed(arguments[0]);
  std::string out;
  for (const char c : arguments[1]) {
    if (allowed.test(static_cast<unsigned char>(c))) out += c;
  }
  return out;
}

// --- REPLACE STRREPLACE STRBETWEEN

Text read_replace(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 3);
  if (arguments.size() < 2) {
    return base::fail("REPLACE wants a variable and characters: REPLACE(name,chars[,char])");
  }
  const auto value = value_of(run, arguments.text(0));
  if (!value) return value;
  const std::string find = arguments.text(1), replacement = arguments.text(2);
  if (find.empty()) return base::fail("REPLACE wants the characters to replace, at least one");
  std::string out;
  for (const char c : *value) {
    if (find.find(c) == find.npos) {
      out += c;
    } else if (!replacement.empty()) {
      out += replacement.front();
    }
  }
  return out;
}

Text read_strreplace(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 4);
  if (arguments.size() < 2) {
    return base::fail("STRREPLACE wants a variable and a text: STRREPLACE(name,find[,text[,max]])");
  }
  const auto value = value_of(run, arguments.text(0));
  if (!value) return value;
  const std::string find = arguments.text(1), replacement = arguments.text(2);
  if (find.empty()) return base::fail("STRREPLACE wants the text to find, which is empty");
  std::size_t left = static_cast<std::size_t>(-1);
  if (const auto& most = arguments[3]; !base::trim(most).empty()) {
    const auto number = base::parse_number<std::size_t>(base::trim(most));
    if (!number) return base::fail("STRREPLACE wants a number of times, not {}", most);
    left = *number;
  }
  std::string out;
  for (std::string_view rest = *value;;) {
    const auto place = left > 0 ? rest.find(find) : rest.npos;
    out += rest.substr(0, place);
    if (place == rest.npos) return limited(std::move(out));
    out += replacement;
    if (out.size() > max_text) return limited(std::move(out));
    rest.remove_prefix(place + find.size());
    --left;
  }
}

Text read_strbetween(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 2);
  if (arguments.size() < 2) {
    return base::fail("STRBETWEEN wants a variable and a text: STRBETWEEN(name,text)");
  }
  const auto value = value_of(run, arguments.text(0));
  if (!value) return value;
  const std::string between = arguments.text(1);
  std::string out;
  for (const char c : *value) {
    if (!out.empty()) out += between;
    out += c;
    if (out.size() > max_text) return limited(std::move(out));
  }
  return out;
}

// --- REGEX

Text read_regex(Run&, std::string_view text) {
  constexpr auto usage =
      "REGEX wants an expression in quotes, a space and a text: "
      "REGEX(\"^[0-9]+$\" text)";
  text = base::trim_left(text);
  if (!text.starts_with('"')) return base::fail(usage);
  const auto end = text.find('"', 1);
  if (end == text.npos) return base::fail(usage);
  const auto expression = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto regex = base::Regex::compile(expression);
  if (!regex) return tl::unexpected(regex.error());
  const auto matches = regex->matches(text);
  if (!matches) return tl::unexpected(matches.error());
  return std::string(*matches ? "1" : "0");
}

// --- letters, blanks, quotes

Text read_toupper(Run&, std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

Text read_tolower(Run&, std::string_view text) { return base::lower(text); }
Text read_trim(Run&, std::string_view text) { return std::string(base::trim(text)); }
Text read_ltrim(Run&, std::string_view text) { return std::string(base::trim_left(text)); }
Text read_rtrim(Run&, std::string_view text) { return std::string(base::trim_right(text)); }
Text read_passthru(Run&, std::string_view text) { return std::string(text); }

Text read_quote(Run&, std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return limited(out + '"');
}

Text read_csv_quote(Run&, std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return limited(out + '"');
}

Text read_keypadhash(Run&, std::string_view text) {
  static constexpr std::string_view keys = "22233344455566677778889999";  // a to z
  std::string out;
  for (const char c : text) {
    if (base::is_alpha(c)) out += keys[static_cast<std::size_t>(base::to_lower(c) - 'a')];
    if (base::is_digit(c) || c == '*' || c == '#') out += c;
  }
  return out;
}

}  // namespace

void add_text_functions(FunctionTable& table) {
  table.add({"LEN", read_len});
  table.add({"CUT", read_cut});
  table.add({"FILTER", read_filter});
  table.add({"REPLACE", read_replace});
  table.add({"STRREPLACE", read_strreplace});
  table.add({"STRBETWEEN", read_strbetween});
  table.add({"REGEX", read_regex});
  table.add({"TOUPPER", read_toupper});
  table.add({"TOLOWER", read_tolower});
  table.add({"TRIM", read_trim});
  table.add({"LTRIM", read_ltrim});
  table.add({"RTRIM", read_rtrim});
  table.add({"PASSTHRU", read_passthru});
  table.add({"QUOTE", read_quote});
  table.add({"CSV_QUOTE", read_csv_quote});
  table.add({"KEYPADHASH", read_keypadhash});
}

}  // namespace missive::dialplan
