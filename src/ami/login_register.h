// Who is logged in how often, over all shards.
//
// Asked at login and at the end of a session only, so a mutex does. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/text.h"

namespace missive::ami {

class LoginRegister {
 public:
  // False, and nothing counted, when the user is logged in already and may be only once.
  bool enter(std::string_view user, bool several) {
    const std::lock_guard lock(mutex_);
    auto& count = counts_[std::string(user)];
    if (count > 0 && !several) return false;
    ++count;
    return true;
  }

  unsigned count(std::string_view user) const {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(user);
    return found == counts_.end() ? 0 : found->second;
  }

  void leave(std::string_view user) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(user);
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, unsigned, base::ILess> counts_;
};

}  // namespace missive::ami
