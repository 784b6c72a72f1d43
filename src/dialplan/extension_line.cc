#include "dialplan/extension_line.h"

#include <algorithm>

#include "base/text.h"

namespace missive::dialplan {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr int highest_priority = 1'000'000;

// The first `wanted` that is not in a set of a pattern.
std::size_t find_outside_sets(std::string_view text, char wanted) {
  bool in_set = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == wanted && !in_set) return i;
    if (text[i] == '[' && text.find(']', i) != npos) in_set = text.front() == '_';
    if (text[i] == ']') in_set = false;
  }
  return npos;
}

base::Result<void> split_priority(std::string_view text, ExtensionLine& line) {
  const auto comma = text.find(',');
  line.priority = base::trim(text.substr(0, comma));
  if (comma != npos) line.call = base::trim(text.substr(comma + 1));
  if (line.priority.empty()) {
    return base::fail("a priority is missing: a number, n or hint, before the application");
  }
  if (line.call.empty()) {
    return base::fail("an application is missing behind the priority '{}'",
                      base::printable(line.priority, 40));
  }
  return {};
}

std::optional<int> read_count(std::string_view text) {
  const auto number = base::parse_number<int>(base::trim(text));
  if (!number || *number < 0 || *number > highest_priority) return std::nullopt;
  return number;
}

// "1", "n", "same": without label and plus.
bool read_kind(std::string_view text, PriorityText& priority) {
  using Kind = PriorityText::Kind;
  const auto is = [text](std::string_view word) { return base::iequals(text, word); };
  if (is("hint")) {
    priority.kind = Kind::hint;
  } else if (is("n") || is("next")) {
    priority.kind = Kind::next;
  } else if (is("s") || is("same")) {
    priority.kind = Kind::same;
  } else {
    const auto number = read_count(text);
    if (!number || *number == 0) return false;
    priority.number = *number;
  }
  return true;
}

bool is_application_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return base::is_alpha(c) || base::is_digit(c) || c == '_';
  });
}

}  // namespace

base::Result<ExtensionLine> split_exten(std::string_view value) {
  const auto comma = find_outside_sets(value, ',');
  ExtensionLine line;
  line.name = base::trim(value.substr(0, comma));
  if (line.name.empty()) return base::fail("an extension needs a name before its first comma");
  const auto rest = comma == npos ? std::string_view() : value.substr(comma + 1);
  if (const auto done = split_priority(rest, line); !done) return tl::unexpected(done.error());
  return line;
}

base::Result<ExtensionLine> split_same(std::string_view value) {
  ExtensionLine line;
  if (const auto done = split_priority(value, line); !done) return tl::unexpected(done.error());
  return line;
}

ExtensionName split_caller(std::string_view name) {
  const auto slash = find_outside_sets(name, '/');
  if (slash == npos) return {name, {}};
  return {base::trim(name.substr(0, slash)), base::trim(name.substr(slash + 1))};
}

base::Result<PriorityText> read_priority(std::string_view text) {
  PriorityText priority;
  const auto open = text.find('(');
  if (open != npos) {
    if (!text.ends_with(')')) {
      return base::fail("the label in '{}' has no ')' at its end", base::printable(text, 40));
    }
    priority.label = base::trim(text.substr(open + 1, text.size() - open - 2));
  }
  const auto number = base::trim(text.substr(0, open));
  const auto plus = number.find('+');
  if (plus != npos) {
    const auto count = read_count(number.substr(plus + 1));
    if (!count) {
      return base::fail("'{}' in a priority is no number",
                        base::printable(number.substr(plus), 40));
    }
    priority.plus = *count;
  }
  if (read_kind(base::trim(number.substr(0, plus)), priority)) return priority;
  return base::fail("'{}' is no priority; it is a number from 1 to {}, n, s or hint",
                    base::printable(number, 40), highest_priority);
}

base::Result<Call> read_call(std::string_view text) {
  const auto open = std::min(text.find('('), text.size());
  const auto name = base::trim(text.substr(0, open));
  if (!is_application_name(name)) {
    return base::fail("'{}' is no call of an application; write Application(arguments)",
                      base::printable(text, 60));
  }
  if (open == text.size()) return Call{name, {}};
  const auto close = text.rfind(')');
  if (close == npos) {
    return base::fail("{}( has no closing ')'", base::printable(name, 40));
  }
  if (close + 1 < text.size()) {
    return base::fail("'{}' behind the ')' of {}() means nothing",
                      base::printable(text.substr(close + 1), 40), base::printable(name, 40));
  }
  return Call{name, text.substr(open + 1, close - open - 1)};
}

}  // namespace missive::dialplan
