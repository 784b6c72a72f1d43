// Threads for what takes its time: CURL, SHELL, System, AGI, waiting for a LOCK().
//
// A fixed number of them; tasks are run in the order they were posted, by whichever is free.
// A run has one task at a time and a session of AMI no more than its replies, which bounds the
// queue. post() from any thread. stop() (also the destructor) lets what is under way come to its
// end, which long tasks hasten by looking at stopping(), drops what has not begun, and joins. Tasks
// post to shards: stop() before the first Shard goes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_function.h"

namespace missive::dialplan {

class Workers {
 public:
  using Task = base::UniqueFunction<void()>;

  explicit Workers(unsigned threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void post(Task task);
  void stop();
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Task> tasks_;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace missive::dialplan
