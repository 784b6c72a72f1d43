#include "dialplan/handshake.h"

#include <chrono>
#include <utility>

namespace missive::dialplan {
namespace {

// How often a stop of the server is looked for.
constexpr std::chrono::milliseconds glance{100};

}  // namespace

void Handshake::deliver(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  outcome_ = outcome;
  changed_.notify_one();
}

void Handshake::give(Workers::Task task) {
  const std::lock_guard lock(mutex_);
  task_ = std::move(task);
  changed_.notify_one();
}

Outcome Handshake::wait() {
  std::unique_lock lock(mutex_);
  while (!outcome_) {
    if (workers_.stopping()) return Outcome::hang_up;
    if (task_) {
      Workers::Task task = std::exchange(task_, {});
      lock.unlock();
      task();
      task.reset();
      lock.lock();
      continue;
    }
    changed_.wait_for(lock, glance);
  }
  return *outcome_;
}

}  // namespace missive::dialplan
