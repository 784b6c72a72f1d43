#include "sip/non_invite_client.h"

#include <algorithm>

namespace missive::sip {

using Tell = NonInviteClient::Actions::Tell;

base::TimePoint NonInviteClient::next_wake() const {
  return reliable_ ? give_up_ : std::min(retransmit_, give_up_);
}

NonInviteClient::Actions NonInviteClient::start(base::TimePoint now,
                                                std::optional<base::Duration> limit) {
  if (state_ != State::idle) return {};
  state_ = State::trying;
  interval_ = timers_->t1;
  retransmit_ = now + interval_;
  give_up_ = now + limit.value_or(timers_->timer_f);
  return {.send = true, .wake = next_wake()};
}

NonInviteClient::Actions NonInviteClient::on_timer(base::TimePoint now) {
  if (state_ == State::idle || state_ == State::ended) return {};
  if (now >= give_up_) {
    state_ = State::ended;
    return {.tell = Tell::timeout, .end = true};
  }
  if (reliable_ || now < retransmit_) return {.wake = next_wake()};
  interval_ = state_ == State::trying ? std::min(interval_ * 2, timers_->t2) : timers_->t2;
  retransmit_ = now + interval_;
  return {.send = true, .wake = next_wake()};
}

NonInviteClient::Actions NonInviteClient::on_response(int status, base::TimePoint) {
  if (state_ == State::idle || state_ == State::ended) return {};
  if (status >= 200) {
    state_ = State::ended;
    return {.tell = Tell::final, .end = true};
  }
  // Timer E keeps running and only its next interval is T2 (figure 6).
  state_ = State::proceeding;
  return {.tell = Tell::provisional};
}

NonInviteClient::Actions NonInviteClient::on_transport_error() {
  if (state_ == State::idle || state_ == State::ended) return {};
  state_ = State::ended;
  return {.tell = Tell::transport_error, .end = true};
}

}  // namespace missive::sip
