#include "pjsip/contact_hop.h"

#include <fmt/ranges.h>

#include "base/text.h"
#include "pjsip/resolution.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

using Protocol = Transport::Protocol;

std::optional<Protocol> protocol_named(std::string_view name) {
  for (const auto protocol :
       {Protocol::udp, Protocol::tcp, Protocol::tls, Protocol::ws, Protocol::wss}) {
    if (base::iequals(name, name_of(protocol))) return protocol;
  }
  return std::nullopt;
}

base::Result<Protocol> protocol_of(const Configuration& configuration, const Endpoint& endpoint,
                                   const sip::Uri& uri) {
  if (const auto named = uri.param("transport")) {
    const auto protocol = protocol_named(*named);
    if (!protocol) return base::fail("transport '{}' is not known", base::printable(*named, 40));
    return uri.sips() && *protocol == Protocol::tcp ? Protocol::tls : *protocol;
  }
  if (uri.sips()) return Protocol::tls;
  const auto* own = configuration.transport(endpoint.transport);
  return own != nullptr ? own->protocol : Protocol::udp;
}

ContactHop by_flow(const Contact& contact) {
  ContactHop hop;
  hop.transport = contact.transport;
  hop.address = contact.flow->peer;
  hop.host = contact.flow->peer.ip();
  hop.port = contact.flow->peer.port();
  return hop;
}

// The URI that leads to the first hop.
base::Result<std::string> first_uri(const Configuration& configuration, const Contact& contact,
                                    const Endpoint& endpoint) {
  if (!contact.path.empty()) {
    const auto hop = sip::parse_name_addr(contact.path.front());
    if (!hop) return tl::unexpected(hop.error());
    return std::string(hop->uri);
  }
  const auto* aor = configuration.aor(contact.aor);
  if (aor != nullptr && !aor->outbound_proxy.empty()) return aor->outbound_proxy;
  return endpoint.outbound_proxy.empty() ? contact.uri : endpoint.outbound_proxy;
}

}  // namespace

base::Result<ContactHop> hop_to(const Configuration& configuration, const Contact& contact,
                                const Endpoint& endpoint) {
  const auto path = fmt::format("{}", fmt::join(contact.path, ", "));
  if (contact.flow) {
    auto hop = by_flow(contact);
    hop.route = path;
    return hop;
  }
  const auto text = first_uri(configuration, contact, endpoint);
  if (!text) return tl::unexpected(text.error());
  const auto uri = sip::parse_uri(*text);
  if (!uri) return tl::unexpected(uri.error());
  const auto protocol = protocol_of(configuration, endpoint, *uri);
  if (!protocol) return tl::unexpected(protocol.error());
  ContactHop hop;
  hop.protocol = *protocol;
  hop.host = uri->param("maddr").value_or(uri->host);
  hop.port = uri->port.value_or(*protocol == Protocol::tls ? 5061 : 5060);
  hop.address = net::Address::from_ip(hop.host, hop.port);
  hop.route = !path.empty() ? path : *text != contact.uri ? fmt::format("<{}>", *text) : "";
  return hop;
}

const Transport* transport_of(const Configuration& configuration, const Contact& contact,
                              const Endpoint& endpoint, const ContactHop& hop,
                              const net::Address& to) {
  if (!hop.transport.empty()) return configuration.transport(hop.transport);
  // A firewall on the way lets only that one back in.
  const auto* own = contact.permanent ? nullptr : configuration.transport(contact.transport);
  if (own != nullptr && own->protocol == hop.protocol && own->bind.is_v6() == to.is_v6()) {
    return own;
  }
  return choose_transport(configuration, endpoint, hop.protocol, to);
}

}  // namespace missive::pjsip
