#include "pjsip/sender_identity.h"

#include <algorithm>

#include "base/text.h"
#include "sip/host.h"

namespace missive::pjsip {
namespace {

bool is_own_user(const Sender& sender, std::string_view user) {
  if (user.empty()) return false;
  const auto& endpoint = sender.endpoint;
  if (user == endpoint.name || user == sender.authenticated_as || user == endpoint.from_user ||
      user == endpoint.contact_user || user == endpoint.callerid.number) {
    return true;
  }
  const auto is_user = [user](std::string_view name) { return name == user; };
  if (std::any_of(endpoint.aors.begin(), endpoint.aors.end(), is_user)) return true;
  return std::any_of(endpoint.auth.begin(), endpoint.auth.end(), [&](const std::string& name) {
    const auto* auth = sender.configuration.auth(name);
    return auth != nullptr && auth->username == user;
  });
}

bool is_own_host(const Sender& sender, const sip::Uri& from) {
  const auto& request_uri = sender.request_uri;
  if (request_uri.sip() &&
      sip::same_host(from.host, from.host_is_ipv6, request_uri.host, request_uri.host_is_ipv6)) {
    return true;
  }
  const auto is = [&from](std::string_view host) {
    return !host.empty() && base::iequals(from.host, host);
  };
  if (is(sender.endpoint.from_domain)) return true;
  const auto& configuration = sender.configuration;
  const auto& aliases = configuration.domain_aliases();
  if (std::any_of(aliases.begin(), aliases.end(),
                  [&is](const DomainAlias& alias) { return is(alias.name) || is(alias.domain); })) {
    return true;
  }
  const auto& transports = configuration.transports();
  if (std::any_of(transports.begin(), transports.end(), [&is](const Transport& transport) {
        return is(transport.domain) || is(transport.external_signaling_address);
      })) {
    return true;
  }
  const auto ip = net::Address::from_ip(from.host, 0);
  if (!ip) return false;
  return *ip == sender.local.with_port(0) ||
         std::any_of(transports.begin(), transports.end(), [&ip](const Transport& transport) {
           return !transport.bind.is_unspecified_ip() && transport.bind.with_port(0) == *ip;
         });
}

// An endpoint of one domain among several: "alice@example.com".
bool is_whole_name(const Endpoint& endpoint, std::string_view user, std::string_view host) {
  const auto at = endpoint.name.rfind('@');
  const std::string_view name = endpoint.name;
  return at != std::string::npos && name.substr(0, at) == user &&
         base::iequals(name.substr(at + 1), host);
}

void append_display(std::string& out, std::string_view name) {
  if (name.empty()) return;
  sip::append_quoted(out, name);
  out += ' ';
}

void append_uri(std::string& out, std::string_view scheme, std::string_view user,
                std::string_view host, bool ipv6) {
  out.append("<").append(scheme).append(":");
  if (!user.empty()) out.append(user).append("@");
  if (ipv6) out += '[';
  out += host;
  if (ipv6) out += ']';
  out += '>';
}

void append_endpoint(std::string& out, const Sender& sender) {
  const auto& endpoint = sender.endpoint;
  if (!endpoint.hides_callerid()) append_display(out, endpoint.callerid.name);
  std::string_view name = endpoint.name;
  const auto at = name.rfind('@');
  if (at != std::string_view::npos) {
    return append_uri(out, "sip", sip::escape_user(name.substr(0, at)), name.substr(at + 1), false);
  }
  const auto user = sip::escape_user(name);
  const auto& request_uri = sender.request_uri;
  if (request_uri.sip()) {
    return append_uri(out, "sip", user, request_uri.host, request_uri.host_is_ipv6);
  }
  append_uri(out, "sip", user, sender.local.ip(), sender.local.is_v6());
}

}  // namespace

bool is_own_identity(const Sender& sender, const sip::Uri& from) {
  if (!from.sip()) {
    const auto number = from.opaque.substr(0, from.opaque.find(';'));
    return is_own_user(sender, number);
  }
  const bool escaped = from.user.find('%') != std::string_view::npos;
  const auto unescaped = escaped ? sip::unescape(from.user) : std::string();
  const auto user = escaped ? std::string_view(unescaped) : from.user;
  if (is_whole_name(sender.endpoint, user, from.host)) return true;
  return is_own_user(sender, user) && is_own_host(sender, from);
}

bool append_sender(std::string& out, const Sender& sender, const sip::NameAddr& from,
                   const sip::Uri& from_uri) {
  if (!sender.endpoint.trust_id_inbound && !is_own_identity(sender, from_uri)) {
    append_endpoint(out, sender);
    return false;
  }
  const bool plain = from.display_name.find('\\') == std::string_view::npos;
  if (plain || !from.quoted) {
    append_display(out, from.display_name);
  } else {
    append_display(out, from.unquoted_display());
  }
  if (from_uri.sip()) {
    append_uri(out, from_uri.scheme, from_uri.user, from_uri.host, from_uri.host_is_ipv6);
  } else {
    append_uri(out, from_uri.scheme, {}, from_uri.opaque.substr(0, from_uri.opaque.find(';')),
               false);
  }
  return true;
}

}  // namespace missive::pjsip
