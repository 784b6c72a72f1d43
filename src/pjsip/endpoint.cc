#include "pjsip/endpoint.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "conf/binder.h"
#include "pjsip/option_types.h"

namespace missive::pjsip {
namespace {

// Calls, media, subscriptions and voicemail: every endpoint option of Asterisk 16 to 23
// that a server of text messages has no use for.
constexpr auto options_of_calls = std::to_array<std::string_view>({
    "100rel",
    "accept_multiple_sdp_answers",
    "aggregate_mwi",
    "allow",
    "allow_overlap",
    "allow_transfer",
    "asymmetric_rtp_codec",
    "bind_rtp_to_media_address",
    "bundle",
    "call_group",
    "codec_prefs_incoming_answer",
    "codec_prefs_incoming_offer",
    "codec_prefs_outgoing_answer",
    "codec_prefs_outgoing_offer",
    "connected_line_method",
    "cos_audio",
    "cos_video",
    "device_state_busy_at",
    "direct_media",
    "direct_media_glare_mitigation",
    "direct_media_method",
    "disable_direct_media_on_nat",
    "disallow",
    "dtls_auto_generate_cert",
    "dtls_ca_file",
    "dtls_ca_path",
    "dtls_cert_file",
    "dtls_cipher",
    "dtls_fingerprint",
    "dtls_private_key",
    "dtls_rekey",
    "dtls_setup",
    "dtls_verify",
    "dtmf_mode",
    "fax_detect",
    "fax_detect_timeout",
    "follow_early_media_fork",
    "force_avp",
    "g726_non_standard",
    "geoloc_incoming_call_profile",
    "geoloc_outgoing_call_profile",
    "ice_support",
    "ignore_183_without_sdp",
    "inband_progress",
    "incoming_call_offer_pref",
    "incoming_mwi_mailbox",
    "mailboxes",
    "max_audio_streams",
    "max_video_streams",
    "media_address",
    "media_encryption",
    "media_encryption_optimistic",
    "media_use_received_transport",
    "moh_passthrough",
    "moh_suggest",
    "mwi_from_user",
    "mwi_subscribe_replaces_unsolicited",
    "named_call_group",
    "named_pickup_group",
    "notify_early_inuse_ringing",
    "one_touch_recording",
    "outgoing_call_offer_pref",
    "overlap_context",
    "pickup_group",
    "preferred_codec_only",
    "record_off_feature",
    "record_on_feature",
    "refer_blind_progress",
    "rpid_immediate",
    "rtcp_mux",
    "rtp_engine",
    "rtp_ipv6",
    "rtp_keepalive",
    "rtp_port_end",
    "rtp_port_start",
    "rtp_symmetric",
    "rtp_timeout",
    "rtp_timeout_hold",
    "sdp_owner",
    "sdp_session",
    "security_mechanisms",
    "security_negotiation",
    "send_aoc",
    "send_connected_line",
    "send_diversion",
    "send_history_info",
    "srtp_tag_32",
    "stir_shaken",
    "stir_shaken_profile",
    "sub_min_expiry",
    "suppress_moh_on_sendonly",
    "suppress_q850_reason_headers",
    "t38_bind_udptl_to_media_address",
    "t38_udptl",
    "t38_udptl_ec",
    "t38_udptl_ipv6",
    "t38_udptl_maxdatagram",
    "t38_udptl_nat",
    "timers",
    "timers_min_se",
    "timers_sess_expires",
    "tone_zone",
    "tos_audio",
    "tos_video",
    "trust_connected_line",
    "use_avpf",
    "use_ptime",
    "voicemail_extension",
    "webrtc",
});

base::Result<void> set_callerid(Endpoint& endpoint, const conf::Option& option) {
  return CallerId::parse(option.value).map([&endpoint](CallerId id) {
    endpoint.callerid = std::move(id);
  });
}

base::Result<void> set_callerid_privacy(Endpoint& endpoint, const conf::Option& option) {
  static const std::vector<std::string_view> levels{
      "allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen", "allowed",
      "prohib_not_screened",  "prohib_passed_screen",  "prohib_failed_screen",  "prohib",
      "unavailable"};
  return conf::read_choice(option.value, levels).map([&endpoint](std::size_t place) {
    endpoint.callerid_privacy = levels[place];
  });
}

base::Result<void> add_variable(Endpoint& endpoint, const conf::Option& option) {
  const auto equals = option.value.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return base::fail("'{}' is not NAME=value", base::printable(option.value, 80));
  }
  endpoint.set_var.push_back(option.value);
  return {};
}

// The last one counts.
base::Result<void> keep_option_of_calls(Endpoint& endpoint, std::string_view name,
                                        const conf::Option& option) {
  endpoint.of_calls.emplace_back(name, option.value);
  return {};
}

void add_reach(conf::Binder<Endpoint>& binder) {
  binder.list("aors", &Endpoint::aors)
      .text("transport", &Endpoint::transport)
      .custom("outbound_proxy", sip_uri(&Endpoint::outbound_proxy))
      .boolean("user_eq_phone", &Endpoint::user_eq_phone)
      .choice("redirect_method", &Endpoint::redirect_method,
              {{"user", "user"}, {"uri_core", "uri_core"}, {"uri_pjsip", "uri_pjsip"}})
      .list("follow_redirect_methods", &Endpoint::follow_redirect_methods)
      .choice("message_fork", &Endpoint::message_fork,
              {{"first", Endpoint::Fork::first},
               {"sequential", Endpoint::Fork::sequential},
               {"all", Endpoint::Fork::all}});
}

void add_identity(conf::Binder<Endpoint>& binder) {
  binder.list("auth", &Endpoint::auth)
      .list("outbound_auth", &Endpoint::outbound_auth)
      .text("from_user", &Endpoint::from_user)
      .text("from_domain", &Endpoint::from_domain)
      .text("contact_user", &Endpoint::contact_user)
      .custom("callerid", set_callerid)
      .custom("callerid_privacy", set_callerid_privacy)
      .text("callerid_tag", &Endpoint::callerid_tag)
      .boolean("trust_id_inbound", &Endpoint::trust_id_inbound)
      .boolean("trust_id_outbound", &Endpoint::trust_id_outbound)
      .boolean("send_pai", &Endpoint::send_pai)
      .boolean("send_rpid", &Endpoint::send_rpid);
}

void add_incoming(conf::Binder<Endpoint>& binder) {
  binder.choices("identify_by", &Endpoint::identify_by, identify_methods)
      .text("context", &Endpoint::context)
      .text("message_context", &Endpoint::message_context)
      .text("subscribe_context", &Endpoint::subscribe_context)
      .boolean("rewrite_contact", &Endpoint::rewrite_contact)
      .boolean("force_rport", &Endpoint::force_rport)
      .boolean("allow_unauthenticated_options", &Endpoint::allow_unauthenticated_options)
      .boolean("allow_subscribe", &Endpoint::allow_subscribe);
  add_access_options(binder, &Endpoint::access);
}

void add_waiting(conf::Binder<Endpoint>& binder) {
  using namespace std::chrono_literals;
  binder.boolean("message_store", &Endpoint::message_store)
      .duration("message_expiry", &Endpoint::message_expiry, 0s, 3650 * 86'400s)
      .text("message_offline_context", &Endpoint::message_offline_context);
}

conf::Binder<Endpoint> make_binder() {
  conf::Binder<Endpoint> binder("endpoint");
  add_reach(binder);
  add_identity(binder);
  add_incoming(binder);
  add_waiting(binder);
  binder.custom("set_var", add_variable)
      .text("accountcode", &Endpoint::accountcode)
      .text("language", &Endpoint::language)
      .text("tenantid", &Endpoint::tenantid)
      .ignored({"type"});
  for (const auto name : options_of_calls) {
    binder.custom(name, [name](Endpoint& endpoint, const conf::Option& option) {
      return keep_option_of_calls(endpoint, name, option);
    });
  }
  return binder;
}

}  // namespace

bool Endpoint::follows_redirects(std::string_view method) const {
  return std::any_of(follow_redirect_methods.begin(), follow_redirect_methods.end(),
                     [method](const std::string& known) { return base::iequals(known, method); });
}

void read_endpoint(const conf::Section& section, Endpoint& endpoint, conf::Problems& problems) {
  static const auto binder = make_binder();
  endpoint.name = section.name;
  endpoint.where = section.where;
  binder.bind(section, endpoint, problems);
}

}  // namespace missive::pjsip
