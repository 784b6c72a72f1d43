// The non-INVITE client transaction as a pure state machine.
//
// step(event, now) says what is to be done; whoever owns the machine does it. No
// sockets, no timers, no memory. Timers E and F are one wake-up: the machine asks to be
// woken at whichever comes first. There is no Completed state: after a final response
// nothing is kept, and a retransmission of it finds no transaction and is dropped.
//
// Source: RFC 3261 section 17.1.2 and figure 6; RFC 4320 section 4.
#pragma once

#include <optional>

#include "sip/timers.h"

namespace missive::sip {

class NonInviteClient {
 public:
  struct Actions {
    enum class Tell { nothing, provisional, final, timeout, transport_error };
    bool send = false;                    // the request, again or for the first time
    std::optional<base::TimePoint> wake;  // call on_timer() then; replaces the last one
    Tell tell = Tell::nothing;            // the transaction user
    bool end = false;                     // the transaction is over
  };

  NonInviteClient() = default;
  // `timers` outlives the machine.
  NonInviteClient(const Timers& timers, bool reliable) : timers_(&timers), reliable_(reliable) {}

  // `limit`: instead of Timer F.
  Actions start(base::TimePoint now, std::optional<base::Duration> limit = {});
  Actions on_timer(base::TimePoint now);
  Actions on_response(int status, base::TimePoint now);
  Actions on_transport_error();

 private:
  enum class State { idle, trying, proceeding, ended };
  base::TimePoint next_wake() const;

  const Timers* timers_ = nullptr;
  bool reliable_ = false;
  State state_ = State::idle;
  base::Duration interval_{};     // of Timer E
  base::TimePoint retransmit_{};  // Timer E
  base::TimePoint give_up_{};     // Timer F
};

}  // namespace missive::sip
