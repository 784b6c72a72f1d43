#include "app/dialplan_host.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sip/uri.h"

namespace missive::app {
namespace {

using pjsip::Aor;
using pjsip::Contact;
using pjsip::Endpoint;
using pjsip::KnownContact;

std::string yes_no(bool value) { return value ? "yes" : "no"; }
std::string joined(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ","));
}

// A field of an object, by the name of its option.
template <class T>
struct Field {
  std::string_view name;
  std::string (*read)(const T&);
};

template <class T, std::size_t count>
std::optional<std::string> read_field(const std::array<Field<T>, count>& fields, const T& object,
                                      std::string_view name) {
  for (const auto& field : fields) {
    if (base::iequals(field.name, name)) return field.read(object);
  }
  return std::nullopt;
}

std::string callerid_of(const Endpoint& e) {
  if (e.callerid.name.empty() && e.callerid.number.empty()) return "";
  return fmt::format("\"{}\" <{}>", e.callerid.name, e.callerid.number);
}

std::string identify_by_of(const Endpoint& e) {
  std::vector<std::string> names;
  for (const auto& method : e.identify_by) {
    for (const auto& [name, value] : pjsip::identify_methods) {
      if (value == method) names.emplace_back(name);
    }
  }
  return joined(names);
}

using E = Endpoint;
constexpr auto endpoint_fields = std::to_array<Field<Endpoint>>({
    {"accountcode", [](const E& e) { return e.accountcode; }},
    {"allow_subscribe", [](const E& e) { return yes_no(e.allow_subscribe); }},
    {"aors", [](const E& e) { return joined(e.aors); }},
    {"auth", [](const E& e) { return joined(e.auth); }},
    {"callerid", callerid_of},
    {"callerid_privacy", [](const E& e) { return e.callerid_privacy; }},
    {"callerid_tag", [](const E& e) { return e.callerid_tag; }},
    {"contact_user", [](const E& e) { return e.contact_user; }},
    {"context", [](const E& e) { return e.context; }},
    {"force_rport", [](const E& e) { return yes_no(e.force_rport); }},
    {"from_domain", [](const E& e) { return e.from_domain; }},
    {"from_user", [](const E& e) { return e.from_user; }},
    {"identify_by", identify_by_of},
    {"language", [](const E& e) { return e.language; }},
    {"message_context", [](const E& e) { return e.message_context; }},
    {"outbound_auth", [](const E& e) { return joined(e.outbound_auth); }},
    {"outbound_proxy", [](const E& e) { return e.outbound_proxy; }},
    {"redirect_method", [](const E& e) { return e.redirect_method; }},
    {"rewrite_contact", [](const E& e) { return yes_no(e.rewrite_contact); }},
    {"send_pai", [](const E& e) { return yes_no(e.send_pai); }},
    {"send_rpid", [](const E& e) { return yes_no(e.send_rpid); }},
    {"set_var", [](const E& e) { return joined(e.set_var); }},
    {"subscribe_context", [](const E& e) { return e.subscribe_context; }},
    {"tenantid", [](const E& e) { return e.tenantid; }},
    {"transport", [](const E& e) { return e.transport; }},
    {"trust_id_inbound", [](const E& e) { return yes_no(e.trust_id_inbound); }},
    {"trust_id_outbound", [](const E& e) { return yes_no(e.trust_id_outbound); }},
    {"user_eq_phone", [](const E& e) { return yes_no(e.user_eq_phone); }},
});

std::string number(long long value) { return fmt::to_string(value); }
std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{:.6f}", static_cast<double>(time.count()) / 1000);
}

using A = Aor;
constexpr auto aor_fields = std::to_array<Field<Aor>>({
    {"authenticate_qualify", [](const A& a) { return yes_no(a.authenticate_qualify); }},
    {"default_expiration", [](const A& a) { return number(a.default_expiration.count()); }},
    {"mailboxes", [](const A& a) { return a.mailboxes; }},
    {"max_contacts", [](const A& a) { return number(a.max_contacts); }},
    {"maximum_expiration", [](const A& a) { return number(a.maximum_expiration.count()); }},
    {"minimum_expiration", [](const A& a) { return number(a.minimum_expiration.count()); }},
    {"outbound_proxy", [](const A& a) { return a.outbound_proxy; }},
    {"qualify_2xx_only", [](const A& a) { return yes_no(a.qualify_2xx_only); }},
    {"qualify_frequency", [](const A& a) { return number(a.qualify_frequency.count()); }},
    {"qualify_timeout", [](const A& a) { return seconds(a.qualify_timeout); }},
    {"remove_existing", [](const A& a) { return yes_no(a.remove_existing); }},
    {"remove_unavailable", [](const A& a) { return yes_no(a.remove_unavailable); }},
    {"support_path", [](const A& a) { return yes_no(a.support_path); }},
    {"voicemail_extension", [](const A& a) { return a.voicemail_extension; }},
});

std::string via_part(const Contact& contact, bool port) {
  const auto colon = contact.via_address.rfind(':');
  if (colon == std::string::npos) return port ? "" : contact.via_address;
  return port ? contact.via_address.substr(colon + 1) : contact.via_address.substr(0, colon);
}

std::string_view status_of(const KnownContact& known) {
  switch (known.status.reachability) {
    case pjsip::Reachability::reachable:
      return "Reachable";
    case pjsip::Reachability::unreachable:
      return "Unreachable";
    default:
      return "NonQualified";
  }
}

using K = KnownContact;
constexpr auto contact_fields = std::to_array<Field<KnownContact>>({
    {"aor", [](const K& k) { return k.contact->aor; }},
    {"call_id", [](const K& k) { return k.contact->call_id; }},
    {"endpoint", [](const K& k) { return k.contact->endpoint; }},
    {"path", [](const K& k) { return joined(k.contact->path); }},
    {"rtt", [](const K& k) { return number(k.status.round_trip.count()); }},
    {"status", [](const K& k) { return std::string(status_of(k)); }},
    {"uri", [](const K& k) { return k.contact->uri; }},
    {"user_agent", [](const K& k) { return k.contact->user_agent; }},
    {"via_addr", [](const K& k) { return via_part(*k.contact, false); }},
    {"via_port", [](const K& k) { return via_part(*k.contact, true); }},
});

// "alice;@8f3a..." for one that registered, "alice@@8f3a..." for one of pjsip.conf.
std::string id_of(const Contact& contact) {
  return fmt::format("{}{}@{:016x}", contact.aor, contact.permanent ? "@" : ";",
                     std::hash<std::string>{}(contact.uri));
}

// The URI with another user; as it is when `user` is empty.
std::string with_user(const std::string& text, std::string_view user) {
  const auto parsed = sip::parse_uri(text);
  if (user.empty() || !parsed) return text;
  auto uri = *parsed;
  uri.user = user;
  uri.password = {};
  return uri.str();
}

}  // namespace

void DialplanHost::use(std::shared_ptr<const pjsip::Configuration> configuration) {
  const std::lock_guard lock(mutex_);
  configuration_ = std::move(configuration);
}

std::shared_ptr<const pjsip::Configuration> DialplanHost::configuration() const {
  const std::lock_guard lock(mutex_);
  return configuration_;
}

std::optional<std::string> DialplanHost::endpoint(std::string_view name, std::string_view option) {
  const auto current = configuration();
  const auto* found = current->endpoint(name);
  if (found == nullptr) return std::nullopt;
  return read_field(endpoint_fields, *found, option);
}

std::optional<std::string> DialplanHost::aor(std::string_view name, std::string_view option) {
  const auto current = configuration();
  const auto* found = current->aor(name);
  if (found == nullptr) return std::nullopt;
  if (!base::iequals(option, "contact")) return read_field(aor_fields, *found, option);
  std::vector<std::string> ids;
  for (const auto& known : locations_.contacts(name)) ids.push_back(id_of(*known.contact));
  return joined(ids);
}

std::optional<std::string> DialplanHost::contact(std::string_view id, std::string_view field) {
  // The AOR is what stands before the last ";@" or "@@".
  const auto at = id.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  for (const auto& known : locations_.contacts(id.substr(0, at - 1))) {
    if (id_of(*known.contact) != id) continue;
    if (!base::iequals(field, "expiration_time")) return read_field(contact_fields, known, field);
    if (known.contact->permanent) return "0";
    const auto left = known.contact->expires - clock_.now();
    const auto wall = clock_.wall() + std::chrono::duration_cast<base::WallTime::duration>(left);
    return number(std::chrono::system_clock::to_time_t(wall));
  }
  return std::nullopt;
}

std::optional<std::string> DialplanHost::dial_contacts(std::string_view endpoint,
                                                       std::string_view aor,
                                                       std::string_view user) {
  const auto current = configuration();
  const auto* found = current->endpoint(endpoint);
  if (found == nullptr) return std::nullopt;
  const auto aors = aor.empty() ? found->aors : std::vector<std::string>{std::string(aor)};
  std::vector<std::string> targets;
  for (const auto& name : aors) {
    for (const auto& known : locations_.contacts(name)) {
      targets.push_back(fmt::format("PJSIP/{}/{}", endpoint, with_user(known.contact->uri, user)));
    }
  }
  return fmt::format("{}", fmt::join(targets, "&"));
}

}  // namespace missive::app
