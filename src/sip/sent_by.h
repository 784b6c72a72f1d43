// By which name a transport is to be answered.
//
// What goes into Via and Contact, and is the host of a From without one: the bound
// address; for a peer outside local_net the external address; for a transport bound to
// 0.0.0.0 or :: the address that the kernel would send from. Answers are remembered, the
// references stay valid until the next call. One per shard.
//
// Source: RFC 3261 section 18.1.1; Asterisk documentation, pjsip.conf, type=transport
// (external_signaling_address, external_signaling_port, local_net).
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/acl.h"
#include "net/address.h"

namespace missive::sip {

struct SentBy {
  std::string host;       // as in a URI: "127.0.0.1", "[::1]", "sip.example.com"
  std::string host_port;  // "127.0.0.1:5060"
};

struct ExternalAddress {
  std::string host;        // empty: none
  std::uint16_t port = 0;  // 0: the bound port
  std::vector<net::Network> local_net;
};

class SentByChooser {
 public:
  SentByChooser(const net::Address& bound, ExternalAddress external);

  const SentBy& towards(const net::Address& peer);

 private:
  bool is_outside(const net::Address& peer) const;

  const net::Address bound_address_;
  const ExternalAddress external_address_;
  SentBy bound_;
  SentBy external_;
  std::unordered_map<net::Address, SentBy, net::AddressHash> by_peer_;
};

}  // namespace missive::sip
