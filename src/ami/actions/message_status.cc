// MessageStatus, MessageList.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ami/actions/handlers.h"
#include "ami/message_replies.h"
#include "ami/outbox_access.h"
#include "ami/wire.h"
#include "base/text.h"

namespace missive::ami {
namespace {

constexpr std::size_t longest_list = 10'000;

base::Result<message::Outbox::Filter> read_filter(const ActionView& action) {
  message::Outbox::Filter filter;
  filter.recipient = action.header("Recipient");
  if (const auto name = action.header("State"); !name.empty()) {
    filter.state = message::state_named(base::lower(name));
    if (!filter.state) {
      return base::fail("State '{}' is none of {}", base::printable(name, 40),
                        fmt::join(message::state_names, ", "));
    }
  }
  if (const auto text = action.header("Limit"); !text.empty()) {
    filter.limit = base::parse_number<std::size_t>(text).value_or(0);
    if (filter.limit < 1 || filter.limit > longest_list) {
      return base::fail("Limit '{}' is no number from 1 to {}", base::printable(text, 40),
                        longest_list);
    }
  }
  return filter;
}

}  // namespace

void actions::message_status(Session& session, const ActionView& action) {
  const auto id = action.header("MessageID");
  if (id.empty()) return session.refuse(action, "No 'MessageID' specified.");
  auto* outbox = outbox_or_refuse(session, action);
  if (outbox == nullptr) return;
  const LaterReply reply(session, session.reserve(action));
  outbox->find(std::string(id), session.environment().shard, [reply](const Records& found) {
    reply.complete([&found](std::string& out, const ReplyQueue::Pending& pending) {
      write_record_reply(out, pending.action_id, found);
    });
  });
}

void actions::message_list(Session& session, const ActionView& action) {
  auto filter = read_filter(action);
  if (!filter) {
    return append_failure(session.output(), action.id(), "No such list", filter.error().text);
  }
  auto* outbox = outbox_or_refuse(session, action);
  if (outbox == nullptr) return;
  const LaterReply reply(session, session.reserve(action));
  console::list_outbox(
      *outbox, session.environment().shard, std::move(*filter), [reply](const Listing& listing) {
        reply.complete([&listing](std::string& out, const ReplyQueue::Pending& pending) {
          write_listing(out, pending.action_id, listing);
        });
      });
}

}  // namespace missive::ami
