// What is answered to requests that this server has no use for.
//
// OPTIONS gets 200 with what is served (RFC 3261 section 11.2); a call gets 488 with a
// reason a person understands; CANCEL finds nothing to cancel, 481; methods inside a dialog
// get 481 too, for there are no dialogs; the rest that RFCs define, 405 with Allow. Unknown
// methods are left to the transaction layer, which says 501. The last in the line of users.
#pragma once

#include <string>
#include <vector>

#include "sip/request_user.h"

namespace missive::pjsip {

class RequestRefusals final : public sip::RequestUser {
 public:
  // `accept`: the content types that a MESSAGE may have (message_accept).
  explicit RequestRefusals(const std::vector<std::string>& accept = {"text/plain"});

  bool on_request(const sip::IncomingRequest& request, sip::Response& response) override;

 private:
  const std::string accept_;  // the header line
};

}  // namespace missive::pjsip
