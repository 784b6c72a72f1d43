// When requests that name nobody we know are worth a report: unidentified_request_count of them
// from one address within unidentified_request_period.
//
// Until then they are most likely first requests whose credentials come with the next one. Counts
// by source_key(); what is older than the period goes every unidentified_request_prune_interval.
// Bounded: when too many addresses are remembered, all are forgotten. On the shard's thread.
// Source: Asterisk documentation, res_pjsip, "global".
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/clock.h"
#include "net/address.h"
#include "pjsip/global.h"

namespace missive::pjsip {

class UnidentifiedRequests {
 public:
  static constexpr std::size_t capacity = 16'384;

  // Counts one; how many it were within the period if that is worth a report, else 0.
  unsigned add(const net::Address& source, const Global& global, base::TimePoint now);
  // Somebody we know has sent from there.
  void forget(const net::Address& source);

  std::size_t size() const { return sources_.size(); }

 private:
  struct Source {
    base::TimePoint first;
    unsigned count = 0;
  };
  void prune(const Global& global, base::TimePoint now);

  std::unordered_map<std::uint64_t, Source> sources_;
  base::TimePoint pruned_{};
};

}  // namespace missive::pjsip
