#include "ami/sip_security_events.h"

#include "ami/security_events.h"

namespace missive::ami {

void SipSecurityEvents::begin(EventText& text, std::string_view severity,
                              const pjsip::AuthSubject& subject) const {
  text.header("EventTV", event_time_text(clock_.wall()))
      .header("Severity", severity)
      .header("Service", "PJSIP")
      .header("EventVersion", "1")
      .header("AccountID", subject.account)
      .header("SessionID", subject.session)
      .header("LocalAddress", endpoint_text(subject.local, subject.transport))
      .header("RemoteAddress", endpoint_text(subject.source, subject.transport));
}

void SipSecurityEvents::invalid_account(const pjsip::AuthSubject& subject) {
  bus_.publish(Class::security, "InvalidAccountID",
               [&](EventText& text) { begin(text, "Error", subject); });
}

void SipSecurityEvents::invalid_password(const pjsip::AuthSubject& subject, std::string_view nonce,
                                         std::string_view response) {
  bus_.publish(Class::security, "InvalidPassword", [&](EventText& text) {
    begin(text, "Error", subject);
    text.header("Challenge", nonce).header("ReceivedChallenge", nonce);
  });
  bus_.publish(Class::security, "ChallengeResponseFailed", [&](EventText& text) {
    begin(text, "Error", subject);
    text.header("Challenge", nonce).header("Response", response).header("ExpectedResponse", "");
  });
}

void SipSecurityEvents::challenge_sent(const pjsip::AuthSubject& subject, std::string_view nonce) {
  bus_.publish(Class::security, "ChallengeSent", [&](EventText& text) {
    begin(text, "Informational", subject);
    text.header("Challenge", nonce);
  });
}

void SipSecurityEvents::successful_auth(const pjsip::AuthSubject& subject) {
  bus_.publish(Class::security, "SuccessfulAuth", [&](EventText& text) {
    begin(text, "Informational", subject);
    text.header("UsingPassword", "1");
  });
}

void SipSecurityEvents::failed_acl(const pjsip::AuthSubject& subject, std::string_view acl) {
  bus_.publish(Class::security, "FailedACL", [&](EventText& text) {
    begin(text, "Error", subject);
    text.header("ACLName", acl);
  });
}

}  // namespace missive::ami
