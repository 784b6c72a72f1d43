// The messages that were accepted and the outcomes of those that are done, on disk.
//
// Plain values: what they mean is the message layer's business. One row a message; `sequence`
// is given by the caller, ascending in the order of acceptance. apply() takes what gathered in one
// turn and writes it in one job, so that a burst costs one commit. All calls return at once, any
// thread; what they ask is run by the Database's thread, and so is `done`, after the commit.
// Rows that wait are found by recipient, all rows by id; a row that is final keeps no body.
// Of the states it knows only that 0 and 1, queued and sending, are not final.
//
// A batch that failed is given back whole. It failed surely, but for one case: where the disk did
// not confirm a commit, that may still be found after a power failure. To apply the same inserts
// again is always safe, their ids are known then.
//
// The Database outlives it; what it still had to read fails when it goes. Source: DESIGN "Insert
// before you answer".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "store/database.h"
#include "store/long_job.h"

namespace missive::store {

// Times are wall clock, kept to the millisecond.
struct OutboxRow {
  std::int64_t sequence = 0;
  std::string id;
  bool waiting = false;  // not final: waits for its recipient, or is being sent for the first time
  int state = 0;         // message::Status::State
  std::string recipient;
  std::string destination;
  std::string action_id;
  std::string content;   // what the message layer makes of the rest; empty when final
  std::size_t size = 0;  // octets that it counts for
  base::WallTime accepted{};
  base::WallTime expires{};
  base::WallTime updated{};
  unsigned attempts = 0;
  int code = 0;
  std::string text;
  std::string contact;
};

// A row that is to be written; the views live as long as `keep`.
struct OutboxInsert {
  std::int64_t sequence = 0;
  bool waiting = false;  // false: it is being sent at once
  int state = 0;
  std::string_view id, recipient, destination, action_id;
  std::string content;
  std::size_t size = 0;
  base::WallTime accepted{}, expires{};
  unsigned attempts = 0;
  int code = 0;
  std::string text;
  std::shared_ptr<const void> keep;
};

// What becomes of a row that is there.
struct OutboxChange {
  enum class Kind {
    wait,    // it waits, or waits again
    finish,  // it is final; the content goes
    erase,   // as if it had never been (or history = 0)
  };
  std::int64_t sequence = 0;
  Kind kind = Kind::finish;
  int state = 0;
  unsigned attempts = 0;
  int code = 0;
  std::string text, contact;
  base::WallTime updated{};
};

struct OutboxBatch {
  std::vector<OutboxInsert> inserts;
  std::vector<OutboxChange> changes;  // run after the inserts
  bool empty() const { return inserts.empty() && changes.empty(); }
};

// What became of each insert of a batch, in their order.
struct OutboxInserted {
  bool known = false;  // there is a row of that id: nothing was written; `row` is that one
  std::unique_ptr<OutboxRow> row;
};

struct OutboxFilter {
  int state = -1;         // -1: all
  std::string recipient;  // empty: all
  std::size_t limit = 100;
  bool newest_first = false;
};

// What waits for one recipient, when the server starts.
struct OutboxRecipient {
  std::string recipient;
  std::size_t messages = 0;
  std::size_t octets = 0;
};
struct OutboxSummary {
  std::int64_t last_sequence = 0;
  std::vector<OutboxRecipient> recipients;
};

class OutboxStore {
 public:
  using Applied = base::UniqueFunction<void(base::Result<std::vector<OutboxInserted>>,
                                            OutboxBatch batch)>;  // gives the batch back
  using Rows = base::UniqueFunction<void(base::Result<std::vector<OutboxRow>>)>;

  explicit OutboxStore(Database& database);

  // What was being sent when the process ended waits from now on. Waits for the disk; at start.
  base::Result<OutboxSummary> open();

  // All or nothing. A change of a row that is not there is none; what is final never waits again.
  void apply(OutboxBatch batch, Applied done);
  // Rows that wait for the recipient with a sequence above `after`, ascending, with content.
  void waiting(std::string recipient, std::int64_t after, std::size_t limit, Rows done);
  // Rows that wait and whose time was over at `now`, with content.
  void expired(base::WallTime now, std::size_t limit, Rows done);
  // None or one, with content.
  void find(std::string id, Rows done);
  // Without content. Reads through all rows where it must, others' work goes between.
  void list(OutboxFilter filter, Rows done);
  // Notes how far no row is being sent, for the next open(); to be called now and then.
  void settle();
  // Final rows of before that go; some at a time, it goes on with the next call. What was still
  // waiting when it was come by is looked at again when `before` is an hour on.
  void purge(base::WallTime before);
  // The oldest row that is not final, with content; none when there is none.
  void oldest(Rows done);

 private:
  struct Progress;

  Database& database_;
  const std::shared_ptr<Progress> progress_;  // the Database's thread's
  LongJobs long_jobs_;
};

}  // namespace missive::store
