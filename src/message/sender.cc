#include "message/sender.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "message/message_events.h"
#include "message/outbox_shard.h"
#include "message/status_log.h"

namespace missive::message {

void Sender::send(std::shared_ptr<const Message> message, HandedOver handed_over, Watcher watcher) {
  auto* technology = technology_of(*message);
  if (technology == nullptr) return handed_over(unknown_technology(*message));
  if (outbox_ == nullptr) {
    return send_once(*technology, std::move(message), std::move(handed_over), std::move(watcher));
  }
  outbox_->accept(*technology, std::move(message), std::move(handed_over), std::move(watcher));
}

Technology* Sender::technology_of(const Message& message) const {
  const auto prefix = message.technology();
  for (auto* technology : technologies_) {
    if (technology->name() == prefix) return technology;
  }
  return nullptr;
}

Refusal Sender::unknown_technology(const Message& message) const {
  const auto prefix = message.technology();
  std::vector<std::string> known;
  for (const auto* technology : technologies_)
    known.push_back(fmt::format("{}:", technology->name()));
  auto reason =
      prefix.empty()
          ? fmt::format("destination '{}' names no technology; it must begin with {}",
                        base::printable(message.destination(), 80), fmt::join(known, " or "))
          : fmt::format("technology '{}:' is not known; known: {}", base::printable(prefix, 40),
                        fmt::join(known, ", "));
  return {Refusal::Kind::no_technology, std::move(reason)};
}

void Sender::send_once(Technology& technology, std::shared_ptr<const Message> message,
                       HandedOver handed_over, Watcher watcher) {
  const auto tell = [events = &events_, message](const Attempted& attempted) {
    log_status(*message, attempted.status);
    if (events->wanted()) events->report(*message, attempted.status);
  };
  if (!watcher) {
    return technology.send(std::move(message), {}, std::move(handed_over), tell);
  }
  technology.send(
      message, {}, std::move(handed_over),
      [tell, message, watcher = std::move(watcher)](const Attempted& attempted) mutable {
        tell(attempted);
        watcher(*message, attempted.status);
      });
}

}  // namespace missive::message
