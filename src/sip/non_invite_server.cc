#include "sip/non_invite_server.h"

namespace missive::sip {

NonInviteServer::Actions NonInviteServer::on_request(base::TimePoint now) {
  switch (state_) {
    case State::idle:
      state_ = State::trying;
      deadline_ = now + timers_->timer_f;
      return {.pass_request = true, .wake = deadline_};
    case State::completed:
      return {.send = true};
    case State::trying:  // a retransmission that came before the answer is dropped
    case State::ended:
      return {};
  }
  return {};
}

NonInviteServer::Actions NonInviteServer::on_final_response(base::TimePoint now) {
  if (state_ != State::trying) return {};
  if (now >= deadline_) {
    state_ = State::ended;
    return {.end = true};
  }
  if (reliable_) {  // Timer J is zero
    state_ = State::ended;
    return {.send = true, .end = true};
  }
  state_ = State::completed;
  deadline_ = now + timers_->timer_j();
  return {.send = true, .wake = deadline_};
}

NonInviteServer::Actions NonInviteServer::on_timer(base::TimePoint now) {
  if (state_ == State::idle || state_ == State::ended) return {};
  if (now < deadline_) return {.wake = deadline_};
  state_ = State::ended;
  return {.end = true};
}

NonInviteServer::Actions NonInviteServer::on_transport_error() {
  if (state_ == State::idle || state_ == State::ended) return {};
  state_ = State::ended;
  return {.end = true};
}

}  // namespace missive::sip
