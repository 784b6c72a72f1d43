// The addresses of the host names that type=identify sections match by, kept up to date.
//
// One per shard, on its thread. Names are asked for at once and again every minute, in the
// background (the Resolver answers from its cache until the TTL is over); has() never waits. A
// name that cannot be found keeps the addresses it had, with a line in the log. SRV records are
// not asked for.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "net/resolver.h"
#include "net/shard.h"

namespace missive::pjsip {

class Configuration;

class HostAddresses {
 public:
  static constexpr base::Duration refresh = std::chrono::minutes{1};

  // The Resolver is the shard's; while an answer is awaited, it is destroyed after this or its
  // shard does not run.
  HostAddresses(net::Shard& shard, net::Resolver& resolver);
  HostAddresses(const HostAddresses&) = delete;
  HostAddresses& operator=(const HostAddresses&) = delete;

  // The names of this configuration from now on; what is known of a name stays.
  void watch(const Configuration& configuration);
  // Whether the host has this IP address, as far as it is known by now.
  bool has(std::string_view host, const net::Address& address) const;

 private:
  struct Host {
    net::Resolver::Addresses addresses;
    bool failed = false;  // the log says so
  };

  void ask_all();
  void answered(const std::string& name, const base::Result<net::Resolver::Addresses>& found);

  net::Shard& shard_;
  net::Resolver& resolver_;
  std::unordered_map<std::string, Host, base::StringHash, std::equal_to<>> hosts_;
  net::CallbackTimer timer_;
};

}  // namespace missive::pjsip
