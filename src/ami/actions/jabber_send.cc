// JabberSend: two replies, as Asterisk has it. The first says that it is being tried, the second
// what came of it.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/wire.h"

namespace missive::ami {
namespace {

std::string_view first_of(const ActionView& action, std::string_view name, std::string_view other) {
  const auto value = action.header(name);
  return value.empty() ? action.header(other) : value;
}

// It has no `Message:` in Asterisk, neither way.
void write_outcome(std::string& out, const ReplyQueue::Pending& reply,
                   const message::Acceptance& acceptance) {
  begin_reply(out, acceptance.refusal ? "Error" : "Success", reply.action_id);
  if (acceptance.refusal) {
    append_header(out, "Reason", acceptance.refusal->reason);
  } else {
    append_header(out, "MessageID", reply.message_id);
  }
  end_packet(out);
}

bool has_account(const Shared& shared, std::string_view name) {
  return shared.xmpp != nullptr && shared.xmpp->configuration()->account(name) != nullptr;
}

}  // namespace

void actions::jabber_send(Session& session, const ActionView& action) {
  const auto account = action.header("Jabber");
  const auto jid = first_of(action, "JID", "ScreenName");
  const auto body = action.header("Message");
  if (account.empty()) return session.refuse(action, "No transport specified");
  if (jid.empty()) return session.refuse(action, "No ScreenName specified");
  if (body.empty()) return session.refuse(action, "No Message specified");

  session.acknowledge(action, "Attempting to send Jabber Message");
  auto& environment = session.environment();
  if (!has_account(environment.shared, account)) {
    return append_failure(session.output(), action.id(), "Could not find Sender",
                          fmt::format("xmpp.conf has no account '{}'", account));
  }
  const auto id = environment.random.uuid(environment.shared.clock.wall());
  const auto destination = fmt::format("xmpp:{}", jid);
  auto message = message::Message::create({.id = id,
                                           .destination = destination,
                                           .to = {},
                                           .from = account,
                                           .body = body,
                                           .action_id = action.id()});
  const LaterReply reply(session, session.reserve(action, id));
  environment.sender.send(std::move(message), [reply](const message::Acceptance& acceptance) {
    reply.complete([&acceptance](std::string& out, const ReplyQueue::Pending& pending) {
      write_outcome(out, pending, acceptance);
    });
  });
}

}  // namespace missive::ami
