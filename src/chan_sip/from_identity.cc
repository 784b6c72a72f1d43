#include "chan_sip/from_identity.h"

#include <algorithm>

#include "base/text.h"
#include "chan_sip/definition.h"
#include "sip/chars.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

namespace missive::chan_sip {
namespace {

using base::istarts_with;
using base::printable;

base::Error about(std::string_view text, std::string_view what) {
  return {fmt::format("From '{}': {}", printable(text, 80), what)};
}

bool is_standard(std::string_view port, std::string_view protocol) {
  return port == (protocol == "TLS" ? "5061" : "5060");
}

// Where ":port" begins in `host` or `host:port`, its size without one.
std::size_t port_at(std::string_view host) {
  const auto colon = host.rfind(':');
  const bool inside = colon == host.npos || host.find(']', colon) != host.npos;
  return inside ? host.size() : colon;
}

}  // namespace

void FromIdentity::take_user(std::string_view user) {
  user_ = user;
  if (sip::chars::all(user, sip::chars::user)) return;
  escaped_ = sip::escape_user(user);
  user_ = escaped_;
}

base::Result<void> FromIdentity::read(const pjsip::Configuration& configuration,
                                      const pjsip::Endpoint& endpoint, std::string_view from) {
  static const pjsip::Endpoint nobody;
  const auto* general = configuration.default_outbound_endpoint();
  const auto& ours = general != nullptr ? *general : nobody;
  display_ = ours.callerid.name;
  take_user(endpoint.from_user.empty() ? ours.callerid.number : endpoint.from_user);
  domain_ = endpoint.from_domain;

  from = base::trim(from);
  if (from.empty()) return {};
  const auto* peer = configuration.endpoint(from);
  if (peer != nullptr && from != general_endpoint && from != guest_endpoint) {
    if (peer->hides_callerid()) return {};
    const auto& id = peer->callerid;
    take_user(id.number.empty() ? peer->name : id.number);
    display_ = id.name.empty() ? std::string_view(peer->name) : id.name;
    return {};
  }
  if (from.find('<') != from.npos) return take_name_addr(from);
  const bool quoted = from.size() >= 2 && from.front() == '"' && from.back() == '"';
  display_ = quoted ? from.substr(1, from.size() - 2) : from;
  return {};
}

base::Result<void> FromIdentity::take_name_addr(std::string_view text) {
  const auto parsed = sip::parse_name_addr(text);
  if (!parsed) return tl::unexpected(about(text, parsed.error().text));
  if (!parsed->display_name.empty()) {
    display_ = parsed->display_name;
    if (parsed->quoted && display_.find('\\') != display_.npos) {
      unquoted_ = parsed->unquoted_display();
      display_ = unquoted_;
    }
  }
  const auto taken = take_address(base::trim(parsed->uri));
  if (!taken) return tl::unexpected(about(text, taken.error().text));
  return {};
}

base::Result<void> FromIdentity::take_address(std::string_view address) {
  if (address.empty()) return base::fail("there is nothing in the angle brackets");
  if (istarts_with(address, "tel:")) {
    address = address.substr(4, address.find(';') - 4);
    if (address.empty()) return base::fail("there is no number behind tel:");
    take_user(address);
    return {};
  }
  const bool scheme = istarts_with(address, "sip:") || istarts_with(address, "sips:");
  if (!scheme && address.find('@') == address.npos) {
    if (address.find(':') != address.npos) return base::fail("it is no SIP URI");
    take_user(address);
    return {};
  }
  if (!scheme) {
    text_.assign("sip:").append(address);
    address = text_;
  }
  const auto uri = sip::parse_uri(address);
  if (!uri) return tl::unexpected(uri.error());
  if (!uri->user.empty()) user_ = uri->user;
  // host[:port] as it stands there.
  const char* begin = uri->host.data() - (uri->host_is_ipv6 ? 1 : 0);
  const auto rest = address.substr(static_cast<std::size_t>(begin - address.data()));
  domain_ = rest.substr(0, rest.find_first_of(";?"));
  return {};
}

void FromIdentity::append_from(std::string& out, std::string_view protocol,
                               const sip::SentBy& own) const {
  sip::append_quoted(out, display_);
  out += " <sip:";
  out += user_;
  out += '@';
  const auto host = domain_.empty() ? std::string_view(own.host) : domain_;
  const auto at = port_at(host);
  out += host.substr(0, at);
  const auto own_port = std::string_view(own.host_port).substr(port_at(own.host_port));
  const auto port = at < host.size() ? host.substr(at) : own_port;
  if (!port.empty() && !is_standard(port.substr(1), protocol)) out += port;
  out += '>';
}

void FromIdentity::append_contact(std::string& out, std::string_view protocol,
                                  const sip::SentBy& own) const {
  out += "<sip:";
  out += user_;
  out += '@';
  out += own.host_port;
  if (protocol != "UDP") {
    out += ";transport=";
    std::transform(protocol.begin(), protocol.end(), std::back_inserter(out), base::to_lower);
  }
  out += '>';
}

}  // namespace missive::chan_sip
