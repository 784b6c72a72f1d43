// What others ask of us: pings, what we are, what we can (XEP-0199, 0030, 0092).
//
// Answers a <iq/> of type get or set; every such must be answered (RFC 6120 section 8.2.3), what
// nobody knows with an error. Pure.
#pragma once

#include "xmpp/strophe.h"

namespace missive::xmpp {

// nullptr: it is an answer itself, to something we asked.
Stanza answer_query(xmpp_stanza_t* iq);

}  // namespace missive::xmpp
