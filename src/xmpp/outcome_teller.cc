#include "xmpp/outcome_teller.h"

#include <utility>

#include "base/text.h"

namespace missive::xmpp {
namespace {

using State = message::Status::State;

std::string reason_of(const message::Status& status) {
  if (status.state == State::expired) return "the message was not delivered in time";
  if (status.state == State::cancelled) return "the message was taken back";
  return base::printable(status.response_text, 200);
}

}  // namespace

std::optional<Origin> OutcomeTeller::origin_of(const message::Message& message, State state) {
  if (!message.origin().empty()) {
    auto origin = Origin::parse(message.origin());
    const bool more =
        origin && (state == State::sent || (state == State::delivered && origin->marker));
    if (more) remembered_.put(std::string(message.id()), *origin);
    return origin;
  }
  return remembered_.find(message.id());
}

void OutcomeTeller::on_message_status(const message::Message& message,
                                      const message::Status& status) {
  if (!message::is_final(status.state)) return;
  const auto origin = origin_of(message, status.state);
  if (!origin || origin->id.empty()) return;
  switch (status.state) {
    case State::sent:
      return;
    case State::delivered:
      if (origin->receipt) client_.send_receipt(*origin, false);
      return;
    case State::displayed:
      if (origin->marker) client_.send_receipt(*origin, true);
      return;
    default:
      client_.send_error(*origin, status.state == State::expired ? 408 : status.response_code,
                         reason_of(status));
  }
}

}  // namespace missive::xmpp
