// core show version|uptime|settings|channels|help, core reload, core stop.
//
// Layouts are those of Asterisk 20.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "console/commands/parts.h"
#include "console/time_text.h"

namespace missive::console {
namespace {

std::chrono::seconds since(const Environment& environment, base::WallTime then) {
  return std::chrono::duration_cast<std::chrono::seconds>(environment.clock.wall() - then);
}

Result show_version(const Environment& environment, const Call&) {
  utsname system{};
  ::uname(&system);
  return success(fmt::format("Asterisk {} (Missive {}) on a {} running {} {}\n",
                             environment.version, MISSIVE_VERSION, system.machine, system.sysname,
                             system.release));
}

Result show_uptime(const Environment& environment, const Call& call) {
  const auto up = since(environment, environment.host.started());
  const auto reloaded = since(environment, environment.host.reloaded());
  if (call.arguments.empty()) {
    return success(
        fmt::format("System uptime: {}\nLast reload: {}\n", span_text(up), span_text(reloaded)));
  }
  if (call.arguments.front() != "seconds") return failure("Usage: core show uptime [seconds]");
  return success(fmt::format("System uptime: {}\nLast reload: {}\n", up.count(), reloaded.count()));
}

Result show_settings(const Environment& environment, const Call&) {
  const auto facts = environment.host.facts();
  std::string out = "\nPBX Core settings\n-----------------\n";
  const auto line = [&out](std::string_view name, std::string_view value) {
    out += fmt::format("  {:<28} {}\n", fmt::format("{}:", name), value);
  };
  line("Version", environment.version);
  line("Missive", MISSIVE_VERSION);
  line("Maximum calls", "Not set");
  line("System name", facts.system_name);
  line("Process ID", fmt::to_string(::getpid()));
  line("Startup time", local_text(environment.host.started()));
  line("Last reload time", local_text(environment.host.reloaded()));
  line("Threads for traffic", fmt::to_string(facts.shards));
  line("Maximum manager sessions", fmt::to_string(facts.max_sessions));
  line("Log level at start", facts.log_level);
  out += "\n* Directories\n  -------------\n";
  line("Configuration directory", facts.config_folder);
  line("Data directory", facts.state_folder.empty() ? "(in memory)" : facts.state_folder);
  return success(out + '\n');
}

// There are none; what the dialplan did is counted all the same.
Result show_channels(const Environment& environment, const Call& call) {
  const auto how = argument(call, 0);
  std::string out;
  if (how.empty()) {
    out = fmt::format("{:<20} {:<20} {:<7} {:<30}\n", "Channel", "Location", "State",
                      "Application(Data)");
  } else if (how == "verbose") {
    out = fmt::format(
        "{:<20} {:<20} {:<16} {:>4} {:<7} {:<12} {:<25} {:<15} {:<8} {:<11} {:<11} {:<20}\n",
        "Channel", "Context", "Extension", "Prio", "State", "Application", "Data", "CallerID",
        "Duration", "Accountcode", "PeerAccount", "BridgeID");
  } else if (how == "concise") {
    return success("");
  } else if (how != "count") {
    return failure("Usage: core show channels [concise|verbose|count]");
  }
  return success(out + fmt::format("0 active channels\n0 active calls\n{} calls processed\n",
                                   environment.host.messages_run()));
}

auto stop(Environment& environment, StopMode mode) {
  return at_once([&environment, mode](const Call&) {
    environment.host.request_stop(mode);
    return success(mode == StopMode::now ? "" : "Waiting for inactivity to perform halt\n");
  });
}

auto words(std::vector<std::string> choices) {
  return [choices = std::move(choices)](const Arguments&) { return choices; };
}

}  // namespace

void add_core_commands(Registry& registry, Environment& environment) {
  const auto with = [&environment](Result (*make)(const Environment&, const Call&)) {
    return at_once([&environment, make](const Call& call) { return make(environment, call); });
  };
  registry.add({"core show help", "[COMMAND]", 0, Command::any_number,
                "Display help list, or specific help on a command",
                at_once([&registry](const Call& call) { return registry.help(call.arguments); }),
                [&registry](const Arguments& before) {
                  return registry.complete(fmt::format("{} ", fmt::join(before, " ")));
                }});
  registry.add({"core show version", "", 0, 0, "Display version info", with(show_version)});
  registry.add({"core show uptime", "[seconds]", 0, 1, "Show uptime information", with(show_uptime),
                words({"seconds"})});
  registry.add({"core show settings", "", 0, 0, "Show some core settings", with(show_settings)});
  registry.add({"core show channels", "[concise|verbose|count]", 0, 1,
                "Display information on channels", with(show_channels),
                words({"concise", "verbose", "count"})});
  registry.add({"core reload", "", 0, 0, "Global reload", [&environment](Call call) {
                  reload(environment, {}, "", std::move(call.answer));
                }});
  registry.add({"core stop gracefully", "", 0, 0, "Stop once what is under way has its outcome",
                stop(environment, StopMode::gracefully)});
  registry.add({"core stop now", "", 0, 0, "Stop at once", stop(environment, StopMode::now)});
}

}  // namespace missive::console
