// What differs between the SIP technologies (`pjsip:` of pjsip.conf, `sip:` of sip.conf): how a
// destination is read and how a MESSAGE is written.
//
// A Configuration carries the Dialect of its file; everything else (registrar, authentication,
// transactions, delivery) is the same. Stateless: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "message/message.h"
#include "message/technology.h"
#include "pjsip/message_request.h"
#include "pjsip/outgoing_headers.h"
#include "pjsip/request_attempt.h"
#include "pjsip/resolution.h"

namespace missive::pjsip {

class Dialect {
 public:
  virtual ~Dialect() = default;
  // The prefix of destinations: "pjsip".
  virtual std::string_view technology() const = 0;

  // Where the message goes: resolution.h.
  virtual std::optional<message::Refusal> resolve(const Configuration& configuration,
                                                  const LocationService& locations,
                                                  const message::Message& message, Resolution& out,
                                                  Trace* trace) const = 0;
  // Only as far as to know who it is for.
  virtual std::optional<message::Refusal> find_recipient(const Configuration& configuration,
                                                         const LocationService& locations,
                                                         const message::Message& message,
                                                         Resolution& out) const = 0;

  // The variables of the message as headers: outgoing_headers.h.
  virtual base::Result<void> sort_variables(const Configuration& configuration,
                                            const message::Message& message,
                                            OutgoingHeaders& out) const = 0;
  // The request itself: message_request.h. `protocol` as in Via.
  virtual base::Result<void> write(const MessageRequest& what, std::string_view protocol,
                                   const sip::SentBy& own, const RequestIdentity& identity,
                                   sip::OutgoingRequest& out) const = 0;
};

// That of pjsip.conf.
const Dialect& pjsip_dialect();

}  // namespace missive::pjsip
