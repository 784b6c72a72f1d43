#include "pjsip/resolution.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace missive::pjsip {
namespace {

using base::printable;
using message::Refusal;
using Form = Destination::Form;
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
    out_.display_name.clear();
    out_.redirected.clear();
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
      if (out_.pinned != nullptr && out_.pinned->aor != aor->name) continue;
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
    const auto found =
        out_.contact != nullptr
            ? hop_to_contact(configuration_, *out_.contact, out_.uri, *out_.endpoint, out_.route,
                             out_.hop)
            : hop_to_uri(configuration_, out_.uri, *out_.endpoint, out_.route, out_.hop);
    if (!found) return failure("{}", found.error().text);
    if (trace_ != nullptr) tell_way();
    if (const auto sent_by = check_transport(configuration_, out_.hop); !sent_by) {
      return failure("{}", sent_by.error().text);
    }
    if (trace_ != nullptr) tell_transport();
    return accepted;
  }

  void tell_way() {
    const auto* contact = out_.contact.get();
    if (contact != nullptr && contact->flow) {
      trace_->step("flow", fmt::format("the connection from {} to {}", contact->flow->peer.str(),
                                       located(*out_.hop.registered_by)));
    } else if (contact != nullptr && !contact->path.empty()) {
      trace_->step("path", out_.route);
    } else if (!out_.route.empty()) {
      trace_->step("outbound proxy", out_.route.substr(1, out_.route.size() - 2));
    }
  }

  // Where DNS has a say the transport is not known yet.
  void tell_transport() {
    const auto& hop = out_.hop;
    if (hop.flow || !hop.address) return;
    const auto protocol = protocol_to(configuration_, hop);
    const auto& transport = *transport_for(configuration_, hop, {protocol, *hop.address});
    trace_->step("transport", fmt::format("{}: {} on {}", located(transport),
                                          sip::name_of(protocol), transport.bind.str()));
  }

  const Configuration& configuration_;
  const LocationService& locations_;
  Resolution& out_;
  Trace* trace_;
  const bool only_recipient_;
};

}  // namespace

std::optional<Refusal> resolve(const Configuration& configuration, const LocationService& locations,
                               std::string_view address, Resolution& out, Trace* trace) {
  return Resolver(configuration, locations, out, trace).run(address);
}

std::optional<Refusal> find_recipient(const Configuration& configuration,
                                      const LocationService& locations, std::string_view address,
                                      Resolution& out) {
  return Resolver(configuration, locations, out, nullptr, true).run(address);
}

std::optional<Refusal> redirect(const Configuration& configuration, std::string_view contact_uri,
                                Resolution& out) {
  const auto parsed = sip::parse_uri(contact_uri);
  if (!parsed) return invalid_uri("'{}': {}", printable(contact_uri, 120), parsed.error().text);
  if (out.redirected.empty()) out.redirected = out.request_uri;
  out.request_uri = contact_uri;
  out.uri = *sip::parse_uri(out.request_uri);
  auto found = hop_to_uri(configuration, out.uri, *out.endpoint, out.route, out.hop);
  if (found) found = check_transport(configuration, out.hop);
  if (!found) return failure("{}", found.error().text);
  return accepted;
}

}  // namespace missive::pjsip
