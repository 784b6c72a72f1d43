// How many connections there are, and how many of them have not logged in.
//
// A connection is admitted where it is accepted and carries its Admission to its shard; it
// is counted until that is destroyed. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace missive::ami {

class Admission;

class Gatekeeper {
 public:
  // The error says which limit is reached.
  base::Result<Admission> admit(std::size_t max_sessions, std::size_t max_unauthenticated);
  std::size_t sessions() const { return sessions_; }

 private:
  friend class Admission;
  std::atomic<std::size_t> sessions_{0};
  std::atomic<std::size_t> unauthenticated_{0};
};

class Admission {
 public:
  explicit Admission(Gatekeeper& gatekeeper) : gatekeeper_(&gatekeeper) {
    ++gatekeeper.sessions_;
    ++gatekeeper.unauthenticated_;
  }
  Admission(Admission&& other) noexcept
      : gatekeeper_(std::exchange(other.gatekeeper_, nullptr)),
        authenticated_(other.authenticated_) {}
  Admission& operator=(Admission&&) = delete;
  ~Admission() {
    if (gatekeeper_ == nullptr) return;
    set_authenticated();
    --gatekeeper_->sessions_;
  }

  void set_authenticated() {
    if (!std::exchange(authenticated_, true)) --gatekeeper_->unauthenticated_;
  }

 private:
  Gatekeeper* gatekeeper_;
  bool authenticated_ = false;
};

// Connections are accepted by one thread, so asking first and counting after is no race.
inline base::Result<Admission> Gatekeeper::admit(std::size_t max_sessions,
                                                 std::size_t max_unauthenticated) {
  if (sessions_ >= max_sessions) return base::fail("Too many sessions, {} at most", max_sessions);
  if (unauthenticated_ >= max_unauthenticated) {
    return base::fail("Too many sessions that have not logged in, {} at most", max_unauthenticated);
  }
  return Admission(*this);
}

}  // namespace missive::ami
