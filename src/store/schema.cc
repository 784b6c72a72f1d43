#include "store/schema.h"

#include <array>
#include <filesystem>

namespace missive::store {
namespace {

// The step from schema n to n + 1 is at place n. Steps that were released are never changed.
constexpr std::array<const char*, 2> steps{
    "CREATE TABLE contacts ("
    " aor TEXT NOT NULL, uri TEXT NOT NULL, given TEXT NOT NULL, q INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, expiration INTEGER NOT NULL, updated INTEGER NOT NULL,"
    " path TEXT NOT NULL, instance TEXT NOT NULL, reg_id TEXT NOT NULL, endpoint TEXT NOT NULL,"
    " call_id TEXT NOT NULL, cseq INTEGER NOT NULL, user_agent TEXT NOT NULL,"
    " via_address TEXT NOT NULL, transport TEXT NOT NULL, source TEXT NOT NULL,"
    " flow_only INTEGER NOT NULL, PRIMARY KEY (aor, uri)) WITHOUT ROWID;"
    "CREATE TABLE astdb (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;",

    // What waits is in two indexes; what is being sent at once, and what is final, in none but that
    // of the ids. The content is last, so that the rest is read without it.
    "CREATE TABLE outbox ("
    " sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, waiting INTEGER NOT NULL,"
    " state INTEGER NOT NULL, recipient TEXT NOT NULL, destination TEXT NOT NULL,"
    " action_id TEXT NOT NULL, size INTEGER NOT NULL, accepted INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, updated INTEGER NOT NULL, attempts INTEGER NOT NULL,"
    " code INTEGER NOT NULL, text TEXT NOT NULL, contact TEXT NOT NULL, content BLOB);"
    "CREATE UNIQUE INDEX outbox_id ON outbox (id);"
    "CREATE INDEX outbox_waiting ON outbox (recipient, sequence, size, waiting)"
    " WHERE waiting;"
    "CREATE INDEX outbox_expires ON outbox (expires) WHERE waiting;"
    // Up to its value no row is being sent: a start looks at the rest only.
    "CREATE TABLE outbox_settled (value INTEGER NOT NULL); INSERT INTO outbox_settled VALUES (0);"
    "CREATE TABLE received ("
    " sequence INTEGER PRIMARY KEY, key BLOB UNIQUE, received INTEGER NOT NULL,"
    " handled INTEGER NOT NULL, content BLOB);"};
constexpr auto newest = static_cast<std::int64_t>(steps.size());

constexpr std::int64_t our_mark = 0x4D737376;  // "Mssv"
// A check reads the whole file; a large one is not worth the wait at every start.
constexpr std::uintmax_t checked_size = 64 << 20;

base::Result<void> check_owner(Connection& connection, std::int64_t version) {
  const auto mark = connection.number("PRAGMA application_id");
  if (!mark) return tl::unexpected(mark.error());
  const auto tables = connection.number("SELECT count(*) FROM sqlite_master");
  if (!tables) return tl::unexpected(tables.error());
  const bool empty = *mark == 0 && version == 0 && *tables == 0;
  if (empty || *mark == our_mark) return {};
  return base::fail("{}: this is a database of another program; name another state folder",
                    connection.file());
}

bool is_large(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::file_size(file, ignored) > checked_size;
}

base::Result<void> upgrade(Connection& connection, std::int64_t version) {
  auto done = connection.execute("BEGIN IMMEDIATE");
  for (auto step = version; done && step < newest; ++step) {
    done = connection.execute(steps.at(static_cast<std::size_t>(step)));
  }
  if (done) {
    done = connection.execute(
        fmt::format("PRAGMA application_id={};PRAGMA user_version={};COMMIT", our_mark, newest));
  }
  if (!done && !connection.idle()) static_cast<void>(connection.execute("ROLLBACK"));
  return done;
}

}  // namespace

base::Result<void> check_pages(Connection& connection) {
  auto check = connection.statement("PRAGMA quick_check(1)");
  if (!check) return tl::unexpected(check.error());
  const auto row = check->step();
  if (!row) return tl::unexpected(row.error());
  auto found = check->text(0);
  if (*row && found == "ok") return {};
  // SQLite puts a line before it that names the database as SQLite does.
  if (const auto line = found.rfind('\n'); line != found.npos) found.remove_prefix(line + 1);
  return base::fail("{}: the database is damaged ({}); put a copy back, or move it away",
                    connection.file(), found);
}

std::int64_t newest_schema() { return newest; }

base::Result<std::int64_t> check_schema(Connection& connection) {
  const auto version = connection.number("PRAGMA user_version");
  if (!version) return version;
  if (auto ours = check_owner(connection, *version); !ours) return tl::unexpected(ours.error());
  if (*version <= newest) return version;
  return base::fail(
      "{}: written by a newer version of this server (schema {}, here {}); run that one, or"
      " move the file away",
      connection.file(), *version, newest);
}

base::Result<void> prepare_schema(Connection& connection) {
  const auto version = check_schema(connection);
  if (!version) return tl::unexpected(version.error());
  if (!is_large(connection.file())) {
    if (auto sound = check_pages(connection); !sound) return sound;
  }
  if (*version == newest) return {};
  return upgrade(connection, *version);
}

}  // namespace missive::store
