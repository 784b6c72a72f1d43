// MessageCancel, MessageRetry.
#include "ami/actions/handlers.h"
#include "ami/message_replies.h"
#include "ami/outbox_access.h"
#include "ami/wire.h"
#include "base/text.h"

namespace missive::ami {
namespace {

struct Words {
  std::string_view done, not_done;
};

// Answers with the count; it is an error when the one message that was named is not there.
auto answer_count(const LaterReply& reply, const Words& words, bool named) {
  return [reply, words, named](const base::Result<std::size_t>& count) {
    reply.complete([&](std::string& out, const ReplyQueue::Pending& pending) {
      if (!count) return append_failure(out, pending.action_id, words.not_done, count.error().text);
      if (named && *count == 0) {
        return append_failure(out, pending.action_id, words.not_done, "No such message");
      }
      write_count_reply(out, pending.action_id, words.done, *count);
    });
  };
}

}  // namespace

void actions::message_cancel(Session& session, const ActionView& action) {
  const auto id = action.header("MessageID");
  if (id.empty()) return session.refuse(action, "No 'MessageID' specified.");
  auto* outbox = outbox_or_refuse(session, action);
  if (outbox == nullptr) return;
  const LaterReply reply(session, session.reserve(action, id));
  outbox->cancel(std::string(id), session.environment().shard,
                 answer_count(reply, {"Message cancelled", "Message not cancelled"}, true));
}

void actions::message_retry(Session& session, const ActionView& action) {
  const auto id = action.header("MessageID");
  const auto recipient = action.header("Recipient");
  const bool all = base::parse_bool(action.header("All")).value_or(false);
  if (!id.empty() + !recipient.empty() + all != 1) {
    return session.refuse(action, "One of MessageID, Recipient and 'All: yes' says what to retry");
  }
  auto* outbox = outbox_or_refuse(session, action);
  if (outbox == nullptr) return;
  const LaterReply reply(session, session.reserve(action, id));
  outbox->retry(
      std::string(id), std::string(recipient), session.environment().shard,
      answer_count(reply, {"Messages are tried again", "Messages not tried again"}, !id.empty()));
}

}  // namespace missive::ami
