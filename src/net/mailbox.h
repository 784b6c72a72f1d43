// How other threads hand work to a shard.
//
// Many producers, one consumer. push() may be called from any thread and wakes the
// shard once a burst, by an eventfd; drain() is the shard's own and runs the tasks in
// the order they came. A task that throws ends the process: nothing of ours throws.
#pragma once

#include <mutex>
#include <vector>

#include "base/unique_function.h"

namespace missive::net {

using Task = base::UniqueFunction<void()>;

class Mailbox {
 public:
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void push(Task task);
  // Runs what is there; returns how many.
  std::size_t drain();
  // Drops what is there; returns whether there was anything.
  bool clear();
  // Readable while there may be something to drain.
  int wake_fd() const { return fd_; }

 private:
  int fd_;
  std::mutex mutex_;
  std::vector<Task> tasks_;
  std::vector<Task> running_;
  bool signalled_ = false;
};

}  // namespace missive::net
