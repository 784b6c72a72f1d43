// Messages that came in and were answered for, until they have been handled.
//
// Plain values. A row is known by its key (who sent which request): one key is taken once,
// also after it was handled, until forget() drops it. Any thread; `done` is called on the
// Database's thread after the commit. What handled() could not write is written with its next
// call. The Database outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "store/database.h"
#include "store/long_job.h"

namespace missive::store {

struct ReceivedRow {
  std::int64_t sequence = 0;  // ascending, given by the caller
  std::string key;            // octets; unique
  std::string content;        // what the message layer makes of it
  base::WallTime received{};
};

class ReceivedStore {
 public:
  // For each row whether it is new; false: its key is there already and nothing was written.
  using Inserted = base::UniqueFunction<void(base::Result<std::vector<bool>>,
                                             std::vector<ReceivedRow>)>;  // gives the rows back

  explicit ReceivedStore(Database& database);

  void insert(std::vector<ReceivedRow> rows, Inserted done);
  // They have been handled: the content goes, the key stays.
  void handled(std::vector<std::int64_t> sequences);
  // Keys of handled rows received before that go.
  void forget(base::WallTime before);
  // Those that were not handled, in order. Waits for the disk; at start.
  base::Result<std::vector<ReceivedRow>> load();
  // The highest sequence ever given; at start.
  base::Result<std::int64_t> last_sequence();

 private:
  struct Unwritten;

  Database& database_;
  const std::shared_ptr<Unwritten> unwritten_;
  LongJobs long_jobs_;
};

}  // namespace missive::store
