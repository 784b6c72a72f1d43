// Whether a message may wait for somebody who cannot be reached, and how long: message_store and
// message_expiry.
//
// Pure. What type=aor says goes before what type=endpoint says; what neither says is as
// missive.conf has it. `terms.recipient` stays as it is. Source: docs/outbox.md.
#pragma once

#include "message/technology.h"
#include "pjsip/configuration.h"
#include "pjsip/resolution.h"

namespace missive::pjsip {

// `aor`: the one the message goes to; nullptr when it goes to a URI behind the endpoint.
void take_terms(const Endpoint& endpoint, const Aor* aor, message::Terms& terms);

// Of a destination that was resolved, also where nobody is there. Of a message to the endpoint
// itself the first AOR that is configured decides, whichever of its contacts gets it.
void take_terms(const Resolution& resolution, message::Terms& terms);

}  // namespace missive::pjsip
