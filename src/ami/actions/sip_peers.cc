// SIPpeers, SIPpeerstatus, SIPqualifypeer, SIPshowregistry, SIPnotify.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/notify_variables.h"
#include "ami/session.h"
#include "ami/wire.h"
#include "base/text.h"
#include "chan_sip/peer_state.h"
#include "sip/host.h"
#include "sip/uri.h"

namespace missive::ami {
namespace {

using chan_sip::find_peer;
using chan_sip::has_acl;
using chan_sip::is_dynamic;
using chan_sip::is_peer;
using chan_sip::name_of;
using chan_sip::PeerReach;
using chan_sip::PeerState;
using chan_sip::state_of;
using chan_sip::status_text;

using pjsip::Endpoint;

constexpr std::string_view yes(bool value) { return value ? "yes" : "no"; }

// --- SIPpeers

void write_peer_entry(std::string& out, const Endpoint& peer, const PeerState& state) {
  append_header(out, "Channeltype", "SIP");
  append_header(out, "ObjectName", peer.name);
  append_header(out, "ChanObjectType", "peer");
  append_header(out, "IPaddress", state.host.empty() ? "-none-" : state.host);
  append_header(out, "IPport", fmt::to_string(state.port));
  append_header(out, "Dynamic", yes(is_dynamic(peer)));
  append_header(out, "AutoForcerport", "no");
  append_header(out, "Forcerport", yes(peer.force_rport));
  append_header(out, "AutoComedia", "no");
  append_header(out, "Comedia", "no");
  append_header(out, "VideoSupport", "no");
  append_header(out, "TextSupport", "no");
  append_header(out, "ACL", yes(has_acl(peer)));
  append_header(out, "Status", status_text(state));
  append_header(out, "RealtimeDevice", "no");
  append_header(out, "Description", "");
  append_header(out, "Accountcode", peer.accountcode);
}

// --- SIPpeerstatus

void write_peer_status(std::string& out, std::string_view action_id, const Endpoint& peer,
                       const PeerState& state) {
  append_header(out, "Event", "PeerStatus");
  append_header(out, "Privilege", "System");
  append_header(out, "ChannelType", "SIP");
  append_header(out, "Peer", fmt::format("SIP/{}", peer.name));
  append_header(out, "PeerStatus", name_of(state.reach));
  switch (state.reach) {
    case PeerReach::reachable:
    case PeerReach::lagged:
      append_header(out, "Time", fmt::to_string(state.round_trip.count()));
      break;
    case PeerReach::unreachable:
      append_header(out, "Time", "-1");
      break;
    default:
      break;
  }
  if (!action_id.empty()) append_header(out, "ActionID", action_id);
}

// --- SIPshowregistry

struct HostPort {
  std::string_view user, host;
  std::uint16_t port = sip::default_port_of(sip::Protocol::udp);
};

HostPort host_port_of(std::string_view text) {
  const auto uri = sip::parse_uri(text);
  if (!uri) return {{}, text};
  const auto protocol = uri->sips() ? sip::Protocol::tls : sip::Protocol::udp;
  return {uri->user, uri->host, uri->port.value_or(sip::default_port_of(protocol))};
}

void write_registry_entry(std::string& out, const pjsip::RegistrationStatus& status) {
  const auto server = host_port_of(status.server_uri);
  const auto client = host_port_of(status.client_uri);
  const auto at = std::chrono::system_clock::to_time_t(status.registered_at);
  append_header(out, "Host", server.host);
  append_header(out, "Port", fmt::to_string(server.port));
  append_header(out, "Username", client.user);
  append_header(out, "Domain", client.host);
  append_header(out, "DomainPort", fmt::to_string(client.port));
  append_header(out, "Refresh", fmt::to_string(status.next_in.count()));
  append_header(out, "State", pjsip::name_of(status.state));
  append_header(out, "RegistrationTime", fmt::to_string(at));
}

// --- SIPnotify

// "SIP/alice" and "alice" alike.
std::string_view peer_named(std::string_view channel) {
  constexpr std::string_view prefix = "SIP/";
  if (base::istarts_with(channel, prefix)) channel.remove_prefix(prefix.size());
  return channel;
}

// A name without a dot or a port is a peer's, or a mistake.
bool is_host(std::string_view text) {
  const auto host = sip::parse_host_port(text);
  return host && (host->ipv6 || host->port || host->host.find('.') != std::string_view::npos);
}

}  // namespace

void actions::sip_peers(Session& session, const ActionView& action) {
  const auto* chan_sip = session.environment().shared.chan_sip;
  const auto configuration = chan_sip->configuration();
  ListReply list(session, action, "Peer status list will follow");
  for (const auto& peer : configuration->endpoints()) {
    if (!is_peer(peer)) continue;
    list.add("PeerEntry", [&](std::string& out) {
      write_peer_entry(out, peer, state_of(peer, chan_sip->locations()));
    });
  }
  list.complete("PeerlistComplete");
}

void actions::sip_peer_status(Session& session, const ActionView& action) {
  const auto* chan_sip = session.environment().shared.chan_sip;
  const auto configuration = chan_sip->configuration();
  const auto name = action.header("Peer");
  if (!name.empty() && find_peer(*configuration, name) == nullptr) {
    return session.refuse(action, "No such peer");
  }
  ListReply list(session, action, "Peer status will follow");
  for (const auto& peer : configuration->endpoints()) {
    if (!is_peer(peer) || (!name.empty() && peer.name != name)) continue;
    list.add([&](std::string& out) {
      write_peer_status(out, action.id(), peer, state_of(peer, chan_sip->locations()));
    });
  }
  list.complete("SIPpeerstatusComplete");
}

void actions::sip_qualify_peer(Session& session, const ActionView& action) {
  auto* chan_sip = session.environment().shared.chan_sip;
  const auto name = action.header("Peer");
  if (name.empty()) return session.refuse(action, "Peer: <name> missing.");
  if (find_peer(*chan_sip->configuration(), name) == nullptr) {
    return session.refuse(action, "Peer not found");
  }
  if (const auto asked = chan_sip->qualify(name); !asked) {
    return append_failure(session.output(), action.id(), "Peer not qualified", asked.error().text);
  }
  session.acknowledge(action, "SIP peer found - will qualify");
  session.environment().shared.events.publish(Class::call, "SIPQualifyPeerDone",
                                              [&](EventText& text) {
                                                text.header("Peer", name);
                                                if (!action.id().empty())
                                                  text.header("ActionID", action.id());
                                              });
}

void actions::sip_show_registry(Session& session, const ActionView& action) {
  const auto* chan_sip = session.environment().shared.chan_sip;
  ListReply list(session, action, "Registrations will follow");
  for (const auto& status : chan_sip->registrations()) {
    list.add("RegistryEntry", [&status](std::string& out) { write_registry_entry(out, status); });
  }
  list.complete("RegistrationsComplete");
}

void actions::sip_notify(Session& session, const ActionView& action) {
  auto* chan_sip = session.environment().shared.chan_sip;
  const auto name = peer_named(action.header("Channel"));
  if (name.empty()) return session.refuse(action, "SIPNotify requires a channel name");
  if (!action.has("Variable")) {
    return session.refuse(action,
                          "SIPNotify requires at least one variable, such as"
                          " Event=check-sync");
  }
  pjsip::NotifyOrder order;
  if (find_peer(*chan_sip->configuration(), name) != nullptr) {
    order.endpoint = name;
  } else if (is_host(name)) {
    order.uri = fmt::format("sip:{}", name);
  } else {
    return session.refuse(action, "Could not create address");
  }
  auto done = read_variables(session.environment().variables, action, order);
  if (done) done = chan_sip->notify(std::move(order));
  if (!done) {
    return append_failure(session.output(), action.id(), "Notify not sent", done.error().text);
  }
  session.acknowledge(action, "Notify Sent");
}

}  // namespace missive::ami
