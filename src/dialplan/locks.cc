#include "dialplan/locks.h"

#include <algorithm>

namespace missive::dialplan {

bool Locks::take(std::string_view name, std::uint64_t owner) {
  const auto found = held_.find(name);
  if (found == held_.end()) {
    held_.emplace(name, Held{owner, 1});
    count_ = held_.size();
    return true;
  }
  if (found->second.owner != owner) return false;
  ++found->second.times;
  return true;
}

bool Locks::lock(std::string_view name, std::uint64_t owner, base::Duration timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  while (!closed_) {
    if (take(name, owner)) return true;
    if (released_.wait_until(lock, until) == std::cv_status::timeout) {
      return !closed_ && take(name, owner);
    }
  }
  return false;
}

bool Locks::try_lock(std::string_view name, std::uint64_t owner) {
  const std::lock_guard lock(mutex_);
  return !closed_ && take(name, owner);
}

bool Locks::unlock(std::string_view name, std::uint64_t owner) {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find(name);
  if (found == held_.end() || found->second.owner != owner) return false;
  if (--found->second.times > 0) return true;
  held_.erase(found);
  count_ = held_.size();
  released_.notify_all();
  return true;
}

void Locks::release_all(std::uint64_t owner) {
  // A run's own locks were taken before, by itself: it cannot miss them here.
  if (count_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  const auto released =
      std::erase_if(held_, [owner](const auto& entry) { return entry.second.owner == owner; });
  if (released == 0) return;
  count_ = held_.size();
  released_.notify_all();
}

bool Locks::holds_any(std::uint64_t owner) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(held_.begin(), held_.end(),
                     [owner](const auto& entry) { return entry.second.owner == owner; });
}

void Locks::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  released_.notify_all();
}

}  // namespace missive::dialplan
