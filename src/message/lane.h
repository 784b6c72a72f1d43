// The queue of one recipient: what is on its way to it, and how much waits for it.
//
// A lane is `flowing` while its recipient can be reached: messages go out in the order they were
// accepted, of one sender `pipeline` at a time. After a passing failure it is `waiting`: whatever
// waits is in the store and nowhere else, so that a lane costs the same however long it is. When
// its time has come it is `flushing`: rows are read a few at a time, the oldest first, and sent as
// above, at flush_rate first and twice as fast each second; when none is left it flows again.
// Nothing but data; OutboxShard moves it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "message/contact_results.h"
#include "message/technology.h"
#include "net/timer_wheel.h"

namespace missive::message {

class OutboxShard;

// A message that is in memory: to be sent, or on its way.
struct Parcel {
  std::int64_t sequence = 0;
  std::shared_ptr<const Message> message;
  HandedOver handed_over;  // until the sender has been answered
  base::WallTime accepted{}, expires{};
  std::uint64_t sender = 0;  // hash of From
  unsigned attempts = 0;     // that were made, the one under way among them
  bool stored = false;       // there is a row
  bool counted = false;      // among those under way
  bool waits = false;        // counted in Lane::waiting
  bool may_wait = true;
  // What the last attempt was answered, or why there was none.
  int code = 0;
  std::string reason, contact;
  ContactResults results;
};
using ParcelPointer = std::unique_ptr<Parcel>;

struct Lane final : net::Timer {
  enum class Mode : std::uint8_t { flowing, waiting, flushing };
  // Present only while something is in memory.
  struct Work {
    std::vector<ParcelPointer> ready;  // in order, from `next` on
    std::size_t next = 0;
    std::vector<ParcelPointer> under_way;  // the few that have been started
    std::int64_t read_to = 0;              // the sequence of the last row read
    base::TimePoint flushing_since{};
    base::TimePoint next_send{};  // while flushing
    std::uint32_t round = 0;      // of flushing: an answer to an earlier one is too late
    bool reading = false;
    bool starting = false;  // start() is on the stack
    std::string contact;    // the one to prefer

    bool has_ready() const { return next < ready.size(); }
    ParcelPointer take_ready() {
      auto parcel = std::move(ready[next++]);
      if (next == ready.size()) {
        ready.clear();
        next = 0;
      }
      return parcel;
    }
    bool idle() const { return !has_ready() && under_way.empty() && !reading && !starting; }
  };

  explicit Lane(OutboxShard& its_owner) : owner(its_owner) {}
  void on_timer() override;
  // While waiting it is the contact to go to that must not be forgotten.
  bool needs_work() const {
    return mode == Mode::flushing || !work->idle() ||
           (mode == Mode::waiting && messages > 0 && !work->contact.empty());
  }

  OutboxShard& owner;
  const std::string* recipient = nullptr;  // the key it is found by
  std::unique_ptr<Work> work;
  std::uint32_t messages = 0;     // that are kept
  std::uint32_t waiting = 0;      // of them
  std::uint32_t uncommitted = 0;  // of them: on their way into the store
  std::uint16_t failures = 0;     // attempts in a row
  Mode mode = Mode::flowing;
  bool woken = false;  // it could be reached while an attempt was still under way
};

}  // namespace missive::message
