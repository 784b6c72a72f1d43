// How many requests a second one address may send, all in all and of those that fail.
//
// Counts in windows of a second by source_key(), in a table of fixed size for each shard: where
// more addresses send at a time than it has room for, the counts of some are lost, never memory
// or time. Over a limit nothing is answered until the window is over, with one line in the log
// for an address and minute. A limit of 0 is none. On the shard's thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/address.h"

namespace missive::pjsip {

class RateLimiter {
 public:
  struct Limits {
    unsigned requests = 0;        // request_rate
    unsigned unidentified = 100;  // unidentified_rate
  };
  // What to do with the line for the log; for tests.
  using Log = std::function<void(std::string_view line)>;

  // `seed`: unguessable, so that nobody can aim at the counts of others.
  RateLimiter(const Limits& limits, std::uint64_t seed, Log log = {});

  // Counts a request; false: it is to be dropped.
  bool admit(const net::Address& source, base::TimePoint now);
  // The request that was admitted last named nobody we know, or had wrong credentials.
  void failed(const net::Address& source, base::TimePoint now);

 private:
  static constexpr std::size_t sets = 2048;
  static constexpr std::size_t ways = 4;
  struct Entry {
    std::uint64_t key = 0;
    base::TimePoint window{};  // its begin; none: the entry is free
    base::TimePoint logged{};
    std::uint32_t requests = 0;
    std::uint32_t failures = 0;
  };

  Entry& entry_of(const net::Address& source, base::TimePoint now);
  bool refuse(Entry& entry, const net::Address& source, base::TimePoint now);

  const Limits limits_;
  const std::uint64_t seed_;
  const Log log_;
  std::vector<std::array<Entry, ways>> table_;  // empty where nothing is limited
};

}  // namespace missive::pjsip
