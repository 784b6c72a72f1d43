#include "dialplan/functions/arguments.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "dialplan/template.h"

namespace missive::dialplan {
namespace {

int hex_value(char c) { return base::is_digit(c) ? c - '0' : base::to_lower(c) - 'a' + 10; }

// Up to `most` digits of `radix` off the front, as one octet.
std::optional<char> take_octet(std::string_view& text, std::size_t most, int radix) {
  int value = 0;
  std::size_t taken = 0;
  for (; taken < most && taken < text.size(); ++taken) {
    const char c = text[taken];
    if (!base::is_hex_digit(c) || hex_value(c) >= radix) break;
    value = value * radix + hex_value(c);
  }
  if (taken == 0) return std::nullopt;
  text.remove_prefix(taken);
  return static_cast<char>(value & 0xFF);
}

// Quotes that no backslash protects are taken away; backslashes stay.
std::string without_quotes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') continue;
    out += text[i];
    if (text[i] == '\\' && i + 1 < text.size()) out += text[++i];
  }
  return out;
}

struct Call {
  const Function* function;
  std::string_view arguments;
};

// NAME(arguments) as a function that may be called from inside of another one; the function is
// nullptr when `name` is no call.
base::Result<Call> find_call(Run& run, std::string_view name) {
  const auto open = name.find('(');
  if (open == name.npos || !name.ends_with(')')) return Call{nullptr, {}};
  const auto function_name = base::trim(name.substr(0, open));
  const auto* function = run.shared().functions.find(function_name);
  if (function == nullptr) {
    return base::fail("there is no function {}", base::printable(function_name, 40));
  }
  if (function->blocks || function->dangerous) {
    return base::fail(
        "{} cannot be named inside of another function: put its result into a "
        "variable first",
        function->name);
  }
  return Call{function, name.substr(open + 1, name.size() - open - 2)};
}

bool is_plain(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return base::is_alpha(c) || base::is_digit(c) || c == '_' || c == ':' || c == '-';
  });
}

}  // namespace

base::Result<std::string> limited(std::string text) {
  if (text.size() > max_text) {
    return base::fail("the result would have {} octets; {} are the most", text.size(), max_text);
  }
  return text;
}

const std::string& Arguments::operator[](std::size_t place) const {
  static const std::string none;
  return place < values_.size() ? values_[place] : none;
}

std::string Arguments::text(std::size_t place) const {
  const std::string inside = without_quotes((*this)[place]);
  std::string_view rest = inside;
  std::string out;
  bool escaped = false;
  while (!rest.empty()) out += take_character(rest, escaped);
  return out;
}

char Arguments::delimiter(std::size_t place, char fallback) const {
  const std::string inside = without_quotes((*this)[place]);
  std::string_view rest = inside;
  if (rest.empty()) return fallback;
  // Asterisk takes one layer of backslashes off first: `\\n` is a line end there, too.
  if (rest.size() > 2 && rest.starts_with("\\\\")) rest.remove_prefix(1);
  bool escaped = false;
  return take_character(rest, escaped);
}

char take_character(std::string_view& text, bool& escaped) {
  const char first = text.front();
  text.remove_prefix(1);
  escaped = first == '\\' && !text.empty();
  if (!escaped) return first;
  const char kind = text.front();
  text.remove_prefix(1);
  switch (kind) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'x':
      return take_octet(text, 2, 16).value_or('x');
    case '0':
      return take_octet(text, 3, 8).value_or('\0');
    default:
      return kind;
  }
}

base::Result<std::string> value_of(Run& run, std::string_view name) {
  const Depth depth;
  if (depth.too_deep()) return base::fail("functions are nested too deeply");
  const auto call = find_call(run, name);
  if (!call) return tl::unexpected(call.error());
  if (call->function != nullptr) {
    if (!call->function->read) return base::fail("{} can only be set", call->function->name);
    return call->function->read(run, call->arguments);
  }
  if (const auto value = run.variable(name)) return *value;
  if (name.find(':') != name.npos && is_plain(name))
    return expand(run, fmt::format("${{{}}}", name));
  return std::string();
}

base::Result<void> set_by_name(Run& run, std::string_view name, std::string value) {
  const Depth depth;
  if (depth.too_deep()) return base::fail("functions are nested too deeply");
  name = base::trim(name);
  if (name.empty()) return base::fail("there is no name of a variable to set");
  if (value.size() > max_text) {
    return base::fail("{} would have {} octets; {} are the most", base::printable(name, 40),
                      value.size(), max_text);
  }
  const auto call = find_call(run, name);
  if (!call) return tl::unexpected(call.error());
  if (call->function == nullptr) {
    run.set_variable(name, std::move(value));
    return {};
  }
  if (!call->function->write) return base::fail("{} cannot be set", call->function->name);
  return call->function->write(run, call->arguments, value);
}

int& Depth::depth() {
  thread_local int depth = 0;
  return depth;
}

}  // namespace missive::dialplan
