// What became of messages, and which ones came in, for whoever wants to know (AMI events
// MessageStatus and MessageReceived).
//
// report() is called on the shard that keeps or sends the message, once for each change of state,
// received() on the shard that accepted one; listeners are called on that thread, registered
// before the shards start, and outlive them. Of a message that is no longer kept (a receipt may
// come later) the body and the variables are empty. wanted() lets a hot path skip the work when
// nobody listens.
#pragma once

#include <atomic>
#include <string_view>
#include <vector>

#include "message/incoming.h"
#include "message/message.h"
#include "message/status.h"

namespace missive::message {

class MessageListener {
 public:
  virtual ~MessageListener() = default;
  virtual bool wants_message_status() const = 0;  // any thread
  virtual void on_message_status(const Message& message, const Status& status) = 0;
  virtual void on_message_received(const Incoming&) {}
};

class MessageEvents {
 public:
  void add(MessageListener& listener) { listeners_.push_back(&listener); }
  bool wanted() const {
    for (const auto* listener : listeners_) {
      if (listener->wants_message_status()) return true;
    }
    return false;
  }
  void report(const Message& message, const Status& status) const {
    for (auto* listener : listeners_) listener->on_message_status(message, status);
  }
  void received(const Incoming& message) const {
    for (auto* listener : listeners_) listener->on_message_received(message);
  }

 private:
  std::vector<MessageListener*> listeners_;
};

}  // namespace missive::message
