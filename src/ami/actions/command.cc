// Command.
#include "ami/actions/handlers.h"
#include "ami/cli_commands.h"
#include "ami/wire.h"

namespace missive::ami {
namespace {

void write_command_reply(std::string& out, std::string_view action_id, const CliResult& result) {
  begin_reply(out, result.ok ? "Success" : "Error", action_id);
  append_header(out, "Message", "Command output follows");
  std::string_view rest = result.text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    append_header(out, "Output", rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  end_packet(out);
}

}  // namespace

void actions::command(Session& session, const ActionView& action) {
  const auto line = action.header("Command");
  if (line.empty()) return session.refuse(action, "No 'Command' specified.");
  const LaterReply reply(session, session.reserve(action));
  run_cli(session.environment(), line, [reply](const CliResult& result) {
    reply.complete([&result](std::string& out, const ReplyQueue::Pending& pending) {
      write_command_reply(out, pending.action_id, result);
    });
  });
}

}  // namespace missive::ami
