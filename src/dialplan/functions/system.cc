// SHELL
#include <algorithm>
#include <string>

#include "base/text.h"
#include "dialplan/child_process.h"
#include "dialplan/functions/arguments.h"

namespace missive::dialplan {
namespace {

constexpr std::size_t max_output = 64 * 1024;

base::Result<std::string> read_shell(Run& run, std::string_view command) {
  if (base::trim(command).empty()) return base::fail("SHELL wants a command: SHELL(date)");
  if (command.find('\0') != command.npos) return base::fail("the command of SHELL has a NUL in it");
  // What it has to complain about is no part of its result.
  const auto child = ChildProcess::start(
      {"/bin/sh", "-c", fmt::format("exec 2>/dev/null\n{}", command)}, ChildProcess::Kind::merged);
  if (!child) return tl::unexpected(child.error());
  std::string output;
  bool full = false;
  const auto status = (*child)->finish(
      [&](std::string_view octets) {
        const auto room = max_output - output.size();
        full = full || octets.size() > room;
        output += octets.substr(0, room);
      },
      [&] { return full || run.gives_up(); });
  if (full) {
    run.warn(fmt::format("SHELL keeps the first {} octets of what its command prints", max_output));
  } else if (!status) {
    return base::fail("the command of SHELL has taken too long; it is ended");
  }
  return output;
}

}  // namespace

void add_system_functions(FunctionTable& table) {
  table.add({"SHELL", read_shell, nullptr, true, true});
}

}  // namespace missive::dialplan
