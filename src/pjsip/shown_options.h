// The options of the objects of pjsip.conf, each as Asterisk shows it: in the Detail events of AMI
// and to PJSIP_ENDPOINT() and PJSIP_AOR().
//
// Names are the options', values the ones in force, in Asterisk's spelling: "true" or "yes" as the
// option has it, times in seconds. What only calls and media need is shown as the file has it, or
// Asterisk's default. Passwords, their hashes and tokens are always empty: what is shown here goes
// to more people than the file. The order is Asterisk's where it was recorded. Pure; any thread.
// Source: the wire of Asterisk 20.7; Asterisk documentation, EndpointDetail, AorDetail, AuthDetail,
// TransportDetail, IdentifyDetail.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "pjsip/aor.h"
#include "pjsip/auth.h"
#include "pjsip/endpoint.h"
#include "pjsip/identify.h"
#include "pjsip/transport_options.h"

namespace missive::pjsip {

using OptionVisitor = std::function<void(std::string_view option, std::string_view value)>;

void visit_options(const Endpoint& endpoint, const OptionVisitor& visit);
void visit_options(const Aor& aor, const OptionVisitor& visit);
void visit_options(const Auth& auth, const OptionVisitor& visit);
void visit_options(const Transport& transport, const OptionVisitor& visit);
void visit_options(const Identify& identify, const OptionVisitor& visit);

// One option by its name, without case; nullopt when there is none.
std::optional<std::string> shown_option(const Endpoint& endpoint, std::string_view option);
std::optional<std::string> shown_option(const Aor& aor, std::string_view option);

}  // namespace missive::pjsip
