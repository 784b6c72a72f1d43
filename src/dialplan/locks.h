// Named locks of the dialplan: what LOCK(), TRYLOCK() and UNLOCK() are about.
//
// A lock belongs to one run, known by its number (Run::number()), until that run has unlocked
// it as often as it locked it, or is over: release_all(). Any thread; lock() makes its thread
// wait, so it is for workers only. Real time, not the server's Clock. Source: Asterisk
// documentation, functions LOCK, TRYLOCK, UNLOCK.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace missive::dialplan {

class Locks {
 public:
  // Waits at most `timeout`; false when the lock was not to be had, or after close().
  bool lock(std::string_view name, std::uint64_t owner, base::Duration timeout);
  bool try_lock(std::string_view name, std::uint64_t owner);
  // False when `owner` does not hold it.
  bool unlock(std::string_view name, std::uint64_t owner);
  // Costs next to nothing while nobody holds a lock.
  void release_all(std::uint64_t owner);
  // Whether it has any lock: one that waits for a second one may be part of a deadlock.
  bool holds_any(std::uint64_t owner) const;
  // Ends all waiting, for good: the server stops.
  void close();

 private:
  struct Held {
    std::uint64_t owner = 0;
    unsigned times = 0;
  };
  bool take(std::string_view name, std::uint64_t owner);  // under mutex_

  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::map<std::string, Held, std::less<>> held_;
  std::atomic<std::size_t> count_{0};  // of held_
  bool closed_ = false;
};

}  // namespace missive::dialplan
