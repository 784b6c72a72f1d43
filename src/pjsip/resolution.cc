#include "pjsip/resolution.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "sip/name_addr.h"

namespace missive::pjsip {
namespace {

using base::printable;
using message::Refusal;
using Form = Destination::Form;
using Protocol = Transport::Protocol;
using Refused = std::optional<Refusal>;
constexpr auto accepted = std::nullopt;

template <class... Args>
Refusal failure(fmt::format_string<Args...> text, Args&&... args) {
  return {Refusal::Kind::failure, fmt::format(text, std::forward<Args>(args)...)};
}
template <class... Args>
Refusal unreachable(fmt::format_string<Args...> text, Args&&... args) {
  return {Refusal::Kind::unreachable, fmt::format(text, std::forward<Args>(args)...)};
}
template <class... Args>
Refusal invalid_uri(fmt::format_string<Args...> text, Args&&... args) {
  return {Refusal::Kind::invalid_uri, fmt::format(text, std::forward<Args>(args)...)};
}

std::optional<Protocol> protocol_of(std::string_view name) {
  for (const auto protocol :
       {Protocol::udp, Protocol::tcp, Protocol::tls, Protocol::ws, Protocol::wss}) {
    if (base::iequals(name, name_of(protocol))) return protocol;
  }
  return std::nullopt;
}

// A telephone-subscriber by RFC 3261 section 25.1, without parameters.
bool is_telephone_number(std::string_view user) {
  if (user.starts_with('+')) user.remove_prefix(1);
  return !user.empty() && user.find_first_not_of("0123456789-.()*#ABCDabcd") == user.npos &&
         user.find_first_of("0123456789") != user.npos;
}

// "alice (pjsip.conf:12)"
template <class Object>
std::string located(const Object& object) {
  return fmt::format("{} ({})", object.name, object.where.str());
}

std::string describe(const Contact& contact) {
  if (contact.permanent) return contact.uri;
  return fmt::format("{}, registered from {}", contact.uri, contact.source.str());
}

bool suits(const Transport& transport, Protocol protocol,
           const std::optional<net::Address>& address) {
  return transport.protocol == protocol && (!address || transport.bind.is_v6() == address->is_v6());
}

// One pass over one destination.
class Resolver {
 public:
  Resolver(const Configuration& configuration, const LocationService& locations, Resolution& out,
           Trace* trace, bool only_recipient = false)
      : configuration_(configuration),
        locations_(locations),
        out_(out),
        trace_(trace),
        only_recipient_(only_recipient) {}

  Refused run(std::string_view address) {
    out_.endpoint = nullptr;
    out_.aor = nullptr;
    out_.contact = nullptr;
    out_.by_aors = false;
    out_.named_aor = nullptr;
    out_.flow.reset();
    out_.display_name.clear();
    out_.route.clear();
    const auto destination = parse_destination(address);
    if (!destination) {
      return invalid_uri("destination '{}': {}", printable(address, 120), destination.error().text);
    }
    out_.form = destination->form;
    if (auto refused = find_target(*destination)) return refused;
    if (only_recipient_ && out_.contact != nullptr) return accepted;
    return find_next_hop();
  }

 private:
  // `describe()` makes the text; only where somebody reads it.
  template <class Describe>
  void step(std::string_view what, Describe describe) {
    if (trace_ != nullptr) trace_->step(what, describe());
  }
  void matched(std::string_view form) {
    step("form", [&] { return form; });
  }

  Refused find_target(const Destination& destination) {
    switch (destination.form) {
      case Form::name:
        return find_name(destination, "endpoint", "host");
      case Form::name_at_host:
        return find_name(destination, "endpoint@domain (the domain is discarded)", "user@host");
      case Form::uri:
        matched("URI");
        if (auto refused = use_default_endpoint()) return refused;
        return use_uri(destination.target, destination.display_name);
      case Form::endpoint_name:
      case Form::endpoint_user_host:
      case Form::endpoint_uri:
      case Form::dial_string:
        return find_behind_endpoint(destination);
    }
    return accepted;
  }

  // `bob`, `bob@example.com`: an endpoint's name goes before a host's.
  Refused find_name(const Destination& destination, std::string_view as_endpoint,
                    std::string_view as_host) {
    if (configuration_.endpoint(destination.endpoint) != nullptr) {
      matched(as_endpoint);
      use_endpoint(destination.endpoint);
      return use_default_aor("");
    }
    if (configuration_.default_outbound_endpoint() == nullptr) {
      return failure(
          "endpoint '{}' not found; to take '{}' for a host the endpoint '{}' would be needed"
          " (type=global, default_outbound_endpoint)",
          printable(destination.endpoint, 80), printable(destination.target, 80),
          configuration_.global().default_outbound_endpoint);
    }
    matched(as_host);
    if (auto refused = use_default_endpoint()) return refused;
    return use_host(destination.target);
  }

  Refused find_behind_endpoint(const Destination& destination) {
    const bool may_be_aor = destination.form == Form::endpoint_name;
    const auto* aor = may_be_aor ? configuration_.aor(destination.target) : nullptr;
    matched(aor != nullptr ? "endpoint/aor"
            : may_be_aor   ? "endpoint/host"
                           : name_of(destination.form));
    if (!use_endpoint(destination.endpoint)) {
      return failure("endpoint '{}' not found", printable(destination.endpoint, 80));
    }
    if (aor != nullptr) return use_aor(*aor);
    switch (destination.form) {
      case Form::dial_string:
        return use_default_aor(destination.user);
      case Form::endpoint_uri:
        return use_uri(destination.target, destination.display_name);
      default:
        return use_host(destination.target);
    }
  }

  bool use_endpoint(std::string_view name) {
    out_.endpoint = configuration_.endpoint(name);
    if (out_.endpoint == nullptr) return false;
    step("endpoint", [&] { return located(*out_.endpoint); });
    return true;
  }

  Refused use_default_endpoint() {
    const auto& name = configuration_.global().default_outbound_endpoint;
    out_.endpoint = configuration_.default_outbound_endpoint();
    if (out_.endpoint == nullptr) {
      return failure(
          "a destination without an endpoint needs the default endpoint '{}' (type=global,"
          " default_outbound_endpoint), which is not configured",
          name);
    }
    step("endpoint", [&] { return located(*out_.endpoint) + ", the default_outbound_endpoint"; });
    return accepted;
  }

  // The first contact of the endpoint's AORs, with `user` put into it unless empty.
  Refused use_default_aor(std::string_view user) {
    const auto& endpoint = *out_.endpoint;
    if (endpoint.aors.empty()) {
      return failure("endpoint '{}' has no AOR (aors=), so there is no contact to send to",
                     endpoint.name);
    }
    out_.by_aors = true;
    bool may_come = false;  // somebody who registers
    for (const auto* aor : endpoint.configured_aors) {
      may_come = may_come || aor->max_contacts > 0;
      if (auto contact = choose(aor->name)) {
        return use_contact(*aor, std::move(contact), user);
      }
    }
    if (!may_come) {
      return failure("endpoint '{}' has no contact: none of its AORs ({}) has one", endpoint.name,
                     fmt::join(endpoint.aors, ", "));
    }
    return unreachable("endpoint '{}' has no contact: none of its AORs ({}) has one", endpoint.name,
                       fmt::join(endpoint.aors, ", "));
  }

  std::shared_ptr<const Contact> choose(const std::string& aor) const {
    if (out_.pinned != nullptr && out_.pinned->aor == aor) return out_.pinned;
    if (!out_.preferred.empty()) {
      if (auto contact = locations_.find(aor, out_.preferred)) return contact;
    }
    return locations_.choose(aor);
  }

  Refused use_aor(const Aor& aor) {
    out_.named_aor = &aor;
    auto contact = choose(aor.name);
    if (contact == nullptr) {
      return aor.max_contacts > 0 ? unreachable("AOR '{}' has no contact", aor.name)
                                  : failure("AOR '{}' has no contact", aor.name);
    }
    return use_contact(aor, std::move(contact), "");
  }

  Refused use_contact(const Aor& aor, std::shared_ptr<const Contact> contact,
                      std::string_view user) {
    out_.aor = &aor;
    out_.contact = std::move(contact);
    step("aor", [&] { return located(aor); });
    step("contact", [&] { return describe(*out_.contact); });
    if (only_recipient_) return accepted;
    if (user.empty()) return use_uri(out_.contact->uri, "");
    const auto parsed = sip::parse_uri(out_.contact->uri);
    if (!parsed) return invalid_uri("contact of '{}': {}", aor.name, parsed.error().text);
    auto uri = *parsed;
    uri.user = user;
    uri.password = {};
    return use_uri(uri.str(), "");
  }

  Refused use_host(std::string_view host) { return use_uri(fmt::format("sip:{}", host), ""); }

  // Without the header part, which has no place in a Request-URI (RFC 3261 table 1).
  Refused use_uri(std::string_view text, std::string_view display_name) {
    const auto at = text.find('@');  // a '?' in front of it is part of the user
    text = text.substr(0, text.find('?', at == text.npos ? 0 : at));
    out_.request_uri = text;
    out_.display_name = display_name;
    const auto uri = sip::parse_uri(out_.request_uri);
    if (!uri) return invalid_uri("'{}': {}", printable(text, 120), uri.error().text);
    if (!uri->sip()) return invalid_uri("'{}' is no SIP URI", printable(text, 120));
    out_.uri = *uri;
    if (out_.endpoint->user_eq_phone && is_telephone_number(uri->user) && !uri->param("user")) {
      out_.request_uri += ";user=phone";
      out_.uri = *sip::parse_uri(out_.request_uri);
    }
    step("Request-URI", [&] { return out_.request_uri; });
    return accepted;
  }

  Refused find_next_hop() {
    if (out_.contact != nullptr && out_.contact->flow) return use_flow(*out_.contact);
    if (out_.contact != nullptr && !out_.contact->path.empty()) return use_path(*out_.contact);
    const auto& proxy = out_.aor != nullptr && !out_.aor->outbound_proxy.empty()
                            ? out_.aor->outbound_proxy
                            : out_.endpoint->outbound_proxy;
    if (proxy.empty()) return use_next_hop(out_.uri);
    const auto uri = sip::parse_uri(proxy);
    if (!uri) return invalid_uri("outbound_proxy '{}': {}", proxy, uri.error().text);
    out_.route = fmt::format("<{}>", proxy);
    step("outbound proxy", [&] { return proxy; });
    return use_next_hop(*uri);
  }

  // Down the connection that the phone opened, or the proxy in front of it.
  Refused use_flow(const Contact& contact) {
    out_.transport = configuration_.transport(contact.transport);
    if (out_.transport == nullptr) {
      return failure("contact '{}' came by the transport '{}', which is not configured any more",
                     contact.uri, contact.transport);
    }
    if (!contact.path.empty()) out_.route = fmt::format("{}", fmt::join(contact.path, ", "));
    out_.flow = contact.flow;
    out_.address = contact.flow->peer;
    out_.port = contact.flow->peer.port();
    out_.transport_chosen_by_uri = true;
    step("flow", [&] {
      return fmt::format("the connection from {} to {}", contact.flow->peer.str(),
                         located(*out_.transport));
    });
    return accepted;
  }

  Refused use_path(const Contact& contact) {
    out_.route = fmt::format("{}", fmt::join(contact.path, ", "));
    step("path", [&] { return out_.route; });
    const auto hop = sip::parse_name_addr(contact.path.front());
    const auto uri = hop ? sip::parse_uri(hop->uri) : tl::unexpected(hop.error());
    if (!uri) return invalid_uri("Path of '{}': {}", contact.uri, uri.error().text);
    return use_next_hop(*uri);
  }

  Refused use_next_hop(const sip::Uri& uri) {
    out_.host = uri.param("maddr").value_or(uri.host);
    out_.address = net::Address::from_ip(out_.host, 0);
    const auto named = uri.param("transport");
    auto protocol = default_protocol(uri.sips());
    if (named) {
      const auto wanted = protocol_of(*named);
      if (!wanted) return failure("transport '{}' is not known", printable(*named, 40));
      protocol = uri.sips() && *wanted == Protocol::tcp ? Protocol::tls : *wanted;
    }
    if (uri.sips() && protocol != Protocol::tls && protocol != Protocol::wss) {
      return failure("sips: asks for TLS on every hop and transport={} is none", *named);
    }
    out_.transport_chosen_by_uri = named.has_value();
    const std::uint16_t default_port = protocol == Protocol::tls ? 5061 : 5060;
    out_.port = uri.port.value_or(default_port);
    if (out_.address) out_.address = out_.address->with_port(out_.port);
    return find_transport(protocol, uri.sips());
  }

  // What a phone registered by, or the endpoint's own transport, speaks; else UDP.
  Protocol default_protocol(bool sips) const {
    if (sips) return Protocol::tls;
    const auto* own = configuration_.transport(out_.endpoint->transport);
    return own != nullptr ? own->protocol : Protocol::udp;
  }

  Refused find_transport(Protocol protocol, bool sips) {
    out_.transport = registered_transport(protocol);
    if (out_.transport == nullptr) {
      out_.transport = choose_transport(configuration_, *out_.endpoint, protocol, out_.address);
    }
    if (out_.transport == nullptr && protocol == Protocol::udp && !out_.transport_chosen_by_uri) {
      // A server without UDP.
      out_.transport =
          choose_transport(configuration_, *out_.endpoint, Protocol::tcp, out_.address);
    }
    if (out_.transport == nullptr) {
      const auto* family = !out_.address ? "" : out_.address->is_v6() ? " for IPv6" : " for IPv4";
      return failure("no {} transport{} is configured (pjsip.conf, type=transport){}",
                     name_of(protocol), family, sips ? ", and sips: may use no other" : "");
    }
    step("transport", [&] {
      return fmt::format("{}: {} on {}", located(*out_.transport),
                         name_of(out_.transport->protocol), out_.transport->bind.str());
    });
    return accepted;
  }

  // The one a phone registered by: a firewall on the way lets only that back in.
  const Transport* registered_transport(Protocol protocol) const {
    if (out_.contact == nullptr || out_.contact->permanent) return nullptr;
    const auto* transport = configuration_.transport(out_.contact->transport);
    const bool suitable = transport != nullptr && suits(*transport, protocol, out_.address);
    return suitable ? transport : nullptr;
  }

  const Configuration& configuration_;
  const LocationService& locations_;
  Resolution& out_;
  Trace* trace_;
  const bool only_recipient_;
};

}  // namespace

const Transport* choose_transport(const Configuration& configuration, const Endpoint& endpoint,
                                  Protocol protocol, const std::optional<net::Address>& address) {
  // TLS and WebSocket transports are read but not opened yet, so they can carry nothing.
  if (protocol != Protocol::udp && protocol != Protocol::tcp) return nullptr;
  const auto* own = configuration.transport(endpoint.transport);
  if (own != nullptr && suits(*own, protocol, address)) return own;
  for (const auto& transport : configuration.transports()) {
    if (suits(transport, protocol, address)) return &transport;
  }
  return nullptr;
}

std::optional<Refusal> resolve(const Configuration& configuration, const LocationService& locations,
                               std::string_view address, Resolution& out, Trace* trace) {
  return Resolver(configuration, locations, out, trace).run(address);
}

std::optional<Refusal> find_recipient(const Configuration& configuration,
                                      const LocationService& locations, std::string_view address,
                                      Resolution& out) {
  return Resolver(configuration, locations, out, nullptr, true).run(address);
}

}  // namespace missive::pjsip
