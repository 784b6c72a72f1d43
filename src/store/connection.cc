#include "store/connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace missive::store {
namespace {

constexpr std::string_view in_memory = ":memory:";

tl::unexpected<base::Error> no_permission(const std::string& file) {
  return base::fail(
      "{}: no permission; the server's user must be able to read and write this file and its"
      " folder",
      file);
}

tl::unexpected<base::Error> system_problem(const std::string& file, int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return base::fail("{}: no space left on its disk; make room, and writing goes on", file);
    case EACCES:
    case EPERM:
      return no_permission(file);
    case EROFS:
      return base::fail(
          "{}: its file system is read-only; make it writable, or name another folder", file);
    default:
      return base::fail("{}: {}", file, std::strerror(error));
  }
}

// `code` as SQLite gives it, extended; `error` is the system's errno, if it knows one.
tl::unexpected<base::Error> problem(const std::string& file, int code, int error,
                                    const char* message) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
      return base::fail("{}: in use by another process", file);
    case SQLITE_NOTADB:
      return base::fail("{}: this is no database; move it away to begin with an empty one", file);
    case SQLITE_CORRUPT:
      return base::fail("{}: the database is damaged; put a copy back, or move it away", file);
    case SQLITE_FULL:
      return system_problem(file, ENOSPC);
    case SQLITE_READONLY:
      if (code == SQLITE_READONLY_DBMOVED) {
        return base::fail("{}: moved away while it was in use; start the server again", file);
      }
      return no_permission(file);
    case SQLITE_CANTOPEN:
      // The file is there: it is one beside it that could not be made.
      if (error == 0 || error == ENOENT) return no_permission(file);
      return system_problem(file, error);
    case SQLITE_IOERR:
      if (error == ENOSPC || error == EDQUOT || error == EROFS) return system_problem(file, error);
      return base::fail("{}: the disk failed ({}: {})", file, message,
                        error != 0 ? std::strerror(error) : sqlite3_errstr(code));
    default:
      return base::fail("{}: {}", file, message);
  }
}

// SQLite counts its memory under a lock that every allocation takes; nobody asks for the figure.
// It can be set before SQLite is first used only, and is no loss where that was done.
void set_up_once() {
  static const int status = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(status);
}

// The file's name as a URI, for options that only a URI has.
std::string uri_of(const std::string& file) {
  std::string out = "file:";
  for (const char c : file) {
    if (c == '?' || c == '#' || c == '%') {
      out += fmt::format("%{:02x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

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

Statement& Statement::bind_static(std::string_view text) {
  sqlite3_bind_text(handle_, ++bound_, text.data() != nullptr ? text.data() : "",
                    static_cast<int>(text.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_blob_static(std::string_view octets) {
  sqlite3_bind_blob64(handle_, ++bound_, octets.data() != nullptr ? octets.data() : "",
                      octets.size(), SQLITE_STATIC);
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

Statement& Statement::again() {
  sqlite3_reset(handle_);
  bound_ = 0;
  return *this;
}

std::string_view Statement::text(int column) const {
  const auto* octets = sqlite3_column_text(handle_, column);
  if (octets == nullptr) return {};
  return {reinterpret_cast<const char*>(octets),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::string_view Statement::blob(int column) const {
  const auto* octets = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  if (octets == nullptr) return {};
  return {octets, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(handle_, column); }

int Statement::columns() const { return sqlite3_column_count(handle_); }
std::string_view Statement::name(int column) const { return sqlite3_column_name(handle_, column); }
bool Statement::is_read_only() const { return sqlite3_stmt_readonly(handle_) != 0; }

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& file) {
  if (file != in_memory) {
    // SQLite gives the files beside it (-wal) the rights of this one. One that is there is not
    // touched: closing it would give up the locks that this process holds on it.
    const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) {
      ::close(made);
    } else if (errno != EEXIST) {
      return system_problem(file, errno);
    } else if (::access(file.c_str(), W_OK) != 0) {  // SQLite would open it all the same
      return system_problem(file, errno);
    }
  }
  return open(file, file, SQLITE_OPEN_READWRITE);
}

base::Result<std::unique_ptr<Connection>> Connection::open_to_look(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::file_size(file + "-journal", ignored) > 0 && !ignored) {
    return base::fail(
        "{}: its last change was cut short (there is a {}-journal); start the server"
        " once, it puts that right",
        file, file);
  }
  // A process that has it, or was killed, leaves a -wal with what is not in the file yet. Without
  // one nobody has it, and it can be read without locks, which would keep a server from starting.
  if (!std::filesystem::exists(file + "-wal", ignored)) {
    return open(file, uri_of(file) + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  }
  // To read a -wal without making a -shm takes the lock that only a writer can have.
  auto connection = open(file, file, SQLITE_OPEN_READWRITE);
  if (!connection) return connection;
  sqlite3_db_config((*connection)->handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  const auto set = (*connection)->execute("PRAGMA query_only=1; PRAGMA locking_mode=EXCLUSIVE");
  if (!set) return tl::unexpected(set.error());
  return connection;
}

base::Result<std::unique_ptr<Connection>> Connection::open(const std::string& file,
                                                           const std::string& name, int flags) {
  set_up_once();
  sqlite3* handle = nullptr;
  const int status = sqlite3_open_v2(name.c_str(), &handle,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Connection> connection(new Connection(handle, file));
  if (status != SQLITE_OK) {
    return problem(file, status, sqlite3_system_errno(handle), sqlite3_errstr(status));
  }
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

void Connection::restrain(std::chrono::steady_clock::time_point until, int octets) {
  constexpr int instructions = 10'000;  // between two looks at the clock
  until_ = until;
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, octets);
  sqlite3_progress_handler(
      handle_, instructions,
      [](void* self) {
        return std::chrono::steady_clock::now() < static_cast<Connection*>(self)->until_ ? 0 : 1;
      },
      this);
}

tl::unexpected<base::Error> Connection::failure() const {
  return problem(file_, sqlite3_extended_errcode(handle_), sqlite3_system_errno(handle_),
                 sqlite3_errmsg(handle_));
}

}  // namespace missive::store
