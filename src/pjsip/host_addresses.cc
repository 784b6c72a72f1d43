#include "pjsip/host_addresses.h"

#include <algorithm>

#include "base/log.h"
#include "pjsip/configuration.h"

namespace missive::pjsip {

HostAddresses::HostAddresses(net::Shard& shard, net::Resolver& resolver)
    : shard_(shard), resolver_(resolver), timer_([this] { ask_all(); }) {}

void HostAddresses::watch(const Configuration& configuration) {
  decltype(hosts_) wanted;
  for (const auto& identify : configuration.identifies()) {
    for (const auto& host : identify.hosts) {
      const auto known = hosts_.find(host.name);
      wanted.try_emplace(host.name, known == hosts_.end() ? Host{} : known->second);
    }
  }
  hosts_ = std::move(wanted);
  timer_.cancel();
  if (!hosts_.empty()) ask_all();
}

void HostAddresses::ask_all() {
  std::vector<std::string> names;
  for (const auto& [name, host] : hosts_) names.push_back(name);
  for (const auto& name : names) {
    resolver_.resolve(name, [this, name](const base::Result<net::Resolver::Addresses>& found) {
      answered(name, found);
    });
  }
  shard_.arm(timer_, refresh);
}

void HostAddresses::answered(const std::string& name,
                             const base::Result<net::Resolver::Addresses>& found) {
  const auto host = hosts_.find(name);
  if (host == hosts_.end()) return;  // of the configuration before
  if (found) {
    host->second = {*found, false};
  } else if (!std::exchange(host->second.failed, true)) {
    log::warning("type=identify matches by {}", found.error().text);
  }
}

bool HostAddresses::has(std::string_view name, const net::Address& address) const {
  const auto host = hosts_.find(name);
  if (host == hosts_.end()) return false;
  const auto& known = host->second.addresses;
  return std::any_of(known.begin(), known.end(), [&address](const net::Address& each) {
    return net::Network{each, each.is_v6() ? 128U : 32U}.contains(address);
  });
}

}  // namespace missive::pjsip
