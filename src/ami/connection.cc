#include "ami/connection.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"

namespace missive::ami {

Connection::Connection(Environment& environment, std::shared_ptr<net::Stream> stream,
                       Admission admission, Gone gone)
    : stream_(std::move(stream)),
      gone_(std::move(gone)),
      max_unsent_(environment.shared.limits.max_unsent),
      session_(environment, *this, stream_->output(), stream_->local(), stream_->peer(),
               std::move(admission), stream_->tls() != nullptr ? Road::tls : Road::tcp) {
  // A client that only sends is held up long before it would be cut off.
  stream_->set_high_water(std::min(max_unsent_ / 2, Session::output_a_turn));
}

Connection::~Connection() { stream_->close_now(); }

void Connection::start() {
  stream_->start(*this);
  after_activity();
}

void Connection::end() {
  session_.end();
  after_activity();
}

void Connection::pause() {
  paused_ = true;
  stream_->pause_reading(true);
  session_.hurry();
  after_activity();
}

std::size_t Connection::on_data(std::string_view data) {
  const auto used = session_.on_data(data);
  after_activity();
  return used;
}

void Connection::on_closed(std::string_view reason) {
  if (reason.starts_with("TLS")) log::info("AMI: {}", base::printable(reason));
  gone_(*this);
}

void Connection::on_session_output() {
  if (stream_->unsent() + session_.held() > max_unsent_) {
    return drop("does not read what it is sent");
  }
  after_activity();
}

void Connection::on_timer() {
  armed_for_ = base::TimePoint::max();
  const auto now = stream_->shard().now();
  session_.on_time(now);
  if (now >= check_output_at_ && stands_still())
    return drop("has taken nothing for its writetimeout");
  after_activity();
}

void Connection::after_activity() {
  if (stream_->unsent() > 0) stream_->flush_later();
  watch_output();
  arm_timer();
  if (session_.finished()) {
    stream_->close_after_flush();
  } else {
    stream_->pause_reading(paused_ || !session_.wants_input());
  }
}

void Connection::arm_timer() {
  const auto at = std::min(session_.deadline(), check_output_at_);
  if (at == armed_for_) return;
  armed_for_ = at;
  if (at == base::TimePoint::max()) {
    cancel();
  } else {
    stream_->shard().timers().arm(*this, at);
  }
}

void Connection::watch_output() {
  if (session_.user() == nullptr || session_.user()->write_timeout.count() == 0) return;
  if (check_output_at_ != base::TimePoint::max() || stream_->unsent() == 0) return;
  check_output_at_ = stream_->shard().now() + session_.user()->write_timeout;
  taken_before_ = taken();
}

// Once the time is up: whether nothing was taken in it. The next output starts it again.
bool Connection::stands_still() {
  check_output_at_ = base::TimePoint::max();
  return stream_->unsent() > 0 && taken() == taken_before_;
}

// `this` may be gone after it.
void Connection::drop(std::string_view reason) {
  log::warning("AMI client {} ('{}') {}; {} octets wait, disconnecting it", stream_->peer().str(),
               session_.user() == nullptr ? "" : base::printable(session_.user()->name), reason,
               stream_->unsent() + session_.held());
  stream_->close_now();
  gone_(*this);
}

}  // namespace missive::ami
