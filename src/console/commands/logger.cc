// logger show channels, logger rotate, logger set level.
#include <fmt/format.h>

#include "base/log_channels.h"
#include "base/text.h"
#include "console/commands/parts.h"
#include "console/feed.h"

namespace missive::console {
namespace {

std::string line(std::string_view name, std::string_view type, std::string_view formatter,
                 std::string_view status, std::string_view levels) {
  return fmt::format("{:<35.35} {:<8.8} {:<10.10} {:<9.9} {}\n", name, type, formatter, status,
                     levels);
}

Result show_channels() {
  auto out = fmt::format("Logger queue limit: {}\n\n", Feed::most_pending);
  out += line("Channel", "Type", "Formatter", "Status", "Configuration");
  out += line("-------", "----", "---------", "------", "-------------");
  for (const auto& channel : base::log_channels()) {
    out += line(channel.name, channel.type, "default", "Enabled",
                " - " + base::log_level_names(channel.levels));
  }
  return success(out + '\n');
}

Result rotate() {
  const auto rotated = base::rotate_logs();
  return rotated ? success("") : failure(rotated.error().text);
}

// At a console for that console; elsewhere for the server's standard error.
Result set_level(const Call& call) {
  const auto& level = call.arguments[0];
  const auto on = base::parse_bool(call.arguments[1]);
  const auto named = base::log_level_named(level);
  if (!named || !on) {
    return failure("Usage: logger set level {DEBUG|NOTICE|WARNING|ERROR|VERBOSE} {on|off}");
  }
  if (call.terminal != nullptr) {
    call.terminal->show_levels(*named, *on);
  } else {
    base::show_log_levels(*named, *on);
  }
  return success(
      fmt::format("Logger status for '{}' has been set to '{}'.\n", level, *on ? "on" : "off"));
}

}  // namespace

void add_logger_commands(Registry& registry, Environment&) {
  registry.add({"logger show channels", "", 0, 0, "List configured log channels",
                at_once([](const Call&) { return show_channels(); })});
  registry.add({"logger rotate", "", 0, 0, "Rotates and reopens the log files",
                at_once([](const Call&) { return rotate(); })});
  registry.add({"logger set level", "{DEBUG|NOTICE|WARNING|ERROR|VERBOSE} {on|off}", 2, 2,
                "Enables/Disables a specific logging level for this console", at_once(set_level),
                [](const Arguments& before) {
                  return before.empty()
                             ? Command::Choices{"DEBUG", "NOTICE", "WARNING", "ERROR", "VERBOSE"}
                             : Command::Choices{"on", "off"};
                }});
}

}  // namespace missive::console
