// Asks for a password and checks it: Digest as the server (RFC 3261 section 22, RFC 8760).
//
// One per shard; the Nonces are shared. A request of an endpoint passes when its credentials are
// right for one of the objects of its `auth` option. Every other gets a 401 with a WWW-Authenticate
// header for each realm and algorithm, the strongest first. Whoever is nobody we know is asked and
// checked in just the same way against a password that nobody has, so that the answer and its cost
// tell nothing.
//
// Right credentials with a nonce that is too old, not of this process or used with this nc before
// are asked for again with stale=true, so that a phone need not ask its user. The digest's
// uri must name the user and host of the Request-URI. qop=auth is offered; credentials without qop
// are taken, once for a nonce.
//
// Source: Asterisk documentation, res_pjsip, "auth"; RFC 7616.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "pjsip/auth_events.h"
#include "pjsip/configuration.h"
#include "pjsip/digest_credentials.h"
#include "pjsip/nonce.h"
#include "sip/packet.h"
#include "sip/request_user.h"

namespace missive::pjsip {

// The realm of an auth as server.
std::string_view realm_of(const Auth& auth, const Global& global);
// The algorithms it is asked with, the strongest first: those of the options that its password or
// hashes can check, or all of the options where it can check none (then nobody passes).
std::vector<DigestAlgorithm> algorithms_of(const Auth& auth, const Global& global);

class Authenticator {
 public:
  enum class Verdict {
    passed,
    challenged,  // no credentials that could be checked, or good ones with a used nonce
    refused      // wrong credentials
  };

  Authenticator(Nonces& nonces, base::RandomSource& random, AuthEvents& events);

  // `endpoint`: nullptr for nobody we know. Unless it passed, `response` is the 401.
  // `authenticated_as` is the user name that was good.
  Verdict check(const Configuration& configuration, const Endpoint* endpoint,
                const sip::Packet& request, const AuthSubject& subject, sip::Response& response,
                std::string& authenticated_as);

 private:
  enum class Outcome { good, stale, wrong };
  struct Way {  // of passing
    const Auth* auth;
    std::string_view realm;
    std::vector<DigestAlgorithm> algorithms;
  };

  void find_ways(const Configuration& configuration, const Endpoint* endpoint);
  const Way* way_for(const DigestCredentials& credentials) const;
  Outcome verify(const Way& way, const DigestCredentials& credentials, const sip::Packet& request);
  void challenge(bool stale, const AuthSubject& subject, sip::Response& response);

  Nonces& nonces_;
  AuthEvents& events_;
  Auth nobody_;  // whose password nobody has
  const std::string opaque_;
  std::vector<Way> ways_;  // of the request that is looked at
};

}  // namespace missive::pjsip
