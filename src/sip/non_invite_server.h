// The non-INVITE server transaction as a pure state machine.
//
// step(event, now) -> actions, like NonInviteClient. RFC 4320: no provisional response
// is ever sent (a 100 only after Timer E of the client has reached T2, which our answers never
// wait for), and no final response once the client's Timer F has run out, for nobody
// listens any more.
//
// Source: RFC 3261 section 17.2.2 and figure 8; RFC 4320 section 4.2.
#pragma once

#include <optional>

#include "sip/timers.h"

namespace missive::sip {

class NonInviteServer {
 public:
  struct Actions {
    bool pass_request = false;  // to the transaction user
    bool send = false;          // the final response, again or for the first time
    std::optional<base::TimePoint> wake;
    bool end = false;
  };

  NonInviteServer() = default;
  // `timers` outlives the machine.
  NonInviteServer(const Timers& timers, bool reliable) : timers_(&timers), reliable_(reliable) {}

  // The request, first time or again.
  Actions on_request(base::TimePoint now);
  // The transaction user answers.
  Actions on_final_response(base::TimePoint now);
  Actions on_timer(base::TimePoint now);
  Actions on_transport_error();

 private:
  enum class State { idle, trying, completed, ended };
  const Timers* timers_ = nullptr;
  bool reliable_ = false;
  State state_ = State::idle;
  base::TimePoint deadline_{};  // Timer F of the client while trying, Timer J when completed
};

}  // namespace missive::sip
