// How a Resolver asks: which name servers, how long, and how much it remembers.
//
// A plain value. load_resolver_options() (net/resolver_conf.h) makes it of the configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "net/address.h"

namespace missive::net {

struct ResolverOptions {
  // Asked in this order, with their ports; empty: those of resolv.conf.
  std::vector<Address> servers;
  bool resolv_conf_too = false;           // after `servers`, those of resolv.conf
  std::string resolv_conf;                // empty: the system's
  std::string hosts_file = "/etc/hosts";  // empty: none
  // The first wait for a server; it doubles with each further try. Each server is asked
  // `tries` times.
  std::chrono::milliseconds timeout{2000};
  unsigned tries = 2;
  std::size_t max_cached = 4096;  // answers of all kinds
  std::chrono::seconds max_ttl{86'400};
  // For "there is none" where the zone's SOA record gives no time.
  std::chrono::seconds negative_ttl{30};
};

}  // namespace missive::net
