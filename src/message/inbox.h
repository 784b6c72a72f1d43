// Where messages that came in wait for their Handler: in order for a sender and a recipient,
// side by side for all others.
//
// One per shard. A message belongs to the shard that its pair (sender, context, extension)
// hashes to; accept() takes it there. Of one pair one message is with its Handler at a time, the
// others wait behind it, so that they leave in the order they came. What all of them hold is
// limited: accept() says false when there is no room, and the message is still the caller's.
//
// accept() and has_destination() on the shard's thread. Handlers are asked in the order they
// were added. What was accepted is in memory only.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "message/handler.h"
#include "net/shard.h"

namespace missive::message {

class Inbox {
 public:
  struct Limits {
    std::size_t messages = 100'000;
    std::size_t octets = 64 << 20;  // of bodies
  };

  Inbox(net::Shard& shard, const Limits& limits) : shard_(shard), limits_(limits) {}

  void add(Handler& handler) { handlers_.push_back(&handler); }
  // Those of all shards by index, this one among them; before the shards run.
  void know_others(std::vector<Inbox*> all) { all_ = std::move(all); }

  // The first that takes what goes there; nullptr when nobody does.
  Handler* handler_for(std::string_view context, std::string_view exten) const;
  bool has_destination(std::string_view context, std::string_view exten) const {
    return handler_for(context, exten) != nullptr;
  }
  bool accept(std::shared_ptr<const Incoming> message);

  // Accepted and not done. Any thread.
  std::size_t waiting() const { return messages_.load(std::memory_order_relaxed); }

 private:
  using Pair = std::uint64_t;
  struct Lane {
    std::vector<std::shared_ptr<const Incoming>> waiting;
    std::size_t next = 0;       // of `waiting`
    bool in_call = false;       // its handler is on the stack
    bool done_in_call = false;  // and has said done already
  };

  bool reserve(std::size_t octets);
  void take(Pair pair, std::shared_ptr<const Incoming> message);
  void serve(Pair pair, Lane& lane, std::shared_ptr<const Incoming> message);
  void done(Pair pair, std::size_t octets);
  std::shared_ptr<const Incoming> next_of(Pair pair, Lane& lane);

  net::Shard& shard_;
  const Limits limits_;
  std::vector<Handler*> handlers_;
  std::vector<Inbox*> all_{this};
  std::unordered_map<Pair, Lane> lanes_;
  std::atomic<std::size_t> messages_{0};
  std::atomic<std::size_t> octets_{0};
};

}  // namespace missive::message
