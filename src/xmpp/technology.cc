#include "xmpp/technology.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "xmpp/outgoing.h"

namespace missive::xmpp {
namespace {

using message::Refusal;

// "2026-01-02T00:00:00Z" (XEP-0082).
std::string stamp_of(base::WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

OutgoingText text_of(Outgoing&& outgoing, const message::Message& message,
                     const message::Dispatch& dispatch) {
  return {
      .id = std::string(message.id()),
      .from = std::move(outgoing.from),
      .to = outgoing.to.full(),
      .type = outgoing.type,
      .subject = std::move(outgoing.subject),
      .thread = std::move(outgoing.thread),
      .language = std::move(outgoing.language),
      .body = std::move(outgoing.body),
      // Nobody answers for a room, and a headline wants no answer.
      .wants_receipt = outgoing.type == MessageType::chat || outgoing.type == MessageType::normal,
      .stamp = dispatch.delayed ? stamp_of(dispatch.accepted) : std::string()};
}

}  // namespace

std::optional<Refusal> XmppTechnology::check(const message::Message& message,
                                             message::Terms& terms) {
  const auto configuration = client_.configuration();
  Outgoing outgoing;
  auto refused = resolve(*configuration, client_.board(), message, outgoing);
  if (refused && !refused->passing()) return refused;
  recipient_ = outgoing.recipient();
  terms.recipient = recipient_;
  // Rather that it is not connected than that it is in no room, which follows from it.
  const auto& account = outgoing.account->name;
  if (client_.board().is_connected(account)) return refused;
  return Refusal{Refusal::Kind::unreachable, client_.board().not_connected(account)};
}

// "xmpp:account/user@host" (Outgoing::recipient()).
bool XmppTechnology::is_away(std::string_view recipient) {
  recipient.remove_prefix(std::min(recipient.find(':') + 1, recipient.size()));
  const auto account = recipient.substr(0, recipient.find('/'));
  const auto known = client_.configuration();
  return known->account(account) != nullptr && !client_.board().is_connected(account);
}

void XmppTechnology::send(std::shared_ptr<const message::Message> message,
                          const message::Dispatch& dispatch, message::HandedOver handed_over,
                          message::Finished finished) {
  const auto configuration = client_.configuration();
  Outgoing outgoing;
  if (auto refused = resolve(*configuration, client_.board(), *message, outgoing)) {
    return handed_over(std::move(refused));
  }
  Order order;
  order.account = outgoing.account->name;
  order.text = text_of(std::move(outgoing), *message, dispatch);
  order.home = &shard_;
  order.handed_over = std::move(handed_over);
  order.finished = std::move(finished);
  client_.send(std::move(order));
}

}  // namespace missive::xmpp
