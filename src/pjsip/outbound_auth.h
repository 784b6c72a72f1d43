// Answers 401 and 407 on behalf of an endpoint (outbound_auth= of pjsip.conf).
//
// One for each message that is challenged. A realm is answered once, and once more when
// the peer says that only the nonce was stale; a peer that challenges again, with whatever
// new nonce, ends it, so a wrong password costs one retry and never a loop. Of several
// challenges for a realm the strongest that the auth object can answer is taken; of several
// realms each is answered, whether they come in one response or a proxy's first and the
// phone's behind it: credentials once given go into every further attempt.
//
// Source: RFC 3261 sections 16.7, 22.2, 22.3; RFC 7616; RFC 8760 section 2.4.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "pjsip/configuration.h"
#include "sip/digest.h"
#include "sip/outgoing_request.h"
#include "sip/packet.h"

namespace missive::pjsip {

class OutboundAuth {
 public:
  // `auths`: the type=auth sections that may answer; `who` of error texts: "endpoint 'alice'". All
  // outlive it.
  OutboundAuth(const Configuration& configuration, std::span<const std::string> auths,
               std::string_view who)
      : configuration_(configuration), auths_(auths), who_(who) {}

  // Whole header lines for the next attempt, or why there is none.
  base::Result<std::string> answer(const sip::Packet& response, const sip::OutgoingRequest& request,
                                   base::RandomSource& random);
  // Whether a realm has been answered.
  bool has_answers() const { return !answered_.empty(); }
  // The same credentials for another request, computed anew.
  base::Result<std::string> repeat(const sip::OutgoingRequest& request,
                                   base::RandomSource& random) {
    return write(request, random);
  }
  // The next request goes to another server, which need not know the nonces of this one: each realm
  // may challenge once more.
  void meet_another();

 private:
  // A realm of a proxy or of the far end, and what is answered to it from now on.
  struct Answered {
    bool proxy = false;
    sip::Challenge challenge;
    sip::Credentials credentials;
    std::uint32_t count = 0;  // attempts with this nonce
    bool challenged = true;   // by this server
    bool stale_answered = false;
  };

  const Auth* auth_for(std::string_view realm) const;
  base::Result<void> take(bool proxy, std::vector<sip::Challenge> challenges);
  base::Result<std::string> write(const sip::OutgoingRequest& request, base::RandomSource& random);

  const Configuration& configuration_;
  const std::span<const std::string> auths_;
  const std::string_view who_;
  std::vector<Answered> answered_;
};

}  // namespace missive::pjsip
