// Events that wait for a web session to fetch them by WaitEvent, oldest first.
//
// Bounded: when there is no room for a new one the oldest are dropped, whole packets each. One
// that is larger than the room is not kept at all. Not thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "ami/event.h"

namespace missive::ami {

class EventBacklog {
 public:
  explicit EventBacklog(std::size_t room) : room_(room) {}

  // False when an event was lost.
  bool add(const EventPointer& event) {
    const auto size = event->text.size();
    if (size > room_) return false;
    bool kept_all = true;
    for (; octets_ + size > room_; kept_all = false) {
      octets_ -= events_.front()->text.size();
      events_.pop_front();
    }
    octets_ += size;
    events_.push_back(event);
    return kept_all;
  }

  void append_to(std::string& out) {
    for (const auto& event : events_) out += event->text;
    events_.clear();
    octets_ = 0;
  }
  bool empty() const { return events_.empty(); }

 private:
  const std::size_t room_;
  std::size_t octets_ = 0;
  std::deque<EventPointer> events_;
};

}  // namespace missive::ami
