#include "ami/classes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "base/text.h"

namespace missive::ami {
namespace {

// In the order of the bits.
constexpr std::array<std::string_view, class_count> names{
    "system", "call", "log",       "verbose",  "command",  "agent",     "user",
    "config", "dtmf", "reporting", "cdr",      "dialplan", "originate", "agi",
    "cc",     "aoc",  "test",      "security", "message"};

std::optional<Class> class_named(std::string_view name) {
  if (base::iequals(name, "all")) return Class::all;
  if (base::iequals(name, "none")) return Class::none;
  for (unsigned i = 0; i < class_count; ++i) {
    if (base::iequals(name, names[i])) return Class{1u << i};
  }
  return std::nullopt;
}

}  // namespace

std::string privilege_text(Class classes) {
  if (!any(classes)) return "<none>";
  std::string text;
  for (unsigned i = 0; i < class_count; ++i) {
    if (any(classes & Class{1u << i})) {
      text += names[i];
      text += ',';
    }
  }
  return text + "all";
}

base::Result<Class> parse_classes(std::string_view list) {
  Class classes = Class::none;
  for (const auto name : base::split_list(list)) {
    const auto known = class_named(name);
    if (!known) {
      return base::fail("'{}' is no class; accepted: {}, all, none", base::printable(name, 40),
                        fmt::join(names, ", "));
    }
    classes = classes | *known;
  }
  return classes;
}

std::optional<Class> parse_event_mask(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (const auto number = base::parse_number<std::uint32_t>(text)) return Class{*number};
  if (const auto on = base::parse_bool(text)) return *on ? Class::all : Class::none;
  Class classes = Class::none;
  for (const auto name : base::split_list(text)) {
    classes = classes | class_named(name).value_or(Class::none);
  }
  return classes;
}

}  // namespace missive::ami
