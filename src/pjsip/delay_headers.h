// Date and Expires of a message that has waited (RFC 3428 section 4).
#pragma once

#include "message/technology.h"
#include "pjsip/outgoing_headers.h"
#include "sip/outgoing_request.h"

namespace missive::pjsip {

// When it was sent, and for how long it is worth showing; unless the sender has said so. Nothing
// for one that has not waited.
void write_delay(sip::RequestWriter& writer, const message::Dispatch& dispatch,
                 const OutgoingHeaders& headers);

}  // namespace missive::pjsip
