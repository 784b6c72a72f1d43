#include "store/received_store.h"

#include <mutex>

namespace missive::store {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::int64_t step_rows = 2000;  // a few milliseconds

std::int64_t to_milliseconds(base::WallTime time) {
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

base::Result<void> write_rows(Connection& connection, const std::vector<ReceivedRow>& rows,
                              std::vector<bool>& is_new) {
  auto statement = connection.statement(
      "INSERT INTO received (sequence, key, received, handled, content) VALUES (?, ?, ?, 0, ?)"
      " ON CONFLICT (key) DO NOTHING");
  if (!statement) return tl::unexpected(statement.error());
  for (const auto& row : rows) {
    statement->again()
        .bind(row.sequence)
        .bind_blob_static(row.key)
        .bind(to_milliseconds(row.received))
        .bind_blob_static(row.content);
    if (auto done = statement->run(); !done) return done;
    is_new.push_back(connection.changes() != 0);
  }
  return {};
}

base::Result<void> write_handled(Connection& connection,
                                 const std::vector<std::int64_t>& sequences) {
  auto statement =
      connection.statement("UPDATE received SET handled = 1, content = NULL WHERE sequence = ?");
  if (!statement) return tl::unexpected(statement.error());
  for (const auto sequence : sequences) {
    if (auto done = statement->again().bind(sequence).run(); !done) return done;
  }
  return {};
}

// One step through the rows, which are in the order of their time but for those of one moment.
// The last row stays, without its key: it holds the highest sequence.
base::Result<bool> forget_some(Connection& connection, std::int64_t before, std::int64_t& cursor) {
  auto next = connection.statement(
      "SELECT max(sequence), count(*) FROM (SELECT sequence, received FROM received"
      " WHERE sequence > ? ORDER BY sequence LIMIT ?) WHERE received < ?");
  if (!next) return tl::unexpected(next.error());
  const auto row = next->bind(cursor).bind(step_rows).bind(before).step();
  if (!row) return tl::unexpected(row.error());
  const auto last = next->number(0);
  const auto count = next->number(1);
  if (count == 0) return false;
  auto forgetting = connection.statement(
      "DELETE FROM received WHERE sequence > ? AND sequence <= ? AND handled AND received < ?"
      " AND sequence < (SELECT max(sequence) FROM received)");
  if (!forgetting) return tl::unexpected(forgetting.error());
  if (auto done = forgetting->bind(cursor).bind(last).bind(before).run(); !done) {
    return tl::unexpected(done.error());
  }
  auto blanking = connection.statement(
      "UPDATE received SET key = NULL WHERE sequence = ? AND handled AND key IS NOT NULL");
  if (!blanking) return tl::unexpected(blanking.error());
  if (auto done = blanking->bind(last).run(); !done) return tl::unexpected(done.error());
  cursor = last;
  return count == step_rows;
}

}  // namespace

// Handled, and not on the disk yet.
struct ReceivedStore::Unwritten {
  std::mutex mutex;
  std::vector<std::int64_t> sequences;
};

ReceivedStore::ReceivedStore(Database& database)
    : database_(database), unwritten_(std::make_shared<Unwritten>()) {}

void ReceivedStore::insert(std::vector<ReceivedRow> rows, Inserted done) {
  struct Work {
    std::vector<ReceivedRow> rows;
    std::vector<bool> is_new;
  };
  auto work = std::make_shared<Work>();
  work->rows = std::move(rows);
  database_.post(
      [work](Connection& connection) { return write_rows(connection, work->rows, work->is_new); },
      [work, done = std::move(done)](base::Result<void> result) mutable {
        if (result) return done(std::move(work->is_new), std::move(work->rows));
        done(tl::unexpected(result.error()), std::move(work->rows));
      });
}

void ReceivedStore::handled(std::vector<std::int64_t> sequences) {
  {
    const std::lock_guard lock(unwritten_->mutex);
    sequences.insert(sequences.end(), unwritten_->sequences.begin(), unwritten_->sequences.end());
    unwritten_->sequences.clear();
  }
  auto shared = std::make_shared<std::vector<std::int64_t>>(std::move(sequences));
  database_.post([shared](Connection& connection) { return write_handled(connection, *shared); },
                 [shared, unwritten = unwritten_](const base::Result<void>& result) {
                   if (result) return;
                   const std::lock_guard lock(unwritten->mutex);
                   auto& kept = unwritten->sequences;
                   kept.insert(kept.end(), shared->begin(), shared->end());
                 });
}

void ReceivedStore::forget(base::WallTime before) {
  long_jobs_.start(database_, [before = to_milliseconds(before),
                               cursor = std::int64_t{0}](Connection& connection) mutable {
    return forget_some(connection, before, cursor);
  });
}

base::Result<std::vector<ReceivedRow>> ReceivedStore::load() {
  std::vector<ReceivedRow> out;
  const auto read = database_.run([&out](Connection& connection) -> base::Result<void> {
    auto query = connection.statement(
        "SELECT sequence, key, received, content FROM received WHERE NOT handled"
        " ORDER BY sequence");
    if (!query) return tl::unexpected(query.error());
    while (true) {
      const auto row = query->step();
      if (!row) return tl::unexpected(row.error());
      if (!*row) return {};
      ReceivedRow received;
      received.sequence = query->number(0);
      received.key = query->blob(1);
      received.received = base::WallTime(milliseconds(query->number(2)));
      received.content = query->blob(3);
      out.push_back(std::move(received));
    }
  });
  if (!read) return tl::unexpected(read.error());
  return out;
}

base::Result<std::int64_t> ReceivedStore::last_sequence() {
  std::int64_t out = 0;
  const auto read = database_.run([&out](Connection& connection) -> base::Result<void> {
    const auto last = connection.number("SELECT max(sequence) FROM received");
    if (!last) return tl::unexpected(last.error());
    out = *last;
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return out;
}

}  // namespace missive::store
