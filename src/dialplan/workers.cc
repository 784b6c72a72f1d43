#include "dialplan/workers.h"

#include <algorithm>

namespace missive::dialplan {

Workers::Workers(unsigned threads) {
  threads_.reserve(std::max(1U, threads));
  for (unsigned i = 0; i < std::max(1U, threads); ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() { stop(); }

void Workers::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping()) return;
    tasks_.push_back(std::move(task));
  }
  posted_.notify_one();
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  posted_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  // Outside of the lock: what a task holds may do anything when it goes.
  std::deque<Task> dropped;
  const std::lock_guard lock(mutex_);
  tasks_.swap(dropped);
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    posted_.wait(lock, [this] { return stopping() || !tasks_.empty(); });
    if (stopping()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task.reset();
    lock.lock();
  }
}

}  // namespace missive::dialplan
