#include "pjsip/identifier.h"

#include <algorithm>

#include "base/text.h"
#include "pjsip/digest_credentials.h"
#include "pjsip/line_token.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

constexpr unsigned whole_address = 2 * 128;

bool is_single_address(const Identify& identify) {
  const auto& sources = identify.sources;
  return identify.hosts.empty() &&
         std::all_of(sources.begin(), sources.end(), [](const Identify::Source& source) {
           const unsigned longest = source.network.base.is_v6() ? 128 : 32;
           return !source.excluded && source.port == 0 && source.network.prefix == longest;
         });
}

// IPv4-mapped addresses are those of IPv4.
net::Address plain_ip(const net::Address& address) {
  static const auto mapped = *net::Network::parse("::ffff:0:0/96");
  if (!address.is_v6() || !mapped.contains(address)) return address.with_port(0);
  const auto text = address.ip();
  return net::Address::from_ip(text.substr(text.rfind(':') + 1), 0).value_or(address.with_port(0));
}

}  // namespace

std::string_view name_of(IdentifyBy method) {
  const auto found = std::find_if(identify_methods.begin(), identify_methods.end(),
                                  [method](const auto& known) { return known.second == method; });
  return found->first;
}

Identifier::Identifier(std::shared_ptr<const Configuration> configuration,
                       const HostAddresses* hosts)
    : configuration_(std::move(configuration)), hosts_(hosts) {
  const auto& global = configuration_->global();
  order_ = global.endpoint_identifier_order;
  for (const auto method :
       {IdentifyBy::ip, IdentifyBy::username, IdentifyBy::header, IdentifyBy::request_uri,
        IdentifyBy::auth_username, IdentifyBy::anonymous}) {
    if (std::find(order_.begin(), order_.end(), method) == order_.end()) order_.push_back(method);
  }
  const auto& endpoints = configuration_->endpoints();
  multi_domain_ = !global.disable_multi_domain &&
                  std::any_of(endpoints.begin(), endpoints.end(), [](const Endpoint& endpoint) {
                    return endpoint.name.find('@') != std::string::npos;
                  });
  for (const auto& identify : configuration_->identifies()) {
    const auto* endpoint = configuration_->endpoint(identify.endpoint);
    if (endpoint == nullptr) continue;
    const Section section{&identify, endpoint};
    // Such a section says enough: identify_by is about user names, as in Asterisk.
    if (!is_single_address(identify) || !identify.transport.empty()) {
      networks_.push_back(section);
    } else {
      for (const auto& source : identify.sources) {
        addresses_.emplace(plain_ip(source.network.base), section);
      }
    }
    if (!identify.header_value.empty()) headers_.push_back(section);
    if (!identify.request_uri.empty()) request_uris_.push_back(section);
  }
  add_lines();
}

void Identifier::add_lines() {
  for (const auto& registration : configuration_->registrations()) {
    const auto* endpoint = configuration_->endpoint(registration.endpoint);
    if (!registration.line || endpoint == nullptr) continue;
    lines_.emplace(line_token(registration.name), Line{&registration, endpoint});
  }
}

Identified Identifier::identify(const RequestOrigin& origin, Trace* trace) const {
  const auto found = by_line(origin.packet);
  if (!found) return by_method(origin, trace);
  if (trace != nullptr) {
    trace->step("line", fmt::format("endpoint '{}' by registration '{}' ({})", found.endpoint->name,
                                    found.line->name, found.line->where.str()));
  }
  return found;
}

Identified Identifier::by_line(const sip::Packet& packet) const {
  if (lines_.empty()) return {};
  for (const auto* uri : {&packet.uri(), &packet.to_uri()}) {
    const auto token = *uri ? (*uri)->param("line") : std::nullopt;
    if (!token) continue;
    const auto known = lines_.find(*token);
    if (known == lines_.end()) continue;
    Identified found;
    found.endpoint = known->second.endpoint;
    found.line = known->second.registration;
    return found;
  }
  return {};
}

Identified Identifier::by_method(const RequestOrigin& origin, Trace* trace) const {
  for (const auto method : order_) {
    const auto found = by(method, origin);
    if (trace != nullptr) {
      if (!found) {
        trace->step(name_of(method), "no endpoint");
      } else if (found.section == nullptr) {
        trace->step(name_of(method), fmt::format("endpoint '{}' ({})", found.endpoint->name,
                                                 found.endpoint->where.str()));
      } else {
        trace->step(name_of(method),
                    fmt::format("endpoint '{}' by identify '{}' ({})", found.endpoint->name,
                                found.section->name, found.section->where.str()));
      }
    }
    if (found) return found;
  }
  return {};
}

Identified Identifier::by(IdentifyBy method, const RequestOrigin& origin) const {
  switch (method) {
    case IdentifyBy::ip:
      return by_address(origin);
    case IdentifyBy::header:
      return by_header(origin.packet);
    case IdentifyBy::request_uri:
      return by_request_uri(origin);
    case IdentifyBy::username:
      return by_username(origin);
    case IdentifyBy::auth_username:
      return by_credentials(origin);
    case IdentifyBy::anonymous:
      return anonymously(origin);
  }
  return {};
}

// How exactly the section describes the source, 0 where it does not hold it: twice the bits of the
// network as in IPv6, and one more for a port.
unsigned Identifier::exactness(const Section& section, const RequestOrigin& origin) const {
  const auto& identify = *section.identify;
  if (!identify.transport.empty() && identify.transport != origin.transport) return 0;
  unsigned exact = 0;
  if (identify.matches(origin.source)) {
    for (const auto& source : identify.sources) {
      if (source.excluded || !source.network.contains(origin.source)) continue;
      if (source.port != 0 && source.port != origin.source.port()) continue;
      const auto bits = source.network.prefix + (source.network.base.is_v6() ? 0 : 96);
      exact = std::max({exact, 2 * bits + (source.port != 0), 1U});
    }
  }
  if (hosts_ == nullptr) return exact;
  for (const auto& host : identify.hosts) {
    const bool right_port = host.port == 0 || host.port == origin.source.port();
    if (right_port && hosts_->has(host.name, origin.source)) {
      exact = std::max(exact, whole_address + (host.port != 0));
    }
  }
  return exact;
}

Identified Identifier::by_address(const RequestOrigin& origin) const {
  const Section* best = nullptr;
  unsigned best_exactness = 0;
  if (!addresses_.empty()) {
    const auto found = addresses_.find(plain_ip(origin.source));
    if (found != addresses_.end()) {
      best = &found->second;
      best_exactness = whole_address;
    }
  }
  for (const auto& section : networks_) {
    const auto exact = exactness(section, origin);
    if (exact <= best_exactness) continue;
    best = &section;
    best_exactness = exact;
  }
  if (best == nullptr) return {};
  return {best->endpoint, IdentifyBy::ip, best->identify};
}

Identified Identifier::by_header(const sip::Packet& packet) const {
  for (const auto& section : headers_) {
    const auto& identify = *section.identify;
    const auto id = sip::header_id(identify.header_name);
    for (const auto& header : packet.headers()) {
      const bool same_name = id != sip::HeaderId::Other
                                 ? header.id == id
                                 : base::iequals(header.name, identify.header_name);
      if (same_name && identify.header_value.matches(header.value)) {
        return {section.endpoint, IdentifyBy::header, &identify};
      }
    }
  }
  return {};
}

Identified Identifier::by_request_uri(const RequestOrigin& origin) const {
  for (const auto& section : request_uris_) {
    if (section.identify->request_uri.matches(origin.packet.request_uri())) {
      return {section.endpoint, IdentifyBy::request_uri, section.identify};
    }
  }
  return {};
}

Identified Identifier::by_username(const RequestOrigin& origin) const {
  const auto& uri = origin.packet.from_uri();
  if (!uri) return {};
  const auto& global = configuration_->global();
  const bool plain = uri->sip() && uri->user.find_first_of("%;") == std::string_view::npos;
  const auto* endpoint =
      plain ? find(uri->user, uri->host, origin.transport)
            : find(user_of(*uri, global.ignore_uri_user_options), uri->host, origin.transport);
  if (endpoint == nullptr || !endpoint->identifies_by(IdentifyBy::username)) return {};
  return {endpoint, IdentifyBy::username, nullptr};
}

Identified Identifier::by_credentials(const RequestOrigin& origin) const {
  for (const auto& header : origin.packet.headers()) {
    if (header.id != sip::HeaderId::Authorization) continue;
    const auto credentials = parse_digest_credentials(header.value);
    if (!credentials) continue;
    const auto* endpoint = find(credentials->username, credentials->realm, origin.transport);
    if (endpoint != nullptr && endpoint->identifies_by(IdentifyBy::auth_username)) {
      return {endpoint, IdentifyBy::auth_username, nullptr};
    }
  }
  return {};
}

Identified Identifier::anonymously(const RequestOrigin& origin) const {
  const auto& uri = origin.packet.from_uri();
  const auto domain = uri ? uri->host : std::string_view{};
  const auto* endpoint = find("anonymous", domain, origin.transport);
  if (endpoint == nullptr) return {};
  return {endpoint, IdentifyBy::anonymous, nullptr};
}

std::string_view Identifier::aliased(std::string_view domain) const {
  for (const auto& alias : configuration_->domain_aliases()) {
    if (base::iequals(alias.name, domain)) return alias.domain;
  }
  return {};
}

const Endpoint* Identifier::find(std::string_view user, std::string_view domain,
                                 std::string_view transport) const {
  if (user.empty()) return nullptr;
  if (multi_domain_) {
    const auto* section = configuration_->transport(transport);
    for (const auto each :
         {domain, aliased(domain), section == nullptr ? std::string_view{} : section->domain}) {
      if (each.empty()) continue;
      const auto name = std::string(user).append("@").append(each);
      if (const auto* endpoint = configuration_->endpoint(name)) return endpoint;
    }
  }
  // A user with an '@' in it would say its domain by itself.
  if (user.find('@') != std::string_view::npos) return nullptr;
  return configuration_->endpoint(user);
}

std::string Identifier::user_of(const sip::Uri& uri, bool without_options) {
  auto user = uri.sip() ? uri.user : uri.opaque.substr(0, uri.opaque.find(';'));
  if (uri.sip() && without_options) user = user.substr(0, user.find(';'));
  return sip::unescape(user);
}

}  // namespace missive::pjsip
