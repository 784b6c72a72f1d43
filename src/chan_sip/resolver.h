// From a destination of the `sip:` technology to where the message goes; pjsip::resolve() for
// sip.conf.
//
// A peer's name goes before a host's. A peer is reached at its contact: where it has registered,
// else at defaultip or host. What is no peer is a host, through [general]. The variable Request-URI
// takes the place of the Request-URI; the next hop stays that of the destination.
//
// Source: Asterisk documentation, sip.conf, MessageSend; RFC 3261 section 8.1.2.
#pragma once

#include <optional>

#include "message/technology.h"
#include "pjsip/resolution.h"

namespace missive::chan_sip {

struct ResolveOptions {
  bool srv_lookup = true;       // srvlookup=no: DNS is asked for addresses only
  bool only_recipient = false;  // only as far as to know who it is for
};

std::optional<message::Refusal> resolve(const pjsip::Configuration& configuration,
                                        const pjsip::LocationService& locations,
                                        const message::Message& message, ResolveOptions options,
                                        pjsip::Resolution& out, pjsip::Trace* trace);

}  // namespace missive::chan_sip
