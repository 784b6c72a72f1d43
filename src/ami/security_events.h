// The events of class `security`: who logged in, who failed, who asked for what is not his.
//
// Field names and their order are Asterisk's. Nothing is built when nobody listens.
// Source: Asterisk documentation, "Asterisk Security Event Logger", AMI events; the wire of
// Asterisk 20.7.
#pragma once

#include <string>
#include <string_view>

#include "ami/event_bus.h"
#include "base/clock.h"
#include "net/address.h"

namespace missive::ami {

// "IPV4/TCP/127.0.0.1/5038", as security events tell an address.
std::string endpoint_text(const net::Address& address, std::string_view transport);

// Whom a security event is about.
struct Subject {
  std::string_view account;
  std::string_view session_id;
  const net::Address& local;
  const net::Address& remote;
  base::WallTime session_started;
  std::string_view transport = "TCP";
};

class SecurityEvents {
 public:
  SecurityEvents(EventBus& bus, const base::Clock& clock) : bus_(bus), clock_(clock) {}

  void successful_auth(const Subject& subject) const;
  // InvalidAccountID, InvalidPassword, FailedACL or SessionLimit.
  void refused(std::string_view event, const Subject& subject) const;
  // ExpectedResponse stays empty: from it and the challenge a reader could guess the secret.
  void challenge_response_failed(const Subject& subject, std::string_view challenge,
                                 std::string_view response) const;
  // A challenge without its answer; nobody is known yet where `account` is empty.
  void challenge_sent(const Subject& subject, std::string_view challenge) const;
  // The session was begun from another address.
  void unexpected_address(const Subject& subject, const net::Address& expected) const;
  // `action` is what was asked for, "NONE" if nothing was.
  void request_not_allowed(const Subject& subject, std::string_view action) const;
  void request_bad_format(const Subject& subject, std::string_view action) const;

 private:
  void begin(EventText& text, std::string_view severity) const;

  EventBus& bus_;
  const base::Clock& clock_;
};

}  // namespace missive::ami
