// The body of a MESSAGE that asks its recipient for receipts: message/cpim around the text
// (RFC 3862, RFC 5438 section 7.1).
//
// From and To are those of the request, DateTime is when the message was accepted,
// imdn.Message-ID is the message's id: a receipt that comes back names it (receipt_intake.h).
// Asked for are delivery, good or bad, and display. The text inside is octet by octet what was
// sent; text/plain that is UTF-8 and not ASCII is said to be, since MIME takes it for ASCII.
//
// A recipient that does not know message/cpim answers 415: send it the plain body then.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "message/cpim.h"
#include "pjsip/message_request.h"

namespace missive::pjsip {

// Whether the message wants one and may have one: not where its body is message/cpim or a
// receipt already. `content_type`: of the body.
bool asks_for_receipt(const message::Message& message, std::string_view content_type);

// Replaces what is in `out`, whose Content-Type is message::cpim_type. `own_host` as for
// append_from(). Fails where write_message() does: on a From or To that is none.
base::Result<void> write_receipt_request(const MessageRequest& what, std::string_view own_host,
                                         base::WallTime accepted, std::string& out);

}  // namespace missive::pjsip
