// The command line: parses options and hands over to the command (app/commands.h). What
// the command line itself has wrong ends with exit status 2.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/client_commands.h"
#include "app/commands.h"
#include "app/explain_options.h"

namespace {
constexpr int usage_error = 2;

auto is_named(std::string name) {
  return [name = std::move(name)](const CLI::App* command) { return command->check_name(name); };
}
}  // namespace

int main(int argc, char** argv) {
  using namespace missive::app;
  CLI::App program{"Missive: text messages outside of calls, as Asterisk's MessageSend sends them"};
  program.set_version_flag("--version", "missive " MISSIVE_VERSION);
  program.require_subcommand(1);
  program.fallthrough(false);
  int status = 0;

  ServeOptions serving;
  auto* serve_command = program.add_subcommand("serve", "run the server");
  add_config_option(serve_command, serving.config);
  add_state_option(serve_command, serving.state, "folder for what must survive a restart");
  serve_command->callback([&] { status = serve(serving); });

  CheckOptions checking;
  auto* check_command =
      program.add_subcommand("check", "read the configuration and show every problem in it");
  add_config_option(check_command, checking.config);
  check_command->add_option("-s,--state", checking.state,
                            "folder of the server's database, to be looked at too");
  check_command->callback([&] { status = check(checking); });

  ExplainOptions explaining;
  auto* explain_command = program.add_subcommand(
      "explain", "show what MessageSend would do with a destination, step by step");
  add_config_option(explain_command, explaining.config);
  add_incoming_options(explain_command, add_message_options(explain_command, explaining),
                       explaining);
  explain_command->callback([&] { status = explain(explaining); });

  add_send_command(program, status);
  add_outbox_command(program, status);
  add_console_command(program, status);

  auto* demo_command = program.add_subcommand(
      "demo", "a server, two phones and messages between them, in this terminal");
  demo_command->callback([&] { status = demo(); });

  // CLI11 would only say that a command is missing.
  if (argc > 1 && argv[1][0] != '-' && program.get_subcommands(is_named(argv[1])).empty()) {
    complain(fmt::format("'{}' is no command; --help shows those there are", argv[1]));
    return usage_error;
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : usage_error;
  }
  return status;
}
