// What a final response to a MESSAGE means for the message, in one table.
//
// Source: RFC 3261 section 21, RFC 3428 section 7.
#pragma once

#include "message/status.h"

namespace missive::pjsip {

// The recipient is away, busy, or something on the way is: another attempt is worth it.
constexpr bool is_passing(int code) {
  switch (code) {
    case 408:  // Request Timeout
    case 430:  // Flow Failed
    case 480:  // Temporarily Unavailable
    case 486:  // Busy Here
    case 491:  // Request Pending
    case 502:  // Bad Gateway
    case 503:  // Service Unavailable
    case 504:  // Server Time-out
    case 600:  // Busy Everywhere
      return true;
    default:
      return false;
  }
}

constexpr message::Status::State state_of(int code) {
  using State = message::Status::State;
  if (code == 202) return State::sent;  // somebody on the way keeps it
  return code >= 200 && code < 300 ? State::delivered : State::failed;
}

}  // namespace missive::pjsip
