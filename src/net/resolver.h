// Host names to addresses, and the SRV and NAPTR records of names, without blocking the shard.
//
// By c-ares, from the servers of the ResolverOptions. The hosts file goes first for addresses,
// and localhost is asked of nobody. Answers are cached for the TTL of their records, "there is
// none" for the time of the zone's SOA record (3 hours at most) or negative_ttl, and a failure to
// get any answer for 5 s. Names that differ in case are one. Requests for what is being asked for
// share the one question.
//
// One per shard, on its thread. Every request ends in exactly one call of its callback, possibly
// before the function returns when the answer is known or the name plainly wrong; destroying the
// Resolver drops the callbacks.
// Source: RFC 3263 section 4, RFC 2308, RFC 1123 section 2.1, RFC 6761 section 6.3.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_function.h"
#include "net/address.h"
#include "net/dns_options.h"
#include "net/dns_records.h"
#include "net/shard.h"

namespace missive::net {

class Resolver {
 public:
  using Addresses = std::vector<Address>;  // port 0, never empty
  using Callback = base::UniqueFunction<void(const base::Result<Addresses>&)>;
  // Empty: there are none. In the order of the answer.
  using SrvRecords = std::vector<SrvRecord>;
  using SrvCallback = base::UniqueFunction<void(const base::Result<SrvRecords>&)>;
  using NaptrRecords = std::vector<NaptrRecord>;
  using NaptrCallback = base::UniqueFunction<void(const base::Result<NaptrRecords>&)>;

  explicit Resolver(Shard& shard, const ResolverOptions& options = {});
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // A and AAAA, IPv4 first. Numeric addresses never come here. A name with a last dot is taken as
  // it is; for others the search domains of resolv.conf hold.
  // Errors: "host 'nosuch' not found: Domain name not found", and where nobody answers "no answer
  // to A/AAAA phone.example: Timeout while contacting DNS servers".
  void resolve(std::string_view host, Callback callback);
  // The name as it is. Errors mean that there was no answer: "no answer to SRV
  // _sip._udp.example.org: Timeout while contacting DNS servers".
  void srv(std::string_view name, SrvCallback callback);
  void naptr(std::string_view name, NaptrCallback callback);
  // Whether an error, or a longer text with it inside, says that there was no answer: to ask again
  // later is worth it.
  static bool is_no_answer(std::string_view error);

  // Whether resolve() finds the host without asking a name server: the hosts file or localhost.
  bool is_local(std::string_view host);

  // After a reload: forgets what it knows and asks again what is being asked for.
  void use(const ResolverOptions& options);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace missive::net
