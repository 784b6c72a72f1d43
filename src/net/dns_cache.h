// What name servers have answered, until it is over.
//
// Of all kinds of questions under one bound; when it is full, what is over goes first, and then
// anything. On its owner's thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace missive::net {

template <class Answer>
class DnsCache {
 public:
  explicit DnsCache(std::size_t most) : most_(most) {}

  // Shared, since whoever is told may change the cache; nullptr when nothing is known.
  std::shared_ptr<const Answer> find(const std::string& question, base::TimePoint now) {
    const auto found = entries_.find(question);
    if (found == entries_.end()) return nullptr;
    if (now < found->second.until) return found->second.answer;
    entries_.erase(found);
    return nullptr;
  }

  void put(const std::string& question, std::shared_ptr<const Answer> answer, base::TimePoint now,
           base::Duration holds) {
    if (most_ == 0) return;
    if (entries_.size() >= most_ && entries_.count(question) == 0) make_room(now);
    entries_.insert_or_assign(question, Entry{std::move(answer), now + holds});
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::shared_ptr<const Answer> answer;
    base::TimePoint until;
  };

  void make_room(base::TimePoint now) {
    std::erase_if(entries_, [now](const auto& entry) { return entry.second.until <= now; });
    if (entries_.size() >= most_) entries_.erase(entries_.begin());
  }

  std::size_t most_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace missive::net
