// sip show peers|peer|registry.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/time_text.h"
#include "chan_sip/peer_state.h"
#include "console/commands/parts.h"
#include "sip/protocol.h"
#include "sip/uri.h"

namespace missive::console {
namespace {

using chan_sip::PeerReach;
using chan_sip::PeerState;
using pjsip::Operations;

// --- sip show peers

std::string peer_line(std::string_view name, std::string_view host, std::string_view dynamic,
                      std::string_view rport, std::string_view comedia, std::string_view acl,
                      std::string_view port, std::string_view status,
                      std::string_view description) {
  return fmt::format("{:<25.25} {:<39.39} {:<3.3} {:<10.10} {:<11} {:<8} {:<11} {:<32.32} {}\n",
                     name, host, dynamic, rport, comedia, acl, port, status, description);
}

// How many are there and how many not, asked and not asked.
struct PeerCounts {
  std::size_t all = 0, monitored_online = 0, monitored_offline = 0, online = 0, offline = 0;

  void add(const PeerState& state) {
    ++all;
    const bool answers = state.reach == PeerReach::reachable || state.reach == PeerReach::lagged;
    if (state.reach != PeerReach::unmonitored) {
      ++(answers ? monitored_online : monitored_offline);
    } else {
      ++(state.contact != nullptr ? online : offline);
    }
  }
};

// "alice/1234": with the user of the URI it is reached by.
std::string name_of(const pjsip::Endpoint& peer, const PeerState& state) {
  if (state.contact == nullptr) return peer.name;
  const auto uri = sip::parse_uri(state.contact->uri);
  return uri && !uri->user.empty() ? fmt::format("{}/{}", peer.name, uri->user) : peer.name;
}

Result show_peers(const Operations& operations, const Call&) {
  const auto configuration = operations.configuration();
  auto out = peer_line("Name/username", "Host", "Dyn", "Forcerport", "Comedia", "ACL", "Port",
                       "Status", "Description");
  PeerCounts counts;
  for (const auto& peer : configuration->endpoints()) {
    if (!chan_sip::is_peer(peer)) continue;
    const auto state = chan_sip::state_of(peer, operations.locations());
    out += peer_line(name_of(peer, state), state.host.empty() ? "(Unspecified)" : state.host,
                     chan_sip::is_dynamic(peer) ? "D" : "", peer.force_rport ? "Yes" : "No", "No",
                     chan_sip::has_acl(peer) ? "A" : "", fmt::to_string(state.port),
                     chan_sip::status_text(state), "");
    counts.add(state);
  }
  out += fmt::format(
      "{} sip peers [Monitored: {} online, {} offline Unmonitored: {} online, {} offline]\n",
      counts.all, counts.monitored_online, counts.monitored_offline, counts.online, counts.offline);
  return success(std::move(out));
}

// --- sip show peer

std::string_view yes_no(bool value) { return value ? "Yes" : "No"; }

class PeerText {
 public:
  PeerText(const Operations& operations, const pjsip::Configuration& configuration,
           const pjsip::Endpoint& peer, base::TimePoint now)
      : configuration_(configuration),
        peer_(peer),
        state_(chan_sip::state_of(peer, operations.locations())),
        now_(now) {}

  std::string text() {
    put_account();
    put_place();
    return out_ + '\n';
  }

 private:
  void put(std::string_view name, std::string_view value) {
    out_ += fmt::format("  {:<12} : {}\n", name, value);
  }
  const pjsip::Aor* aor() const {
    return peer_.configured_aors.empty() ? nullptr : peer_.configured_aors.front();
  }
  std::string_view is_set(bool value) const { return value ? "<Set>" : "<Not set>"; }

  void put_account() {
    const auto* auth = peer_.auth.empty() ? nullptr : configuration_.auth(peer_.auth.front());
    put("* Name", peer_.name);
    put("Description", "");
    put("Secret", is_set(auth != nullptr && !auth->password.empty()));
    put("MD5Secret", is_set(auth != nullptr && !auth->password_digest.empty()));
    put("Context", peer_.context);
    put("Language", peer_.language);
    put("FromUser", peer_.from_user);
    put("FromDomain", peer_.from_domain);
    put("Callerid", fmt::format("\"{}\" <{}>", peer_.callerid.name, peer_.callerid.number));
    put("Mailbox", aor() != nullptr ? aor()->mailboxes : "");
    put("Accountcode", peer_.accountcode);
    put("Dynamic", yes_no(chan_sip::is_dynamic(peer_)));
    put("ACL", yes_no(chan_sip::has_acl(peer_)));
    put("Force rport", yes_no(peer_.force_rport));
    put("PromiscRedir", yes_no(peer_.follows_redirects("MESSAGE")));
    put("User=Phone", yes_no(peer_.user_eq_phone));
    put("Transport", peer_.transport.empty() ? "any" : peer_.transport);
  }

  void put_place() {
    const auto* contact = state_.contact.get();
    const bool registered = contact != nullptr && !contact->permanent;
    const auto left = registered ? std::chrono::floor<std::chrono::seconds>(contact->expires - now_)
                                 : std::chrono::seconds{-1};
    put("Expire", fmt::to_string(left.count()));
    put("ToHost", chan_sip::is_dynamic(peer_) ? "" : state_.host);
    put("Addr->IP",
        state_.host.empty() ? "(null)" : fmt::format("{}:{}", state_.host, state_.port));
    put("Status", chan_sip::status_text(state_));
    put("Useragent", registered ? contact->user_agent : "");
    put("Reg. Contact", registered ? contact->given : "");
    const auto frequency = aor() != nullptr ? aor()->qualify_frequency : std::chrono::seconds{0};
    put("Qualify Freq", fmt::format("{} ms", std::chrono::milliseconds(frequency).count()));
    for (const auto& variable : peer_.set_var) put("Variable", variable);
  }

  const pjsip::Configuration& configuration_;
  const pjsip::Endpoint& peer_;
  const PeerState state_;
  const base::TimePoint now_;
  std::string out_ = "\n";
};

Result show_peer(const Environment& environment, const Call& call) {
  const auto& operations = *environment.chan_sip;
  const auto& name = call.arguments.front();
  const auto configuration = operations.configuration();
  const auto* peer = chan_sip::find_peer(*configuration, name);
  if (peer == nullptr) return failure(fmt::format("Peer {} not found.\n", base::printable(name)));
  return success(PeerText(operations, *configuration, *peer, environment.clock.now()).text());
}

// --- sip show registry

std::string registry_line(std::string_view host, std::string_view dns, std::string_view user,
                          std::string_view refresh, std::string_view state, std::string_view time) {
  return fmt::format("{:<39.39} {:<6.6} {:<12.12} {:>8.8} {:<20.20} {:<25.25}\n", host, dns, user,
                     refresh, state, time);
}

// "Sun, 29 Nov 2026 03:40:12"; "" where it never was.
std::string time_of(const pjsip::RegistrationStatus& status) {
  if (status.registered_at == base::WallTime{}) return {};
  return base::local_text(status.registered_at, "%a, %d %b %Y %T");
}

Result show_registry(const Operations& operations, const Call&) {
  auto out = registry_line("Host", "dnsmgr", "Username", "Refresh", "State", "Reg.Time");
  const auto statuses = operations.registrations();
  for (const auto& status : statuses) {
    const auto server = sip::parse_uri(status.server_uri);
    const auto client = sip::parse_uri(status.client_uri);
    const auto port = server ? server->port.value_or(sip::default_port_of(sip::Protocol::udp)) : 0;
    out += registry_line(server ? fmt::format("{}:{}", server->host, port) : status.server_uri, "N",
                         client ? client->user : "", fmt::to_string(status.next_in.count()),
                         pjsip::name_of(status.state), time_of(status));
  }
  return success(out + fmt::format("{} SIP registrations.\n", statuses.size()));
}

}  // namespace

void add_sip_commands(Registry& registry, Environment& environment) {
  auto& peers = *environment.chan_sip;
  registry.add({"sip show peers", "", 0, 0, "List defined SIP peers",
                at_once([&peers](const Call& call) { return show_peers(peers, call); })});
  registry.add({"sip show peer", "NAME", 1, 1, "Show details on specific SIP peer",
                at_once([&environment](const Call& call) { return show_peer(environment, call); }),
                [&peers](const Arguments&) {
                  const auto configuration = peers.configuration();
                  Command::Choices names;
                  for (const auto& peer : configuration->endpoints()) {
                    if (chan_sip::is_peer(peer)) names.push_back(peer.name);
                  }
                  return names;
                }});
  registry.add({"sip show registry", "", 0, 0, "List SIP registration status",
                at_once([&peers](const Call& call) { return show_registry(peers, call); })});
}

}  // namespace missive::console
