// What a final response to a MESSAGE means for the message, in one table.
//
//   200 ... 299   delivered; 202: sent, somebody on the way keeps it
//   401, 407      a challenge: again with credentials (RequestAttempt)
//   300 ... 399   a redirect: to its contacts where the endpoint follows them (Delivery)
//   406, 415, 488 not in that form: once more as plain text where a receipt was asked for
//   503           the next target (RequestAttempt); of the last one: later
//   408, 430, 480, 486, 491, 502, 504, 600
//                 later: the recipient is away, busy, or something on the way is
//   404, 413, 500, 603 with Retry-After
//                 later: RFC 3261 section 20.33 lets them say when it is worth trying again
//   all others    give up: another attempt would end no better (405, 413, 420, 481, ...)
//
// What is left of a kind when there is no other form, target or contact to try counts as `give_up`,
// 503 as `later`. Retry-After holds for every `later`: no attempt before that.
//
// Source: RFC 3261 sections 8.1.3, 20.33, 21; RFC 3263 section 4.3; RFC 3428 section 7; RFC 5626
// section 11.6 (430).
#pragma once

#include <cstdint>

#include "message/status.h"

namespace missive::pjsip {

enum class Verdict : std::uint8_t {
  delivered,
  sent,
  challenge,
  redirect,
  plain_again,
  next_target,
  later,
  give_up,
};

// `may_retry`: it has a Retry-After.
constexpr Verdict judge(int code, bool may_retry = false) {
  switch (code) {
    case 202:
      return Verdict::sent;
    case 401:
    case 407:
      return Verdict::challenge;
    case 406:
    case 415:
    case 488:
      return Verdict::plain_again;
    case 503:
      return Verdict::next_target;
    case 408:  // Request Timeout
    case 430:  // Flow Failed
    case 480:  // Temporarily Unavailable
    case 486:  // Busy Here
    case 491:  // Request Pending
    case 502:  // Bad Gateway
    case 504:  // Server Time-out
    case 600:  // Busy Everywhere
      return Verdict::later;
    case 404:  // Not Found
    case 413:  // Request Entity Too Large
    case 500:  // Server Internal Error
    case 603:  // Decline
      return may_retry ? Verdict::later : Verdict::give_up;
    default:
      break;
  }
  if (code >= 200 && code < 300) return Verdict::delivered;
  return code >= 300 && code < 400 ? Verdict::redirect : Verdict::give_up;
}

// Another attempt, some time later, is worth it.
constexpr bool is_passing(int code, bool may_retry = false) {
  const auto verdict = judge(code, may_retry);
  return verdict == Verdict::later || verdict == Verdict::next_target;
}

constexpr message::Status::State state_of(int code) {
  using State = message::Status::State;
  switch (judge(code)) {
    case Verdict::delivered:
      return State::delivered;
    case Verdict::sent:
      return State::sent;
    default:
      return State::failed;
  }
}

// Nobody of that recipient will take it, wherever else it is tried (RFC 3261 section 21.6).
constexpr bool ends_search(int code) { return code >= 600; }

}  // namespace missive::pjsip
