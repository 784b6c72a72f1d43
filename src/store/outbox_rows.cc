#include "store/outbox_rows.h"

#include <optional>

namespace missive::store {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::string_view columns =
    "sequence, id, waiting, state, recipient, destination, action_id, size, accepted, expires,"
    " updated, attempts, code, text, contact";
constexpr int content_column = 15;  // behind those

constexpr std::string_view insert_sql =
    "INSERT INTO outbox (sequence, id, waiting, state, recipient, destination, action_id, size,"
    " accepted, expires, updated, attempts, code, text, contact, content)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?9, ?11, ?12, ?13, '', ?14)"
    " ON CONFLICT (id) DO NOTHING";

constexpr std::string_view wait_sql =
    "UPDATE outbox SET waiting = 1, state = ?2, attempts = ?3, code = ?4, text = ?5, contact = ?6,"
    " updated = ?7 WHERE sequence = ?1 AND state < 2";
// What did not wait is in neither index of what waits; SQLite does not open them then.
constexpr std::string_view finish_sql =
    "UPDATE outbox SET state = ?2, attempts = ?3, code = ?4, text = ?5, contact = ?6,"
    " updated = ?7, content = NULL WHERE sequence = ?1 AND NOT waiting";
constexpr std::string_view finish_waiting_sql =
    "UPDATE outbox SET waiting = 0, state = ?2, attempts = ?3, code = ?4, text = ?5, contact = ?6,"
    " updated = ?7, content = NULL WHERE sequence = ?1 AND waiting";
constexpr std::string_view erase_sql = "DELETE FROM outbox WHERE sequence = ?1";

base::WallTime to_time(std::int64_t since_1970) {
  return base::WallTime(duration_cast<base::WallTime::duration>(milliseconds(since_1970)));
}

std::string select(std::string_view what, std::string_view rest) {
  return fmt::format("SELECT {} FROM outbox {}", what, rest);
}

void bind_insert(Statement& statement, const OutboxInsert& insert) {
  statement.bind(insert.sequence)
      .bind_static(insert.id)
      .bind(insert.waiting)
      .bind(insert.state)
      .bind_static(insert.recipient)
      .bind_static(insert.destination)
      .bind_static(insert.action_id)
      .bind(insert.size)
      .bind(to_milliseconds(insert.accepted))
      .bind(to_milliseconds(insert.expires))
      .bind(insert.attempts)
      .bind(insert.code)
      .bind_static(insert.text)
      .bind_blob_static(insert.content);
}

base::Result<OutboxInserted> known_row(Connection& connection, const OutboxInsert& insert) {
  std::vector<OutboxRow> rows;
  if (auto read = read_by_id(connection, insert.id, rows); !read) {
    return tl::unexpected(read.error());
  }
  if (rows.empty()) return base::fail("{}: row {} is gone", connection.file(), insert.sequence);
  OutboxInserted out;
  out.known = true;
  out.row = std::make_unique<OutboxRow>(std::move(rows.front()));
  return out;
}

// Runs changes, each kind by a statement that is taken once.
class Changer {
 public:
  explicit Changer(Connection& connection) : connection_(connection) {}

  base::Result<void> write(const OutboxChange& change) {
    switch (change.kind) {
      case OutboxChange::Kind::wait:
        return run(wait_, wait_sql, change);
      case OutboxChange::Kind::erase:
        return run(erase_, erase_sql, change);
      case OutboxChange::Kind::finish:
        break;
    }
    auto done = run(finish_, finish_sql, change);
    if (!done || connection_.changes() != 0) return done;
    return run(finish_waiting_, finish_waiting_sql, change);
  }

 private:
  base::Result<void> run(std::optional<Statement>& statement, std::string_view sql,
                         const OutboxChange& change) {
    if (!statement) {
      auto prepared = connection_.statement(sql);
      if (!prepared) return tl::unexpected(prepared.error());
      statement.emplace(std::move(*prepared));
    }
    statement->again().bind(change.sequence);
    if (change.kind == OutboxChange::Kind::erase) return statement->run();
    return statement->bind(change.state)
        .bind(change.attempts)
        .bind(change.code)
        .bind_static(change.text)
        .bind_static(change.contact)
        .bind(to_milliseconds(change.updated))
        .run();
  }

  Connection& connection_;
  std::optional<Statement> wait_, finish_, finish_waiting_, erase_;
};

}  // namespace

std::int64_t to_milliseconds(base::WallTime time) {
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

std::string select_with_content(std::string_view rest) {
  return select(fmt::format("{}, content", columns), rest);
}

std::string select_without_content(std::string_view rest) { return select(columns, rest); }

OutboxRow read_row(const Statement& row, bool with_content) {
  OutboxRow out;
  out.sequence = row.number(0);
  out.id = row.text(1);
  out.waiting = row.number(2) != 0;
  out.state = static_cast<int>(row.number(3));
  out.recipient = row.text(4);
  out.destination = row.text(5);
  out.action_id = row.text(6);
  out.size = static_cast<std::size_t>(row.number(7));
  out.accepted = to_time(row.number(8));
  out.expires = to_time(row.number(9));
  out.updated = to_time(row.number(10));
  out.attempts = static_cast<unsigned>(row.number(11));
  out.code = static_cast<int>(row.number(12));
  out.text = row.text(13);
  out.contact = row.text(14);
  if (with_content) out.content = row.blob(content_column);
  return out;
}

base::Result<void> read_rows(Statement& query, bool with_content, std::vector<OutboxRow>& rows) {
  while (true) {
    const auto row = query.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    rows.push_back(read_row(query, with_content));
  }
}

base::Result<void> write_inserts(Connection& connection, const std::vector<OutboxInsert>& inserts,
                                 std::vector<OutboxInserted>& results) {
  if (inserts.empty()) return {};
  auto statement = connection.statement(insert_sql);
  if (!statement) return tl::unexpected(statement.error());
  results.reserve(inserts.size());
  for (const auto& insert : inserts) {
    bind_insert(statement->again(), insert);
    if (auto done = statement->run(); !done) return done;
    results.emplace_back();
    if (connection.changes() != 0) continue;
    auto known = known_row(connection, insert);
    if (!known) return tl::unexpected(known.error());
    results.back() = std::move(*known);
  }
  return {};
}

base::Result<void> write_changes(Connection& connection, const std::vector<OutboxChange>& changes) {
  Changer changer(connection);
  for (const auto& change : changes) {
    if (auto done = changer.write(change); !done) return done;
  }
  return {};
}

base::Result<void> read_by_id(Connection& connection, std::string_view id,
                              std::vector<OutboxRow>& rows) {
  static const std::string sql = select_with_content("WHERE id = ?");
  auto query = connection.statement(sql);
  if (!query) return tl::unexpected(query.error());
  query->bind(id);
  return read_rows(*query, true, rows);
}

}  // namespace missive::store
