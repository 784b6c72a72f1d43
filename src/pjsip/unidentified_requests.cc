#include "pjsip/unidentified_requests.h"

#include <algorithm>
#include <bit>

#include "pjsip/source_key.h"

namespace missive::pjsip {

void UnidentifiedRequests::prune(const Global& global, base::TimePoint now) {
  pruned_ = now;
  for (auto each = sources_.begin(); each != sources_.end();) {
    const bool old = now - each->second.first >= global.unidentified_request_period;
    each = old ? sources_.erase(each) : std::next(each);
  }
}

unsigned UnidentifiedRequests::add(const net::Address& source, const Global& global,
                                   base::TimePoint now) {
  if (now - pruned_ >= global.unidentified_request_prune_interval) prune(global, now);
  if (sources_.size() >= capacity) sources_.clear();
  auto& known = sources_[source_key(source)];
  const auto period = global.unidentified_request_period;
  if (known.count == 0 || now - known.first >= period) known = {now, 0};
  ++known.count;
  // Worth a report when there are enough of them, and whenever they have doubled since.
  const auto enough = std::max(1u, global.unidentified_request_count);
  const bool doubled = known.count % enough == 0 && std::has_single_bit(known.count / enough);
  return doubled ? known.count : 0;
}

void UnidentifiedRequests::forget(const net::Address& source) {
  if (!sources_.empty()) sources_.erase(source_key(source));
}

}  // namespace missive::pjsip
