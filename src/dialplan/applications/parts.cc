#include "dialplan/applications/parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "dialplan/time_range.h"

namespace missive::dialplan {

std::size_t find_outside(std::string_view text, char what) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      continue;
    } else if (depth == 0 && c == what) {
      return i;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if ((c == ')' || c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::string_view::npos;
}

std::optional<Branches> split_branches(std::string_view text) {
  auto question = find_outside(text, '?');
  // A quote or bracket of the condition that nobody closes hides it: take the first one then.
  if (question == std::string_view::npos) question = text.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(question + 1);
  const auto colon = std::min(find_outside(rest, ':'), rest.size());
  return Branches{base::trim(text.substr(0, question)), base::trim(rest.substr(0, colon)),
                  base::trim(rest.substr(std::min(colon + 1, rest.size())))};
}

Call split_call(std::string_view text) {
  text = base::trim(text);
  const auto open = text.find('(');
  if (open == std::string_view::npos) return {text, {}};
  auto arguments = text.substr(open + 1);
  if (arguments.ends_with(')')) arguments.remove_suffix(1);
  return {base::trim(text.substr(0, open)), arguments};
}

std::vector<Letter> split_options(std::string_view text) {
  std::vector<Letter> out;
  while (!text.empty()) {
    const char letter = text.front();
    text.remove_prefix(1);
    if (base::is_blank(letter)) continue;
    out.push_back(Letter{letter, {}});
    if (!text.starts_with('(')) continue;
    const auto close = std::min(text.find(')'), text.size());
    out.back().argument = base::trim(text.substr(1, close - 1));
    text.remove_prefix(std::min(close + 1, text.size()));
  }
  return out;
}

namespace {

bool assign_to_function(Run& run, std::string_view text, std::string_view value) {
  const auto [name, arguments] = split_call(text);
  const auto* const function = run.shared().functions.find(name);
  if (function == nullptr) {
    run.warn(fmt::format("Function {} not registered", name));
    return false;
  }
  if (!function->write) {
    run.warn(fmt::format("Function {} cannot be written to", name));
    return false;
  }
  const auto why = function->dangerous ? run.forbids_commands() : std::string_view();
  if (!why.empty()) {
    run.warn(
        fmt::format("{}() is not written to: it runs commands, which {} has to allow", name, why));
    return false;
  }
  const auto written = function->write(run, arguments, value);
  if (!written) run.warn(fmt::format("{}: {}", name, written.error().text));
  return written.has_value();
}

}  // namespace

bool assign(Run& run, std::string_view name, std::string value) {
  name = base::trim(name);
  if (name.ends_with(')') && name.find('(') != std::string_view::npos) {
    return assign_to_function(run, name, value);
  }
  if (variable_name(name).empty()) {
    run.warn("a variable without a name cannot be set");
    return false;
  }
  run.set_variable(name, std::move(value));
  return true;
}

Outcome jump(Run& run, std::string_view label) {
  auto place = run.resolve_label(label);
  if (!place) {
    run.warn(place.error().text);
    return Outcome::hang_up;
  }
  run.go_to(std::move(*place));
  return Outcome::jumped;
}

Outcome go_sub(Run& run, std::string_view label, std::string_view arguments, Position back) {
  auto place = run.resolve_label(label);
  if (!place) {
    run.warn(place.error().text);
    return Outcome::hang_up;
  }
  if (!run.exists(*place)) {
    run.warn(fmt::format("there is nothing to Gosub to at ({}, {}, {})", place->context,
                         place->exten, place->priority));
    return Outcome::hang_up;
  }
  if (run.frames().size() >= Run::max_frames) {
    run.warn(fmt::format("Gosub {} deep: does it call itself without an end?", Run::max_frames));
    return Outcome::hang_up;
  }
  Run::Frame frame{std::move(back), {}};
  const auto values = split_arguments(arguments, 0, false);
  for (std::size_t i = 0; i < values.size(); ++i) {
    frame.locals.set(fmt::format("ARG{}", i + 1), values[i]);
  }
  // Those of the caller are not to be seen.
  for (auto i = values.size() + 1; !run.frames().empty(); ++i) {
    const auto name = fmt::format("ARG{}", i);
    if (run.frames().back().locals.find(name) == nullptr) break;
    frame.locals.set(name, "");
  }
  frame.locals.set("ARGC", std::to_string(values.size()));
  run.frames().push_back(std::move(frame));
  run.go_to(std::move(*place));
  return Outcome::jumped;
}

base::Result<bool> is_time(Run& run, std::string_view condition) {
  const auto range = TimeRange::parse(condition);
  if (!range) return tl::unexpected(range.error());
  return range->contains(run.shared().clock.wall());
}

}  // namespace missive::dialplan
