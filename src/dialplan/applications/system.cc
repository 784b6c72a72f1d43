// System, TrySystem.
#include <fmt/format.h>

#include "base/log.h"
#include "base/text.h"
#include "dialplan/applications/parts.h"
#include "dialplan/child_process.h"

namespace missive::dialplan {
namespace {

constexpr std::size_t longest_line = 2000;
constexpr int not_found = 127;  // sh(1): there is no such command

// What the command prints goes to the log, line by line.
class Lines {
 public:
  explicit Lines(Run& run) : run_(run) {}

  void add(std::string_view octets) {
    for (const char c : octets) {
      if (c != '\n') line_ += c;
      if (c == '\n' || line_.size() >= longest_line) flush();
    }
  }
  void flush() {
    if (!line_.empty()) {
      log::info("{}: command: {}", run_.place(), base::printable(line_, 4 * longest_line));
    }
    line_.clear();
  }

 private:
  Run& run_;
  std::string line_;
};

std::string_view run_command(Run& run, std::string_view command) {
  if (base::trim(command).empty()) {
    run.warn("System needs a command");
    return "FAILURE";
  }
  const auto child =
      ChildProcess::start({"/bin/sh", "-c", std::string(command)}, ChildProcess::Kind::merged);
  if (!child) {
    run.warn(child.error().text);
    return "FAILURE";
  }
  Lines lines(run);
  const auto status = (*child)->finish([&](std::string_view octets) { lines.add(octets); },
                                       [&] { return run.gives_up(); });
  lines.flush();
  if (!status) run.warn("the command has taken too long; it is ended");
  if (!status || *status == not_found) return "FAILURE";
  return *status == 0 ? "SUCCESS" : "APPERROR";
}

Outcome system(Run& run, std::string_view command) {
  const auto status = run_command(run, command);
  run.set_variable("SYSTEMSTATUS", std::string(status));
  return status == "FAILURE" ? Outcome::hang_up : Outcome::next;
}

Outcome try_system(Run& run, std::string_view command) {
  run.set_variable("SYSTEMSTATUS", std::string(run_command(run, command)));
  return Outcome::next;
}

}  // namespace

void add_system_applications(ApplicationTable& table) {
  table.add({.name = "System", .execute = system, .blocks = true, .dangerous = true});
  table.add({.name = "TrySystem", .execute = try_system, .blocks = true, .dangerous = true});
}

}  // namespace missive::dialplan
