#include "store/database.h"

#include <pthread.h>

#include <algorithm>
#include <future>

#include "base/log.h"
#include "store/schema.h"

namespace missive::store {
namespace {

std::string_view name_of(Database::Synchronous level) {
  switch (level) {
    case Database::Synchronous::off:
      return "OFF";
    case Database::Synchronous::full:
      return "FULL";
    case Database::Synchronous::normal:
      break;
  }
  return "NORMAL";
}

// The -wal is copied into the file when it has that many pages (16 MB), and keeps its size, so
// that a sync need not wait for a change of size. Read with read(), not mmap: what is mapped
// counts as our memory, and a disk that fails would be a signal. Savepoints are kept in memory.
constexpr std::string_view tuning =
    "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=33554432;"
    "PRAGMA cache_size=-6000; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;";

}  // namespace

base::Result<std::unique_ptr<Database>> Database::open(const std::string& file,
                                                       const Options& options) {
  auto connection = Connection::open(file);
  if (!connection) return tl::unexpected(connection.error());
  auto& opened = **connection;
  auto ready = opened.execute("PRAGMA locking_mode=EXCLUSIVE");
  if (ready) ready = prepare_schema(opened);
  if (ready) {
    ready = opened.execute(fmt::format("PRAGMA journal_mode=WAL; PRAGMA synchronous={};{}",
                                       name_of(options.synchronous), tuning));
  }
  // WAL: the lock that keeps others out comes with the first transaction.
  if (ready) ready = opened.execute("BEGIN IMMEDIATE; COMMIT");
  if (!ready) return tl::unexpected(ready.error());
  return std::unique_ptr<Database>(new Database(std::move(*connection)));
}

Database::Database(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)), thread_([this] { work(); }) {
  pthread_setname_np(thread_.native_handle(), "store");
}

Database::~Database() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Database::post(Job job, Completion completion) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = waiting_.empty();
    waiting_.push_back({std::move(job), std::move(completion), {}});
  }
  if (first) wake_.notify_one();
}

base::Result<void> Database::run(Job job) {
  std::promise<base::Result<void>> done;
  auto result = done.get_future();
  post(std::move(job), [&done](base::Result<void> outcome) { done.set_value(std::move(outcome)); });
  return result.get();
}

void Database::flush() {
  static_cast<void>(run([](Connection&) { return base::Result<void>{}; }));
}

void Database::work() {
  while (true) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      batch.swap(waiting_);
    }
    write(batch);
  }
}

void Database::write(Batch& batch) {
  auto committed = command("BEGIN IMMEDIATE");
  if (committed) committed = run_jobs(batch);
  if (committed) committed = command("COMMIT");
  if (!committed) {
    if (!connection_->idle()) static_cast<void>(command("ROLLBACK"));
    for (auto& posted : batch) posted.result = committed;
  }
  note(batch);
  for (auto& posted : batch) {
    if (posted.completion) posted.completion(std::move(posted.result));
  }
}

// Fails when the transaction as a whole is lost.
base::Result<void> Database::run_jobs(Batch& batch) {
  // One alone needs no savepoint: the whole transaction is undone with it.
  if (batch.size() == 1) return batch.front().job(*connection_);
  for (auto& posted : batch) {
    posted.result = run_one(posted.job);
    if (connection_->idle()) return posted.result;
  }
  return {};
}

base::Result<void> Database::run_one(Job& job) {
  if (auto begun = command("SAVEPOINT job"); !begun) return begun;
  auto result = job(*connection_);
  if (connection_->idle()) {
    if (result) result = base::fail("{}: the transaction was undone", file());
    return result;
  }
  if (!result) static_cast<void>(command("ROLLBACK TO job"));
  auto released = command("RELEASE job");
  return result ? released : result;
}

base::Result<void> Database::command(std::string_view sql) {
  auto statement = connection_->statement(sql);
  if (!statement) return tl::unexpected(statement.error());
  return statement->run();
}

void Database::note(const Batch& batch) {
  const auto failed =
      std::find_if(batch.begin(), batch.end(), [](const Posted& posted) { return !posted.result; });
  if (failed == batch.end()) {
    if (std::exchange(failing_, false)) log::info("{}: written to again", file());
    return;
  }
  if (std::exchange(failing_, true)) return;
  log::error("writing failed, and goes on failing until something else is said here: {}",
             failed->result.error().text);
}

}  // namespace missive::store
