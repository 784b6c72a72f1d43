#include "pjsip/distributor.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

using base::printable;

// Whom a request says it is from; for reports only.
std::string_view claimed_user(const sip::Packet& packet) {
  const auto& uri = packet.from_uri();
  if (!uri) return {};
  return uri->sip() ? uri->user : uri->opaque;
}

AuthSubject subject_of(const sip::IncomingRequest& request, std::string_view account) {
  const auto& packet = request.packet;
  return {
      account,      packet.call_id(),         packet.method_name(), request.transport.protocol(),
      request.from, request.transport.local()};
}

bool contact_permitted(const AccessRules& rules, std::string_view contact) {
  const auto address = sip::parse_name_addr(contact);
  const auto uri = address ? sip::parse_uri(address->uri) : tl::unexpected(address.error());
  const auto ip = uri ? net::Address::from_ip(uri->host, 0) : std::nullopt;
  return ip && rules.permits_contact(*ip);
}

bool contacts_permitted(const AccessRules& rules, const sip::Packet& packet) {
  if (!rules.checks_contacts()) return true;
  for (const auto& header : packet.headers()) {
    if (header.id != sip::HeaderId::Contact || header.value == "*") continue;
    sip::ListSplitter values(header.value);
    std::string_view value;
    while (values.next(value)) {
      if (!contact_permitted(rules, value)) return false;
    }
  }
  return true;
}

bool in_dialog(const sip::Packet& packet) {
  if (packet.value(sip::HeaderId::To).find(';') == std::string_view::npos) return false;
  const auto& to = packet.to();
  return to && !to->tag().empty();
}

}  // namespace

Distributor::Distributor(net::Shard& shard, net::Resolver& resolver, Nonces& nonces,
                         AuthEvents& events, const RateLimiter::Limits& limits,
                         std::shared_ptr<const Configuration> configuration)
    : shard_(shard),
      events_(events),
      configuration_(configuration),
      hosts_(shard, resolver),
      identifier_(std::move(configuration), &hosts_),
      authenticator_(nonces, shard.random(), events),
      limiter_(limits, shard.random().next()) {
  hosts_.watch(*configuration_);
}

void Distributor::use(std::shared_ptr<const Configuration> configuration) {
  configuration_ = std::move(configuration);
  hosts_.watch(*configuration_);
  identifier_ = Identifier(configuration_, &hosts_);
}

EndpointUser* Distributor::user_for(sip::Method method) const {
  const auto found = std::find_if(users_.begin(), users_.end(), [method](const EndpointUser* user) {
    return user->takes(method);
  });
  return found == users_.end() ? nullptr : *found;
}

bool Distributor::on_request(const sip::IncomingRequest& request, sip::Response& response) {
  const auto& packet = request.packet;
  if (!limiter_.admit(request.from, shard_.now())) {
    response.drop = true;
    return true;
  }
  auto* user = user_for(packet.method());
  if (user == nullptr) return false;
  if (packet.method() == sip::Method::MESSAGE && in_dialog(packet)) {
    response.status = 481;
    return true;
  }
  response.to_source = true;  // force_rport, the default
  if (packet.method() == sip::Method::MESSAGE && !configuration_->global().accept_messages) {
    response.status = 405;
    response.headers = "Allow: REGISTER, OPTIONS\r\n";
    return true;
  }
  if (!passes_acls(request, response)) return true;

  const auto found = identifier_.identify({packet, request.from, request.transport.id()});
  const auto* endpoint = found.endpoint;
  // A guest has nothing to register; asked for a password like everybody, it learns no names.
  const bool guest = found.by == IdentifyBy::anonymous && found.line == nullptr;
  if (guest && packet.method() == sip::Method::REGISTER && endpoint->aors.empty()) {
    endpoint = nullptr;
  }
  if (endpoint != nullptr) {
    unidentified_.forget(request.from);
    if (!admitted(endpoint->access, request, endpoint->name, "endpoint", endpoint->name)) {
      if (endpoint->auth.empty()) {
        response.status = 403;
        return true;
      }
      endpoint = nullptr;
    } else {
      response.to_source = endpoint->force_rport;
    }
  } else {
    note_unidentified(request);
  }
  if (!authenticated(endpoint, request, response)) return true;
  user->on_request({request, configuration_, *endpoint, authenticated_as_}, response);
  return true;
}

bool Distributor::passes_acls(const sip::IncomingRequest& request, sip::Response& response) {
  for (const auto& acl : configuration_->acls()) {
    if (admitted(acl.rules, request, {}, "acl", acl.name)) continue;
    response.status = 403;
    return false;
  }
  return true;
}

bool Distributor::admitted(const AccessRules& rules, const sip::IncomingRequest& request,
                           std::string_view account, std::string_view type, std::string_view name) {
  if (rules.permits(request.from) && contacts_permitted(rules, request.packet)) return true;
  limiter_.failed(request.from, shard_.now());
  if (account.empty()) account = claimed_user(request.packet);
  const auto whose = fmt::format("{} {}", type, name);
  log::warning("{} of '{}' from {} is not let in by the rules of {}", request.packet.method_name(),
               printable(account, 80), request.from.str(), whose);
  events_.failed_acl(subject_of(request, account), whose);
  return false;
}

bool Distributor::authenticated(const Endpoint* endpoint, const sip::IncomingRequest& request,
                                sip::Response& response) {
  authenticated_as_.clear();
  if (endpoint != nullptr && endpoint->auth.empty()) return true;
  const bool is_message = request.packet.method() == sip::Method::MESSAGE;
  if (endpoint != nullptr && is_message && !endpoint->message_auth) return true;
  const std::string_view account =
      endpoint != nullptr ? std::string_view(endpoint->name) : claimed_user(request.packet);
  const auto verdict =
      authenticator_.check(*configuration_, endpoint, request.packet, subject_of(request, account),
                           response, authenticated_as_);
  if (endpoint == nullptr) return false;  // whatever was said
  if (verdict == Authenticator::Verdict::refused) note_refused(*endpoint, request);
  return verdict == Authenticator::Verdict::passed;
}

void Distributor::note_unidentified(const sip::IncomingRequest& request) {
  const auto now = shard_.now();
  limiter_.failed(request.from, now);
  const auto count = unidentified_.add(request.from, configuration_->global(), now);
  if (count == 0) return;
  const auto& packet = request.packet;
  log::warning("{} of '{}' from {} (Call-ID {}): no such endpoint, after {} tries",
               packet.method_name(), printable(packet.value(sip::HeaderId::From), 80),
               request.from.str(), printable(packet.call_id(), 80), count);
  events_.invalid_account(subject_of(request, claimed_user(packet)));
}

void Distributor::note_refused(const Endpoint& endpoint, const sip::IncomingRequest& request) {
  limiter_.failed(request.from, shard_.now());
  log::warning("{} of endpoint '{}' from {} (Call-ID {}): wrong password",
               request.packet.method_name(), endpoint.name, request.from.str(),
               printable(request.packet.call_id(), 80));
}

}  // namespace missive::pjsip
