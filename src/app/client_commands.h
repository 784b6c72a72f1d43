// The command line of what speaks to a running server: send, outbox, console.
//
// Each adds its command to `program`; when that is what was asked for, it is run and its
// exit status put into `status`, which outlives the parsing.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>

namespace missive::app {

// --config, which every command has.
inline void add_config_option(CLI::App* command, std::filesystem::path& config) {
  config = "/etc/missive";
  command->add_option("-c,--config", config, "folder with manager.conf, pjsip.conf, missive.conf")
      ->envname("MISSIVE_CONFIG")
      ->capture_default_str();
}

// --state, of the server itself and of its console.
inline void add_state_option(CLI::App* command, std::filesystem::path& state,
                             const std::string& what) {
  state = "/var/lib/missive";
  command->add_option("-s,--state", state, what)->envname("MISSIVE_STATE")->capture_default_str();
}

// What describes a message: its destination, --from, --to, --variable.
template <class Options>
CLI::Option* add_message_options(CLI::App* command, Options& options) {
  auto* destination =
      command->add_option("destination", options.destination,
                          "where to, as in MessageSend: pjsip:alice, pjsip:sip:bob@example.com");
  command->add_option("--from", options.from, "From: a SIP URI, a name-addr, user@host or user");
  command->add_option("--to", options.to, "To, when it is not that of the destination");
  command->add_option("--variable", options.variables, "NAME=VALUE, sent as a SIP header")
      ->expected(1)
      ->allow_extra_args(false)  // a destination may follow
      ->take_all();
  return destination;
}

void add_send_command(CLI::App& program, int& status);
void add_outbox_command(CLI::App& program, int& status);
void add_console_command(CLI::App& program, int& status);

}  // namespace missive::app
