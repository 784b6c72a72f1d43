#include "ami/admission.h"

#include "pjsip/source_key.h"

namespace missive::ami {

base::Result<Admission> Gatekeeper::admit(const net::Address& peer, const Limits& limits) {
  const auto source = pjsip::source_key(peer);
  const std::lock_guard lock(mutex_);
  if (sessions_ >= limits.sessions) {
    return base::fail("Too many sessions, {} at most", limits.sessions);
  }
  if (unauthenticated_ >= limits.unauthenticated) {
    return base::fail("Too many sessions that have not logged in, {} at most",
                      limits.unauthenticated);
  }
  const auto known = by_source_.find(source);
  const auto counts = known == by_source_.end() ? Counts{} : known->second;
  if (counts.sessions >= limits.per_address) {
    return base::fail("Too many sessions of this address, {} at most", limits.per_address);
  }
  if (counts.unauthenticated >= limits.unauthenticated_per_address) {
    return base::fail("Too many sessions of this address that have not logged in, {} at most",
                      limits.unauthenticated_per_address);
  }
  by_source_[source] = {counts.sessions + 1, counts.unauthenticated + 1};
  ++unauthenticated_;
  ++sessions_;
  return Admission(*this, source);
}

void Gatekeeper::authenticated(std::uint64_t source) {
  const std::lock_guard lock(mutex_);
  --by_source_[source].unauthenticated;
  --unauthenticated_;
}

void Gatekeeper::leave(std::uint64_t source, bool authenticated) {
  const std::lock_guard lock(mutex_);
  auto& counts = by_source_[source];
  if (!authenticated) {
    --counts.unauthenticated;
    --unauthenticated_;
  }
  if (--counts.sessions == 0) by_source_.erase(source);
  --sessions_;
}

}  // namespace missive::ami
