#include "ami/web/session.h"

#include <algorithm>
#include <utility>

namespace missive::ami::web {
namespace {

constexpr base::Duration time_to_log_in = std::chrono::seconds{5};

}  // namespace

WebSession::WebSession(Environment& environment, const net::Address& local,
                       const net::Address& remote, Admission admission, Road road, Gone gone)
    : environment_(environment),
      gone_(std::move(gone)),
      session_(environment, *this, out_, local, remote, std::move(admission), road),
      idle_until_(base::TimePoint::max()) {}

bool WebSession::ask(std::string action, Answer& answer) {
  if (requests_.size() >= max_waiting) return false;
  requests_.push_back({std::move(action), std::move(answer)});
  session_.stop_waiting();
  work();
  return true;
}

void WebSession::end() {
  session_.end();
  work();
}

void WebSession::hurry() {
  const std::size_t begun = begun_ ? 1 : 0;
  while (requests_.size() > begun) requests_.pop_back();
  session_.hurry();
  work();
}

void WebSession::on_session_output() {
  if (!working_) work();
}

void WebSession::on_timer() {
  working_ = true;
  session_.on_time(environment_.shard.now());
  working_ = false;
  work();
}

// The last thing that is done with it: it may be gone then.
void WebSession::work() {
  working_ = true;
  while (!requests_.empty()) {
    if (!std::exchange(begun_, true)) session_.on_data(requests_.front().action);
    if (!session_.answered() && !session_.finished()) break;
    answer_front();
  }
  working_ = false;
  if (!is_done()) return arm();
  const auto gone = std::move(gone_);  // `this` goes with it
  gone(*this);
}

void WebSession::answer_front() {
  begun_ = false;
  asked_ = true;
  auto request = std::move(requests_.front());
  requests_.pop_front();
  idle_until_ = environment_.shard.now() + idle_time();
  request.answer({std::exchange(out_, {}), is_kept()});
}

base::Duration WebSession::idle_time() const {
  const auto& configuration = *environment_.configuration;
  const base::Duration limit = configuration.http_timeout;
  if (!session_.authenticated()) return std::min(limit, time_to_log_in);
  if (!by_digest_ || session_.has_waited()) return limit;
  const bool has_others =
      session_.user()->allow_multiple_login.value_or(configuration.allow_multiple_login);
  return has_others ? std::min(limit, digest_idle) : base::Duration{0};
}

bool WebSession::is_kept() const {
  return session_.wants_input() && (session_.authenticated() || session_.has_challenge());
}

bool WebSession::is_done() const {
  if (session_.finished()) return true;
  if (!requests_.empty() || !asked_) return false;
  return !is_kept() || environment_.shard.now() >= idle_until_;
}

void WebSession::arm() {
  const auto at =
      requests_.empty() ? std::min(session_.deadline(), idle_until_) : session_.deadline();
  if (at == base::TimePoint::max()) {
    cancel();
  } else {
    environment_.shard.timers().arm(*this, at);
  }
}

}  // namespace missive::ami::web
