// The objects of pjsip.conf and their contacts as headers of AMI events: EndpointList,
// EndpointDetail, AorDetail, AuthDetail, TransportDetail, IdentifyDetail, ContactList,
// ContactStatusDetail.
//
// Each function appends the headers that follow `Event` and `ActionID`; whoever calls it ends the
// packet. Names are the options' in Asterisk's spelling ("qualify_frequency" is QualifyFrequency).
// Passwords are empty (pjsip/shown_options.h). Pure but for looking up contacts; any thread.
// Source: the wire of Asterisk 20.7; Asterisk documentation, the events of these names.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "pjsip/configuration.h"
#include "pjsip/contact_shown.h"
#include "pjsip/location_service.h"

namespace missive::ami {

// `name` of an option, as a header: "t38_udptl_ec" is "T38UdptlEc".
void append_option(std::string& out, std::string_view name, std::string_view value);

void append_endpoint_row(std::string& out, const pjsip::Endpoint& endpoint,
                         const pjsip::LocationService& locations);
void append_endpoint(std::string& out, const pjsip::Endpoint& endpoint,
                     const pjsip::LocationService& locations);
void append_aor(std::string& out, const pjsip::Aor& aor, const pjsip::LocationService& locations);
// With how many contacts there are, and how many of them registered.
void append_aor_and_totals(std::string& out, const pjsip::Aor& aor,
                           const pjsip::LocationService& locations);
void append_auth(std::string& out, const pjsip::Auth& auth);
void append_transport(std::string& out, const pjsip::Transport& transport);
void append_identify(std::string& out, const pjsip::Identify& identify);
void append_contact(std::string& out, const pjsip::ShownContact& contact);
void append_contact_status(std::string& out, const pjsip::ShownContact& contact,
                           std::string_view endpoint);

}  // namespace missive::ami
