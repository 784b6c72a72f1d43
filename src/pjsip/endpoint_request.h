// A request whose sender is known: identified, within its access rules, authenticated.
//
// Distributor makes one and offers it to its EndpointUsers (Registrar, MessageUas) in
// turn until one takes it. Valid during the call; on the shard's thread.
#pragma once

#include <memory>

#include "pjsip/configuration.h"
#include "sip/packet.h"
#include "sip/request_user.h"
#include "sip/transport.h"

namespace missive::pjsip {

struct EndpointRequest {
  const sip::IncomingRequest& incoming;
  const std::shared_ptr<const Configuration>& configuration;
  const Endpoint& endpoint;
  // The user name the credentials were good for; empty when none were asked for.
  std::string_view authenticated_as;

  const sip::Packet& packet() const { return incoming.packet; }
};

class EndpointUser {
 public:
  virtual ~EndpointUser() = default;
  // The method it takes; the Distributor lets others pass without a look.
  virtual bool takes(sip::Method method) const = 0;
  virtual void on_request(const EndpointRequest& request, sip::Response& response) = 0;
};

}  // namespace missive::pjsip
