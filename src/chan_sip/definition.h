// From sip.conf to the objects that the SIP side works with.
//
//   [general]  the Global, System and transports (sip-udp, sip-tcp, sip-tls, sip-ws, sip-wss), and
//              an Endpoint `general` for destinations that are no peer, with our default From
//   guests     an Endpoint `anonymous`, where allowguest is yes
//   a peer     Endpoint and Aor of its name (a user: without Aor), an Auth of its name for its
//              secret, `NAME/outbound` for what we answer it, and one Identify for each transport
//              where its address is fixed
//   register   a Registration named user@domain
//
// Who a request is from is asked of the user of From first, then of the address. A dynamic peer,
// too, is known by its name: the address it registered from is not asked. Where the address is
// fixed the sender is taken for a server, whose From passes as it is.
//
// Pure. Source: Asterisk documentation, sip.conf, "Naming devices".
#pragma once

#include "chan_sip/sip_conf.h"
#include "conf/conf.h"
#include "pjsip/configuration.h"

namespace missive::chan_sip {

// Names that no section of sip.conf can have.
inline constexpr std::string_view general_endpoint = "general";
inline constexpr std::string_view guest_endpoint = "anonymous";

// References that lead nowhere go to `problems`.
pjsip::Configuration::Definition define(const SipConf& conf, conf::Problems& problems);

}  // namespace missive::chan_sip
