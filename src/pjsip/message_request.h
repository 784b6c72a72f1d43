// The MESSAGE request for a message that has been resolved (RFC 3428 section 4).
//
// Headers in Asterisk's order: Via, From, To, Contact, Call-ID, CSeq, Route, the message's
// own, Max-Forwards, User-Agent, Content-Type, Content-Length. The branch is the
// transaction's to write.
#pragma once

#include "message/message.h"
#include "pjsip/outgoing_headers.h"
#include "pjsip/request_attempt.h"
#include "pjsip/resolution.h"
#include "sip/outgoing_request.h"
#include "sip/sent_by.h"

namespace missive::pjsip {

struct MessageRequest {
  const Configuration& configuration;
  const message::Message& message;
  const Resolution& resolution;
  const OutgoingHeaders& headers;
  const message::Dispatch& dispatch;
  bool contact_header;
  bool plain = false;  // no receipt is asked for, whatever the message wants
};

// `protocol` as in Via. Fails on a From or To that is none.
base::Result<void> write_message(const MessageRequest& what, std::string_view protocol,
                                 const sip::SentBy& own, const RequestIdentity& identity,
                                 sip::OutgoingRequest& out);

}  // namespace missive::pjsip
