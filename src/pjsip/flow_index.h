// Which AORs have a contact at a connection, so that its end is no search through all of them.
//
// Any thread.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/address.h"

namespace missive::pjsip {

// The connection a phone opened: requests to it go down there (RFC 5626 section 5.3).
struct Flow {
  unsigned shard = 0;  // whose connection it is
  net::Address peer;
  bool operator==(const Flow&) const = default;
};

class FlowIndex {
 public:
  // Once for each contact.
  void add(const Flow& flow, std::string_view aor) {
    const std::lock_guard lock(mutex_);
    aors_[flow].emplace_back(aor);
  }
  void remove(const Flow& flow, std::string_view aor) {
    const std::lock_guard lock(mutex_);
    const auto known = aors_.find(flow);
    if (known == aors_.end()) return;
    auto& names = known->second;
    const auto name = std::find(names.begin(), names.end(), aor);
    if (name != names.end()) names.erase(name);
    if (names.empty()) aors_.erase(known);
  }
  // The AORs of that flow, each once; it is forgotten.
  std::vector<std::string> take(const Flow& flow) {
    std::vector<std::string> names;
    {
      const std::lock_guard lock(mutex_);
      const auto known = aors_.find(flow);
      if (known == aors_.end()) return names;
      names = std::move(known->second);
      aors_.erase(known);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

 private:
  struct Hash {
    std::size_t operator()(const Flow& flow) const { return flow.peer.hash() ^ flow.shard; }
  };

  std::mutex mutex_;
  std::unordered_map<Flow, std::vector<std::string>, Hash> aors_;
};

}  // namespace missive::pjsip
