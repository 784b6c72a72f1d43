// The door: every request that an EndpointUser takes is first identified, held against the access
// rules, and authenticated.
//
// The first of a shard's RequestUsers, on its thread. In this order:
//
//   1. an address that sends too much gets no answer (RateLimiter); this holds for all methods
//   2. a MESSAGE inside a dialog: 481, there are no dialogs; any other where accept_messages is no:
//      405
//   3. sections of type=acl: 403
//   4. Identifier finds the endpoint
//   5. the endpoint's own acl, permit, deny, contact_...: who is not let in is treated as nobody
//      we know where the endpoint has a password, so that asking tells nothing; else 403
//   6. Authenticator: 401 until the password is right; an endpoint without `auth` passes. Nobody
//      we know is asked too, in vain.
//
// Contacts are checked by their numeric address; where contact rules exist, a Contact with a host
// name is not let in. Source: Asterisk documentation, res_pjsip, res_pjsip_acl.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/shard.h"
#include "pjsip/authenticator.h"
#include "pjsip/endpoint_request.h"
#include "pjsip/host_addresses.h"
#include "pjsip/identifier.h"
#include "pjsip/rate_limiter.h"
#include "pjsip/unidentified_requests.h"
#include "sip/request_user.h"

namespace missive::pjsip {

class Distributor final : public sip::RequestUser {
 public:
  // `nonces` are those of all shards, `resolver` is this one's.
  Distributor(net::Shard& shard, net::Resolver& resolver, Nonces& nonces, AuthEvents& events,
              const RateLimiter::Limits& limits,
              std::shared_ptr<const Configuration> configuration);

  // In the order they are asked; they outlive the Distributor.
  void add(EndpointUser& user) { users_.push_back(&user); }
  // For requests from then on.
  void use(std::shared_ptr<const Configuration> configuration);

  bool on_request(const sip::IncomingRequest& request, sip::Response& response) override;

 private:
  EndpointUser* user_for(sip::Method method) const;
  // Whether the rules of that object let it in; otherwise it has been told.
  bool admitted(const AccessRules& rules, const sip::IncomingRequest& request,
                std::string_view account, std::string_view type, std::string_view name);
  bool passes_acls(const sip::IncomingRequest& request, sip::Response& response);
  // Nothing of `response` but a refusal is set.
  bool authenticated(const Endpoint* endpoint, const sip::IncomingRequest& request,
                     sip::Response& response);
  void note_unidentified(const sip::IncomingRequest& request);
  void note_refused(const Endpoint& endpoint, const sip::IncomingRequest& request);

  net::Shard& shard_;
  AuthEvents& events_;
  std::shared_ptr<const Configuration> configuration_;
  HostAddresses hosts_;
  Identifier identifier_;
  Authenticator authenticator_;
  RateLimiter limiter_;
  UnidentifiedRequests unidentified_;
  std::vector<EndpointUser*> users_;
  std::string authenticated_as_;
};

}  // namespace missive::pjsip
