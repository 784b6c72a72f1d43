// SQLite as the jobs of a Database see it: statements that are prepared once.
//
// A Connection is used by one thread at a time. statement() prepares the SQL the first time
// and takes it from the cache afterwards; a Statement gives it back when it ends, so one SQL
// text is in use once at a time. Values are bound in the order of the '?'; text is octets of any
// kind. Errors begin with the file's name and say what can be done, or what SQLite said.
//
// Source: SQLite documentation, "C-language Interface".
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "base/text.h"

namespace missive::store {

class Connection;

class Statement {
 public:
  Statement(Statement&& other) noexcept : connection_(other.connection_), handle_(other.handle_) {
    other.handle_ = nullptr;
  }
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // The next '?' of the text. The value is copied.
  Statement& bind(std::string_view text);
  // Not copied: the octets live until the statement has run.
  Statement& bind_static(std::string_view text);
  Statement& bind_blob_static(std::string_view octets);
  Statement& bind(std::int64_t number);
  template <std::integral Number>
  Statement& bind(Number number) {
    return bind(static_cast<std::int64_t>(number));
  }

  // True when there is a row to read, false at the end.
  base::Result<bool> step();
  // Steps to the end.
  base::Result<void> run();
  // To be bound and run once more, from the first '?'.
  Statement& again();

  // Of the row; columns count from 0. The view lives until the next step.
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  std::int64_t number(int column) const;

  int columns() const;
  std::string_view name(int column) const;  // of a column, as long as the statement
  // It changes nothing.
  bool is_read_only() const;

 private:
  friend class Connection;
  Statement(Connection& connection, sqlite3_stmt* handle)
      : connection_(connection), handle_(handle) {}

  Connection& connection_;
  sqlite3_stmt* handle_;
  int bound_ = 0;
};

class Connection {
 public:
  // Opens the file, or makes it, readable by nobody else; ":memory:" is a database without one.
  static base::Result<std::unique_ptr<Connection>> open(const std::string& file);
  // Opens one that is there and changes nothing, neither in it nor beside it.
  static base::Result<std::unique_ptr<Connection>> open_to_look(const std::string& file);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  base::Result<Statement> statement(std::string_view sql);
  // One or more statements without values and without rows that matter.
  base::Result<void> execute(const std::string& sql);
  // The number in the one row that `sql` gives.
  base::Result<std::int64_t> number(std::string_view sql);

  // From now on a statement fails that has not ended by then, and one that makes a value of more
  // than `octets`: for SQL that somebody typed.
  void restrain(std::chrono::steady_clock::time_point until, int octets);

  const std::string& file() const { return file_; }
  // How many rows the last change concerned.
  int changes() const { return sqlite3_changes(handle_); }
  // The last failure was that another process has the file.
  bool in_use() const { return (sqlite3_errcode(handle_) & 0xFF) == SQLITE_BUSY; }
  // Outside of a transaction: SQLite ends one by itself when a disk is full.
  bool idle() const { return sqlite3_get_autocommit(handle_) != 0; }

 private:
  friend class Statement;
  Connection(sqlite3* handle, std::string file) : handle_(handle), file_(std::move(file)) {}
  static base::Result<std::unique_ptr<Connection>> open(const std::string& file,
                                                        const std::string& name, int flags);
  tl::unexpected<base::Error> failure() const;

  sqlite3* handle_;
  const std::string file_;
  std::chrono::steady_clock::time_point until_{};
  std::unordered_map<std::string, sqlite3_stmt*, base::StringHash, std::equal_to<>> cache_;
};

}  // namespace missive::store
