// The database file of the server: one SQLite file, one thread that writes.
//
// Any thread posts Jobs; nobody waits for a disk. The writer thread takes all that wait and
// runs them in the order posted, in one transaction (group commit). A Completion is called on the
// writer thread after the commit, with what became of its job; it must not call flush() or run().
// A job that fails is undone alone, a commit that fails undoes all of its jobs. A failure is
// logged once, until writing succeeds again; it never stops the server. A commit whose sync
// failed counts as failed; what comes after it is written anew, over it. It may still be found
// after a power failure: who was told of a failure cannot take it that nothing was written.
//
// The file belongs to one process at a time. open() refuses, in one sentence that begins with
// the file's name, a file that is in use, of a newer version, of another program or damaged.
//
// Source: SQLite documentation, "Write-Ahead Logging", PRAGMA synchronous, locking_mode.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/unique_function.h"
#include "store/connection.h"

namespace missive::store {

using Job = base::UniqueFunction<base::Result<void>(Connection&)>;
using Completion = base::UniqueFunction<void(base::Result<void>)>;

class Database {
 public:
  // What a commit waits for. `normal`: the file is never damaged, but a power failure may take
  // the last transactions; `full`: none of what was committed is lost.
  enum class Synchronous { off, normal, full };
  struct Options {
    Synchronous synchronous = Synchronous::normal;
  };

  // ":memory:" is a database that ends with the object.
  static base::Result<std::unique_ptr<Database>> open(const std::string& file,
                                                      const Options& options);
  static base::Result<std::unique_ptr<Database>> open(const std::string& file) {
    return open(file, Options{});
  }
  // Writes what waits.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void post(Job job, Completion completion = {});
  // Posts and waits for the commit; for reading, at start.
  base::Result<void> run(Job job);
  // Waits until all that was posted before is written, or has failed.
  void flush();

  const std::string& file() const { return connection_->file(); }

 private:
  struct Posted {
    Job job;
    Completion completion;
    base::Result<void> result;
  };
  using Batch = std::vector<Posted>;

  explicit Database(std::unique_ptr<Connection> connection);
  void work();
  void write(Batch& batch);
  base::Result<void> run_jobs(Batch& batch);
  base::Result<void> run_one(Job& job);
  base::Result<void> command(std::string_view sql);
  void note(const Batch& batch);

  const std::unique_ptr<Connection> connection_;  // the thread's, once it runs
  bool failing_ = false;                          // the thread's
  std::mutex mutex_;
  std::condition_variable wake_;
  Batch waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace missive::store
