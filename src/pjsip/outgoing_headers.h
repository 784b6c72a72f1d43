// Which variables of a message become SIP headers, and which must not.
//
// `Variable: X-One=1` puts `X-One: 1` on the wire. Names that would take the request
// apart are blocked: left out with a log line, as Asterisk does. Max-Forwards is counted
// down by one, Content-Type becomes the body's type, and a Thread that may be one becomes the
// Call-ID, which is what a conversation of XMPP is to SIP (RFC 7572). A name that is no token, a
// value with a control character, or a Content-Type or Max-Forwards that is none, refuses the
// message; nothing is put right in silence.
//
// Source: Asterisk documentation, MessageSend (Variable); RFC 3261 sections 7.3.1, 20.15,
// 20.22, 25.1.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "message/message.h"

namespace missive::pjsip {

struct OutgoingHeaders {
  std::vector<message::Variable> extra;  // in the order given
  std::string_view content_type = "text/plain";
  std::string_view call_id;  // empty: one of its own
  int max_forwards = 70;
  bool user_agent_given = false;
};

// Replaces what is in `out`; its views are into `variables`.
base::Result<void> sort_variables(std::span<const message::Variable> variables,
                                  int default_max_forwards, OutgoingHeaders& out);

// type/subtype with parameters (RFC 3261 section 25.1, media-type).
bool is_media_type(std::string_view text);

}  // namespace missive::pjsip
