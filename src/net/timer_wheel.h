// Timers by the hundred thousand for one shard, at constant cost each.
//
// A hierarchical wheel with a tick of 5 ms: arming and cancelling are a few
// pointer moves, nothing is allocated. A Timer is a base class of what waits; it
// is owned by its owner, disarms itself when destroyed, and fires once in
// on_timer() on the shard's thread, never before its deadline and at most one tick
// after the wheel is next advanced. A timer may re-arm or destroy itself, or arm and
// cancel others, while it fires. Not thread-safe: one wheel per shard.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/clock.h"

namespace missive::net {

class TimerWheel;

class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  virtual ~Timer() { cancel(); }

  bool armed() const { return next_ != nullptr; }
  void cancel();

 protected:
  virtual void on_timer() = 0;

 private:
  friend class TimerWheel;
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  TimerWheel* wheel_ = nullptr;
  std::uint64_t due_ = 0;  // in ticks
};

// A timer that calls a function; for what is not on a hot path.
class CallbackTimer final : public Timer {
 public:
  explicit CallbackTimer(std::function<void()> callback) : callback_(std::move(callback)) {}

 private:
  void on_timer() override { callback_(); }
  std::function<void()> callback_;
};

class TimerWheel {
 public:
  static constexpr base::Duration tick = std::chrono::milliseconds{5};

  explicit TimerWheel(base::TimePoint now);
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Arms `timer` (again, if it was armed) to fire at `deadline` or right after; never from
  // within arm(), but with the next advance() when the deadline has passed.
  void arm(Timer& timer, base::TimePoint deadline);

  // Fires everything due at `now`, in the order of deadlines (by ticks); how many it were.
  std::size_t advance(base::TimePoint now);

  // When advance() is next worth calling (never later than the next deadline, sometimes
  // earlier); nothing when no timer is armed.
  std::optional<base::TimePoint> next_wake() const;

  std::size_t size() const { return size_; }

 private:
  friend class Timer;
  static constexpr unsigned bits = 8;
  static constexpr unsigned slots = 1u << bits;
  static constexpr unsigned levels = 4;  // 5 ms .. 248 days

  // The head of a circular list of timers; due_ is its number, or no_slot.
  struct Slot final : Timer {
    Slot();
    ~Slot() override;
    void on_timer() override {}
  };
  static constexpr std::uint64_t no_slot = ~std::uint64_t{0};

  void place(Timer& timer);
  void append(Slot& slot, Timer& timer);
  void unlink(Timer& timer);
  void take(Slot& from, Slot& to);
  void cascade(unsigned level);
  std::size_t fire(Slot& slot);
  std::optional<std::uint64_t> next_tick() const;
  std::uint64_t to_ticks(base::TimePoint time) const;  // rounded up

  base::TimePoint start_;
  base::TimePoint advanced_to_;
  std::uint64_t now_ = 0;  // the last tick that was processed
  std::size_t size_ = 0;
  Slot overdue_;
  std::array<std::array<Slot, slots>, levels> wheels_;
  std::array<std::array<std::uint64_t, slots / 64>, levels> occupied_{};
};

}  // namespace missive::net
