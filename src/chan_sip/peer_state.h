// How a peer of sip.conf stands right now, in the words of chan_sip: for the SIP* actions, the
// commands on peers and the event PeerStatus.
//
// Pure look-ups; any thread. A peer's contact is the one that a message to it would take.
// Source: Asterisk documentation, SIPpeers, SIPshowpeer, SIPpeerstatus, PeerStatus.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::chan_sip {

enum class PeerReach {
  unmonitored,  // qualify is off
  unknown,      // not asked yet, or nobody to ask
  reachable,
  lagged,  // answers, but takes longer than it may
  unreachable,
};

struct PeerState {
  std::shared_ptr<const pjsip::Contact> contact;  // nullptr: nobody is there
  // Where it is reached: an address, or a host name that is not looked up; empty: nowhere.
  std::string host;
  std::uint16_t port = 0;
  PeerReach reach = PeerReach::unknown;
  std::chrono::milliseconds round_trip{0};
};

PeerState state_of(const pjsip::Endpoint& peer, const pjsip::LocationService& locations);

// `aor`: whose contact it is, or nullptr.
PeerReach reach_of(const pjsip::Aor* aor, const pjsip::ContactStatus& status);
// "192.0.2.7:5060" as PeerStatus shows it; empty where it is not known.
std::string address_of(const pjsip::Contact& contact);

// Not a type=user, which only sends, nor what stands for guests and strange hosts.
bool is_peer(const pjsip::Endpoint& endpoint);
// nullptr when there is no peer of that name.
const pjsip::Endpoint* find_peer(const pjsip::Configuration& configuration, std::string_view name);
// It registers.
bool is_dynamic(const pjsip::Endpoint& peer);
// There are addresses that may not.
bool has_acl(const pjsip::Endpoint& peer);
// "OK (5 ms)", "UNREACHABLE", "Unmonitored"
std::string status_text(const PeerState& state);
// "Reachable", "Lagged", "Unreachable", "Unknown", "Unmonitored"
std::string_view name_of(PeerReach reach);

}  // namespace missive::chan_sip
