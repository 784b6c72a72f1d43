// Command.
#include <fmt/format.h>

#include <algorithm>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/wire.h"
#include "console/service.h"

namespace missive::ami {
namespace {

// `limit`: of the reply; what is longer would cut off a client that reads well enough.
void write_command_reply(std::string& out, std::string_view action_id,
                         const console::Result& result, std::size_t limit) {
  const auto full = out.size() + limit;
  begin_reply(out, result.ok ? "Success" : "Error", action_id);
  append_header(out, "Message", "Command output follows");
  std::string_view rest = result.text;
  do {  // a line even where there is nothing to say, as in Asterisk
    const auto end = std::min(rest.find('\n'), rest.size());
    if (out.size() + end > full) {
      append_header(out, "Omitted", fmt::to_string(std::count(rest.begin(), rest.end(), '\n')));
      break;
    }
    append_header(out, "Output", rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  } while (!rest.empty());
  end_packet(out);
}

}  // namespace

void actions::command(Session& session, const ActionView& action) {
  const auto line = action.header("Command");
  if (line.empty()) return session.refuse(action, "No command provided");
  auto* console = session.environment().shared.console;
  if (console == nullptr) return session.refuse(action, "There is no console");
  const LaterReply reply(session, session.reserve(action));
  console->run(std::string(line), session.environment().shard,
               [reply, limit = longest_reply(session)](const console::Result& result) {
                 reply.complete([&](std::string& out, const ReplyQueue::Pending& pending) {
                   write_command_reply(out, pending.action_id, result, limit);
                 });
               });
}

}  // namespace missive::ami
