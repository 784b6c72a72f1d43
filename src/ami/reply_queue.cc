#include "ami/reply_queue.h"

#include <utility>

namespace missive::ami {
namespace {

// Memory worth keeping for the next use of a slot.
constexpr std::size_t kept_capacity = 1024;

void empty(std::string& text) {
  if (text.capacity() > kept_capacity) {
    std::string().swap(text);
  } else {
    text.clear();
  }
}

}  // namespace

ReplyQueue::Ticket ReplyQueue::reserve(std::string_view action_id, std::string_view message_id) {
  if (count_ == slots_.size()) grow();
  if (count_ > 0) held_ += at(count_ - 1).after.size();
  auto& slot = at(count_++);
  slot.pending.action_id = action_id;
  slot.pending.message_id = message_id;
  slot.settled = false;
  return first_ + count_ - 1;
}

bool ReplyQueue::is_pending(Ticket ticket) const {
  return ticket >= first_ && ticket - first_ < count_ && !at(ticket - first_).settled;
}

std::size_t ReplyQueue::held() const {
  return count_ == 0 ? 0 : held_ + at(count_ - 1).after.size();
}

void ReplyQueue::grow() {
  std::vector<Slot> larger(slots_.empty() ? 4 : slots_.size() * 2);
  for (std::size_t i = 0; i < count_; ++i) larger[i] = std::move(at(i));
  slots_ = std::move(larger);
  head_ = 0;
}

// The front has been written; what waited for it alone follows.
void ReplyQueue::release() {
  do {
    auto& slot = at(0);
    out_ += slot.reply;
    out_ += slot.after;
    held_ -= slot.reply.size();
    if (count_ > 1) held_ -= slot.after.size();
    empty(slot.reply);
    empty(slot.after);
    empty(slot.pending.action_id);
    head_ = (head_ + 1) & (slots_.size() - 1);
    --count_;
    ++first_;
  } while (count_ > 0 && at(0).settled);
}

}  // namespace missive::ami
