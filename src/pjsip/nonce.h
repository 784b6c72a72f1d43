// Nonces that need no memory until they are used, and the memory of those that were.
//
// A nonce is the time it was made, a serial number, and a keyed hash (HMAC-SHA256, cut to 128
// bits) of both and of the realm it is for; the key is random for each process. So a nonce tells
// by itself whether it is ours and how old it is, whichever shard is asked.
//
// What was used with it (nc of RFC 7616 section 5.12) is remembered until it is too old anyway:
// the highest nc, and which of the 63 below it were seen, so that requests may overtake each other.
// The memory is bounded: when it is full the oldest uses are forgotten, and with them every nonce
// that was made no later and has not been used, so that forgetting never lets a replay through.
//
// All functions may be called from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace missive::pjsip {

class Nonces {
 public:
  static constexpr std::size_t default_capacity = 1u << 17;  // nonces in use

  explicit Nonces(const base::Clock& clock, std::size_t capacity = default_capacity);

  std::string make(std::string_view realm);

  // A nonce of ours, taken apart.
  struct Reading {
    std::uint64_t id;  // no other nonce has it
    base::TimePoint made;
  };
  // Nothing for a nonce that we did not make for this realm.
  std::optional<Reading> read(std::string_view nonce, std::string_view realm) const;

  // Takes note of a use; false when it is one too many: the nonce is older than `lifetime`, or
  // was used with this nc before, or with one so much higher that nobody can tell any more. To be
  // asked only for a response that is right. Credentials without nc (RFC 2069) are good once: 1.
  bool use(const Reading& nonce, std::uint32_t nc, std::chrono::seconds lifetime);

  // Nonces that are remembered.
  std::size_t size() const;

 private:
  struct Uses {
    std::uint32_t highest = 0;
    std::uint64_t seen = 0;  // bit n: highest - n
  };
  struct Remembered {
    std::uint64_t id;
    base::TimePoint made;
    base::TimePoint forget_at;
  };
  struct Slot {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, Uses> uses;
    std::deque<Remembered> order;  // as they were first used
    base::TimePoint forgotten{};   // no nonce made until then begins to be used
  };
  static constexpr std::size_t slots = 16;

  std::string sign(std::string_view text, std::string_view realm) const;
  void forget(Slot& slot, base::TimePoint now) const;

  const base::Clock& clock_;
  const std::size_t slot_capacity_;
  std::array<std::uint64_t, 4> key_{};
  std::atomic<std::uint32_t> serial_;
  std::array<Slot, slots> slots_;
};

}  // namespace missive::pjsip
