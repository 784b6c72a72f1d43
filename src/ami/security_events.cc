#include "ami/security_events.h"

#include <fmt/format.h>

namespace missive::ami {

std::string endpoint_text(const net::Address& address, std::string_view transport) {
  return fmt::format("IPV{}/{}/{}/{}", address.is_v6() ? 6 : 4, transport, address.ip(),
                     address.port());
}

namespace {

void add_session(EventText& text, const Subject& subject) {
  text.header("SessionID", subject.session_id)
      .header("LocalAddress", endpoint_text(subject.local, subject.transport))
      .header("RemoteAddress", endpoint_text(subject.remote, subject.transport));
}

void add_start(EventText& text, const Subject& subject) {
  text.header("SessionTV", event_time_text(subject.session_started));
}

}  // namespace

void SecurityEvents::begin(EventText& text, std::string_view severity) const {
  text.header("EventTV", event_time_text(clock_.wall()))
      .header("Severity", severity)
      .header("Service", "AMI")
      .header("EventVersion", "1");
}

void SecurityEvents::successful_auth(const Subject& subject) const {
  bus_.publish(Class::security, "SuccessfulAuth", [&](EventText& text) {
    begin(text, "Informational");
    text.header("AccountID", subject.account);
    add_session(text, subject);
    text.header("UsingPassword", "0");
    add_start(text, subject);
  });
}

void SecurityEvents::refused(std::string_view event, const Subject& subject) const {
  bus_.publish(Class::security, event, [&](EventText& text) {
    begin(text, "Error");
    text.header("AccountID", subject.account);
    add_session(text, subject);
    add_start(text, subject);
  });
}

void SecurityEvents::challenge_response_failed(const Subject& subject, std::string_view challenge,
                                               std::string_view response) const {
  bus_.publish(Class::security, "ChallengeResponseFailed", [&](EventText& text) {
    begin(text, "Error");
    text.header("AccountID", subject.account);
    add_session(text, subject);
    text.header("Challenge", challenge).header("Response", response).header("ExpectedResponse", "");
    add_start(text, subject);
  });
}

void SecurityEvents::challenge_sent(const Subject& subject, std::string_view challenge) const {
  bus_.publish(Class::security, "ChallengeSent", [&](EventText& text) {
    begin(text, "Informational");
    text.header("AccountID", subject.account);
    add_session(text, subject);
    text.header("Challenge", challenge);
    add_start(text, subject);
  });
}

void SecurityEvents::unexpected_address(const Subject& subject,
                                        const net::Address& expected) const {
  bus_.publish(Class::security, "UnexpectedAddress", [&](EventText& text) {
    begin(text, "Error");
    text.header("AccountID", subject.account);
    add_session(text, subject);
    text.header("ExpectedAddress", endpoint_text(expected, subject.transport));
    add_start(text, subject);
  });
}

void SecurityEvents::request_not_allowed(const Subject& subject, std::string_view action) const {
  bus_.publish(Class::security, "RequestNotAllowed", [&](EventText& text) {
    begin(text, "Error");
    text.header("AccountID", subject.account);
    add_session(text, subject);
    text.header("RequestType", fmt::format("Action: {}", action));
    add_start(text, subject);
  });
}

void SecurityEvents::request_bad_format(const Subject& subject, std::string_view action) const {
  bus_.publish(Class::security, "RequestBadFormat", [&](EventText& text) {
    begin(text, "Error");
    add_session(text, subject);
    text.header("RequestType", fmt::format("Action: {}", action));
    add_start(text, subject);
    text.header("AccountID", subject.account);
  });
}

}  // namespace missive::ami
