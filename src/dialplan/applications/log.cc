// NoOp, Verbose, Log, UserEvent.
#include "base/log.h"

#include "base/text.h"
#include "dialplan/applications/parts.h"

namespace missive::dialplan {
namespace {

constexpr int highest_shown = 3;  // of Verbose's levels: what `asterisk -vvv` shows

// "first,rest" at the first comma.
std::pair<std::string_view, std::string_view> split_first(std::string_view text) {
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) return {{}, text};
  return {base::trim(text.substr(0, comma)), text.substr(comma + 1)};
}

void write(const Run& run, spdlog::level::level_enum level, std::string_view text) {
  if (!spdlog::should_log(level)) return;
  spdlog::log(level, "{}: {}", run.place(), base::printable(text, 2000));
}

Outcome no_op(Run& run, std::string_view text) {
  write(run, spdlog::level::debug, text);
  return Outcome::next;
}

Outcome verbose(Run& run, std::string_view arguments) {
  const auto [first, rest] = split_first(arguments);
  const auto level = base::parse_number<int>(first);
  write(run, level.value_or(0) > highest_shown ? spdlog::level::debug : spdlog::level::info,
        level ? rest : arguments);
  return Outcome::next;
}

Outcome write_log(Run& run, std::string_view arguments) {
  static const std::map<std::string_view, spdlog::level::level_enum, base::ILess> levels{
      {"ERROR", spdlog::level::err},   {"WARNING", spdlog::level::warn},
      {"NOTICE", spdlog::level::info}, {"VERBOSE", spdlog::level::info},
      {"DEBUG", spdlog::level::debug}, {"DTMF", spdlog::level::debug}};
  const auto [name, text] = split_first(arguments);
  const auto level = levels.find(name);
  if (level == levels.end()) {
    run.warn(fmt::format("Log needs ERROR, WARNING, NOTICE, VERBOSE or DEBUG first, not '{}'",
                         name.empty() ? arguments : name));
  } else {
    write(run, level->second, text);
  }
  return Outcome::next;
}

Outcome user_event(Run& run, std::string_view arguments) {
  const auto parts = split_arguments(arguments);
  if (parts.empty() || base::trim(parts[0]).empty()) {
    run.warn("UserEvent needs a name[,header: value]...");
    return Outcome::next;
  }
  std::vector<std::pair<std::string, std::string>> headers;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = parts[i];
    const auto colon = part.find(':');
    if (colon == std::string_view::npos || base::trim(part.substr(0, colon)).empty()) {
      run.warn(fmt::format("UserEvent: '{}' is not header: value; it is left out", part));
      continue;
    }
    headers.emplace_back(base::trim(part.substr(0, colon)), base::trim(part.substr(colon + 1)));
  }
  if (auto* const events = run.shared().events) {
    events->on_user_event(run, base::trim(parts[0]), headers);
  }
  return Outcome::next;
}

}  // namespace

void add_log_applications(ApplicationTable& table) {
  table.add({"NoOp", no_op});
  table.add({"Verbose", verbose});
  table.add({"Log", write_log});
  table.add({"UserEvent", user_event});
}

}  // namespace missive::dialplan
