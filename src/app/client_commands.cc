#include "app/client_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "app/commands.h"
#include "message/status.h"

namespace missive::app {
namespace {

void add_ami_options(CLI::App* command, AmiOptions& options, const std::string& may) {
  add_config_option(command, options.config);
  command->add_option("--host", options.host, "AMI address (default: from manager.conf)");
  command->add_option("--port", options.port, "AMI port (default: from manager.conf)");
  command->add_option("--username", options.username,
                      "AMI user (default: the first in manager.conf that may " + may + ")");
  command->add_option("--secret", options.secret, "AMI secret (default: from manager.conf)")
      ->envname("MISSIVE_SECRET");
}

using OutboxCommand = int (*)(const OutboxOptions&);
using SharedOutboxOptions = std::shared_ptr<OutboxOptions>;

CLI::App* add_outbox_part(CLI::App* outbox, const SharedOutboxOptions& options, int& status,
                          const std::string& name, const std::string& what, OutboxCommand run) {
  auto* part = outbox->add_subcommand(name, what);
  part->fallthrough();  // the options of AMI may follow its own
  part->callback([options, &status, run] { status = run(*options); });
  return part;
}

}  // namespace

void add_send_command(CLI::App& program, int& status) {
  const auto options = std::make_shared<SendOptions>();
  auto* command = program.add_subcommand(
      "send", "send a message through a running server, wait for the outcome");
  add_message_options(command, *options)->required();
  command->add_option("body", options->body, "the text; - reads standard input")->required();
  command->add_option("--id", options->id, "MessageID: with the same one it is sent only once");
  command->add_option("--expiry", options->expiry, "seconds that it may wait for its recipient")
      ->check(CLI::Range(1, 365 * 86'400));
  command->add_flag("--receipt", options->receipt, "ask the recipient's device for a receipt");
  command->add_option("--timeout", options->timeout, "seconds to wait for the outcome")
      ->capture_default_str();
  add_ami_options(command, options->ami, "send");
  command->callback([options, &status] { status = send(*options); });
}

void add_outbox_command(CLI::App& program, int& status) {
  const auto options = std::make_shared<OutboxOptions>();
  auto* outbox = program.add_subcommand("outbox", "look after what a running server keeps");
  outbox->require_subcommand(1);
  add_ami_options(outbox, options->ami, "send");

  auto* list = add_outbox_part(outbox, options, status, "list",
                               "messages that wait, and what became of others", outbox_list);
  list->add_option("--state", options->state,
                   fmt::format("all, {}", fmt::join(message::state_names, ", ")))
      ->capture_default_str();
  list->add_option("--recipient", options->recipient, "only those for pjsip:alice, or alice");
  list->add_option("--limit", options->limit, "how many, the oldest first")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));

  const auto add_id = [&options](CLI::App* part) {
    part->add_option("id", options->id, "MessageID of the message")->required();
  };
  add_id(add_outbox_part(outbox, options, status, "show", "all that is known of a message",
                         outbox_show));
  add_id(add_outbox_part(outbox, options, status, "cancel", "take back a message that waits",
                         outbox_cancel));
  add_id(add_outbox_part(outbox, options, status, "retry",
                         "try now what waits for the recipient of a message", outbox_retry));
  add_outbox_part(outbox, options, status, "flush",
                  "try now what waits for a recipient, or for all", outbox_flush)
      ->add_option("recipient", options->recipient, "pjsip:alice, or alice; all without it");
}

void add_console_command(CLI::App& program, int& status) {
  const auto options = std::make_shared<ConsoleOptions>();
  auto* command = program.add_subcommand(
      "console", "run commands in a running server: core show help lists them");
  add_state_option(command, options->state, "folder of the server's state, where its socket is");
  auto* words = command->add_option(
      "command", options->command,
      "the command; without one, a prompt, or lines of standard input up to quit");
  command->add_flag("-f,--follow", options->follow, "show what the server logs, until it stops")
      ->excludes(words);
  command->callback([options, &status] { status = console(*options); });
}

}  // namespace missive::app
