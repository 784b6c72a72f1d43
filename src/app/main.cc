// The command line: parses options and hands over to the command (app/commands.h). What
// the command line itself has wrong ends with exit status 2.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

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

  const auto config_option = [](CLI::App* command, std::filesystem::path& config) {
    config = "/etc/missive";
    command->add_option("-c,--config", config, "folder with manager.conf, pjsip.conf, missive.conf")
        ->envname("MISSIVE_CONFIG")
        ->capture_default_str();
  };
  const auto message_options = [](CLI::App* command, auto& options) {
    auto* destination =
        command->add_option("destination", options.destination,
                            "where to, as in MessageSend: pjsip:alice, pjsip:sip:bob@example.com");
    command->add_option("--from", options.from, "From: a SIP URI, a name-addr, user@host or user");
    command->add_option("--to", options.to, "To, when it is not that of the destination");
    command->add_option("--variable", options.variables, "NAME=VALUE, sent as a SIP header")
        ->expected(1)
        ->take_all();
    return destination;
  };

  ServeOptions serving;
  auto* serve_command = program.add_subcommand("serve", "run the server");
  config_option(serve_command, serving.config);
  serving.state = "/var/lib/missive";
  serve_command->add_option("-s,--state", serving.state, "folder for what must survive a restart")
      ->envname("MISSIVE_STATE")
      ->capture_default_str();
  serve_command->callback([&] { status = serve(serving); });

  CheckOptions checking;
  auto* check_command =
      program.add_subcommand("check", "read the configuration and show every problem in it");
  config_option(check_command, checking.config);
  check_command->callback([&] { status = check(checking); });

  ExplainOptions explaining;
  auto* explain_command = program.add_subcommand(
      "explain", "show what MessageSend would do with a destination, step by step");
  config_option(explain_command, explaining.config);
  add_incoming_options(explain_command, message_options(explain_command, explaining), explaining);
  explain_command->callback([&] { status = explain(explaining); });

  SendOptions sending;
  auto* send_command = program.add_subcommand(
      "send", "send a message through a running server, wait for the outcome");
  config_option(send_command, sending.config);
  message_options(send_command, sending)->required();
  send_command->add_option("body", sending.body, "the text; - reads standard input")->required();
  send_command->add_option("--host", sending.host, "AMI address (default: from manager.conf)");
  send_command->add_option("--port", sending.port, "AMI port (default: from manager.conf)");
  send_command->add_option("--username", sending.username,
                           "AMI user (default: the first in manager.conf that may send)");
  send_command->add_option("--secret", sending.secret, "AMI secret (default: from manager.conf)")
      ->envname("MISSIVE_SECRET");
  send_command->add_option("--timeout", sending.timeout, "seconds to wait for the outcome")
      ->capture_default_str();
  send_command->callback([&] { status = send(sending); });

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
