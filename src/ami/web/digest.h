// Who a web client is, by HTTP Digest, for the pages that ask for it with every request.
//
// MD5 and SHA-256 are offered, MD5 first: a client that reads one challenge only knows that one.
// qop="auth"; an nc is good once. Nonces need no memory until they are used
// (pjsip/nonce.h) and are good for nonce_lifetime; right credentials with one that is not are
// asked for again with stale=true. A name that is no user is checked against a secret that nobody
// has, so that the answer and its time are the same. Any thread.
// Source: RFC 7616.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "ami/configuration.h"
#include "http/request.h"
#include "pjsip/digest_credentials.h"
#include "pjsip/nonce.h"

namespace missive::ami::web {

class DigestGate {
 public:
  static constexpr std::chrono::seconds nonce_lifetime{3600};

  DigestGate(const base::Clock& clock, std::string realm)
      : nonces_(clock), realm_(std::move(realm)) {}

  enum class Result {
    asked,           // no credentials were sent
    admitted,        //
    stale,           // right credentials, a nonce that is not good any more
    unknown_user,    // the rest: wrong
    forbidden,       // by permit and deny
    wrong_password,  // or anything else that does not fit
  };
  struct Verdict {
    Result result = Result::asked;
    const User* user = nullptr;              // of the configuration; where it is known
    pjsip::DigestCredentials credentials{};  // as far as they could be read
    std::string proof;                       // admitted: the value of Authentication-Info
  };
  Verdict look_at(const http::Request& request, const Configuration& configuration);

  // 401 with a new nonce, which is written to `nonce`.
  http::Response challenge(bool stale, std::string& nonce);

 private:
  std::string ha1_of(const User* user, const pjsip::DigestCredentials& credentials) const;

  pjsip::Nonces nonces_;
  const std::string realm_;
};

}  // namespace missive::ami::web
