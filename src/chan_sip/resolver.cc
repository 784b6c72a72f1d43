#include "chan_sip/resolver.h"

#include <algorithm>

#include "base/text.h"
#include "chan_sip/definition.h"
#include "chan_sip/destination.h"
#include "conf/nearest.h"

namespace missive::chan_sip {
namespace {

using base::printable;
using message::Refusal;
using pjsip::Contact;
using Refused = std::optional<Refusal>;
constexpr auto accepted = std::nullopt;

template <class... Args>
Refusal refusal(Refusal::Kind kind, fmt::format_string<Args...> text, Args&&... args) {
  return {kind, fmt::format(text, std::forward<Args>(args)...)};
}
constexpr auto failure = Refusal::Kind::failure;
constexpr auto unreachable = Refusal::Kind::unreachable;
constexpr auto invalid_uri = Refusal::Kind::invalid_uri;

template <class Object>
std::string located(const Object& object) {
  return fmt::format("{} ({})", object.name, object.where.str());
}

// usereqphone: digits, with a '+' in front or not.
bool is_telephone_number(std::string_view user) {
  if (user.starts_with('+')) user.remove_prefix(1);
  return !user.empty() && std::all_of(user.begin(), user.end(), base::is_digit);
}

bool is_secure(const pjsip::NextHop& hop) {
  return hop.sips || (hop.protocol && sip::is_secure(*hop.protocol));
}

// One pass over one destination.
class Resolver {
 public:
  Resolver(const pjsip::Configuration& configuration, const pjsip::LocationService& locations,
           ResolveOptions options, pjsip::Resolution& out, pjsip::Trace* trace)
      : configuration_(configuration),
        locations_(locations),
        options_(options),
        out_(out),
        trace_(trace) {}

  Refused run(const message::Message& message) {
    clear();
    const auto destination = parse_destination(message.address());
    if (!destination) {
      return refusal(invalid_uri, "destination '{}': {}", printable(message.address(), 120),
                     destination.error().text);
    }
    out_.display_name = destination->display_name;
    out_.endpoint = peer_named(destination->peer);
    auto refused = out_.endpoint != nullptr ? use_peer(*destination) : use_host(*destination);
    if (refused) return refused;
    // Nobody needs to know more of a peer that is only asked for.
    if (options_.only_recipient && out_.contact != nullptr) return take_request_uri(message);
    refused = find_next_hop();
    if (refused) return refused;
    refused = take_request_uri(message);
    if (!refused) step("Request-URI", [&] { return out_.request_uri; });
    return refused;
  }

 private:
  template <class Describe>
  void step(std::string_view what, Describe describe) {
    if (trace_ != nullptr) trace_->step(what, describe());
  }

  void clear() {
    out_.form = pjsip::Destination::Form::name;
    out_.aor = nullptr;
    out_.contact = nullptr;
    out_.by_aors = false;
    out_.named_aor = nullptr;
    out_.redirected.clear();
    out_.route.clear();
  }

  const pjsip::Endpoint* peer_named(std::string_view name) const {
    if (name.empty() || name == general_endpoint || name == guest_endpoint) return nullptr;
    return configuration_.endpoint(name);
  }

  Refused use_peer(const Destination& destination) {
    const auto& peer = *out_.endpoint;
    const bool with_user = !destination.user.empty();
    if (with_user) out_.form = pjsip::Destination::Form::dial_string;
    step("form", [&] { return with_user ? "user@peer" : "peer"; });
    step("peer", [&] { return located(peer); });
    if (peer.configured_aors.empty()) {
      return refusal(failure,
                     "'{}' is a user: it sends and cannot be sent to; type=friend would be right",
                     peer.name);
    }
    const auto& aor = *peer.configured_aors.front();
    out_.by_aors = true;
    auto contact = choose(aor);
    if (contact == nullptr) {
      return aor.max_contacts > 0
                 ? refusal(unreachable, "peer '{}' (host=dynamic) has not registered", peer.name)
                 : refusal(failure, "peer '{}' has no address", peer.name);
    }
    out_.aor = &aor;
    out_.contact = std::move(contact);
    step("contact", [&] {
      return out_.contact->permanent ? out_.contact->uri
                                     : fmt::format("{}, registered from {}", out_.contact->uri,
                                                   out_.contact->source.str());
    });
    return take_contact(destination.user);
  }

  std::shared_ptr<const Contact> choose(const pjsip::Aor& aor) const {
    if (out_.pinned != nullptr && out_.pinned->aor == aor.name) return out_.pinned;
    if (!out_.preferred.empty()) {
      if (auto contact = locations_.find(aor.name, out_.preferred)) return contact;
    }
    // defaultip holds only until the phone has registered.
    if (aor.max_contacts > 0 && !aor.contacts.empty()) {
      for (auto& contact : locations_.ranked(aor.name)) {
        if (!contact->permanent) return contact;
      }
    }
    return locations_.choose(aor.name);
  }

  // The contact's URI without its header part, with `user` put into it unless empty.
  Refused take_contact(std::string_view user) {
    const auto parsed = sip::parse_uri(out_.contact->uri);
    if (!parsed) {
      return refusal(invalid_uri, "contact of '{}': {}", out_.endpoint->name, parsed.error().text);
    }
    if (user.empty() && parsed->headers.empty()) {
      out_.request_uri = out_.contact->uri;
    } else {
      auto uri = *parsed;
      uri.headers = {};
      if (!user.empty()) {
        uri.user = user;
        uri.password = {};
      }
      out_.request_uri = uri.str();
    }
    return parse_request_uri();
  }

  // Through [general].
  Refused use_host(const Destination& destination) {
    using Form = pjsip::Destination::Form;
    const bool with_user = !destination.user.empty();
    out_.form = destination.uri ? Form::uri : with_user ? Form::name_at_host : Form::name;
    step("form", [&] { return destination.uri ? "URI" : with_user ? "user@host" : "host"; });
    out_.endpoint = configuration_.default_outbound_endpoint();
    if (out_.endpoint == nullptr) {
      return refusal(failure, "'{}' is no peer of sip.conf", printable(destination.address, 80));
    }
    out_.request_uri.assign(destination.sips ? "sips:" : "sip:").append(destination.address);
    if (const auto uri = sip::parse_uri(out_.request_uri); !uri) {
      return refusal(invalid_uri, "'{}' is neither a peer of sip.conf{} nor a host: {}",
                     printable(destination.address, 80), suggestion(destination.peer),
                     uri.error().text);
    }
    return parse_request_uri();
  }

  std::string suggestion(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const auto& endpoint : configuration_.endpoints()) {
      if (peer_named(endpoint.name) != nullptr) names.push_back(endpoint.name);
    }
    const auto nearest = conf::nearest(name, names);
    return nearest.empty() ? std::string() : fmt::format(" (did you mean '{}'?)", nearest);
  }

  Refused parse_request_uri() {
    const auto uri = sip::parse_uri(out_.request_uri);
    if (!uri) {
      return refusal(invalid_uri, "'{}': {}", printable(out_.request_uri, 120), uri.error().text);
    }
    out_.uri = *uri;
    if (out_.endpoint->user_eq_phone && is_telephone_number(uri->user) && !uri->param("user")) {
      out_.request_uri += ";user=phone";
      out_.uri = *sip::parse_uri(out_.request_uri);
    }
    return accepted;
  }

  Refused find_next_hop() {
    auto& hop = out_.hop;
    const auto& endpoint = *out_.endpoint;
    auto found = out_.contact != nullptr
                     ? pjsip::hop_to_contact(configuration_, *out_.contact, out_.uri, endpoint,
                                             out_.route, hop)
                     : pjsip::hop_to_uri(configuration_, out_.uri, endpoint, out_.route, hop);
    if (found) found = pjsip::check_transport(configuration_, hop);
    if (!found) return refusal(failure, "{}", found.error().text);
    // With a port DNS is asked for addresses only (RFC 3263 section 4.2).
    if (!options_.srv_lookup && !hop.flow && !hop.address && !hop.port) {
      hop.port = sip::default_port_of(pjsip::protocol_to(configuration_, hop));
    }
    if (!out_.route.empty()) step("route", [&] { return out_.route; });
    step("next hop", [&] {
      if (hop.address) return hop.address->str();
      return hop.port ? fmt::format("{}:{}", hop.host, *hop.port) : hop.host;
    });
    return accepted;
  }

  Refused take_request_uri(const message::Message& message) {
    for (const auto& variable : message.variables()) {
      if (!base::iequals(base::trim(variable.name), "Request-URI")) continue;
      const auto text = base::trim(variable.value);
      const auto uri = sip::parse_uri(text);
      if (!uri || !uri->sip() || !uri->headers.empty()) {
        return refusal(invalid_uri,
                       "Variable Request-URI: '{}' is no SIP URI like sip:alice@192.0.2.1:5060{}{}",
                       printable(text, 120), uri ? "" : ": ", uri ? "" : uri.error().text);
      }
      if (uri->sips() && !options_.only_recipient && !is_secure(out_.hop)) {
        return refusal(failure,
                       "Variable Request-URI: sips: asks for TLS on every hop, and the way to the"
                       " destination is none");
      }
      out_.request_uri = text;
      out_.uri = *sip::parse_uri(out_.request_uri);
      break;
    }
    return accepted;
  }

  const pjsip::Configuration& configuration_;
  const pjsip::LocationService& locations_;
  const ResolveOptions options_;
  pjsip::Resolution& out_;
  pjsip::Trace* trace_;
};

}  // namespace

std::optional<Refusal> resolve(const pjsip::Configuration& configuration,
                               const pjsip::LocationService& locations,
                               const message::Message& message, ResolveOptions options,
                               pjsip::Resolution& out, pjsip::Trace* trace) {
  return Resolver(configuration, locations, options, out, trace).run(message);
}

}  // namespace missive::chan_sip
