// SIPshowpeer.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ami/actions/handlers.h"
#include "ami/session.h"
#include "ami/wire.h"
#include "chan_sip/peer_state.h"
#include "pjsip/operations.h"
#include "sip/uri.h"

namespace missive::ami {
namespace {

using chan_sip::find_peer;
using chan_sip::has_acl;
using chan_sip::is_dynamic;
using chan_sip::PeerState;
using chan_sip::state_of;
using chan_sip::status_text;

using pjsip::Auth;
using pjsip::Configuration;
using pjsip::Endpoint;

constexpr auto presentations = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"allowed_not_screened", "Presentation Allowed, Not Screened"},
     {"allowed_passed_screen", "Presentation Allowed, Passed Screen"},
     {"allowed_failed_screen", "Presentation Allowed, Failed Screen"},
     {"allowed", "Presentation Allowed, Network Number"},
     {"prohib_not_screened", "Presentation Prohibited, Not Screened"},
     {"prohib_passed_screen", "Presentation Prohibited, Passed Screen"},
     {"prohib_failed_screen", "Presentation Prohibited, Failed Screen"},
     {"prohib", "Presentation Prohibited, Network Number"},
     {"unavailable", "Number Unavailable"}});

std::string_view presentation_of(const Endpoint& peer) {
  const auto found =
      std::find_if(presentations.begin(), presentations.end(),
                   [&peer](const auto& known) { return known.first == peer.callerid_privacy; });
  return found != presentations.end() ? found->second : std::string_view("unknown");
}

// The host, port and user of a URI; empty where it is none.
struct Place {
  explicit Place(std::string_view text) {
    const auto uri = sip::parse_uri(text);
    if (!uri) return;
    user = sip::unescape(uri->user);
    host = uri->host;
    port = uri->port.value_or(0);
  }
  std::string user, host;
  unsigned port = 0;
};

constexpr std::string_view yes(bool value) { return value ? "Y" : "N"; }

// The fields of one peer, in Asterisk's order.
class PeerText {
 public:
  PeerText(std::string& out, const pjsip::Operations& operations,
           const Configuration& configuration, const Endpoint& peer, base::TimePoint now)
      : out_(out),
        configuration_(configuration),
        peer_(peer),
        aor_(peer.configured_aors.empty() ? no_aor() : *peer.configured_aors.front()),
        auth_(peer.auth.empty() ? nullptr : configuration.auth(peer.auth.front())),
        state_(state_of(peer, operations.locations())),
        now_(now) {}

  void write() {
    write_account();
    write_of_calls();
    write_caller();
    write_signalling();
    write_of_media();
    write_place();
  }

 private:
  static const pjsip::Aor& no_aor() {
    static const pjsip::Aor none;
    return none;
  }

  void put(std::string_view name, std::string_view value) { append_header(out_, name, value); }
  void put_if_set(std::string_view name, std::string_view value) {
    if (!value.empty()) put(name, value);
  }
  template <class Number>
  void put_number(std::string_view name, Number value, std::string_view unit = {}) {
    put(name, fmt::format("{}{}", value, unit));
  }

  bool has_secret() const { return auth_ != nullptr && !auth_->password.empty(); }
  // remotesecret: what answers its challenges is not what checks it. What is for one realm only
  // comes from elsewhere.
  bool has_remote_secret() const {
    const auto& names = peer_.outbound_auth;
    return std::any_of(names.begin(), names.end(), [this](const std::string& name) {
      const auto* other = configuration_.auth(name);
      return other != nullptr && other->any_realm() && !other->password.empty() &&
             (auth_ == nullptr || auth_->password != other->password);
    });
  }
  bool has_md5_secret() const {
    return auth_ != nullptr && auth_->hash(pjsip::DigestAlgorithm::md5) != nullptr;
  }

  void write_account() {
    put("Channeltype", "SIP");
    put("ObjectName", peer_.name);
    put("ChanObjectType", "peer");
    put("SecretExist", yes(has_secret()));
    put("RemoteSecretExist", yes(has_remote_secret()));
    put("MD5SecretExist", yes(has_md5_secret()));
    put("Context", peer_.context);
    put_if_set("Subscontext", peer_.subscribe_context);
    put("Language", peer_.language);
    put("ToneZone", "<Not set>");
    put_if_set("Accountcode", peer_.accountcode);
    put("AMAflags", "Unknown");
    put("CID-CallingPres", presentation_of(peer_));
    put_if_set("FromUser", peer_.from_user);
    put_if_set("FromDomain", peer_.from_domain);
  }

  void write_of_calls() {
    put("Callgroup", "");
    put("Pickupgroup", "");
    put("Named Callgroup", "");
    put("Named Pickupgroup", "");
    put("MOHSuggest", "");
    put("VoiceMailbox", aor_.mailboxes);
    put("TransferMode", "closed");
    put("LastMsgsSent", "0");
    put_number("Maxforwards", configuration_.global().max_forwards);
    put("Call-limit", "0");
    put("Busy-level", "0");
    put("MaxCallBR", "0 kbps");
  }

  void write_caller() {
    put("Dynamic", yes(is_dynamic(peer_)));
    put("Callerid", fmt::format("\"{}\" <{}>", peer_.callerid.name, peer_.callerid.number));
    put_number("RegExpire", seconds_left(), " seconds");
  }

  // -1: it is not registered.
  long long seconds_left() const {
    if (state_.contact == nullptr || state_.contact->permanent) return -1;
    const auto left = state_.contact->expires - now_;
    return std::max<long long>(0, std::chrono::floor<std::chrono::seconds>(left).count());
  }

  void write_signalling() {
    put("SIP-AuthInsecure", "no");
    put("SIP-Forcerport", yes(peer_.force_rport));
    put("SIP-Comedia", "N");
    put("ACL", yes(has_acl(peer_)));
  }

  // What a server without calls and media says.
  void write_of_media() {
    put("SIP-CanReinvite", "N");
    put("SIP-DirectMedia", "N");
    put("SIP-PromiscRedir", yes(peer_.follows_redirects("MESSAGE")));
    put("SIP-UserPhone", yes(peer_.user_eq_phone));
    put("SIP-VideoSupport", "N");
    put("SIP-TextSupport", "N");
    put("SIP-T.38Support", "N");
    put("SIP-T.38EC", "Unknown");
    put("SIP-T.38MaxDtgrm", "0");
    put("SIP-Sess-Timers", "Refuse");
    put("SIP-Sess-Refresh", "uas");
    put("SIP-Sess-Expires", "0");
    put("SIP-Sess-Min", "0");
    put("SIP-RTP-Engine", "none");
    put("SIP-Encryption", "N");
    put("SIP-RTCP-Mux", "N");
    put("SIP-DTMFmode", "none");
  }

  void write_place() {
    const bool dynamic = is_dynamic(peer_);
    const auto* contact = state_.contact.get();
    const bool registered = contact != nullptr && !contact->permanent;
    put("ToHost", dynamic ? "" : state_.host);
    put("Address-IP", state_.host.empty() ? "(null)" : state_.host);
    put_number("Address-Port", state_.port);
    // defaultip: where it is as long as it has not registered.
    const Place fallback(dynamic && !aor_.contacts.empty() ? aor_.contacts.front() : "");
    put("Default-addr-IP", fallback.host.empty() ? "(null)" : fallback.host);
    put_number("Default-addr-port", fallback.port);
    if (contact != nullptr) put_if_set("Default-Username", Place(contact->uri).user);
    put("Codecs", "(nothing)");
    put("Status", status_text(state_));
    put("SIP-Useragent", registered ? contact->user_agent : "");
    put("Reg-Contact", registered ? contact->given : "");
    put_number("QualifyFreq", std::chrono::milliseconds(aor_.qualify_frequency).count(), " ms");
    put("Parkinglot", "");
    put("SIP-Use-Reason-Header", "N");
    for (const auto& variable : peer_.set_var) put("ChanVariable", variable);
    put("Description", "");
  }

  std::string& out_;
  const Configuration& configuration_;
  const Endpoint& peer_;
  const pjsip::Aor& aor_;
  const Auth* const auth_;
  const PeerState state_;
  const base::TimePoint now_;
};

}  // namespace

void actions::sip_show_peer(Session& session, const ActionView& action) {
  const auto* chan_sip = session.environment().shared.chan_sip;
  const auto name = action.header("Peer");
  if (name.empty()) return session.refuse(action, "Peer: <name> missing.");
  const auto configuration = chan_sip->configuration();
  const auto* peer = find_peer(*configuration, name);
  if (peer == nullptr) return session.refuse(action, fmt::format("Peer {} not found.", name));
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  PeerText(out, *chan_sip, *configuration, *peer, session.environment().shared.clock.now()).write();
  end_packet(out);
}

}  // namespace missive::ami
