#include "pjsip/identity.h"

#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::pjsip {
namespace {

using base::istarts_with;
using base::printable;

bool is_sip_uri(std::string_view text) {
  return istarts_with(text, "sip:") || istarts_with(text, "sips:");
}

// "tel:+1555", "pjsip:alice": a scheme in front, which a user has not.
bool has_other_scheme(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || is_sip_uri(text)) return false;
  return base::is_alpha(text[0]) && text.find('@') > colon;
}

void append_uri(std::string& out, std::string_view user, std::string_view host, bool ipv6) {
  out += "<sip:";
  if (!user.empty()) {
    out += user;
    out += '@';
  }
  if (ipv6) out += '[';
  out += host;
  if (ipv6) out += ']';
  out += '>';
}

void append_display(std::string& out, std::string_view display) {
  if (display.empty()) return;
  sip::append_quoted(out, display);
  out += ' ';
}

// An address as people write it, split into display name and the rest.
struct Written {
  std::string display;
  std::string_view address;
};

base::Result<Written> take_apart(std::string_view text) {
  if (!text.starts_with('"') && text.find('<') == std::string_view::npos) {
    return Written{"", text};
  }
  const auto parsed = sip::parse_name_addr(text);
  if (!parsed) return tl::unexpected(parsed.error());
  return Written{parsed->unquoted_display(), base::trim(parsed->uri)};
}

// `sip:user@host...` or `user@host...` as <sip:user@host>.
base::Result<void> append_address(std::string& out, std::string_view display,
                                  std::string_view address) {
  const auto text = is_sip_uri(address) ? std::string(address) : "sip:" + std::string(address);
  const auto uri = sip::parse_uri(text);
  if (!uri) return tl::unexpected(uri.error());
  append_display(out, display);
  append_uri(out, uri->user, uri->host, uri->host_is_ipv6);
  return {};
}

std::string_view own_domain(const Endpoint& endpoint, std::string_view own_host) {
  return endpoint.from_domain.empty() ? own_host : std::string_view(endpoint.from_domain);
}

void append_default_from(std::string& out, const Endpoint& endpoint, std::string_view own_host) {
  const auto domain = own_domain(endpoint, own_host);
  if (!endpoint.from_user.empty()) {
    return append_uri(out, sip::escape_user(endpoint.from_user), domain, false);
  }
  if (!endpoint.callerid.number.empty() && !endpoint.hides_callerid()) {
    append_display(out, endpoint.callerid.name);
    return append_uri(out, sip::escape_user(endpoint.callerid.number), domain, false);
  }
  append_uri(out, sip::escape_user(endpoint.name), domain, false);
}

base::Error about(std::string_view header, std::string_view text, const base::Error& error) {
  return {fmt::format("{} '{}': {}", header, printable(text, 80), error.text)};
}

}  // namespace

base::Result<void> append_from(std::string& out, std::string_view from, const Endpoint& endpoint,
                               std::string_view own_host) {
  from = base::trim(from);
  const auto written = take_apart(from);
  if (!written) return tl::unexpected(about("From", from, written.error()));
  const auto address = written->address;
  if (address.empty() || has_other_scheme(address)) {
    append_default_from(out, endpoint, own_host);
    return {};
  }
  if (!is_sip_uri(address) && address.find('@') == std::string_view::npos) {
    append_display(out, written->display);
    append_uri(out, sip::escape_user(address), own_domain(endpoint, own_host), false);
    return {};
  }
  return append_address(out, written->display, address).map_error([&](const base::Error& error) {
    return about("From", from, error);
  });
}

base::Result<void> append_to(std::string& out, std::string_view to, std::string_view display_name,
                             const sip::Uri& request_uri) {
  to = base::trim(to);
  const auto written = take_apart(to);
  if (!written) return tl::unexpected(about("To", to, written.error()));
  const auto address = written->address;
  const bool names_somebody = is_sip_uri(address) || (address.find('@') != std::string_view::npos &&
                                                      !has_other_scheme(address));
  if (!names_somebody) {
    append_display(out, sip::unquote(display_name));
    append_uri(out, request_uri.user, request_uri.host, request_uri.host_is_ipv6);
    return {};
  }
  return append_address(out, written->display, address).map_error([&](const base::Error& error) {
    return about("To", to, error);
  });
}

void append_contact(std::string& out, const Endpoint& endpoint, std::string_view own_host_port) {
  const auto& user = !endpoint.contact_user.empty() ? endpoint.contact_user
                     : !endpoint.from_user.empty()  ? endpoint.from_user
                                                    : endpoint.name;
  out += "<sip:";
  out += sip::escape_user(user);
  out += '@';
  out += own_host_port;
  out += '>';
}

}  // namespace missive::pjsip
