#include "chan_sip/transports.h"

#include <algorithm>

namespace missive::chan_sip {
namespace {

using pjsip::Transport;
using sip::Protocol;

net::Address with_default_port(const net::Address& address, std::uint16_t port) {
  return address.port() != 0 ? address : address.with_port(port);
}

// Where UDP is, and the others as far as they say nothing else.
net::Address general_address(const General& general) {
  const auto& written = general.udpbindaddr ? general.udpbindaddr : general.bindaddr;
  const std::uint16_t port = general.bindport != 0 ? general.bindport : 5060;
  return with_default_port(written.value_or(*net::Address::from_ip("0.0.0.0", 0)), port);
}

net::Address address_of(const General& general, Protocol protocol) {
  if (protocol == Protocol::tcp && general.tcpbindaddr) {
    return with_default_port(*general.tcpbindaddr, 5060);
  }
  if (protocol == Protocol::tls) {
    return general.tlsbindaddr ? with_default_port(*general.tlsbindaddr, 5061)
                               : general_address(general).with_port(5061);
  }
  return general_address(general);
}

std::uint16_t external_port(const General& general, Protocol protocol) {
  if (general.externaddr.empty()) return 0;
  if (protocol == Protocol::tls) return general.externtlsport != 0 ? general.externtlsport : 5061;
  if (protocol == Protocol::tcp && general.externtcpport != 0) return general.externtcpport;
  return general.externport;
}

Transport make(const General& general, Protocol protocol) {
  Transport out;
  out.name = fmt::format("sip-{}", sip::name_of(protocol));
  out.where = general.where;
  out.protocol = protocol;
  if (out.has_own_socket()) out.bind = address_of(general, protocol);
  out.external_signaling_address = general.externaddr;
  out.external_signaling_port = external_port(general, protocol);
  out.local_net = general.localnet;
  out.tos = general.tos_sip;
  out.cos = general.cos_sip;
  if (protocol == Protocol::tls) {
    out.tls.cert_file = general.tlscertfile;
    out.tls.priv_key_file =
        general.tlsprivatekey.empty() ? general.tlscertfile : general.tlsprivatekey;
    out.tls.ca_list_file = general.tlscafile;
    out.tls.ca_list_path = general.tlscadir;
    out.tls.cipher = general.tlscipher;
    out.tls.method = general.tlsclientmethod;
    out.tls.verify_client = general.tlsverifyclient;
    out.tls.verify_server = !general.tlsdontverifyserver;
  }
  return out;
}

bool has(const std::vector<Protocol>& protocols, Protocol protocol) {
  return std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
}

bool wants(const SipConf& conf, Protocol protocol) {
  if (!conf.general.websocket_enabled) return false;
  return has(conf.general.transport, protocol) ||
         std::any_of(conf.peers.begin(), conf.peers.end(),
                     [protocol](const Peer& peer) { return has(peer.transport, protocol); });
}

}  // namespace

std::vector<Transport> transports_of(const SipConf& conf) {
  const auto& general = conf.general;
  std::vector<Transport> out;
  if (general.udpenable) {
    out.push_back(make(general, Protocol::udp));
    const auto& bind = out.front().bind;
    if (bind.is_v6() && bind.is_unspecified_ip()) {
      auto ipv4 = out.front();
      ipv4.name = "sip-udp4";
      ipv4.bind = *net::Address::from_ip("0.0.0.0", bind.port());
      out.push_back(std::move(ipv4));
    }
  }
  if (general.tcpenable) out.push_back(make(general, Protocol::tcp));
  if (general.tlsenable) out.push_back(make(general, Protocol::tls));
  for (const auto protocol : {Protocol::ws, Protocol::wss}) {
    if (wants(conf, protocol)) out.push_back(make(general, protocol));
  }
  return out;
}

const Transport* transport_of(const std::vector<Transport>& transports, Protocol protocol) {
  const auto found =
      std::find_if(transports.begin(), transports.end(),
                   [protocol](const Transport& each) { return each.protocol == protocol; });
  return found == transports.end() ? nullptr : &*found;
}

const Transport* sending_transport(const std::vector<Transport>& transports, const Device& device) {
  for (const auto protocol : device.transport) {
    const auto* transport = transport_of(transports, protocol);
    if (transport != nullptr && transport->has_own_socket()) return transport;
  }
  const auto any = std::find_if(transports.begin(), transports.end(),
                                [](const Transport& each) { return each.has_own_socket(); });
  return any == transports.end() ? nullptr : &*any;
}

}  // namespace missive::chan_sip
