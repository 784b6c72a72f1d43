// From a SIP URI's host to the servers that may be asked, best first (RFC 3263).
//
// NAPTR, SRV and addresses as the URI leaves open: a numeric host or a port skips NAPTR and SRV, a
// transport parameter skips NAPTR. SRV records are ordered by priority and, within one, drawn by
// weight, anew for each question. A host without any such record is asked for its addresses, by
// `preferred`. Of what is found only protocols in `available` count; sips: leaves TLS alone.
// A name without a dot and one of the hosts file are hosts and no domains: their addresses alone
// are asked for. At most 16 SRV records are looked up, at most 32 targets come of them. NAPTR
// without any answer is passed over; SRV without one, and nothing else found, is an error, since
// the addresses of a domain may belong to anything but SIP.
//
// One per shard, on its thread, over the shard's Resolver, whose cache it lives from. The callback
// comes exactly once, perhaps before locate() returns; destroying the locator drops it. Errors name
// what was asked: "no server for sip:example.org: SRV _sip._udp.example.org points to no host".
//
// Source: RFC 3263 section 4; RFC 2782; RFC 7118 section 5 (WebSocket has no NAPTR service of its
// own for requests from a server: it is reached by connections that stand).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "net/address.h"
#include "net/resolver.h"
#include "sip/protocol.h"

namespace missive::sip {

// One place that a request may be sent to.
struct Target {
  Protocol protocol = Protocol::udp;
  net::Address address;
  bool operator==(const Target&) const = default;
};

// Is told each step of the search; for `missive explain`.
class LocatorTrace {
 public:
  virtual ~LocatorTrace() = default;
  // "SRV", "_sip._udp.example.org: 10 60 5060 a.example.org, 20 0 5060 b.example.org"
  virtual void step(std::string_view what, std::string_view found) = 0;
};

class ServerLocator {
 public:
  struct Question {
    std::string host;                   // a name, or an address as in a URI
    std::optional<std::uint16_t> port;  // when the URI has one
    std::optional<Protocol> protocol;   // when the URI or the configuration fixes it
    bool sips = false;
    Protocols available;                 // what we can send by
    Protocol preferred = Protocol::udp;  // where DNS says nothing
  };
  using Targets = std::vector<Target>;  // never empty
  using Callback = base::UniqueFunction<void(const base::Result<Targets>&)>;

  // Both outlive it.
  ServerLocator(net::Resolver& resolver, base::RandomSource& random);
  ~ServerLocator();
  ServerLocator(const ServerLocator&) = delete;
  ServerLocator& operator=(const ServerLocator&) = delete;

  // `trace` outlives the callback.
  void locate(Question question, Callback callback, LocatorTrace* trace = nullptr);

 private:
  class Search;
  net::Resolver& resolver_;
  base::RandomSource& random_;
  std::vector<std::shared_ptr<Search>> searches_;
};

}  // namespace missive::sip
