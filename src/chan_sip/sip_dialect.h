// The Dialect of sip.conf: destinations, From and the order of headers of the `sip:` technology.
//
// Headers in Asterisk's order: Via, Max-Forwards, Route, From, To, Contact, Call-ID, CSeq,
// User-Agent, Date and Expires of what has waited, the message's own, Content-Type, Content-Length.
// To is the Request-URI's; what the sender wrote there is not looked at. Source: what Asterisk 20.7
// was observed to send.
#pragma once

#include "pjsip/dialect.h"

namespace missive::chan_sip {

// `srv_lookup`: srvlookup in [general].
const pjsip::Dialect& dialect(bool srv_lookup = true);

}  // namespace missive::chan_sip
