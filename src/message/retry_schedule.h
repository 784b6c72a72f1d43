// How long to wait until the next attempt.
//
// The gaps of missive.conf, [outbox] retry, one after the other, the last one again and again;
// each as much as a fifth shorter or longer, so that what failed together does not come back
// together. Pure but for the random source, which is the caller's; any thread.
#pragma once

#include <chrono>
#include <vector>

#include "base/clock.h"
#include "base/random.h"

namespace missive::message {

class RetrySchedule {
 public:
  // No gaps at all: a minute each.
  explicit RetrySchedule(std::vector<std::chrono::seconds> gaps);

  // After that many failures in a row, from 1 (0 counts as one). Never below `minimum`, which is
  // what the peer asked for (Retry-After) and counts up to a day.
  base::Duration gap(unsigned failures, base::RandomSource& random,
                     std::chrono::seconds minimum = std::chrono::seconds{0}) const;

 private:
  std::vector<std::chrono::seconds> gaps_;
};

}  // namespace missive::message
