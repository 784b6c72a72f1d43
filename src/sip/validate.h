// What a request must have before anybody looks at what it asks for
// (RFC 3261 sections 8.1.1, 8.2 and 16.3).
//
// Pure. The error carries the status to answer with and a reason phrase that
// names the defect in one line of printable ASCII.
#pragma once

#include <optional>
#include <string>

#include "sip/packet.h"

namespace missive::sip {

struct RequestError {
  int status;
  std::string reason;
};

// Nothing when the request is sound. Checked are: the version (505), the scheme of
// the Request-URI (416), and with 400 the Request-URI, presence and syntax of Via,
// From, To, Call-ID and CSeq, the method in CSeq, the syntax of Max-Forwards and
// Contact, and that headers that occur once are not repeated.
std::optional<RequestError> validate_request(const Packet& request);

}  // namespace missive::sip
