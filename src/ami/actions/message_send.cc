// MessageSend.
#include <optional>

#include "ami/action.h"
#include "ami/actions/handlers.h"
#include "ami/wire.h"
#include "base/base64.h"
#include "base/text.h"

namespace missive::ami {
namespace {

constexpr std::string_view failed = "Message failed to send.";

void write_failure(std::string& out, std::string_view action_id, std::string_view message,
                   std::string_view reason) {
  begin_reply(out, "Error", action_id);
  append_header(out, "Message", message);
  append_header(out, "Reason", reason);
  end_packet(out);
}

// The parameters, found in one pass; the first header of a name counts.
struct Parameters {
  explicit Parameters(const ActionView& action) {
    for (std::size_t i = 0; i < action.size(); ++i) take(action[i]);
  }

  std::string_view destination, to, from, body, base64_body;
  bool has_variables = false;

 private:
  void take(const ActionView::Header& header) {
    const auto is = [&header](std::string_view name) { return same_name(header.name, name); };
    if (is("Destination")) return keep(destination, header);
    if (is("To")) return keep(to, header);
    if (is("From")) return keep(from, header);
    if (is("Body")) return keep(body, header);
    if (is("Base64Body")) return keep(base64_body, header);
    if (is("Variable")) has_variables = true;
  }
  static void keep(std::string_view& where, const ActionView::Header& header) {
    if (where.data() == nullptr) where = header.value;
  }
};

base::Result<void> read_variables(const ActionView& action, VariableList& variables) {
  base::Result<void> result;
  action.headers("Variable", [&](std::string_view list) {
    if (result) result = variables.add(list);
  });
  return result;
}

// Finds its session again, if that still exists, when the message has left or will not.
struct Completion {
  SessionTable* sessions;
  SessionTable::Handle handle;
  ReplyQueue::Ticket ticket;

  void operator()(const std::optional<message::Refusal>& refusal) const {
    if (auto* session = sessions->find(handle)) session->complete(ticket, refusal);
  }
};

}  // namespace

void write_message_send_reply(std::string& out, const ReplyQueue::Pending& reply,
                              const std::optional<message::Refusal>& refusal) {
  if (!refusal) {
    begin_reply(out, "Success", reply.action_id);
    out += "Message: Message successfully sent\r\nMessageID: ";
    out += reply.message_id;
    out += "\r\n\r\n";
    return;
  }
  const bool unknown = refusal->kind == message::Refusal::Kind::no_technology;
  write_failure(out, reply.action_id, unknown ? "Message technology not found." : failed,
                refusal->reason);
}

void actions::message_send(Session& session, const ActionView& action) {
  Parameters given(action);
  if (given.destination.empty()) given.destination = std::exchange(given.to, {});
  if (given.destination.empty()) return session.refuse(action, "No 'To' address specified.");

  std::string decoded;
  if (!given.base64_body.empty()) {
    auto body = base::base64_decode(given.base64_body);
    if (!body) {
      return write_failure(session.output(), action.id(), failed,
                           "Base64Body: " + body.error().text);
    }
    decoded = std::move(*body);
    given.body = decoded;
  }
  auto& environment = session.environment();
  environment.variables.clear();
  if (given.has_variables) {
    if (const auto read = read_variables(action, environment.variables); !read) {
      return write_failure(session.output(), action.id(), failed, read.error().text);
    }
  }
  const auto id = environment.random.uuid(environment.shared.clock.wall());
  auto message = message::Message::create(
      {id, given.destination, given.to, given.from, given.body, environment.variables.items()});
  const auto ticket = session.reserve(action, id);
  environment.sender.send(std::move(message),
                          Completion{&environment.sessions, session.handle(), ticket});
}

}  // namespace missive::ami
