#include "chan_sip/peer_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "sip/protocol.h"
#include "sip/uri.h"

namespace missive::chan_sip {
namespace {

using pjsip::Contact;
using pjsip::Reachability;

std::chrono::milliseconds milliseconds_of(std::chrono::microseconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time);
}

struct Place {
  std::string host;
  std::uint16_t port = 0;
};

std::uint16_t default_port(const sip::Uri& uri) {
  const auto protocol = sip::protocol_named(uri.param("transport").value_or("udp"));
  const bool secure = uri.sips() || (protocol && sip::is_secure(*protocol));
  return sip::default_port_of(secure ? sip::Protocol::tls : sip::Protocol::udp);
}

// What a phone wrote into its URI may be a name that nobody can look up; then where it came from.
Place place_of(const Contact& contact) {
  if (contact.flow) return {contact.flow->peer.ip(), contact.flow->peer.port()};
  const auto uri = sip::parse_uri(contact.uri);
  const bool numeric = uri && net::Address::from_ip(uri->host, 0);
  if (!numeric && !contact.permanent) return {contact.source.ip(), contact.source.port()};
  if (!uri) return {};
  return {std::string(uri->host), uri->port.value_or(default_port(*uri))};
}

}  // namespace

PeerReach reach_of(const pjsip::Aor* aor, const pjsip::ContactStatus& status) {
  if (aor == nullptr || aor->qualify_frequency.count() == 0) return PeerReach::unmonitored;
  switch (status.reachability) {
    case Reachability::unknown:
      return PeerReach::unknown;
    case Reachability::unreachable:
      return PeerReach::unreachable;
    case Reachability::reachable:
      break;
  }
  const bool lagged = aor->qualify_timeout.count() > 0 && status.round_trip > aor->qualify_timeout;
  return lagged ? PeerReach::lagged : PeerReach::reachable;
}

PeerState state_of(const pjsip::Endpoint& peer, const pjsip::LocationService& locations) {
  PeerState state;
  for (const auto* aor : peer.configured_aors) {
    state.reach = reach_of(aor, {});
    state.contact = locations.choose(aor->name);
    if (state.contact == nullptr) continue;
    const auto all = locations.contacts(aor->name);
    const auto known = std::find_if(all.begin(), all.end(), [&state](const auto& each) {
      return each.contact == state.contact;
    });
    if (known != all.end()) {
      state.reach = reach_of(aor, known->status);
      state.round_trip = milliseconds_of(known->status.round_trip);
    }
    auto place = place_of(*state.contact);
    state.host = std::move(place.host);
    state.port = place.port;
    return state;
  }
  return state;
}

std::string address_of(const Contact& contact) {
  const auto place = place_of(contact);
  if (place.host.empty()) return {};
  const bool v6 = place.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", place.host, v6 ? "]" : "", place.port);
}

bool is_peer(const pjsip::Endpoint& endpoint) { return !endpoint.aors.empty(); }

const pjsip::Endpoint* find_peer(const pjsip::Configuration& configuration, std::string_view name) {
  const auto* found = configuration.endpoint(name);
  return found != nullptr && is_peer(*found) ? found : nullptr;
}

bool is_dynamic(const pjsip::Endpoint& peer) {
  const auto& aors = peer.configured_aors;
  return std::any_of(aors.begin(), aors.end(),
                     [](const pjsip::Aor* aor) { return aor->max_contacts > 0; });
}

bool has_acl(const pjsip::Endpoint& peer) {
  return !peer.access.addresses.empty() || !peer.access.named.empty();
}

std::string status_text(const PeerState& state) {
  switch (state.reach) {
    case PeerReach::unmonitored:
      return "Unmonitored";
    case PeerReach::unknown:
      return "UNKNOWN";
    case PeerReach::reachable:
      return fmt::format("OK ({} ms)", state.round_trip.count());
    case PeerReach::lagged:
      return fmt::format("LAGGED ({} ms)", state.round_trip.count());
    case PeerReach::unreachable:
      break;
  }
  return "UNREACHABLE";
}

std::string_view name_of(PeerReach reach) {
  switch (reach) {
    case PeerReach::unmonitored:
      return "Unmonitored";
    case PeerReach::unknown:
      return "Unknown";
    case PeerReach::reachable:
      return "Reachable";
    case PeerReach::lagged:
      return "Lagged";
    case PeerReach::unreachable:
      break;
  }
  return "Unreachable";
}

}  // namespace missive::chan_sip
