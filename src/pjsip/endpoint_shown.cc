// The options of an endpoint, in the order that Asterisk 20.7 was seen to show them.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "pjsip/shown_options.h"
#include "pjsip/shown_values.h"

namespace missive::pjsip {
namespace {

using E = Endpoint;

struct Row {
  std::string_view option;
  std::string_view fallback = {};             // of what is for calls: the value by default
  std::string (*read)(const E& e) = nullptr;  // of what has a meaning here
};

std::string callerid_of(const E& e) {
  if (e.callerid == CallerId{}) return "<unknown>";
  return fmt::format("\"{}\" <{}>", e.callerid.name, e.callerid.number);
}

std::string identify_by_of(const E& e) {
  std::vector<std::string> names;
  for (const auto method : e.identify_by) {
    for (const auto& [name, value] : identify_methods) {
      if (value == method) names.emplace_back(name);
    }
  }
  return joined(names);
}

std::string_view option_of_calls(const E& e, std::string_view option) {
  const auto found = std::find_if(e.of_calls.rbegin(), e.of_calls.rend(),
                                  [option](const auto& given) { return given.first == option; });
  return found == e.of_calls.rend() ? std::string_view() : std::string_view(found->second);
}

// "(ulaw|alaw)"; what is left out in the list is not shown.
std::string codecs_of(const E& e) {
  std::vector<std::string_view> codecs;
  for (const auto name : base::split_list(option_of_calls(e, "allow"))) {
    if (!name.starts_with('!')) codecs.push_back(name);
  }
  if (codecs.empty()) return "(nothing)";
  return fmt::format("({})", fmt::join(codecs, "|"));
}

constexpr auto rows = std::to_array<Row>({
    {"rpid_immediate", "false"},
    {"webrtc", "no"},
    {"ignore_183_without_sdp", "false"},
    {"send_aoc", "false"},
    {"device_state_busy_at", "0"},
    {"t38_udptl_maxdatagram", "0"},
    {"codec_prefs_incoming_answer",
     "prefer:pending, operation:intersect, keep:all, transcode:allow"},
    {"security_negotiation", "no"},
    {"dtls_rekey", "0"},
    {"named_pickup_group", ""},
    {"direct_media_method", "invite"},
    {"send_rpid", {}, [](const E& e) { return true_false(e.send_rpid); }},
    {"pickup_group", ""},
    {"sdp_session", "Asterisk"},
    {"dtls_verify", "No"},
    {"message_context", {}, [](const E& e) { return e.message_context; }},
    {"tenantid", {}, [](const E& e) { return e.tenantid; }},
    {"mailboxes", ""},
    {"record_on_feature", "automixmon"},
    {"dtls_private_key", ""},
    {"dtls_fingerprint", "SHA-256"},
    {"overlap_context", ""},
    {"outgoing_call_offer_pref", "remote_merge"},
    {"from_domain", {}, [](const E& e) { return e.from_domain; }},
    {"timers_sess_expires", "1800"},
    {"named_call_group", ""},
    {"dtls_cipher", ""},
    {"media_encryption_optimistic", "false"},
    {"suppress_q850_reason_headers", "false"},
    {"aors", {}, [](const E& e) { return joined(e.aors); }},
    {"identify_by", {}, [](const E& e) { return identify_by_of(e); }},
    {"callerid_privacy", {}, [](const E& e) { return e.callerid_privacy; }},
    {"mwi_subscribe_replaces_unsolicited", "no"},
    {"cos_audio", "0"},
    {"follow_early_media_fork", "true"},
    {"context", {}, [](const E& e) { return e.context; }},
    {"rtp_symmetric", "true"},
    {"transport", {}, [](const E& e) { return e.transport; }},
    {"moh_suggest", "default"},
    {"t38_udptl", "false"},
    {"fax_detect", "false"},
    {"t38_bind_udptl_to_media_address", "false"},
    {"tos_video", "0"},
    {"srtp_tag_32", "false"},
    {"refer_blind_progress", "true"},
    {"max_audio_streams", "1"},
    {"bundle", "false"},
    {"use_avpf", "false"},
    {"call_group", ""},
    {"send_connected_line", "yes"},
    {"fax_detect_timeout", "0"},
    {"sdp_owner", "-"},
    {"force_rport", {}, [](const E& e) { return true_false(e.force_rport); }},
    {"callerid_tag", {}, [](const E& e) { return e.callerid_tag; }},
    {"rtp_timeout_hold", "0"},
    {"suppress_moh_on_sendonly", "false"},
    {"use_ptime", "false"},
    {"media_address", ""},
    {"voicemail_extension", ""},
    {"rtp_timeout", "0"},
    {"stir_shaken", "no"},
    {"set_var", {}, [](const E& e) { return joined(e.set_var); }},
    {"contact_acl", {}, [](const E& e) { return joined(e.access.contact_acl); }},
    {"preferred_codec_only", "false"},
    {"geoloc_outgoing_call_profile", ""},
    {"force_avp", "false"},
    {"record_off_feature", "automixmon"},
    {"from_user", {}, [](const E& e) { return e.from_user; }},
    {"send_diversion", "true"},
    {"send_history_info", "false"},
    {"t38_udptl_ipv6", "false"},
    {"tone_zone", ""},
    {"language", {}, [](const E& e) { return e.language; }},
    {"allow_subscribe", {}, [](const E& e) { return true_false(e.allow_subscribe); }},
    {"rtp_ipv6", "false"},
    {"callerid", {}, [](const E& e) { return callerid_of(e); }},
    {"moh_passthrough", "false"},
    {"cos_video", "0"},
    {"dtls_auto_generate_cert", "No"},
    {"asymmetric_rtp_codec", "false"},
    {"geoloc_incoming_call_profile", ""},
    {"ice_support", "false"},
    {"aggregate_mwi", "true"},
    {"one_touch_recording", "false"},
    {"mwi_from_user", ""},
    {"accountcode", {}, [](const E& e) { return e.accountcode; }},
    {"codec_prefs_outgoing_answer",
     "prefer:pending, operation:intersect, keep:all, transcode:allow"},
    {"allow", {}, codecs_of},
    {"rewrite_contact", {}, [](const E& e) { return true_false(e.rewrite_contact); }},
    {"user_eq_phone", {}, [](const E& e) { return true_false(e.user_eq_phone); }},
    {"rtp_engine", "asterisk"},
    {"subscribe_context", {}, [](const E& e) { return e.subscribe_context; }},
    {"notify_early_inuse_ringing", "false"},
    {"incoming_mwi_mailbox", ""},
    {"incoming_call_offer_pref", "local"},
    {"allow_unauthenticated_options",
     {},
     [](const E& e) { return true_false(e.allow_unauthenticated_options); }},
    {"auth", {}, [](const E& e) { return joined(e.auth); }},
    {"direct_media_glare_mitigation", "none"},
    {"trust_id_inbound", {}, [](const E& e) { return true_false(e.trust_id_inbound); }},
    {"stir_shaken_profile", ""},
    {"bind_rtp_to_media_address", "false"},
    {"disable_direct_media_on_nat", "false"},
    {"media_encryption", "no"},
    {"media_use_received_transport", "false"},
    {"allow_overlap", "true"},
    {"dtmf_mode", "rfc4733"},
    {"outbound_auth", {}, [](const E& e) { return joined(e.outbound_auth); }},
    {"tos_audio", "0"},
    {"dtls_cert_file", ""},
    {"dtls_ca_path", ""},
    {"dtls_setup", "active"},
    {"connected_line_method", "invite"},
    {"g726_non_standard", "false"},
    {"100rel", "yes"},
    {"timers", "yes"},
    {"direct_media", "true"},
    {"acl", {}, [](const E& e) { return joined(e.access.acl); }},
    {"timers_min_se", "90"},
    {"trust_id_outbound", {}, [](const E& e) { return true_false(e.trust_id_outbound); }},
    {"sub_min_expiry", "0"},
    {"rtcp_mux", "false"},
    {"max_video_streams", "1"},
    {"accept_multiple_sdp_answers", "false"},
    {"codec_prefs_incoming_offer",
     "prefer:pending, operation:intersect, keep:all, transcode:allow"},
    {"codec_prefs_outgoing_offer", "prefer:pending, operation:union, keep:all, transcode:allow"},
    {"trust_connected_line", "yes"},
    {"send_pai", {}, [](const E& e) { return true_false(e.send_pai); }},
    {"rtp_keepalive", "0"},
    {"t38_udptl_ec", "none"},
    {"t38_udptl_nat", "false"},
    {"allow_transfer", "true"},
    {"dtls_ca_file", ""},
    {"outbound_proxy", {}, [](const E& e) { return e.outbound_proxy; }},
    {"inband_progress", "false"},
});

// What Asterisk does not show in the event; PJSIP_ENDPOINT() tells of it all the same.
constexpr auto not_in_events = std::to_array<Row>({
    {"contact_user", {}, [](const E& e) { return e.contact_user; }},
    {"follow_redirect_methods", {}, [](const E& e) { return joined(e.follow_redirect_methods); }},
    {"redirect_method", {}, [](const E& e) { return e.redirect_method; }},
});

// A truth is written as the option's default is: true, yes or Yes.
std::string spelled_as(std::string_view fallback, std::string_view given) {
  const auto truth = base::parse_bool(given);
  if (!truth) return std::string(given);
  if (fallback == "true" || fallback == "false") return true_false(*truth);
  if (fallback == "yes" || fallback == "no") return yes_no(*truth);
  if (fallback == "Yes" || fallback == "No") return *truth ? "Yes" : "No";
  return std::string(given);
}

std::string value_of(const Row& row, const E& endpoint) {
  if (row.read != nullptr) return row.read(endpoint);
  const auto given = option_of_calls(endpoint, row.option);
  return given.empty() ? std::string(row.fallback) : spelled_as(row.fallback, given);
}

}  // namespace

void visit_options(const Endpoint& endpoint, const OptionVisitor& visit) {
  for (const auto& row : rows) visit(row.option, value_of(row, endpoint));
}

std::optional<std::string> shown_option(const Endpoint& endpoint, std::string_view option) {
  const auto is_it = [option](const Row& row) { return base::iequals(row.option, option); };
  if (const auto* row = std::find_if(rows.begin(), rows.end(), is_it); row != rows.end()) {
    return value_of(*row, endpoint);
  }
  const auto* row = std::find_if(not_in_events.begin(), not_in_events.end(), is_it);
  if (row != not_in_events.end()) return value_of(*row, endpoint);
  return std::nullopt;
}

}  // namespace missive::pjsip
