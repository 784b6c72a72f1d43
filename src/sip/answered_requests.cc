#include "sip/answered_requests.h"

#include <algorithm>
#include <utility>

namespace missive::sip {

std::size_t AnsweredRequests::place_of(Key key) const {
  auto place = home_of(key);
  while (slots_[place].answer.status != 0 && slots_[place].key != key) place = after(place);
  return place;
}

std::optional<AnsweredRequests::Answer> AnsweredRequests::find(Key key) const {
  if (size_ == 0) return std::nullopt;
  const auto& slot = slots_[place_of(key)];
  if (slot.answer.status == 0) return std::nullopt;
  return slot.answer;
}

bool AnsweredRequests::add(Key key, Answer answer) {
  if (size_ >= limit_) return false;
  if ((size_ + 1) * 4 > slots_.size() * 3) grow();
  slots_[place_of(key)] = {key, answer};
  ++size_;
  return true;
}

// What follows is moved up, so that no search stops early at the slot that becomes free.
void AnsweredRequests::erase(Key key) {
  if (size_ == 0) return;
  auto hole = place_of(key);
  if (slots_[hole].answer.status == 0) return;
  for (auto next = after(hole); slots_[next].answer.status != 0; next = after(next)) {
    const auto mask = slots_.size() - 1;
    const auto distance = (next - home_of(slots_[next].key)) & mask;
    if (distance < ((next - hole) & mask)) continue;
    slots_[hole] = slots_[next];
    hole = next;
  }
  slots_[hole] = {};
  if (--size_ == 0) slots_ = {};
}

void AnsweredRequests::grow() {
  std::vector<Slot> before(std::max(smallest, slots_.size() * 2));
  before.swap(slots_);
  for (const auto& slot : before) {
    if (slot.answer.status != 0) slots_[place_of(slot.key)] = slot;
  }
}

}  // namespace missive::sip
