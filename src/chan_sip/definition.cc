#include "chan_sip/definition.h"

#include <algorithm>

#include "base/text.h"
#include "chan_sip/auths.h"
#include "chan_sip/registrations.h"
#include "chan_sip/transports.h"
#include "sip/uri.h"

namespace missive::chan_sip {
namespace {

using Definition = pjsip::Configuration::Definition;
using pjsip::IdentifyBy;
using Severity = conf::Problem::Severity;

std::string realm_of(const General& general) {
  if (general.domainsasrealm && !general.domains.empty()) return general.domains.front();
  return general.realm;
}

void define_global(const General& general, Definition& out) {
  auto& global = out.global;
  global.where = general.where;
  global.max_forwards = general.maxforwards;
  if (!general.useragent.empty()) global.user_agent = general.useragent;
  global.default_outbound_endpoint = general_endpoint;
  global.default_from_user = general.callerid.number;
  global.default_realm = realm_of(general);
  global.endpoint_identifier_order = {IdentifyBy::username, IdentifyBy::ip, IdentifyBy::anonymous};
  if (general.match_auth_username) {
    global.endpoint_identifier_order.insert(global.endpoint_identifier_order.begin(),
                                            IdentifyBy::auth_username);
  }
  global.disable_multi_domain = true;
  global.ignore_uri_user_options = general.legacy_useroption_parsing;
  global.accept_messages = general.accept_outofcall_message;

  out.system.where = general.where;
  out.system.timer_t1 = general.timert1;
  out.system.timer_b = general.timerb.count() > 0 ? general.timerb : 64 * general.timert1;
  out.system.compact_headers = general.compactheaders;

  const auto& rules = general.access;
  if (!rules.addresses.empty() || !rules.named.empty() || rules.checks_contacts()) {
    out.acls.push_back({std::string(general_endpoint), general.where, rules});
  }
  // A domain of ours is no alias of another: it only says that the name is our own.
  for (const auto& domain : general.domains) {
    out.domain_aliases.push_back({domain, general.where, domain});
  }
}

// What [general] and a peer have in common.
pjsip::Endpoint endpoint_of(std::string_view name, const conf::Location& where,
                            const Device& device, const Definition& definition) {
  pjsip::Endpoint out;
  out.name = name;
  out.where = where;
  const auto* transport = sending_transport(definition.transports, device);
  if (transport != nullptr) out.transport = transport->name;
  out.outbound_proxy = device.outboundproxy;
  out.user_eq_phone = device.usereqphone;
  out.message_fork = device.message_fork;
  out.from_domain = device.fromdomain;
  out.trust_id_inbound = device.trustrpid;
  out.send_pai = device.send_pai;
  out.send_rpid = device.send_rpid;
  out.identify_by.clear();
  out.context = device.context;
  out.message_context = device.outofcall_message_context;
  out.subscribe_context = device.subscribecontext;
  // Whether there is a NAT is not guessed: where there is none, both places are the same.
  out.rewrite_contact = out.force_rport = device.force_rport || device.auto_force_rport;
  out.send_rport = device.force_rport;
  out.message_store = device.message_store;
  out.message_expiry = device.message_expiry;
  out.message_offline_context = device.message_offline_context;
  out.accountcode = device.accountcode;
  out.language = device.language;
  return out;
}

void define_nobodies(const SipConf& conf, Definition& out) {
  const auto& general = conf.general;
  auto hosts = endpoint_of(general_endpoint, general.where, general, out);
  hosts.callerid = general.callerid;
  hosts.outbound_auth = names_of_authentication(conf);
  out.endpoints.push_back(std::move(hosts));
  if (!general.allowguest) return;
  auto guests = endpoint_of(guest_endpoint, general.where, general, out);
  // A guest has no name of its own that its From could be held against.
  guests.trust_id_inbound = true;
  out.endpoints.push_back(std::move(guests));
}

// `sip:[user@]host[:port][;transport=tcp]`
std::string contact_of(const Peer& peer, const std::string& host, const pjsip::Transport* by) {
  std::string uri = "sip:";
  if (!peer.defaultuser.empty()) uri += sip::escape_user(peer.defaultuser) + "@";
  uri += host;
  if (peer.port != 0) uri += fmt::format(":{}", peer.port);
  if (by != nullptr && by->protocol != sip::Protocol::udp) {
    uri += fmt::format(";transport={}", sip::name_of(by->protocol));
  }
  return uri;
}

pjsip::Aor aor_of(const Peer& peer, const General& general, const Definition& definition) {
  pjsip::Aor out;
  out.name = peer.name;
  out.where = peer.where;
  const auto* by = sending_transport(definition.transports, peer);
  const auto& host = peer.dynamic ? peer.defaultip : peer.host;
  if (!host.empty()) out.contacts.push_back(contact_of(peer, host, by));
  out.max_contacts = peer.dynamic ? peer.max_contacts : 0;
  out.remove_existing = true;  // the phone that registers last is the one
  out.minimum_expiration = general.minexpiry;
  out.maximum_expiration = general.maxexpiry;
  out.default_expiration = std::min(general.defaultexpiry, general.maxexpiry);
  if (peer.qualify.count() > 0) {
    out.qualify_frequency = peer.qualifyfreq;
    out.qualify_timeout = peer.qualify;
  }
  out.support_path = peer.supportpath;
  return out;
}

// Whoever sends from the peer's fixed address; from its port, too, unless insecure=port. Ports of
// connections mean nothing.
void identify_by_address(const Peer& peer, Definition& out) {
  const auto add = [&](std::string_view transport, std::uint16_t port) {
    pjsip::Identify identify;
    identify.name = transport.empty() ? peer.name : fmt::format("{}/{}", peer.name, transport);
    identify.where = peer.where;
    identify.endpoint = peer.name;
    identify.transport = transport;
    identify.match.push_back(peer.host);
    if (const auto network = net::Network::parse(peer.host)) {
      identify.sources.push_back({*network, port});
    } else {
      identify.hosts.push_back({peer.host, port});
    }
    out.identifies.push_back(std::move(identify));
  };
  if (peer.insecure_port) return add({}, 0);
  for (const auto& transport : out.transports) {
    const bool udp = transport.protocol == sip::Protocol::udp;
    add(transport.name, !udp ? 0 : peer.port != 0 ? peer.port : 5060);
  }
}

void warn_of_transport(const Peer& peer, const Definition& definition, conf::Problems& problems) {
  const auto first = peer.transport.front();
  if (first == sip::Protocol::udp || transport_of(definition.transports, first) != nullptr) return;
  const auto* instead = sending_transport(definition.transports, peer);
  problems.push_back(
      {Severity::warning, peer.where,
       fmt::format("[{}] transport={}, which [general] does not enable; it is sent to by {}",
                   base::printable(peer.name, 80), sip::name_of(first),
                   instead == nullptr ? "none" : sip::name_of(instead->protocol))});
}

void define_peer(const Peer& peer, const SipConf& conf, Definition& out, conf::Problems& problems) {
  const auto& general = conf.general;
  auto endpoint = endpoint_of(peer.name, peer.where, peer, out);
  endpoint.callerid = peer.callerid;
  endpoint.callerid_privacy = peer.callingpres;
  endpoint.from_user = peer.fromuser;
  endpoint.access = peer.access;
  endpoint.set_var = peer.setvar;
  endpoint.trust_id_inbound = peer.trustrpid || peer.is_static();
  endpoint.message_auth = general.auth_message_requests && !peer.insecure_invite;
  if (peer.known_by_name()) {
    endpoint.identify_by.push_back(IdentifyBy::username);
    if (general.match_auth_username) endpoint.identify_by.push_back(IdentifyBy::auth_username);
  }
  define_auths(peer, conf, endpoint, out);
  if (!peer.sends_only()) {
    endpoint.aors.push_back(peer.name);
    out.aors.push_back(aor_of(peer, general, out));
    warn_of_transport(peer, out, problems);
  }
  if (peer.is_static()) {
    endpoint.identify_by.push_back(IdentifyBy::ip);
    identify_by_address(peer, out);
  }
  out.endpoints.push_back(std::move(endpoint));
}

}  // namespace

Definition define(const SipConf& conf, conf::Problems& problems) {
  Definition out;
  define_global(conf.general, out);
  out.transports = transports_of(conf);
  define_authentication(conf, out);
  define_nobodies(conf, out);
  for (const auto& peer : conf.peers) define_peer(peer, conf, out, problems);
  define_registrations(conf, out, problems);
  return out;
}

}  // namespace missive::chan_sip
