#include "sip/sent_by.h"

#include <fmt/format.h>

#include <algorithm>

namespace missive::sip {
namespace {

constexpr std::size_t remembered_peers = 4096;

SentBy make_sent_by(std::string host, std::uint16_t port) {
  auto host_port = fmt::format("{}:{}", host, port);
  return {std::move(host), std::move(host_port)};
}

}  // namespace

SentByChooser::SentByChooser(const net::Address& bound, ExternalAddress external)
    : bound_address_(bound),
      external_address_(std::move(external)),
      bound_(make_sent_by(bound.uri_host(), bound.port())) {
  if (external_address_.host.empty()) return;
  const auto numeric = net::Address::from_ip(external_address_.host, 0);
  external_ = make_sent_by(numeric ? numeric->uri_host() : external_address_.host,
                           external_address_.port != 0 ? external_address_.port : bound.port());
}

bool SentByChooser::is_outside(const net::Address& peer) const {
  return std::none_of(external_address_.local_net.begin(), external_address_.local_net.end(),
                      [&](const net::Network& network) { return network.contains(peer); });
}

const SentBy& SentByChooser::towards(const net::Address& peer) {
  if (!external_address_.host.empty() && is_outside(peer)) return external_;
  if (!bound_address_.is_unspecified_ip()) return bound_;
  const auto key = peer.with_port(0);
  if (const auto known = by_peer_.find(key); known != by_peer_.end()) return known->second;
  if (by_peer_.size() >= remembered_peers) by_peer_.clear();
  const auto from = net::local_address_towards(peer);
  return by_peer_[key] = from ? make_sent_by(from->uri_host(), bound_address_.port()) : bound_;
}

}  // namespace missive::sip
