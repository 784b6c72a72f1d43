// Work on the database that is too long for one transaction: it is run a step at a time, and
// what others posted goes between.
//
// A step says whether there is more to do. `done` is called once, on the Database's thread,
// after the last step's commit, or with what failed; it fails too when the owner is gone. The
// Database outlives the work.
#pragma once

#include <atomic>
#include <memory>

#include "store/database.h"

namespace missive::store {

// Ends the work of an owner that goes away.
class LongJobs {
 public:
  using Step = base::UniqueFunction<base::Result<bool>(Connection&)>;
  using Done = base::UniqueFunction<void(base::Result<void>)>;

  LongJobs() : stopped_(std::make_shared<std::atomic<bool>>(false)) {}
  ~LongJobs() { *stopped_ = true; }
  LongJobs(const LongJobs&) = delete;
  LongJobs& operator=(const LongJobs&) = delete;

  void start(Database& database, Step step, Done done = {});

 private:
  struct Work;
  static void post(Database& database, const std::shared_ptr<Work>& work);

  const std::shared_ptr<std::atomic<bool>> stopped_;
};

}  // namespace missive::store
