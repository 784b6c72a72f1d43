// What became of messages, and which ones came in, for whoever wants to know (AMI events
// MessageStatus and MessageReceived).
//
// report() is called on the shard that sent the message, once for each change of state, received()
// on the shard that accepted one;
// listeners are called on that thread, registered before the shards start, and outlive
// them. wanted() lets a hot path skip the work when nobody listens.
#pragma once

#include <atomic>
#include <string_view>
#include <vector>

#include "message/incoming.h"
#include "message/message.h"

namespace missive::message {

struct Status {
  enum class State { delivered, failed };  // 2xx; anything else
  State state = State::failed;
  int response_code = 0;           // SIP status; 408 on time-out, 503 when it could not be sent
  std::string_view response_text;  // the reason phrase, or what went wrong
  std::string_view contact;        // the Request-URI it went to
};

constexpr std::string_view name_of(Status::State state) {
  return state == Status::State::delivered ? "delivered" : "failed";
}

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
