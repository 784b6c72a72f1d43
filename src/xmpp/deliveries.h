// The messages that an account is sending: from the order to what becomes of it.
//
// An Order comes from a shard and is answered there, by tasks posted to it: handed_over once, and
// finished once after a hand-over that was not refused. What is said of a message that is not
// under way any more (a receipt comes later than the server's acknowledgement) is not for here.
// On the account's thread. Source: message/technology.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "message/technology.h"
#include "net/shard.h"
#include "xmpp/message_stanza.h"

namespace missive::xmpp {

struct Order {
  std::string account;
  OutgoingText text;
  net::Shard* home = nullptr;
  message::HandedOver handed_over;
  message::Finished finished;
};

class Deliveries {
 public:
  Deliveries() = default;
  // The account goes: what is under way may have arrived, and is tried again.
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  // It cannot be sent now.
  static void refuse(Order order, std::string reason);
  // It has been given to the stream.
  void begin(Order order);

  bool has(const std::string& id) const { return orders_.contains(id); }
  // Whether it is for that account (bare).
  bool is_to(const std::string& id, const std::string& bare) const;
  // Whether it is for somebody of that domain.
  bool is_in(const std::string& id, const std::string& domain) const;
  // False where no such message is under way.
  bool succeed(const std::string& id, message::Status::State state, std::string contact = {});
  bool fail(const std::string& id, int code, std::string text, bool passing);

  std::size_t size() const { return orders_.size(); }

 private:
  bool finish(const std::string& id, message::Status::State state, int code, std::string text,
              bool passing);

  std::unordered_map<std::string, Order> orders_;  // by the id of the message
};

}  // namespace missive::xmpp
