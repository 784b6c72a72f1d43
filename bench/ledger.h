// What is known of each message: when its action was written, answered, and seen
// at the phone.
//
// A message is its number, from 0 on. Times are nanoseconds of the monotonic clock.
// Not thread-safe: the load is one thread.
#pragma once

#include <time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace missive::bench {

inline std::int64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

// A message's number as it travels: the ActionID, and the first octets of the body.
constexpr std::size_t number_digits = 10;

inline void write_number(char* to, std::uint32_t number) {
  for (std::size_t i = number_digits; i-- > 0; number /= 10) {
    to[i] = static_cast<char>('0' + number % 10);
  }
}

inline std::optional<std::uint32_t> read_number(std::string_view text) {
  if (text.size() < number_digits) return std::nullopt;
  return base::parse_number<std::uint32_t>(text.substr(0, number_digits));
}

class Ledger {
 public:
  explicit Ledger(std::uint32_t messages)
      : sent_(messages, 0), reply_latency_(messages, none), arrival_latency_(messages, none) {}

  bool knows(std::uint32_t number) const { return number < sent_.size() && sent_[number] != 0; }

  void sent(std::uint32_t number, std::int64_t now) { sent_[number] = now; }
  // False for a number that was never sent or is known already.
  bool replied(std::uint32_t number, std::int64_t now) { return note(reply_latency_, number, now); }
  bool arrived(std::uint32_t number, std::int64_t now) {
    return note(arrival_latency_, number, now);
  }

  static constexpr std::int64_t none = -1;
  const std::vector<std::int64_t>& reply_latency() const { return reply_latency_; }
  const std::vector<std::int64_t>& arrival_latency() const { return arrival_latency_; }

 private:
  bool note(std::vector<std::int64_t>& latency, std::uint32_t number, std::int64_t now) {
    if (!knows(number) || latency[number] != none) return false;
    latency[number] = now - sent_[number];
    return true;
  }

  std::vector<std::int64_t> sent_;
  std::vector<std::int64_t> reply_latency_;
  std::vector<std::int64_t> arrival_latency_;
};

}  // namespace missive::bench
