// By what a MESSAGE is known again when it comes in a new transaction.
//
// A sender that has heard no answer may send again what it sent, after a restart of either side or
// by another way through the network: Call-ID, CSeq and the tag of From are then the same, and
// the branch is not. Pure. Source: RFC 3261 sections 8.2.2.2 and 17.2.3.
#pragma once

#include <string>
#include <string_view>

#include "sip/packet.h"

namespace missive::pjsip {

// 16 octets, a digest of: the endpoint that sent it, Call-ID, the number in CSeq, the tag of From,
// the user of the Request-URI.
std::string message_key(std::string_view endpoint, const sip::Packet& request);

}  // namespace missive::pjsip
