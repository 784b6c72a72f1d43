#include "pjsip/next_hop.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::pjsip {
namespace {

using sip::Protocol;

bool suits(const Transport& transport, const sip::Target& target) {
  return transport.has_own_socket() && transport.protocol == target.protocol &&
         transport.bind.is_v6() == target.address.is_v6();
}

// What a request of ours can be sent by where no connection stands: a server opens no WebSocket.
sip::Protocols openable(const Configuration& configuration,
                        const std::optional<net::Address>& to = {}) {
  sip::Protocols out;
  for (const auto& transport : configuration.transports()) {
    const bool reaches = !to || transport.bind.is_v6() == to->is_v6();
    if (transport.has_own_socket() && reaches) out.add(transport.protocol);
  }
  return out;
}

Protocol preferred(const Configuration& configuration, const NextHop& hop) {
  if (hop.protocol) return *hop.protocol;
  if (hop.sips) return Protocol::tls;
  const auto available = openable(configuration, hop.address);
  for (const auto protocol : {Protocol::udp, Protocol::tcp, Protocol::tls}) {
    if (available.has(protocol)) return protocol;
  }
  return Protocol::udp;
}

// A name-addr or a bare URI.
base::Result<sip::Uri> parse_hop(std::string_view what, std::string_view text) {
  const auto address = sip::parse_name_addr(text);
  auto uri = address ? sip::parse_uri(address->uri) : tl::unexpected(address.error());
  if (!uri) {
    return base::fail("{} '{}': {}", what, base::printable(text, 120), uri.error().text);
  }
  return uri;
}

base::Result<void> hop_to_proxy(const Configuration& configuration, const std::string& proxy,
                                const Transport* own, std::string& route, NextHop& out) {
  const auto uri = sip::parse_uri(proxy);
  if (!uri) return base::fail("outbound_proxy '{}': {}", proxy, uri.error().text);
  route.assign("<").append(proxy).append(">");
  return take_uri(configuration, *uri, own, out);
}

base::Result<void> hop_to_flow(const Configuration& configuration, const Contact& contact,
                               NextHop& out) {
  out.registered_by = configuration.transport(contact.transport);
  if (out.registered_by == nullptr) {
    return base::fail("contact '{}' came by the transport '{}', which is not configured any more",
                      contact.uri, contact.transport);
  }
  out.flow = contact.flow;
  out.address = contact.flow->peer;
  out.port = contact.flow->peer.port();
  out.protocol = out.registered_by->protocol;
  out.protocol_of_uri = true;
  return {};
}

// What sips: asks for, where something else than the URI itself decides the first hop.
base::Result<void> check_secure(const sip::Uri& uri, const NextHop& hop, std::string_view what) {
  if (!uri.sips() || (hop.protocol && sip::is_secure(*hop.protocol))) return {};
  return base::fail("sips: asks for TLS on every hop and {} is without", what);
}

const std::string& proxy_towards(const Configuration& configuration, const Contact& contact,
                                 const Endpoint& endpoint) {
  const auto* aor = configuration.aor(contact.aor);
  return aor != nullptr && !aor->outbound_proxy.empty() ? aor->outbound_proxy
                                                        : endpoint.outbound_proxy;
}

}  // namespace

void NextHop::clear() {
  host.clear();
  port.reset();
  protocol.reset();
  protocol_of_uri = false;
  sips = false;
  address.reset();
  flow.reset();
  registered_by = nullptr;
  own = nullptr;
}

base::Result<void> take_uri(const Configuration& configuration, const sip::Uri& uri,
                            const Transport* own, NextHop& out) {
  out.host = uri.param("maddr").value_or(uri.host);
  out.port = uri.port;
  out.sips = uri.sips();
  out.own = own;
  out.protocol.reset();
  const auto named = uri.param("transport");
  out.protocol_of_uri = named.has_value();
  if (named) {
    out.protocol = sip::protocol_named(*named);
    if (!out.protocol) {
      return base::fail("transport '{}' is not known", base::printable(*named, 40));
    }
    if (out.sips && *out.protocol == Protocol::tcp) out.protocol = Protocol::tls;
    if (out.sips && !sip::is_secure(*out.protocol)) {
      return base::fail("sips: asks for TLS on every hop and transport={} is none", *named);
    }
  } else if (out.sips) {
    out.protocol = Protocol::tls;
  } else if (own != nullptr && !own->flow) {
    out.protocol = own->protocol;
  }
  out.address = net::Address::from_ip(out.host, 0);
  if (out.address) {
    const auto port = sip::default_port_of(preferred(configuration, out));
    out.address = out.address->with_port(out.port.value_or(port));
  }
  return {};
}

base::Result<void> hop_to_uri(const Configuration& configuration, const sip::Uri& uri,
                              const Endpoint& endpoint, std::string& route, NextHop& out) {
  out.clear();
  route.clear();
  const auto* own = configuration.transport(endpoint.transport);
  if (!endpoint.outbound_proxy.empty()) {
    auto done = hop_to_proxy(configuration, endpoint.outbound_proxy, own, route, out);
    return done ? check_secure(uri, out, "the outbound proxy") : done;
  }
  return take_uri(configuration, uri, own, out);
}

base::Result<void> hop_to_contact(const Configuration& configuration, const Contact& contact,
                                  const sip::Uri& uri, const Endpoint& endpoint, std::string& route,
                                  NextHop& out) {
  out.clear();
  route.clear();
  if (!contact.path.empty()) {
    fmt::format_to(std::back_inserter(route), "{}", fmt::join(contact.path, ", "));
  }
  if (contact.flow) {
    auto done = hop_to_flow(configuration, contact, out);
    return done ? check_secure(uri, out, "the connection the phone opened") : done;
  }
  const auto* own = configuration.transport(endpoint.transport);
  out.registered_by = contact.permanent ? nullptr : configuration.transport(contact.transport);
  if (!contact.path.empty()) {
    const auto hop = parse_hop(fmt::format("Path of '{}':", contact.uri), contact.path.front());
    if (!hop) return tl::unexpected(hop.error());
    auto done = take_uri(configuration, *hop, own, out);
    return done ? check_secure(uri, out, "the Path") : done;
  }
  if (const auto& proxy = proxy_towards(configuration, contact, endpoint); !proxy.empty()) {
    auto done = hop_to_proxy(configuration, proxy, own, route, out);
    return done ? check_secure(uri, out, "the outbound proxy") : done;
  }
  return take_uri(configuration, uri, own, out);
}

sip::Protocol protocol_to(const Configuration& configuration, const NextHop& hop) {
  return preferred(configuration, hop);
}

sip::ServerLocator::Question question_of(const Configuration& configuration, const NextHop& hop) {
  auto available = openable(configuration);
  if (hop.protocol) available = sip::Protocols::only(*hop.protocol);
  return {.host = hop.host,
          .port = hop.port,
          .protocol = hop.protocol,
          .sips = hop.sips,
          .available = available,
          .preferred = preferred(configuration, hop)};
}

base::Result<void> check_transport(const Configuration& configuration, const NextHop& hop) {
  if (hop.flow) return {};
  const auto protocol = preferred(configuration, hop);
  const char* family = "";
  if (hop.address) {
    if (transport_for(configuration, hop, {protocol, *hop.address}) != nullptr) return {};
    family = hop.address->is_v6() ? " for IPv6" : " for IPv4";
  } else if (openable(configuration).has(protocol)) {
    return {};
  }
  return base::fail("no {} transport{} is configured ({}.conf){}", sip::name_of(protocol), family,
                    configuration.technology(), hop.sips ? ", and sips: may use no other" : "");
}

const Transport* transport_for(const Configuration& configuration, const NextHop& hop,
                               const sip::Target& target) {
  if (hop.flow) return hop.registered_by;
  for (const auto* hint : {hop.registered_by, hop.own}) {
    if (hint != nullptr && suits(*hint, target)) return hint;
  }
  const auto& all = configuration.transports();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&target](const Transport& each) { return suits(each, target); });
  return found != all.end() ? &*found : nullptr;
}

}  // namespace missive::pjsip
