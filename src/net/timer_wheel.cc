#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace missive::net {
namespace {

using Bitmap = std::array<std::uint64_t, 4>;

// How far behind `index` the next set bit is, going round: 1 to 256 (256: `index` itself).
std::optional<unsigned> distance_to_next(const Bitmap& bitmap, unsigned index) {
  const unsigned from = (index + 1) % 256;
  for (unsigned i = 0; i <= bitmap.size(); ++i) {
    const unsigned word = (from / 64 + i) % bitmap.size();
    auto set = bitmap[word];
    if (i == 0) set &= ~std::uint64_t{0} << (from % 64);
    if (i == bitmap.size()) set &= ~(~std::uint64_t{0} << (from % 64));
    if (set == 0) continue;
    const unsigned found = word * 64 + static_cast<unsigned>(std::countr_zero(set));
    return (found + 256 - from) % 256 + 1;
  }
  return std::nullopt;
}

}  // namespace

void Timer::cancel() {
  if (wheel_ != nullptr) wheel_->unlink(*this);
}

TimerWheel::Slot::Slot() {
  next_ = previous_ = this;
  due_ = no_slot;
}

// The wheel goes: what is armed is disarmed.
TimerWheel::Slot::~Slot() {
  while (next_ != this) {
    Timer& timer = *next_;
    next_ = timer.next_;
    timer.next_ = timer.previous_ = nullptr;
    timer.wheel_ = nullptr;
  }
}

TimerWheel::TimerWheel(base::TimePoint now) : start_(now), advanced_to_(now) {
  for (unsigned level = 0; level < levels; ++level) {
    for (unsigned slot = 0; slot < slots; ++slot) wheels_[level][slot].due_ = level * slots + slot;
  }
}

TimerWheel::~TimerWheel() = default;

std::uint64_t TimerWheel::to_ticks(base::TimePoint time) const {
  if (time <= start_) return 0;
  // Not `+ tick - 1`: the far end of time must not overflow.
  const auto since = std::chrono::duration_cast<base::Duration>(time - start_);
  return static_cast<std::uint64_t>(since / tick) + (since % tick != base::Duration{0} ? 1 : 0);
}

void TimerWheel::arm(Timer& timer, base::TimePoint deadline) {
  timer.cancel();
  timer.wheel_ = this;
  ++size_;
  if (deadline <= advanced_to_) {
    append(overdue_, timer);
    return;
  }
  timer.due_ = std::max(to_ticks(deadline), now_ + 1);
  place(timer);
}

// The slot for due_, which is now_ or later.
void TimerWheel::place(Timer& timer) {
  static constexpr std::uint64_t farthest = (std::uint64_t{1} << (bits * levels)) - 1;
  const std::uint64_t ahead = std::min(timer.due_ - now_, farthest);
  const std::uint64_t tick_of_slot = now_ + ahead;
  unsigned level = 0;
  while ((ahead >> (bits * (level + 1))) != 0) ++level;
  const auto slot = static_cast<unsigned>((tick_of_slot >> (bits * level)) % slots);
  append(wheels_[level][slot], timer);
  occupied_[level][slot / 64] |= std::uint64_t{1} << (slot % 64);
}

void TimerWheel::append(Slot& slot, Timer& timer) {
  timer.next_ = &slot;
  timer.previous_ = slot.previous_;
  slot.previous_->next_ = &timer;
  slot.previous_ = &timer;
}

void TimerWheel::unlink(Timer& timer) {
  Timer& next = *timer.next_;
  next.previous_ = timer.previous_;
  timer.previous_->next_ = &next;
  // A list that links to itself is only its head.
  if (next.next_ == &next && next.due_ != no_slot) {
    occupied_[next.due_ / slots][next.due_ % slots / 64] &= ~(std::uint64_t{1} << (next.due_ % 64));
  }
  timer.next_ = timer.previous_ = nullptr;
  timer.wheel_ = nullptr;
  --size_;
}

// Moves the whole list to the empty `to`.
void TimerWheel::take(Slot& from, Slot& to) {
  if (from.next_ == &from) return;
  to.next_ = from.next_;
  to.previous_ = from.previous_;
  to.next_->previous_ = to.previous_->next_ = &to;
  from.next_ = from.previous_ = &from;
  if (from.due_ != no_slot) {
    occupied_[from.due_ / slots][from.due_ % slots / 64] &= ~(std::uint64_t{1} << (from.due_ % 64));
  }
}

// Deals the timers of the slot that begins now out to the finer wheels.
void TimerWheel::cascade(unsigned level) {
  Slot list;
  take(wheels_[level][(now_ >> (bits * level)) % slots], list);
  while (list.next_ != &list) {
    Timer& timer = *list.next_;
    list.next_ = timer.next_;
    list.next_->previous_ = &list;
    place(timer);
  }
}

// What a timer arms, cancels or destroys while it fires is safe: the list is read anew
// after each, and nothing is put into it.
std::size_t TimerWheel::fire(Slot& slot) {
  Slot list;
  take(slot, list);
  std::size_t fired = 0;
  for (; list.next_ != &list; ++fired) {
    Timer& timer = *list.next_;
    unlink(timer);
    timer.on_timer();
  }
  return fired;
}

// The next tick at which a slot is to be fired or dealt out.
std::optional<std::uint64_t> TimerWheel::next_tick() const {
  std::optional<std::uint64_t> next;
  for (unsigned level = 0; level < levels; ++level) {
    const auto position = now_ >> (bits * level);
    const auto distance =
        distance_to_next(occupied_[level], static_cast<unsigned>(position % slots));
    if (!distance) continue;
    const auto at = (position + *distance) << (bits * level);
    if (!next || at < *next) next = at;
  }
  return next;
}

std::size_t TimerWheel::advance(base::TimePoint now) {
  advanced_to_ = std::max(advanced_to_, now);
  const auto target = static_cast<std::uint64_t>((advanced_to_ - start_) / tick);
  std::size_t fired = fire(overdue_);
  for (auto next = next_tick(); next && *next <= target; next = next_tick()) {
    now_ = *next;
    for (unsigned level = levels - 1; level > 0; --level) {
      if ((now_ & ((std::uint64_t{1} << (bits * level)) - 1)) == 0) cascade(level);
    }
    fired += fire(wheels_[0][now_ % slots]);
  }
  now_ = std::max(now_, target);
  return fired;
}

std::optional<base::TimePoint> TimerWheel::next_wake() const {
  if (overdue_.next_ != &overdue_) return advanced_to_;
  const auto next = next_tick();
  if (!next) return std::nullopt;
  const auto last = (base::TimePoint::max() - start_) / tick;
  return start_ +
         tick * std::min(static_cast<std::int64_t>(*next), static_cast<std::int64_t>(last));
}

}  // namespace missive::net
