// One line in the log for each change of a message's state.
//
// "message id=... status=queued destination=pjsip:alice attempt=1 code=408 reason="no answer"".
// What needs somebody's attention (queued, failed, expired, cancelled) at level info, the rest at
// debug.
#pragma once

#include "message/message.h"
#include "message/status.h"

namespace missive::message {

void log_status(const Message& message, const Status& status);

}  // namespace missive::message
