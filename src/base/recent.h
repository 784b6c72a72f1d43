// The last so many things, by a name each: a new one makes the oldest give way.
//
// Recent is for one thread; its pointers are good until the next change. SharedRecent is for any
// thread, gives copies, and costs nothing to ask as long as nothing was ever put into it.
#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace missive::base {

template <class Value>
class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}

  // False where the name is there already: it gets this value and stays as old as it is.
  bool put(std::string name, Value value) {
    if (const auto known = places_.find(name); known != places_.end()) {
      known->second->second = std::move(value);
      return false;
    }
    if (places_.size() >= most_) erase(entries_.front().first);
    entries_.emplace_back(std::move(name), std::move(value));
    places_.emplace(entries_.back().first, std::prev(entries_.end()));
    return true;
  }

  const Value* find(std::string_view name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &found->second->second;
  }

  void erase(std::string_view name) {
    const auto found = places_.find(name);
    if (found == places_.end()) return;
    const auto place = found->second;
    places_.erase(found);
    entries_.erase(place);
  }

  std::size_t size() const { return places_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, Value>>;  // the oldest first

  const std::size_t most_;
  Entries entries_;
  std::unordered_map<std::string_view, typename Entries::iterator> places_;  // names are entries_'
};

template <class Value>
class SharedRecent {
 public:
  explicit SharedRecent(std::size_t most) : recent_(most) {}

  void put(std::string name, Value value) {
    const std::lock_guard lock(mutex_);
    recent_.put(std::move(name), std::move(value));
    used_.store(true, std::memory_order_release);
  }

  std::optional<Value> find(std::string_view name) const {
    if (!used_.load(std::memory_order_acquire)) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const auto* found = recent_.find(name);
    return found == nullptr ? std::nullopt : std::optional<Value>(*found);
  }

 private:
  mutable std::mutex mutex_;
  Recent<Value> recent_;
  std::atomic<bool> used_{false};
};

}  // namespace missive::base
