// One message on its way: the request, its transaction, and what the sender waits for.
//
// Lives in MessageUac's pool and goes back there when the outcome is known. Tells the
// sender once whether the message left (HandedOver) and then once what became
// of it (Finished). A challenge (401, 407) is answered with the endpoint's outbound_auth, each
// realm once; a large request that was tried over TCP falls back to UDP where TCP is refused.
//
// Source: RFC 3428 section 4; RFC 3261 sections 18.1.1, 22; DESIGN "The way of one
// MessageSend".
#pragma once

#include <memory>
#include <optional>

#include "message/technology.h"
#include "pjsip/configuration.h"
#include "pjsip/outbound_auth.h"
#include "pjsip/resolution.h"
#include "sip/client_transaction.h"

namespace missive::pjsip {

class MessageUac;

class Delivery final : private sip::ClientUser {
 public:
  explicit Delivery(MessageUac& uac) : uac_(uac), transaction_(*this) {}

  struct Order {
    std::shared_ptr<const message::Message> message;
    message::Dispatch dispatch;  // its `contact` has been made use of
    message::HandedOver handed_over;
    message::Finished finished;
  };
  void begin(Order order, std::shared_ptr<const Configuration> configuration,
             const Resolution& resolution);
  const message::Message& message() const { return *order_.message; }
  const message::Dispatch& dispatch() const { return order_.dispatch; }
  // The one in force when the message was sent.
  const Configuration& configuration() const { return *configuration_; }
  // Of its AOR, when it goes to one.
  const std::shared_ptr<const Contact>& contact() const { return contact_; }
  sip::OutgoingRequest& request() { return request_; }
  const net::Address& destination() const { return to_; }

  sip::Transport& transport() const { return *transport_; }
  // Its recipient does not know message/cpim: no receipt is asked for.
  bool is_plain() const { return plain_; }

  // Sends what request() holds; `may_fall_back`: by UDP where the connection is refused.
  void send(sip::Transport& transport, const net::Address& to, bool may_fall_back);
  // It will not be sent.
  void refuse(message::Refusal refusal);
  // Back in the pool: nothing of the message is kept, of memory what `keep_memory` allows.
  void clear(bool keep_memory);
  // What this message holds while it is under way.
  std::size_t octets() const { return octets_; }

 private:
  void start();
  bool answer_challenge(const sip::Packet& response);
  bool fall_back_to_plain(int code);
  void finish(message::Attempted attempted);
  void on_request_sent() override;
  void on_final_response(const sip::Packet& response) override;
  void on_timeout() override;
  void on_send_error(const base::Error& error) override;

  MessageUac& uac_;
  Order order_;
  std::shared_ptr<const Configuration> configuration_;
  const Endpoint* endpoint_ = nullptr;
  std::shared_ptr<const Contact> contact_;
  sip::OutgoingRequest request_;
  sip::ClientTransaction transaction_;
  sip::Transport* transport_ = nullptr;
  net::Address to_;
  std::size_t octets_ = 0;
  bool may_fall_back_ = false;
  bool plain_ = false;
  std::optional<OutboundAuth> auth_;  // once challenged
};

}  // namespace missive::pjsip
