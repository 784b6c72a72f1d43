#include "pjsip/rate_limiter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "pjsip/source_key.h"

namespace missive::pjsip {
namespace {

constexpr base::Duration window_length = std::chrono::seconds{1};
constexpr base::Duration log_interval = std::chrono::minutes{1};

std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  return value ^ value >> 33;
}

}  // namespace

RateLimiter::RateLimiter(const Limits& limits, std::uint64_t seed, Log log)
    : limits_(limits), seed_(seed), log_(std::move(log)) {
  if (limits_.requests != 0 || limits_.unidentified != 0) table_.resize(sets);
}

// The entry of the source with its window at `now`; another's that is oldest where it has none.
RateLimiter::Entry& RateLimiter::entry_of(const net::Address& source, base::TimePoint now) {
  const auto key = source_key(source);
  auto& set = table_[mix(key ^ seed_) % sets];
  auto* oldest = &set.front();
  for (auto& entry : set) {
    if (entry.key == key && entry.window != base::TimePoint{}) {
      if (now - entry.window >= window_length) {
        entry.window = now;
        entry.requests = entry.failures = 0;
      }
      return entry;
    }
    if (entry.window < oldest->window) oldest = &entry;
  }
  *oldest = Entry{key, now, {}, 0, 0};
  return *oldest;
}

bool RateLimiter::refuse(Entry& entry, const net::Address& source, base::TimePoint now) {
  if (entry.logged != base::TimePoint{} && now - entry.logged < log_interval) return false;
  entry.logged = now;
  const bool of_all = limits_.requests != 0 && entry.requests > limits_.requests;
  const auto line = of_all
                        ? fmt::format(
                              "{} sends more than {} requests a second; more are dropped "
                              "(missive.conf, [sip] request_rate)",
                              source.ip(), limits_.requests)
                        : fmt::format(
                              "{} sends more than {} requests a second that nobody is known for or "
                              "with wrong credentials; more are dropped (missive.conf, [sip] "
                              "unidentified_rate)",
                              source.ip(), limits_.unidentified);
  if (log_) {
    log_(line);
  } else {
    log::warning("{}", line);
  }
  return false;
}

bool RateLimiter::admit(const net::Address& source, base::TimePoint now) {
  if (table_.empty()) return true;
  auto& entry = entry_of(source, now);
  ++entry.requests;
  if (limits_.requests != 0 && entry.requests > limits_.requests) return refuse(entry, source, now);
  if (limits_.unidentified != 0 && entry.failures >= limits_.unidentified) {
    return refuse(entry, source, now);
  }
  return true;
}

void RateLimiter::failed(const net::Address& source, base::TimePoint now) {
  if (limits_.unidentified != 0) ++entry_of(source, now).failures;
}

}  // namespace missive::pjsip
