// Time, so that tests can turn it by hand.
//
// Deadlines and intervals use the monotonic TimePoint; what a person reads uses
// wall(). Components take a `const Clock&` that outlives them and may be shared
// by all threads. ManualClock is for tests: it only moves when told to.
#pragma once

#include <atomic>
#include <chrono>

namespace missive::base {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

class ManualClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint{Duration{since_start_.load()}}; }
  // Starts at 2026-01-02T00:00:00Z, a day after time began.
  WallTime wall() const override {
    return WallTime{std::chrono::seconds{1767225600}} +
           std::chrono::duration_cast<WallTime::duration>(Duration{since_start_.load()});
  }
  void advance(Duration by) { since_start_ += by.count(); }

 private:
  // Not zero, so that "an hour ago" is representable.
  std::atomic<Duration::rep> since_start_{Duration{std::chrono::hours{24}}.count()};
};

}  // namespace missive::base
