// The dialplan in force: which it is, and who is to hear of the next one.
//
// A Dialplan never changes, so a change makes another one (dialplan_change.h) and puts it into
// force for all shards; the next reload of extensions.conf takes it away again, as Asterisk does.
// Runs keep the one they began with. listen() before there are threads, everything else on any.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "dialplan/dialplan.h"
#include "dialplan/dialplan_change.h"

namespace missive::dialplan {

class InForce {
 public:
  // Told of each one, in order, on whatever thread puts it into force.
  using Listener = std::function<void(const std::shared_ptr<const Dialplan>&)>;

  explicit InForce(std::shared_ptr<const Dialplan> first) : current_(std::move(first)) {}

  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  std::shared_ptr<const Dialplan> get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  void put(std::shared_ptr<const Dialplan> next) {
    const std::lock_guard lock(mutex_);
    put_locked(std::move(next));
  }
  // Has make(const Dialplan&) give the changed one; of several changes at a time none is lost.
  template <class Make>
  Changed change(Make&& make) {
    const std::lock_guard lock(mutex_);
    Changed changed = make(*current_);
    if (changed.dialplan != nullptr) put_locked(changed.dialplan);
    return changed;
  }

 private:
  void put_locked(std::shared_ptr<const Dialplan> next) {
    current_ = std::move(next);
    for (const auto& listener : listeners_) listener(current_);
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const Dialplan> current_;
  std::vector<Listener> listeners_;
};

}  // namespace missive::dialplan
