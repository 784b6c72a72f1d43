// missive console: the commands of a running server, one or line by line.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "app/ami_access.h"
#include "base/text.h"

namespace missive::app {
namespace {

constexpr std::chrono::seconds patience{60};

// Runs one command and shows what it says; false when it failed. An error ends the console.
base::Result<bool> run(AmiClient& client, std::string_view command) {
  const auto lines = ActionLines("Command").add("Command", command).lines();
  if (!lines) return tl::unexpected(lines.error());
  const auto answer = client.ask(*lines, patience);
  if (!answer) return tl::unexpected(answer.error());
  bool has_output = false;
  for (const auto& [name, value] : answer->headers) {
    if (!base::iequals(name, "Output")) continue;
    fmt::print("{}\n", value);
    has_output = true;
  }
  const bool succeeded = answer->get("Response") == "Success";
  if (!succeeded && !has_output) fmt::print("{}\n", answer->get("Message"));
  std::fflush(stdout);
  return succeeded;
}

int read_commands(AmiClient& client) {
  const bool prompts = ::isatty(STDIN_FILENO) == 1;
  int status = 0;
  for (std::string line;;) {
    if (prompts) {
      fmt::print("missive> ");
      std::fflush(stdout);
    }
    if (!std::getline(std::cin, line)) break;
    const auto command = base::trim(line);
    if (command.empty()) continue;
    if (base::iequals(command, "quit") || base::iequals(command, "exit")) return status;
    const auto succeeded = run(client, command);
    if (!succeeded) return complain(succeeded.error().text);
    if (!*succeeded) status = 1;
  }
  if (prompts) fmt::print("\n");
  return status;
}

}  // namespace

int console(const ConsoleOptions& options) {
  const auto access = complete(options.ami, ami::Class::command);
  if (!access) return complain(access.error().text);
  AmiClient client;
  if (auto in = open(client, access->options, "off"); !in) return complain(in.error().text);
  if (options.command.empty()) return read_commands(client);
  const auto succeeded = run(client, fmt::format("{}", fmt::join(options.command, " ")));
  if (!succeeded) return complain(succeeded.error().text);
  return *succeeded ? 0 : 1;
}

}  // namespace missive::app
