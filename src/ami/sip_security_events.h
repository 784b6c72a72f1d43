// The events of class `security` about SIP requests: who got in, who did not.
//
// Any thread. Field names and their order are Asterisk's; Service is PJSIP, the SessionID is the
// Call-ID. The expected response is never told: it would let its reader in. Source: Asterisk
// documentation, "Asterisk Security Event Logger", AMI events.
#pragma once

#include "ami/event_bus.h"
#include "pjsip/auth_events.h"

namespace missive::ami {

class SipSecurityEvents final : public pjsip::AuthEvents {
 public:
  SipSecurityEvents(EventBus& bus, const base::Clock& clock) : bus_(bus), clock_(clock) {}

  void invalid_account(const pjsip::AuthSubject& subject) override;
  void invalid_password(const pjsip::AuthSubject& subject, std::string_view nonce,
                        std::string_view response) override;
  void challenge_sent(const pjsip::AuthSubject& subject, std::string_view nonce) override;
  void successful_auth(const pjsip::AuthSubject& subject) override;
  void failed_acl(const pjsip::AuthSubject& subject, std::string_view acl) override;

 private:
  void begin(EventText& text, std::string_view severity, const pjsip::AuthSubject& subject) const;

  EventBus& bus_;
  const base::Clock& clock_;
};

}  // namespace missive::ami
