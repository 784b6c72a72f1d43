// Takes MESSAGE from endpoints: checks it, makes an Incoming of it and answers 202 (RFC 3428).
//
// One per shard, on its thread. Receipts are answered 200, whatever else they are. What is refused,
// and in this order: content (message_content.h, 415, 413, 400), a Require (420), Max-Forwards 0
// (483), an extension that the handlers do not have (404). What there is no room for is dropped
// over UDP, so that it comes again, and answered 503 with Retry-After over a connection. What the
// Intake cannot write is answered 503 with Retry-After. What it knows already is answered 202 and
// not told of again.
//
// Where the Intake writes, the answer is postponed until the message is on disk.
//
// exten      the user of the Request-URI without escapes, `s` where there is none
// context    message_context of the endpoint, else its context
// from       sender_identity.h
// to         `pjsip:user@host` of To (`sip:user@host` with sip.conf)
// data       PJSIP_RECVADDR, PJSIP_TRANSPORT and PJSIP_ENDPOINT (SIP_RECVADDR, SIP_TRANSPORT and
//            SIP_PEERNAME with sip.conf), then every header in the order received under its long
//            name; but no credentials, and none that begins with PJSIP_ or SIP_
//
// Source: Asterisk documentation, "Asterisk and text messages", function MESSAGE_DATA; the
// behaviour of Asterisk 20.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "conf/missive_conf.h"
#include "message/intake.h"
#include "message/message_events.h"
#include "net/shard.h"
#include "pjsip/endpoint_request.h"
#include "pjsip/receipt_hook.h"
#include "sip/transaction_layer.h"
#include "sip/uri.h"

namespace missive::pjsip {

// Where a MESSAGE to this Request-URI goes in the dialplan.
std::string extension_of(const sip::Uri& request_uri, const Global& global);
// Appends what MESSAGE(to) is for this URI of a To header.
void append_recipient(std::string& out, std::string_view technology, const sip::Uri& to);

class MessageUas final : public EndpointUser {
 public:
  // The layer is the one its requests come from.
  MessageUas(sip::TransactionLayer& layer, message::Intake& intake,
             const message::MessageEvents& events, conf::MissiveConf::Messaging options)
      : layer_(layer),
        shard_(layer.shard()),
        intake_(intake),
        events_(events),
        options_(std::move(options)) {}

  void use(ReceiptHook& receipts) { receipts_ = &receipts; }
  bool takes(sip::Method method) const override { return method == sip::Method::MESSAGE; }
  void on_request(const EndpointRequest& request, sip::Response& response) override;

 private:
  using Verdict = message::Intake::Verdict;

  void take_in(const EndpointRequest& request, std::shared_ptr<const message::Incoming> message,
               sip::Response& response);
  void answer(Verdict verdict, const message::Incoming& message, bool reliable,
              sip::Response& response);
  std::shared_ptr<const message::Incoming> incoming_of(const EndpointRequest& request,
                                                       const sip::Uri& request_uri);
  void gather_data(const EndpointRequest& request);
  void append_from(const EndpointRequest& request, const sip::Uri& request_uri);
  void append_to(const EndpointRequest& request);
  void tell_replaced(const EndpointRequest& request, std::string_view from);

  sip::TransactionLayer& layer_;
  net::Shard& shard_;
  message::Intake& intake_;
  const message::MessageEvents& events_;
  const conf::MissiveConf::Messaging options_;
  ReceiptHook* receipts_ = nullptr;
  // Of the message that is looked at; kept for their memory.
  std::string exten_, from_, to_;
  std::string source_;  // the text of:
  net::Address source_address_;
  std::vector<message::Variable> data_;
  // When the log last said that a From was replaced, by endpoint.
  std::unordered_map<std::string, base::TimePoint, base::StringHash, std::equal_to<>> told_;
};

}  // namespace missive::pjsip
