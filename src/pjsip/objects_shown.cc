// The options of everything but endpoints.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "pjsip/shown_options.h"
#include "pjsip/shown_values.h"

namespace missive::pjsip {
namespace {

template <class T>
struct Row {
  std::string_view option;
  std::string (*read)(const T&);
};

template <class T, std::size_t count>
void visit_rows(const std::array<Row<T>, count>& rows, const T& object,
                const OptionVisitor& visit) {
  for (const auto& row : rows) visit(row.option, row.read(object));
}

template <class Number>
std::string number(Number value) {
  return fmt::to_string(value);
}

std::string seconds(std::chrono::seconds time) { return number(time.count()); }

std::string nothing() { return {}; }

// --- aor

using A = Aor;
constexpr auto aor_rows = std::to_array<Row<Aor>>({
    {"minimum_expiration", [](const A& a) { return seconds(a.minimum_expiration); }},
    {"default_expiration", [](const A& a) { return seconds(a.default_expiration); }},
    {"qualify_timeout", [](const A& a) { return fractional_seconds(a.qualify_timeout); }},
    {"mailboxes", [](const A& a) { return a.mailboxes; }},
    {"support_path", [](const A& a) { return true_false(a.support_path); }},
    {"remove_unavailable", [](const A& a) { return true_false(a.remove_unavailable); }},
    {"voicemail_extension", [](const A& a) { return a.voicemail_extension; }},
    {"max_contacts", [](const A& a) { return number(a.max_contacts); }},
    {"authenticate_qualify", [](const A& a) { return true_false(a.authenticate_qualify); }},
    {"contacts", [](const A& a) { return joined(a.contacts); }},
    {"maximum_expiration", [](const A& a) { return seconds(a.maximum_expiration); }},
    {"qualify_frequency", [](const A& a) { return seconds(a.qualify_frequency); }},
    {"remove_existing", [](const A& a) { return true_false(a.remove_existing); }},
    {"outbound_proxy", [](const A& a) { return a.outbound_proxy; }},
    {"qualify_2xx_only", [](const A& a) { return true_false(a.qualify_2xx_only); }},
});

// --- auth

std::string_view name_of(Auth::Type type) {
  switch (type) {
    case Auth::Type::userpass:
      return "userpass";
    case Auth::Type::md5:
      return "md5";
    case Auth::Type::google_oauth:
      return "google_oauth";
    case Auth::Type::digest:
      break;
  }
  return "digest";
}

constexpr auto auth_rows = std::to_array<Row<Auth>>({
    {"username", [](const Auth& a) { return a.username; }},
    {"password", [](const Auth&) { return nothing(); }},
    {"md5_cred", [](const Auth&) { return nothing(); }},
    {"realm", [](const Auth& a) { return a.realm; }},
    {"nonce_lifetime", [](const Auth& a) { return seconds(a.nonce_lifetime); }},
    {"auth_type", [](const Auth& a) { return std::string(name_of(a.auth_type)); }},
});

// --- transport

// "udp"; "flow" has none.
std::string protocol_of(const Transport& t) {
  return t.flow ? "flow" : base::lower(sip::name_of(t.protocol));
}

std::string network_text(const net::Network& network) {
  return fmt::format("{}/{}", network.base.ip(), network.prefix);
}

std::string networks_of(const Transport& t) {
  std::vector<std::string> texts;
  for (const auto& network : t.local_net) texts.push_back(network_text(network));
  return joined(texts);
}

// As Asterisk spells these.
std::string yes_no_capital(bool value) { return value ? "Yes" : "No"; }

using T = Transport;
constexpr auto transport_rows = std::to_array<Row<Transport>>({
    {"protocol", protocol_of},
    {"bind", [](const T& t) { return t.bind.is_set() ? t.bind.str() : ""; }},
    {"async_operations", [](const T&) { return std::string("1"); }},
    {"ca_list_file", [](const T& t) { return t.tls.ca_list_file; }},
    {"ca_list_path", [](const T& t) { return t.tls.ca_list_path; }},
    {"cert_file", [](const T& t) { return t.tls.cert_file; }},
    {"priv_key_file", [](const T& t) { return t.tls.priv_key_file; }},
    {"password", [](const T&) { return nothing(); }},
    {"external_signaling_address", [](const T& t) { return t.external_signaling_address; }},
    {"external_signaling_port", [](const T& t) { return number(t.external_signaling_port); }},
    {"external_media_address", [](const T& t) { return t.external_media_address; }},
    {"domain", [](const T& t) { return t.domain; }},
    {"verify_server", [](const T& t) { return yes_no_capital(t.tls.verify_server); }},
    {"verify_client", [](const T& t) { return yes_no_capital(t.tls.verify_client); }},
    {"require_client_cert", [](const T& t) { return yes_no_capital(t.tls.require_client_cert); }},
    {"method", [](const T& t) { return t.tls.method; }},
    {"cipher", [](const T& t) { return t.tls.cipher; }},
    {"local_net", networks_of},
    {"tos", [](const T& t) { return number(t.tos); }},
    {"cos", [](const T& t) { return number(t.cos); }},
    {"websocket_write_timeout",
     [](const T& t) { return number(t.websocket_write_timeout.count()); }},
    {"allow_reload", [](const T& t) { return true_false(t.allow_reload); }},
    {"symmetric_transport", [](const T& t) { return true_false(t.symmetric_transport); }},
    {"allow_wildcard_certs", [](const T& t) { return yes_no_capital(t.tls.allow_wildcard_certs); }},
    {"tcp_keepalive_enable", [](const T& t) { return true_false(t.tcp_keepalive.enable); }},
    {"tcp_keepalive_idle_time", [](const T& t) { return seconds(t.tcp_keepalive.idle_time); }},
    {"tcp_keepalive_interval_time",
     [](const T& t) { return seconds(t.tcp_keepalive.interval_time); }},
    {"tcp_keepalive_probe_count", [](const T& t) { return number(t.tcp_keepalive.probe_count); }},
});

// --- identify

constexpr auto identify_rows = std::to_array<Row<Identify>>({
    {"endpoint", [](const Identify& i) { return i.endpoint; }},
    {"srv_lookups", [](const Identify& i) { return true_false(i.srv_lookups); }},
    {"match", [](const Identify& i) { return joined(i.match); }},
    {"match_header", [](const Identify& i) { return i.match_header; }},
    {"match_request_uri", [](const Identify& i) { return i.match_request_uri; }},
    {"transport", [](const Identify& i) { return i.transport; }},
});

}  // namespace

void visit_options(const Aor& aor, const OptionVisitor& visit) { visit_rows(aor_rows, aor, visit); }

void visit_options(const Auth& auth, const OptionVisitor& visit) {
  visit_rows(auth_rows, auth, visit);
}

void visit_options(const Transport& transport, const OptionVisitor& visit) {
  visit_rows(transport_rows, transport, visit);
}

void visit_options(const Identify& identify, const OptionVisitor& visit) {
  visit_rows(identify_rows, identify, visit);
}

std::optional<std::string> shown_option(const Aor& aor, std::string_view option) {
  for (const auto& row : aor_rows) {
    if (base::iequals(row.option, option)) return row.read(aor);
  }
  return std::nullopt;
}

}  // namespace missive::pjsip
