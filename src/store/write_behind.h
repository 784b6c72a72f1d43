// Rows that change in memory first and are written some moments later, each in its last state.
//
// put() and remove() remember the newest state of a key and post one job for all that gathers
// until the Database gets to it, so that a burst of changes costs one write a key and memory is
// bounded by the number of keys. What could not be written is kept and goes with the next
// change. Any thread. The Database outlives it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "store/database.h"

namespace missive::store {

template <class Key, class Value>
class WriteBehind {
 public:
  // A value to write, or nothing: the row is to go.
  using State = std::optional<Value>;
  using Write = base::Result<void> (*)(Connection&, const Key&, const State&);

  WriteBehind(Database& database, Write write)
      : database_(database), shared_(std::make_shared<Shared>(write)) {}

  void put(Key key, Value value) { set(std::move(key), State(std::move(value))); }
  void remove(Key key) { set(std::move(key), std::nullopt); }

 private:
  using Changes = std::map<Key, State>;
  struct Shared {  // lives as long as a job may look at it
    explicit Shared(Write how) : write(how) {}

    base::Result<void> write_all(Connection& connection) {
      {
        const std::lock_guard lock(mutex);
        posted = false;
        under_way.swap(waiting);
      }
      for (const auto& [key, state] : under_way) {
        if (auto written = write(connection, key, state); !written) return written;
      }
      return {};
    }
    void on_written(const base::Result<void>& result) {
      const std::lock_guard lock(mutex);
      if (!result) {
        waiting.merge(under_way);  // what changed again meanwhile is newer
        posted = false;            // perhaps the job was not even begun
      }
      under_way.clear();
    }

    const Write write;
    std::mutex mutex;
    Changes waiting;
    Changes under_way;  // the writer thread's
    bool posted = false;
  };

  void set(Key key, State state) {
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->waiting.insert_or_assign(std::move(key), std::move(state));
      if (std::exchange(shared_->posted, true)) return;
    }
    database_.post(
        [shared = shared_](Connection& connection) { return shared->write_all(connection); },
        [shared = shared_](const base::Result<void>& result) { shared->on_written(result); });
  }

  Database& database_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace missive::store
