// Where a worker waits while the shard does something for the run that the worker has.
//
// AGI's EXEC and GOSUB: the shard executes what may not run elsewhere (MessageSend, Wait) and
// deliver()s the outcome. What blocks in the meantime is given back to the same worker, so that
// a pool of one cannot wait for itself. wait() gives up with Outcome::hang_up when `workers`
// stop. Shared by the two threads.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "dialplan/application.h"
#include "dialplan/workers.h"

namespace missive::dialplan {

class Handshake {
 public:
  explicit Handshake(const Workers& workers) : workers_(workers) {}

  // The shard's side.
  void deliver(Outcome outcome);
  void give(Workers::Task task);
  // The worker's side.
  Outcome wait();

 private:
  const Workers& workers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Outcome> outcome_;
  Workers::Task task_;
};

}  // namespace missive::dialplan
