// Keeps the replies of a session in the order of its actions.
//
// An action that is answered at once writes to tail(). One that is answered later reserves
// a place and is given a ticket; until it is settled, everything written to tail() waits
// behind it. When nothing is pending tail() is the connection's own output, so the usual
// reply is written once and never copied. Places and their memory are used again.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace missive::ami {

class ReplyQueue {
 public:
  using Ticket = std::uint64_t;

  // What a pending action needs for its reply.
  struct Pending {
    std::string action_id;
    std::string message_id;
  };

  explicit ReplyQueue(std::string& out) : out_(out) {}

  // Where what comes next is to be appended: whole packets only.
  std::string& tail() { return count_ == 0 ? out_ : at(count_ - 1).after; }

  Ticket reserve(std::string_view action_id, std::string_view message_id);
  // False when the ticket was settled already.
  bool is_pending(Ticket ticket) const;
  // Calls write(std::string& out, const Pending&) once to have the reply written.
  template <class Write>
  void settle(Ticket ticket, Write&& write) {
    auto& slot = at(ticket - first_);
    slot.settled = true;
    if (ticket == first_) {
      write(out_, slot.pending);
      release();
    } else {
      write(slot.reply, slot.pending);
      held_ += slot.reply.size();
    }
  }

  bool idle() const { return count_ == 0; }
  std::size_t pending() const { return count_; }
  // Octets that wait behind a pending reply.
  std::size_t held() const;

 private:
  struct Slot {
    Pending pending;
    std::string reply;
    std::string after;
    bool settled = false;
  };

  Slot& at(std::size_t place) { return slots_[(head_ + place) & (slots_.size() - 1)]; }
  const Slot& at(std::size_t place) const { return slots_[(head_ + place) & (slots_.size() - 1)]; }
  void grow();
  void release();

  std::string& out_;
  std::vector<Slot> slots_;  // a ring; its size is a power of two
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  Ticket first_ = 0;      // the ticket of the slot at head_
  std::size_t held_ = 0;  // of all slots, except `after` of the last one
};

}  // namespace missive::ami
