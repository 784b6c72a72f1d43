#include "store/connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace missive::store {

Statement::~Statement() {
  if (handle_ == nullptr) return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text(handle_, ++bound_, text.data() != nullptr ? text.data() : "",
                    static_cast<int>(text.size()), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(std::int64_t number) {
  sqlite3_bind_int64(handle_, ++bound_, number);
  return *this;
}

base::Result<bool> Statement::step() {
  switch (sqlite3_step(handle_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return connection_.failure();
  }
}

base::Result<void> Statement::run() {
  while (true) {
    const auto row = step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
  }
}

std::string_view Statement::text(int column) const {
  const auto* octets = sqlite3_column_text(handle_, column);
  if (octets == nullptr) return {};
  return {reinterpret_cast<const char*>(octets),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(handle_, column); }

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& file) {
  // SQLite gives the files beside it (-wal) the rights of this one. One that is there is not
  // touched: closing it would give up the locks that this process holds on it.
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
  } else if (errno != EEXIST) {
    return base::fail("{}: {}", file, std::strerror(errno));
  }
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int status = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, file));
  if (status != SQLITE_OK) return base::fail("{}: {}", file, sqlite3_errstr(status));
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : cache_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

base::Result<Statement> Connection::statement(std::string_view sql) {
  if (const auto known = cache_.find(sql); known != cache_.end()) {
    return Statement(*this, known->second);
  }
  sqlite3_stmt* prepared = nullptr;
  const int status = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  if (status != SQLITE_OK) return failure();
  cache_.emplace(sql, prepared);
  return Statement(*this, prepared);
}

base::Result<void> Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return {};
}

base::Result<std::int64_t> Connection::number(std::string_view sql) {
  auto query = statement(sql);
  if (!query) return tl::unexpected(query.error());
  const auto row = query->step();
  if (!row) return tl::unexpected(row.error());
  return *row ? query->number(0) : 0;
}

tl::unexpected<base::Error> Connection::failure() const {
  switch (sqlite3_errcode(handle_) & 0xFF) {
    case SQLITE_BUSY:
      return base::fail("{}: in use by another process", file_);
    case SQLITE_NOTADB:
      return base::fail("{}: this is no database; move it away to begin with an empty one", file_);
    case SQLITE_CORRUPT:
      return base::fail("{}: the database is damaged; put a copy back, or move it away", file_);
    default:
      break;
  }
  return base::fail("{}: {}", file_, sqlite3_errmsg(handle_));
}

}  // namespace missive::store
