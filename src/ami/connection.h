// One AMI session on its socket.
//
// Carries octets between a net::Stream and a Session, calls the session's timer, and ends
// connections: after Logoff and failed logins when all is written; at once when more than
// max_unsent octets wait for a client that does not read, or when the output has stood
// still for the user's writetimeout (Asterisk applies that to a single write; here it is
// the time in which the kernel takes nothing for the peer although octets wait).
// Everything happens on one shard's thread.
#pragma once

#include <functional>
#include <memory>

#include "ami/session.h"
#include "net/stream.h"
#include "net/timer_wheel.h"

namespace missive::ami {

class Connection final : public net::StreamHandler, public SessionOwner, private net::Timer {
 public:
  // `gone` is called once, when the connection is no more; it may destroy it. Not called
  // before start().
  using Gone = std::function<void(Connection&)>;

  Connection(Environment& environment, std::shared_ptr<net::Stream> stream, Admission admission,
             Gone gone);
  ~Connection() override;

  void start();
  // Takes no further actions and closes once pending ones are answered and all is written.
  void end();
  // Takes no further actions.
  void pause();

  const Session& session() const { return session_; }

  std::size_t on_data(std::string_view data) override;
  void on_closed(std::string_view reason) override;
  void on_session_output() override;

 private:
  void on_timer() override;
  void after_activity();
  void arm_timer();
  void watch_output();
  bool stands_still();
  void drop(std::string_view reason);
  std::uint64_t taken() const { return session_.written() - stream_->unsent(); }

  std::shared_ptr<net::Stream> stream_;
  Gone gone_;
  const std::size_t max_unsent_;
  Session session_;
  bool paused_ = false;
  base::TimePoint armed_for_ = base::TimePoint::max();
  base::TimePoint check_output_at_ = base::TimePoint::max();
  std::uint64_t taken_before_ = 0;
};

}  // namespace missive::ami
