// The sessions of one shard.
//
// Gives each a handle that stays safe when the session is gone: a reply that is completed
// later finds its session through it, or nothing. Also counts what they listen to, and how
// many of their replies are outstanding. The table is used on its shard's thread only,
// except for pending(), and outlives the technologies that may still complete a reply.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "ami/classes.h"
#include "ami/event.h"
#include "ami/event_bus.h"

namespace missive::ami {

class Session;

class SessionTable {
 public:
  struct Handle {
    std::uint32_t place = 0;
    std::uint32_t generation = 0;
  };

  SessionTable(EventBus& events, std::size_t outlet) : events_(events), outlet_(outlet) {}
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;

  Handle add(Session& session);
  void remove(Handle handle);
  Session* find(Handle handle) const;

  // Shows the event to every session. A session may end itself meanwhile.
  void deliver(const EventPointer& event);
  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].session != nullptr) visit(*places_[i].session);
    }
  }

  // A session listens to other classes than before.
  void listens(Class before, Class now);

  // The shard's thread counts, any thread asks.
  void count_pending(long change) {
    pending_.store(pending_.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
  }
  long pending() const { return pending_.load(std::memory_order_relaxed); }

 private:
  struct Place {
    Session* session = nullptr;
    std::uint32_t generation = 0;
  };

  EventBus& events_;
  const std::size_t outlet_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  std::array<std::uint32_t, 32> listeners_{};
  Class wanted_ = Class::none;
  std::atomic<long> pending_{0};
};

}  // namespace missive::ami
