// Who is told of what happens to requests at the door: Asterisk's security events.
//
// Called on the shard that has the request, during the call only; the views are into the
// request. The listener outlives the shards. Source: Asterisk documentation, "Asterisk Security
// Event Logger".
#pragma once

#include <string_view>

#include "net/address.h"

namespace missive::pjsip {

struct AuthSubject {
  std::string_view account;    // the endpoint, or who From says it is
  std::string_view session;    // Call-ID
  std::string_view method;     // "REGISTER"
  std::string_view transport;  // "UDP", "TCP", ...
  net::Address source;
  net::Address local;
};

class AuthEvents {
 public:
  virtual ~AuthEvents() = default;
  // Nobody we know; only after unidentified_request_count of them.
  virtual void invalid_account(const AuthSubject& subject) = 0;
  // A response that is wrong for the nonce.
  virtual void invalid_password(const AuthSubject& subject, std::string_view nonce,
                                std::string_view response) = 0;
  virtual void challenge_sent(const AuthSubject& subject, std::string_view nonce) = 0;
  virtual void successful_auth(const AuthSubject& subject) = 0;
  // `acl`: whose rules they were: "endpoint alice", "acl office".
  virtual void failed_acl(const AuthSubject& subject, std::string_view acl) = 0;
};

// For where nobody wants to know.
class NoAuthEvents final : public AuthEvents {
 public:
  void invalid_account(const AuthSubject&) override {}
  void invalid_password(const AuthSubject&, std::string_view, std::string_view) override {}
  void challenge_sent(const AuthSubject&, std::string_view) override {}
  void successful_auth(const AuthSubject&) override {}
  void failed_acl(const AuthSubject&, std::string_view) override {}
};

}  // namespace missive::pjsip
