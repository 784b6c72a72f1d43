// The commands for people that the action Command runs: `message show outbox` and the like.
//
// One table, sorted by name; what a command has to say is text of whole lines. Words are matched
// without case, blanks separate them. On the shard's thread, where `answer` is called once, at
// once or later.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ami/environment.h"
#include "base/unique_function.h"

namespace missive::ami {

struct CliResult {
  bool ok = true;
  std::string text;
};
using CliAnswer = base::UniqueFunction<void(const CliResult&)>;
using CliArguments = std::vector<std::string_view>;  // live during the call

struct CliCommand {
  std::string_view name;       // "message show outbox"
  std::string_view arguments;  // "[RECIPIENT]"
  std::size_t least, most;     // how many of them
  std::string_view summary;
  void (*run)(Environment& environment, const CliArguments& arguments, CliAnswer answer);
};

std::span<const CliCommand> cli_commands();
void run_cli(Environment& environment, std::string_view line, CliAnswer answer);

}  // namespace missive::ami
