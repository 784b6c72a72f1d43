// One message on its way: its request, and what the sender waits for.
//
// Lives in MessageUac's pool and goes back there when the outcome is known. Tells the sender once
// whether the message left (HandedOver) and then once what became of it (Finished). Targets and
// challenges are the RequestAttempt's; here a final response is judged (response_class.h): plain
// text is sent once where a recipient does not know message/cpim, and a redirect is followed where
// the endpoint says so (follow_redirect_methods has `message`, or redirect_method is uri_pjsip),
// one contact after the other, all within timer_b. Call-ID and From tag stay, CSeq goes up.
//
// Source: RFC 3428 section 4; RFC 3261 section 8.1.3; DESIGN "The way of one MessageSend".
#pragma once

#include <memory>
#include <string>

#include "message/technology.h"
#include "pjsip/configuration.h"
#include "pjsip/redirects.h"
#include "pjsip/request_attempt.h"
#include "pjsip/resolution.h"

namespace missive::pjsip {

class MessageUac;

class Delivery final : private RequestAttempt::User {
 public:
  explicit Delivery(MessageUac& uac);

  struct Order {
    std::shared_ptr<const message::Message> message;
    message::Dispatch dispatch;  // its `contact` has been made use of
    message::HandedOver handed_over;
    message::Finished finished;
    std::shared_ptr<const Contact> only;  // of a fork: no other contact
  };
  // Sends it to where `resolution` leads.
  void begin(Order order, std::shared_ptr<const Configuration> configuration,
             const Resolution& resolution);
  // Its contact has been removed: no answer is waited for.
  void abandon();
  // It will not be sent.
  void refuse(message::Refusal refusal);
  // Back in the pool: nothing of the message is kept, of memory what `keep_memory` allows.
  void clear(bool keep_memory);

  const message::Message& message() const { return *order_.message; }
  const message::Dispatch& dispatch() const { return order_.dispatch; }
  // The one in force when the message was sent.
  const Configuration& configuration() const { return *configuration_; }
  // Of its AOR, when it goes to one.
  const std::shared_ptr<const Contact>& contact() const { return contact_; }
  // The URI that a redirect has led to; empty: none has.
  std::string_view redirected_to() const;
  // Its recipient does not know message/cpim: no receipt is asked for.
  bool is_plain() const { return plain_; }
  // What this message holds while it is under way.
  std::size_t octets() const { return octets_; }

 private:
  using Failure = RequestAttempt::Failure;
  void start(const NextHop& hop, std::optional<base::Duration> limit);
  bool fall_back_to_plain();
  void on_redirect(const sip::Packet& response);
  bool follow_next();
  void conclude(message::Attempted attempted);
  void finish(const message::Attempted& attempted);

  base::Result<void> write(sip::Transport& transport, const net::Address& to,
                           const RequestIdentity& identity, sip::OutgoingRequest& out) override;
  void on_request_sent() override;
  void on_final_response(const sip::Packet& response) override;
  void on_failure(const Failure& failure) override;

  MessageUac& uac_;
  RequestAttempt attempt_;
  Order order_;
  std::shared_ptr<const Configuration> configuration_;
  const Endpoint* endpoint_ = nullptr;
  std::shared_ptr<const Contact> contact_;
  std::string who_;  // for whom challenges are answered
  base::TimePoint deadline_{};
  std::size_t octets_ = 0;
  bool plain_ = false;
  std::unique_ptr<Redirects> redirects_;  // once redirected
};

}  // namespace missive::pjsip
