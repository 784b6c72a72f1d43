// The timer wheel.
//
//  1. Never before the deadline, at most one tick after it.
//  2. A deadline in the past fires with the next advance(), not inside arm().
//  3. Arming again moves the timer; cancelling and destroying disarm it.
//  4. While it fires, a timer may arm itself again, and only once per advance() when overdue.
//  5. While it fires, a timer may destroy itself and cancel, destroy and arm its neighbours.
//  6. A gap of hours and of years is crossed at once, all that was due fires in order.
//  7. Deadlines in every level of the wheel, and beyond its end, are kept exactly.
//  8. next_wake() is never later than the next deadline, and nothing without timers.
//  9. Time that goes back is ignored.
// 10. Destroying the wheel disarms its timers.
// 11. Twenty thousand random operations agree with a sorted map, through cascades.
#include "net/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

namespace missive::net {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::TimePoint;

const TimePoint epoch{24h};

struct Probe final : Timer {
  explicit Probe(std::function<void()> then = {}) : on_fire(std::move(then)) {}
  void on_timer() override {
    ++fired;
    if (on_fire) on_fire();
  }
  int fired = 0;
  std::function<void()> on_fire;
};

class TimerWheelTest : public testing::Test {
 protected:
  std::size_t pass(Duration by) {
    now += by;
    return wheel.advance(now);
  }

  TimePoint now = epoch;
  TimerWheel wheel{epoch};
};

TEST_F(TimerWheelTest, FiresAtTheDeadlineNotBefore) {  // 1
  for (const Duration after : {1ns, 1000000ns, 4999999ns, 5000000ns, 5000001ns, 500000000ns}) {
    Probe probe;
    wheel.arm(probe, now + after);
    EXPECT_TRUE(probe.armed());
    EXPECT_EQ(pass(after - 1ns), 0u);
    EXPECT_EQ(probe.fired, 0) << after.count();
    pass(1ns + TimerWheel::tick);
    EXPECT_EQ(probe.fired, 1) << after.count();
    EXPECT_FALSE(probe.armed());
    pass(3ms);  // so that the next starts inside a tick
  }
  EXPECT_EQ(wheel.size(), 0u);
}

TEST_F(TimerWheelTest, PastDeadlineFiresWithTheNextAdvance) {  // 2
  pass(12ms);
  Probe past;
  Probe present;
  wheel.arm(past, now - 1h);
  wheel.arm(present, now);
  EXPECT_EQ(past.fired + present.fired, 0);
  EXPECT_EQ(wheel.size(), 2u);
  EXPECT_EQ(wheel.next_wake(), now);
  EXPECT_EQ(wheel.advance(now), 2u);
  EXPECT_EQ(past.fired, 1);
  EXPECT_EQ(present.fired, 1);
  EXPECT_EQ(wheel.advance(now), 0u);
}

TEST_F(TimerWheelTest, ArmAgainCancelDestroy) {  // 3
  Probe probe;
  wheel.arm(probe, now + 10ms);
  wheel.arm(probe, now + 1s);
  EXPECT_EQ(wheel.size(), 1u);
  pass(500ms);
  EXPECT_EQ(probe.fired, 0);
  wheel.arm(probe, now + 10ms);
  pass(20ms);
  EXPECT_EQ(probe.fired, 1);
  wheel.arm(probe, now + 10ms);
  probe.cancel();
  probe.cancel();
  EXPECT_FALSE(probe.armed());
  EXPECT_EQ(wheel.size(), 0u);
  EXPECT_EQ(wheel.next_wake(), std::nullopt);
  {
    Probe gone;
    wheel.arm(gone, now + 10ms);
    Probe overdue;
    wheel.arm(overdue, now);
    EXPECT_EQ(wheel.size(), 2u);
  }
  EXPECT_EQ(wheel.size(), 0u);
  EXPECT_EQ(pass(1h), 0u);
  EXPECT_EQ(probe.fired, 1);
}

TEST_F(TimerWheelTest, RearmsItselfWhileFiring) {  // 4
  Probe periodic;
  periodic.on_fire = [&] { wheel.arm(periodic, now + 10ms); };
  wheel.arm(periodic, now + 10ms);
  for (int i = 0; i < 10; ++i) pass(10ms);
  EXPECT_EQ(periodic.fired, 10);
  periodic.on_fire = [&] { wheel.arm(periodic, now - 1s); };
  pass(10ms);
  EXPECT_EQ(periodic.fired, 11);
  EXPECT_EQ(wheel.advance(now), 1u);
  EXPECT_EQ(wheel.advance(now), 1u);
}

TEST_F(TimerWheelTest, NeighboursWhileFiring) {  // 5
  // All in one slot; the first deals with the others.
  auto self = std::make_unique<Probe>();
  auto destroyed = std::make_unique<Probe>();
  Probe cancelled;
  Probe moved;
  Probe late;
  Probe untouched;
  bool self_fired = false;
  self->on_fire = [&] {
    self_fired = true;
    destroyed.reset();
    cancelled.cancel();
    wheel.arm(moved, now + 100ms);
    wheel.arm(late, now);
    auto* const dying = self.release();
    dying->on_fire = {};  // ends this closure's captures last
    delete dying;
  };
  // The closure must not die while it runs: keep a copy of the function alive.
  const auto action = self->on_fire;
  self->on_fire = [&action] { action(); };
  for (Timer* timer : {static_cast<Timer*>(self.get()), static_cast<Timer*>(&cancelled),
                       static_cast<Timer*>(destroyed.get()), static_cast<Timer*>(&moved),
                       static_cast<Timer*>(&untouched)}) {
    wheel.arm(*timer, now + 10ms);
  }
  pass(10ms);
  EXPECT_TRUE(self_fired);
  EXPECT_EQ(cancelled.fired, 0);
  EXPECT_EQ(moved.fired, 0);
  EXPECT_EQ(late.fired, 0);
  EXPECT_EQ(untouched.fired, 1);
  EXPECT_EQ(wheel.size(), 2u);
  wheel.advance(now);
  EXPECT_EQ(late.fired, 1);
  pass(100ms);
  EXPECT_EQ(moved.fired, 1);
}

TEST_F(TimerWheelTest, CrossesAGapInOrder) {  // 6
  std::vector<int> order;
  std::vector<std::unique_ptr<Probe>> probes;
  const std::vector<Duration> after{30h, 5ms, 1s, 2h, 20s, 31h, 6ms, 400h};
  const std::vector<int> expected{1, 6, 2, 4, 3, 0, 5, 7};
  for (int i = 0; i < static_cast<int>(after.size()); ++i) {
    probes.push_back(std::make_unique<Probe>([&order, i] { order.push_back(i); }));
    wheel.arm(*probes.back(), now + after[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(pass(24h * 365 * 20), 8u);
  EXPECT_EQ(order, expected);
  Probe after_the_gap;
  wheel.arm(after_the_gap, now + 10ms);
  pass(9ms);
  EXPECT_EQ(after_the_gap.fired, 0);
  pass(6ms);
  EXPECT_EQ(after_the_gap.fired, 1);
}

TEST_F(TimerWheelTest, EveryLevelIsExact) {  // 7
  // Around each border of a level, and past the 248 days of the last; from odd starting ticks.
  for (const std::int64_t start : {0, 1, 255, 256, 65535, 16777215}) {
    for (const std::int64_t ticks :
         {std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, std::int64_t{257},
          std::int64_t{65535}, std::int64_t{65536}, std::int64_t{65537}, std::int64_t{16777215},
          std::int64_t{16777216}, std::int64_t{4294967295}, std::int64_t{4294967296},
          std::int64_t{10000000000}}) {
      TimerWheel fresh(epoch);
      const auto begin = epoch + TimerWheel::tick * start;
      fresh.advance(begin);
      Probe probe;
      fresh.arm(probe, begin + TimerWheel::tick * ticks);
      fresh.advance(begin + TimerWheel::tick * (ticks / 2));
      fresh.advance(begin + TimerWheel::tick * ticks - 1ns);
      EXPECT_EQ(probe.fired, 0) << start << " " << ticks;
      fresh.advance(begin + TimerWheel::tick * ticks);
      EXPECT_EQ(probe.fired, 1) << start << " " << ticks;
    }
  }
  Probe never;
  wheel.arm(never, TimePoint::max());
  pass(24h * 365 * 100);
  EXPECT_EQ(never.fired, 0);
  EXPECT_TRUE(never.armed());
}

TEST_F(TimerWheelTest, NextWake) {  // 8
  EXPECT_EQ(wheel.next_wake(), std::nullopt);
  Probe near;
  Probe far;
  wheel.arm(far, now + 10h);
  ASSERT_TRUE(wheel.next_wake());
  EXPECT_LE(*wheel.next_wake(), now + 10h);
  EXPECT_GT(*wheel.next_wake(), now);
  wheel.arm(near, now + 40ms);
  EXPECT_EQ(*wheel.next_wake(), now + 40ms);
  near.cancel();
  EXPECT_GT(*wheel.next_wake(), now + 1min);
  // Following next_wake() alone gets there, in few steps.
  int steps = 0;
  while (far.fired == 0 && steps < 10) {
    ++steps;
    wheel.advance(*wheel.next_wake());
  }
  EXPECT_EQ(far.fired, 1);
  EXPECT_LE(steps, 4);
}

TEST_F(TimerWheelTest, TimeGoingBack) {  // 9
  pass(1s);
  Probe probe;
  wheel.arm(probe, now + 10ms);
  EXPECT_EQ(wheel.advance(now - 1h), 0u);
  EXPECT_EQ(pass(10ms), 1u);
}

TEST_F(TimerWheelTest, DestroyedWheelDisarms) {  // 10
  Probe near;
  Probe far;
  Probe overdue;
  {
    TimerWheel brief(now);
    brief.arm(near, now + 10ms);
    brief.arm(far, now + 10h);
    brief.arm(overdue, now);
  }
  EXPECT_FALSE(near.armed());
  EXPECT_FALSE(far.armed());
  EXPECT_FALSE(overdue.armed());
  wheel.arm(near, now + 10ms);
  EXPECT_EQ(pass(10ms), 1u);
}

// What the wheel should do, written down plainly.
class Model {
 public:
  void arm(std::size_t id, TimePoint deadline, TimePoint now) {
    cancel(id);
    // Overdue ones fire with the next advance; others at the end of the tick of the deadline.
    const auto ticks =
        deadline <= now ? -1 : (deadline - epoch + TimerWheel::tick - 1ns) / TimerWheel::tick;
    due_.emplace(ticks, id);
  }
  void cancel(std::size_t id) {
    std::erase_if(due_, [id](const auto& entry) { return entry.second == id; });
  }
  // The ticks and timers that fire, in order.
  std::vector<std::pair<std::int64_t, std::size_t>> advance(TimePoint now) {
    std::vector<std::pair<std::int64_t, std::size_t>> out;
    while (!due_.empty() && due_.begin()->first <= (now - epoch) / TimerWheel::tick) {
      out.emplace_back(*due_.begin());
      due_.erase(due_.begin());
    }
    return out;
  }
  std::optional<std::int64_t> first() const {
    return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
  }
  std::size_t size() const { return due_.size(); }

 private:
  std::multimap<std::int64_t, std::size_t> due_;
};

TEST_F(TimerWheelTest, AgreesWithASortedMap) {  // 11
  std::mt19937_64 random(20260101);
  const auto below = [&random](std::uint64_t bound) { return random() % bound; };
  Model model;
  std::vector<std::size_t> fired;
  std::vector<std::unique_ptr<Probe>> probes;
  for (std::size_t i = 0; i < 300; ++i) {
    probes.push_back(std::make_unique<Probe>([&fired, i] { fired.push_back(i); }));
  }
  // Spans from a nanosecond to days: every level and its borders are met.
  const auto span = [&] { return Duration{static_cast<std::int64_t>(below(1ULL << below(50)))}; };

  for (int step = 0; step < 20000; ++step) {
    const auto id = below(probes.size());
    const auto kind = below(10);
    if (kind < 6) {
      const auto deadline = below(20) == 0 ? now - span() : now + span();
      wheel.arm(*probes[id], deadline);
      model.arm(id, deadline, now);
    } else if (kind < 7) {
      probes[id]->cancel();
      model.cancel(id);
    } else {
      now += span() / 16;
      fired.clear();
      wheel.advance(now);
      const auto expected = model.advance(now);
      ASSERT_EQ(fired.size(), expected.size()) << "step " << step;
      // Within one tick any order is right.
      auto got = fired.begin();
      for (auto i = expected.begin(); i != expected.end();) {
        auto end = i;
        std::vector<std::size_t> of_tick;
        for (; end != expected.end() && end->first == i->first; ++end) {
          of_tick.push_back(end->second);
        }
        ASSERT_TRUE(std::is_permutation(of_tick.begin(), of_tick.end(), got)) << "step " << step;
        got += static_cast<std::ptrdiff_t>(of_tick.size());
        i = end;
      }
    }
    ASSERT_EQ(wheel.size(), model.size()) << "step " << step;
    const auto wake = wheel.next_wake();
    ASSERT_EQ(wake.has_value(), model.first().has_value());
    if (wake) {
      ASSERT_LE(*wake, std::max(now, epoch + TimerWheel::tick * *model.first()));
    }
  }
}

}  // namespace
}  // namespace missive::net
