// From the prefix of a destination to the technology that serves it, and through the outbox where
// there is one: the one road that AMI, dialplan and command line share.
//
// One Sender per shard, filled at start-up, used on the shard's thread. The technologies and the
// outbox outlive it. Prefixes are matched with case, as Asterisk does ("PJSIP:" is no technology).
//
// `handed_over` is called once on the shard's thread, when the message is refused or in safe
// hands: written down (durability = always), left, or kept until its recipient is there. `watcher`
// is called there with each change of state until a final one, the first perhaps before
// `handed_over`; with a message that was known already, first with the state it has.
#pragma once

#include <vector>

#include "message/technology.h"

namespace missive::message {

class MessageEvents;
class OutboxShard;

using Watcher = base::UniqueFunction<void(const Message&, const Status&)>;

class Sender {
 public:
  explicit Sender(const MessageEvents& events) : events_(events) {}

  void add(Technology& technology) { technologies_.push_back(&technology); }
  // Without one (durability = off) a message has one attempt and nothing is kept.
  void use(OutboxShard& outbox) { outbox_ = &outbox; }
  const std::vector<Technology*>& technologies() const { return technologies_; }
  bool keeps_messages() const { return outbox_ != nullptr; }

  // Refuses with no_technology, or passes on.
  void send(std::shared_ptr<const Message> message, HandedOver handed_over, Watcher watcher = {});
  Technology* technology_of(const Message& message) const;

 private:
  Refusal unknown_technology(const Message& message) const;
  void send_once(Technology& technology, std::shared_ptr<const Message> message,
                 HandedOver handed_over, Watcher watcher);

  const MessageEvents& events_;
  std::vector<Technology*> technologies_;
  OutboxShard* outbox_ = nullptr;
};

}  // namespace missive::message
