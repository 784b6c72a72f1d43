// How many sessions there are, of each address, and how many of them have not logged in.
//
// A connection is admitted where it is accepted, a web session where it begins; each carries its
// Admission along and is counted until that is destroyed. So one address can neither take all
// places nor all of those in which secrets are tried. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/result.h"
#include "net/address.h"

namespace missive::ami {

class Admission;

class Gatekeeper {
 public:
  struct Limits {
    std::size_t sessions;
    std::size_t unauthenticated;  // of them, that have not logged in
    // The same of one address (of IPv6: one /64).
    std::size_t per_address;
    std::size_t unauthenticated_per_address;
  };

  // The error says which limit is reached.
  base::Result<Admission> admit(const net::Address& peer, const Limits& limits);
  std::size_t sessions() const { return sessions_; }

 private:
  friend class Admission;
  struct Counts {
    std::size_t sessions = 0;
    std::size_t unauthenticated = 0;
  };

  void authenticated(std::uint64_t source);
  void leave(std::uint64_t source, bool authenticated);

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Counts> by_source_;
  std::size_t unauthenticated_ = 0;
  std::atomic<std::size_t> sessions_{0};
};

class Admission {
 public:
  Admission(Admission&& other) noexcept
      : gatekeeper_(std::exchange(other.gatekeeper_, nullptr)),
        source_(other.source_),
        authenticated_(other.authenticated_) {}
  Admission& operator=(Admission&&) = delete;
  ~Admission() {
    if (gatekeeper_ != nullptr) gatekeeper_->leave(source_, authenticated_);
  }

  void set_authenticated() {
    if (!std::exchange(authenticated_, true)) gatekeeper_->authenticated(source_);
  }

 private:
  friend class Gatekeeper;
  Admission(Gatekeeper& gatekeeper, std::uint64_t source)
      : gatekeeper_(&gatekeeper), source_(source) {}

  Gatekeeper* gatekeeper_;
  std::uint64_t source_;
  bool authenticated_ = false;
};

}  // namespace missive::ami
