// What the outbox keeps when the power fails, the disk is full or a sync fails.
//
//  1. Hundreds of power failures at any write or sync, also while the database is made or
//     recovered: every batch that was reported committed is there, none is there in part, nothing
//     else changed.
//  2. The same with syncs that fail now and then: a commit whose sync failed is reported as failed,
//  and
//     nothing reported as committed later is lost by it.
//  3. A full disk: batches fail with a clear line and are given back; with room again, they go.
//  4. A folder that may not be written to: refused with a clear line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "store/outbox_store.h"
#include "unit/store/fault_vfs.h"
#include "unit/store/temporary_folder.h"

namespace missive::store {
namespace {

using test::FaultVfs;
using ::testing::StartsWith;

constexpr int sending = 1, delivered = 3;

struct Outcome {
  bool committed = false;
  std::string error;
  OutboxBatch batch;
};

Outcome apply(Database& database, OutboxBatch batch) {
  OutboxStore store(database);
  std::promise<Outcome> done;
  auto outcome = done.get_future();
  store.apply(std::move(batch), [&done](const auto& result, OutboxBatch back) {
    Outcome out;
    out.committed = result.has_value();
    if (!result) out.error = result.error().text;
    out.batch = std::move(back);
    done.set_value(std::move(out));
  });
  return outcome.get();
}

std::string content_of(std::int64_t sequence) {
  return std::string(static_cast<std::size_t>(sequence * 7919 % 3000),
                     static_cast<char>('a' + sequence % 26));
}

// The ids live as long as the batch.
OutboxInsert row(std::int64_t sequence) {
  auto id = std::make_shared<const std::string>("id-" + std::to_string(sequence));
  OutboxInsert out;
  out.sequence = sequence;
  out.state = sending;
  out.id = *id;
  out.recipient = "pjsip:alice";
  out.destination = "pjsip:alice";
  out.content = content_of(sequence);
  out.keep = std::move(id);
  return out;
}

OutboxChange finish(std::int64_t sequence) {
  OutboxChange out;
  out.sequence = sequence;
  out.state = delivered;
  return out;
}

// A database that goes through power failures, and what must be in it.
class Survivor {
 public:
  explicit Survivor(unsigned seed) : random_(seed) {}

  // Some batches, a power failure among them, and the look afterwards.
  void live_and_crash(bool with_failing_syncs) {
    batches_.clear();
    disk_.cut_after(random_() % 300);
    if (open()) {
      for (int i = 0; i < 12 && !disk_.is_cut(); ++i) commit_one(with_failing_syncs);
    }
    database_.reset();
    disk_.recover(random_);
    ASSERT_TRUE(open());
    look();
    database_.reset();
  }
  std::size_t committed() const { return committed_; }
  std::uint64_t failed_syncs() const { return disk_.failed_syncs(); }

 private:
  using Rows = std::map<std::int64_t, int>;  // sequence -> state
  struct Batch {
    std::vector<std::int64_t> rows, finished;
    bool committed = false;
  };

  bool open() {
    auto opened = Database::open(folder_.file("missive.db"), {Database::Synchronous::full});
    if (!opened) return false;
    database_ = std::move(*opened);
    // Small, so that the -wal is copied and begun anew many times.
    const auto pages = 5 + random_() % 40;
    static_cast<void>(database_->run([pages](Connection& connection) {
      return connection.execute("PRAGMA wal_autocheckpoint=" + std::to_string(pages));
    }));
    return true;
  }

  void commit_one(bool with_failing_syncs) {
    Batch made;
    OutboxBatch batch;
    for (auto n = 1 + random_() % 6; n > 0; --n) {
      batch.inserts.push_back(row(++sequence_));
      made.rows.push_back(sequence_);
    }
    for (auto n = random_() % 6; n > 0 && !unfinished_.empty(); --n) {
      batch.changes.push_back(finish(unfinished_.back()));
      made.finished.push_back(unfinished_.back());
      unfinished_.pop_back();
    }
    const bool failing = with_failing_syncs && random_() % 4 == 0;
    disk_.fail_syncs(failing);
    auto outcome = apply(*database_, std::move(batch));
    disk_.fail_syncs(false);
    EXPECT_FALSE(failing && outcome.committed);
    EXPECT_EQ(outcome.batch.inserts.size(), made.rows.size());
    if (!outcome.committed && random_() % 2 == 0) {
      outcome = apply(*database_, std::move(outcome.batch));
    }
    made.committed = outcome.committed;
    if (made.committed) ++committed_;
    batches_.push_back(std::move(made));
  }

  Rows read() {
    Rows out;
    const auto done = database_->run([&out](Connection& connection) -> base::Result<void> {
      auto query = connection.statement("SELECT sequence, state, content FROM outbox");
      if (!query) return tl::unexpected(query.error());
      while (*query->step()) {
        const auto sequence = query->number(0);
        out[sequence] = static_cast<int>(query->number(1));
        EXPECT_EQ(query->blob(2), out[sequence] == sending ? content_of(sequence) : "");
      }
      return {};
    });
    EXPECT_TRUE(done) << done.error().text;
    return out;
  }

  void look() {
    const auto found = read();
    for (const auto& batch : batches_) {
      const bool there = found.count(batch.rows.front()) != 0;
      EXPECT_TRUE(there || !batch.committed) << "row " << batch.rows.front() << " is lost";
      if (!there) continue;
      for (const auto sequence : batch.rows) expected_[sequence] = sending;
      for (const auto sequence : batch.finished) expected_[sequence] = delivered;
    }
    EXPECT_EQ(found, expected_);
    unfinished_.clear();
    for (const auto& [sequence, state] : found) {
      if (state == sending) unfinished_.push_back(sequence);
    }
  }

  FaultVfs::Random random_;
  test::TemporaryFolder folder_;
  FaultVfs disk_;
  std::unique_ptr<Database> database_;
  std::int64_t sequence_ = 0;
  std::vector<Batch> batches_;  // since the last look
  Rows expected_;
  std::vector<std::int64_t> unfinished_;
  std::size_t committed_ = 0;
};

TEST(OutboxCrashTest, PowerFailures) {  // 1
  std::size_t committed = 0;
  for (unsigned seed = 1; seed <= 12 && !testing::Test::HasFailure(); ++seed) {
    Survivor survivor(seed);
    for (int round = 0; round < 25; ++round) {
      SCOPED_TRACE(fmt::format("seed {} round {}", seed, round));
      survivor.live_and_crash(false);
      if (testing::Test::HasFatalFailure()) return;
    }
    committed += survivor.committed();
  }
  EXPECT_GT(committed, 500u);
}

TEST(OutboxCrashTest, FailedSyncs) {  // 2
  std::size_t committed = 0;
  std::uint64_t failed = 0;
  for (unsigned seed = 101; seed <= 112 && !testing::Test::HasFailure(); ++seed) {
    Survivor survivor(seed);
    for (int round = 0; round < 25; ++round) {
      SCOPED_TRACE(fmt::format("seed {} round {}", seed, round));
      survivor.live_and_crash(true);
      if (testing::Test::HasFatalFailure()) return;
    }
    committed += survivor.committed();
    failed += survivor.failed_syncs();
  }
  EXPECT_GT(committed, 500u);
  EXPECT_GT(failed, 100u);
}

OutboxBatch two(std::int64_t first) {
  OutboxBatch out;
  out.inserts.push_back(row(first));
  out.inserts.push_back(row(first + 1));
  return out;
}

TEST(OutboxCrashTest, FullDisk) {  // 3
  const test::TemporaryFolder folder;
  const auto file = folder.file("missive.db");
  FaultVfs disk;
  auto database = std::move(*Database::open(file, {Database::Synchronous::full}));
  EXPECT_TRUE(apply(*database, two(1)).committed);
  disk.fail_writes(SQLITE_FULL);
  auto outcome = apply(*database, two(3));
  EXPECT_FALSE(outcome.committed);
  EXPECT_EQ(outcome.error, file + ": no space left on its disk; make room, and writing goes on");
  ASSERT_EQ(outcome.batch.inserts.size(), 2u);
  EXPECT_EQ(outcome.batch.inserts[1].id, "id-4");
  EXPECT_EQ(outcome.batch.inserts[1].content, content_of(4));
  disk.fail_writes(SQLITE_IOERR_WRITE);
  outcome = apply(*database, std::move(outcome.batch));
  EXPECT_FALSE(outcome.committed);
  EXPECT_THAT(outcome.error, StartsWith(file + ": the disk failed"));
  disk.fail_writes(SQLITE_OK);
  EXPECT_TRUE(apply(*database, std::move(outcome.batch)).committed);
  EXPECT_TRUE(database->run([](Connection& connection) -> base::Result<void> {
    EXPECT_EQ(connection.number("SELECT count(*) FROM outbox"), 4);
    return {};
  }));
}

TEST(OutboxCrashTest, ReadOnly) {  // 4
  const test::TemporaryFolder folder;
  const auto file = folder.file("missive.db");
  FaultVfs disk;
  disk.fail_opens(SQLITE_CANTOPEN);
  const auto opened = Database::open(file);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().text,
            file +
                ": no permission; the server's user must be able to read and write this file"
                " and its folder");
  disk.fail_opens(SQLITE_OK);
  disk.fail_writes(SQLITE_READONLY);
  const auto again = Database::open(file);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().text, StartsWith(file + ": no permission"));
}

}  // namespace
}  // namespace missive::store
