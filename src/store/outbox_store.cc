#include "store/outbox_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "store/outbox_rows.h"

namespace missive::store {
namespace {

constexpr std::int64_t step_rows = 2000;  // a few milliseconds
constexpr int settle_rows = 20'000;       // of one call
constexpr int purge_steps = 500;          // of one call
constexpr std::int64_t full_purge_gap = 3'600'000;
constexpr auto last_possible = std::numeric_limits<std::int64_t>::max();

std::int64_t as_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, last_possible));
}

// Runs a question that gives some rows at once. `bind` sets its values.
template <class Bind>
void ask(Database& database, std::string_view sql, Bind bind, OutboxStore::Rows done) {
  auto rows = std::make_shared<std::vector<OutboxRow>>();
  database.post(
      [rows, sql, bind = std::move(bind)](Connection& connection) -> base::Result<void> {
        auto query = connection.statement(sql);
        if (!query) return tl::unexpected(query.error());
        bind(*query);
        return read_rows(*query, true, *rows);
      },
      [rows, done = std::move(done)](base::Result<void> result) mutable {
        if (!result) return done(tl::unexpected(result.error()));
        done(std::move(*rows));
      });
}

}  // namespace

// How far the long ways through the table have come.
struct OutboxStore::Progress {
  std::int64_t final_until = 0;   // all rows up to that sequence are final
  std::int64_t purged_until = 0;  // all rows up to that were looked at
  std::int64_t newest = 0;        // of the rows that were written
  std::int64_t settle_until = 0;  // what that was at the last settle()
  std::int64_t purged_fully = 0;  // the `before` for which purging last began at the front

  base::Result<bool> purge(Connection& connection, std::int64_t before);
  base::Result<bool> find_oldest(Connection& connection, std::vector<OutboxRow>& found);
};

OutboxStore::OutboxStore(Database& database)
    : database_(database), progress_(std::make_shared<Progress>()) {}

base::Result<OutboxSummary> OutboxStore::open() {
  OutboxSummary out;
  const auto read = database_.run([this, &out](Connection& connection) -> base::Result<void> {
    auto changed = connection.execute(
        "UPDATE outbox SET waiting = 1, state = 0"
        " WHERE sequence > (SELECT value FROM outbox_settled) AND state < 2 AND NOT waiting;"
        "UPDATE outbox_settled SET value = (SELECT coalesce(max(sequence), 0) FROM outbox)");
    if (!changed) return changed;
    const auto last = connection.number("SELECT max(sequence) FROM outbox");
    if (!last) return tl::unexpected(last.error());
    out.last_sequence = *last;
    progress_->newest = *last;
    auto query = connection.statement(
        "SELECT recipient, count(*), sum(size) FROM outbox WHERE waiting GROUP BY recipient");
    if (!query) return tl::unexpected(query.error());
    while (true) {
      const auto row = query->step();
      if (!row) return tl::unexpected(row.error());
      if (!*row) return {};
      out.recipients.push_back({std::string(query->text(0)),
                                static_cast<std::size_t>(query->number(1)),
                                static_cast<std::size_t>(query->number(2))});
    }
  });
  if (!read) return tl::unexpected(read.error());
  return out;
}

void OutboxStore::apply(OutboxBatch batch, Applied done) {
  struct Work {
    OutboxBatch batch;
    std::vector<OutboxInserted> results;
  };
  auto work = std::make_shared<Work>();
  work->batch = std::move(batch);
  database_.post(
      [work, progress = progress_](Connection& connection) {
        for (const auto& insert : work->batch.inserts) {
          progress->final_until = std::min(progress->final_until, insert.sequence - 1);
          progress->newest = std::max(progress->newest, insert.sequence);
        }
        auto written = write_inserts(connection, work->batch.inserts, work->results);
        if (written) written = write_changes(connection, work->batch.changes);
        return written;
      },
      [work, progress = progress_, done = std::move(done)](base::Result<void> result) mutable {
        if (result) return done(std::move(work->results), std::move(work->batch));
        progress->final_until = 0;  // what was seen as final may not be
        done(tl::unexpected(result.error()), std::move(work->batch));
      });
}

// Goes behind the newest row of the call before: one of a lower sequence may still be on its way.
void OutboxStore::settle() {
  database_.post([progress = progress_](Connection& connection) -> base::Result<void> {
    const auto limit = std::exchange(progress->settle_until, progress->newest);
    auto query = connection.statement(
        "SELECT max(sequence), sum(state < 2 AND NOT waiting) FROM"
        " (SELECT sequence, state, waiting FROM outbox WHERE sequence <= ?1"
        " AND sequence > (SELECT value FROM outbox_settled) ORDER BY sequence LIMIT ?2)");
    if (!query) return tl::unexpected(query.error());
    const auto row = query->bind(limit).bind(settle_rows).step();
    if (!row) return tl::unexpected(row.error());
    const auto last = query->number(0);
    if (last == 0 || query->number(1) > 0) return {};  // nothing new, or one is being sent
    auto change = connection.statement("UPDATE outbox_settled SET value = ?");
    if (!change) return tl::unexpected(change.error());
    return change->bind(last).run();
  });
}

void OutboxStore::waiting(std::string recipient, std::int64_t after, std::size_t limit, Rows done) {
  static const std::string sql = select_with_content(
      "WHERE waiting AND recipient = ? AND sequence > ? ORDER BY sequence LIMIT ?");
  ask(
      database_, sql,
      [recipient = std::move(recipient), after, limit](Statement& query) {
        query.bind_static(recipient).bind(after).bind(as_limit(limit));
      },
      std::move(done));
}

void OutboxStore::expired(base::WallTime now, std::size_t limit, Rows done) {
  static const std::string sql =
      select_with_content("WHERE waiting AND expires <= ? ORDER BY expires, sequence LIMIT ?");
  ask(
      database_, sql,
      [now = to_milliseconds(now), limit](Statement& query) {
        query.bind(now).bind(as_limit(limit));
      },
      std::move(done));
}

void OutboxStore::find(std::string id, Rows done) {
  static const std::string sql = select_with_content("WHERE id = ?");
  ask(
      database_, sql, [id = std::move(id)](Statement& query) { query.bind_static(id); },
      std::move(done));
}

void OutboxStore::list(OutboxFilter filter, Rows done) {
  static const std::string ascending =
      select_without_content("WHERE sequence > ? ORDER BY sequence LIMIT ?");
  static const std::string descending =
      select_without_content("WHERE sequence < ? ORDER BY sequence DESC LIMIT ?");
  struct Work {
    OutboxFilter filter;
    std::int64_t cursor;
    std::vector<OutboxRow> rows;

    bool wants(const Statement& row) const {
      return (filter.state < 0 || row.number(3) == filter.state) &&
             (filter.recipient.empty() || row.text(4) == filter.recipient);
    }
    base::Result<bool> step(Connection& connection) {
      auto query = connection.statement(filter.newest_first ? descending : ascending);
      if (!query) return tl::unexpected(query.error());
      query->bind(cursor).bind(step_rows);
      for (std::int64_t seen = 0; rows.size() < filter.limit; ++seen) {
        const auto row = query->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) return seen == step_rows;
        cursor = query->number(0);
        if (wants(*query)) rows.push_back(read_row(*query, false));
      }
      return false;
    }
  };
  auto work = std::make_shared<Work>();
  work->cursor = filter.newest_first ? last_possible : 0;
  work->filter = std::move(filter);
  long_jobs_.start(
      database_, [work](Connection& connection) { return work->step(connection); },
      [work, done = std::move(done)](base::Result<void> result) mutable {
        if (!result) return done(tl::unexpected(result.error()));
        done(std::move(work->rows));
      });
}

base::Result<bool> OutboxStore::Progress::purge(Connection& connection, std::int64_t before) {
  if (before < purged_fully || before - purged_fully >= full_purge_gap) {
    purged_until = 0;
    purged_fully = before;
  }
  // Rows of now and then are in the order of their acceptance, but for those of one moment.
  auto next = connection.statement(
      "SELECT max(sequence), count(*) FROM (SELECT sequence, accepted FROM outbox"
      " WHERE sequence > ? ORDER BY sequence LIMIT ?) WHERE accepted < ?");
  if (!next) return tl::unexpected(next.error());
  const auto row = next->bind(purged_until).bind(step_rows).bind(before).step();
  if (!row) return tl::unexpected(row.error());
  const auto last = next->number(0);
  const auto count = next->number(1);
  if (count == 0) return false;
  auto purging = connection.statement(
      "DELETE FROM outbox WHERE sequence > ? AND sequence <= ? AND state >= 2 AND updated < ?");
  if (!purging) return tl::unexpected(purging.error());
  purging->bind(purged_until).bind(last).bind(before);
  purged_until = last;
  if (auto purged = purging->run(); !purged) return tl::unexpected(purged.error());
  return count == step_rows;
}

void OutboxStore::purge(base::WallTime before) {
  long_jobs_.start(
      database_,
      [progress = progress_, before = to_milliseconds(before),
       left = purge_steps](Connection& connection) mutable -> base::Result<bool> {
        const auto more = progress->purge(connection, before);
        if (!more) return more;
        return *more && --left > 0;
      },
      [progress = progress_](const base::Result<void>& result) {
        if (!result) progress->purged_until = 0;  // what was purged may be there again
      });
}

base::Result<bool> OutboxStore::Progress::find_oldest(Connection& connection,
                                                      std::vector<OutboxRow>& found) {
  auto query = connection.statement(
      "SELECT sequence, state FROM outbox WHERE sequence > ? ORDER BY sequence LIMIT ?");
  if (!query) return tl::unexpected(query.error());
  query->bind(final_until).bind(step_rows);
  for (std::int64_t seen = 0;; ++seen) {
    const auto row = query->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return seen == step_rows;
    if (query->number(1) < first_final_state) break;
    final_until = query->number(0);
  }
  static const std::string sql = select_with_content("WHERE sequence = ?");
  auto one = connection.statement(sql);
  if (!one) return tl::unexpected(one.error());
  one->bind(query->number(0));
  if (auto read = read_rows(*one, true, found); !read) return tl::unexpected(read.error());
  return false;
}

void OutboxStore::oldest(Rows done) {
  auto rows = std::make_shared<std::vector<OutboxRow>>();
  long_jobs_.start(
      database_,
      [rows, progress = progress_](Connection& connection) {
        return progress->find_oldest(connection, *rows);
      },
      [rows, done = std::move(done)](base::Result<void> result) mutable {
        if (!result) return done(tl::unexpected(result.error()));
        done(std::move(*rows));
      });
}

}  // namespace missive::store
