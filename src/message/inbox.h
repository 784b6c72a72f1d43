// Where messages that came in wait for their Handler: in order for a sender and a recipient,
// side by side for all others.
//
// One per shard. A message belongs to the shard that its pair (sender, context, extension)
// hashes to; enter() takes it there. Of one pair one message is with its Handler at a time, the
// others wait behind it, so that they leave in the order they came. What all of them hold is
// limited: reserve() says false when there is no room. What was reserved is then entered or
// released.
//
// A message may have a number, by which its home's HandledUser is told when its Handler is done
// with it. Handlers are asked in the order they were added. All calls on the shard's thread, but
// has_destination(), which is for any, and restore(), for the time before the shards run. What is
// here is in memory only; what must survive is Intake's.
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

// Who wants to know that messages with a number have been handled.
class HandledUser {
 public:
  virtual ~HandledUser() = default;
  // On the thread of the inbox it was given to.
  virtual void on_handled(std::int64_t number) = 0;
};

class Inbox {
 public:
  struct Limits {
    std::size_t messages = 100'000;
    std::size_t octets = 64 << 20;  // of bodies
  };

  Inbox(net::Shard& shard, const Limits& limits) : shard_(shard), limits_(limits) {}

  // `technology`: whose messages it takes; empty: all.
  void add(Handler& handler, std::string_view technology = {}) {
    handlers_.push_back({&handler, std::string(technology)});
  }
  // Their names, each once; any thread.
  std::vector<std::string_view> handlers() const;
  // Of messages whose home is here, whoever entered them.
  void tell(HandledUser& user) { handled_user_ = &user; }
  // Those of all shards by index, this one among them; before the shards run.
  void know_others(std::vector<Inbox*> all) { all_ = std::move(all); }

  // The first that takes what that technology brings for that place; nullptr when nobody does.
  Handler* handler_for(std::string_view technology, std::string_view context,
                       std::string_view exten) const;
  bool has_destination(std::string_view technology, std::string_view context,
                       std::string_view exten) const {
    return handler_for(technology, context, exten) != nullptr;
  }

  bool reserve(const Incoming& message);
  void release(const Incoming& message);
  // Number 0: nobody is told.
  void enter(std::shared_ptr<const Incoming> message, std::int64_t number = 0);
  // reserve() and enter().
  bool accept(std::shared_ptr<const Incoming> message);
  // Enters what had been accepted before a restart, whether there is room or not; handled as soon
  // as the shards run, in the order of these calls.
  void restore(std::shared_ptr<const Incoming> message, std::int64_t number);

  // Reserved and not done. Any thread.
  std::size_t waiting() const { return messages_.load(std::memory_order_relaxed); }

 private:
  using Pair = std::uint64_t;
  struct Entry {
    std::shared_ptr<const Incoming> message;
    std::int64_t number = 0;
  };
  struct Lane {
    std::vector<Entry> waiting;
    std::size_t next = 0;       // of `waiting`
    bool in_call = false;       // its handler is on the stack
    bool done_in_call = false;  // and has said done already
  };

  Inbox& home_of(Pair pair) const { return *all_[(pair >> 40) % all_.size()]; }
  void count(std::size_t octets);
  void discount(std::size_t octets);
  void take(Pair pair, Entry entry);
  void serve(Pair pair, Lane& lane, Entry entry);
  void done(Pair pair, std::size_t octets, std::int64_t number);
  Entry next_of(Pair pair, Lane& lane);

  net::Shard& shard_;
  const Limits limits_;
  struct Taker {
    Handler* handler;
    std::string technology;
  };
  std::vector<Taker> handlers_;
  HandledUser* handled_user_ = nullptr;
  std::vector<Inbox*> all_{this};
  std::unordered_map<Pair, Lane> lanes_;
  std::atomic<std::size_t> messages_{0};
  std::atomic<std::size_t> octets_{0};
};

}  // namespace missive::message
