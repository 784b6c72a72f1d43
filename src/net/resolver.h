// Host names to addresses, without blocking the shard.
//
// A and AAAA through c-ares (which reads /etc/hosts and resolv.conf), IPv4 first,
// cached for the records' TTL (failures for 5 s). One per shard. Numeric addresses never
// come here. Every request ends in exactly one call of its callback, on the shard's
// thread, possibly before resolve() returns when the answer is cached, in /etc/hosts or
// plainly wrong; destroying the Resolver drops the callbacks. Requests for a name that is
// being asked for share the one query. A server is asked twice, 2 s at first.
// Errors: "host 'nosuch' not found: Domain name not found".
// Source: RFC 3263 section 4.2 (the A/AAAA step), RFC 1123 section 2.1, ares_getaddrinfo(3).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_function.h"
#include "net/address.h"
#include "net/shard.h"

namespace missive::net {

class Resolver {
 public:
  using Addresses = std::vector<Address>;  // port 0, never empty
  using Callback = base::UniqueFunction<void(const base::Result<Addresses>&)>;

  // `servers`: name servers to ask instead of resolv.conf's, as "192.0.2.1:53,[2001:db8::1]:53".
  explicit Resolver(Shard& shard, const std::string& servers = {});
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  void resolve(std::string_view host, Callback callback);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace missive::net
