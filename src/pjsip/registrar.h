// Answers REGISTER: phones say where they are (RFC 3261 section 10.3).
//
// Finds the AOR behind the To of a request whose sender is known, applies the request to the
// LocationService in one step, and answers with what is registered there now. A contact that came
// over a connection is bound to it. What phones did is logged in a line each; so are refusals.
//
// One per shard, on its thread. Source: RFC 3261 section 10; RFC 3327 section 5.3; RFC 5626
// section 6; Asterisk documentation, res_pjsip_registrar, "domain_alias", rewrite_contact.
#pragma once

#include "net/shard.h"
#include "pjsip/endpoint_request.h"
#include "pjsip/location_service.h"
#include "pjsip/registrar_bindings.h"

namespace missive::pjsip {

class Registrar final : public EndpointUser {
 public:
  Registrar(net::Shard& shard, LocationService& locations) : shard_(shard), locations_(locations) {}

  bool takes(sip::Method method) const override { return method == sip::Method::REGISTER; }
  void on_request(const EndpointRequest& request, sip::Response& response) override;

 private:
  OrRefused<sip::Response> handle(const EndpointRequest& request);
  OrRefused<LocationService::Contacts> apply(const RequestedBindings& requested,
                                             const Contact& common, const Aor& aor,
                                             sip::Transport& transport);
  Contact common_part(const EndpointRequest& request, const Aor& aor) const;
  void log_changes(const AppliedBindings& applied, const Aor& aor) const;

  net::Shard& shard_;
  LocationService& locations_;
};

// The AOR of `request.endpoint` that a REGISTER is for: by the To, as user@domain, as
// user@domain with domain_alias applied, or as user; by the user of the credentials where
// identify_by says so.
OrRefused<const Aor*> find_registered_aor(const EndpointRequest& request);

}  // namespace missive::pjsip
