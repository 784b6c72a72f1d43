#include "ami/list_reply.h"

#include <fmt/format.h>

#include "ami/session.h"
#include "base/log.h"
#include "base/text.h"

namespace missive::ami {

std::size_t longest_reply(const Session& session) {
  return session.environment().shared.limits.max_unsent / 4 * 3;
}

ListReply::ListReply(std::string& out, std::string_view action_id, std::string_view message,
                     std::size_t limit)
    : out_(out), action_id_(action_id), limit_(limit), begin_(out.size()) {
  begin_reply(out_, "Success", action_id_);
  append_header(out_, "EventList", "start");
  append_header(out_, "Message", message);
  end_packet(out_);
}

ListReply::ListReply(Session& session, const ActionView& action, std::string_view message)
    : ListReply(session.output(), action.id(), message, longest_reply(session)) {}

void ListReply::begin(std::string_view event) {
  append_header(out_, "Event", event);
  if (!action_id_.empty()) append_header(out_, "ActionID", action_id_);
}

void ListReply::begin_complete(std::string_view event) {
  if (omitted_ > 0) {
    log::warning(
        "AMI: a list was cut at {} octets (three quarters of max_unsent): {} with {} items, {} "
        "more",
        limit_, event, items_, omitted_);
  }
  begin(event);
  append_header(out_, "EventList", "Complete");
  append_header(out_, "ListItems", fmt::to_string(items_));
  if (omitted_ > 0) append_header(out_, "Omitted", fmt::to_string(omitted_));
}

}  // namespace missive::ami
