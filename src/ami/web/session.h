// One AMI session of a web client: requests in, one action each, and their answers.
//
// Requests are worked on one after the other, in the order they came; one that comes while a
// WaitEvent waits ends that wait. The session is gone after Logoff, after a failed login, when no
// request has come for httptimeout (5 seconds before the login), and after any answer that leaves
// it neither logged in nor with a challenge to log in by: so nobody fills the memory with sessions
// by asking without a cookie. One by digest that has not asked for events yet goes after
// digest_idle, and at once where its user may have no other: each run of curl is a nonce, and so a
// session, of its own.
// Everything happens on one shard's thread; `gone` may destroy it.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "ami/session.h"
#include "base/unique_function.h"
#include "net/timer_wheel.h"

namespace missive::ami::web {

struct Reply {
  std::string packets;
  bool kept = false;  // the session goes on
};

class WebSession final : public SessionOwner, private net::Timer {
 public:
  static constexpr std::size_t max_waiting = 16;  // requests at a time
  static constexpr base::Duration digest_idle = std::chrono::seconds{5};
  using Answer = base::UniqueFunction<void(Reply)>;
  using Gone = std::function<void(WebSession&)>;

  WebSession(Environment& environment, const net::Address& local, const net::Address& remote,
             Admission admission, Road road, Gone gone);

  // `action` is one whole action; `answer` is called once, and with no packets where the session
  // ends before it is worked on; or it is destroyed, in hurry(). False when too many wait already.
  [[nodiscard]] bool ask(std::string action, Answer& answer);
  // Takes no more requests; those that wait are answered.
  void end();
  // The server stops: what waits for recipients that are away is answered now, what has not begun
  // is not worked on.
  void hurry();
  // Its client proves who it is with every request, and needs no session but for its events.
  void set_by_digest() { by_digest_ = true; }
  // Only kept in case its client comes again soon.
  bool is_spare() const { return by_digest_ && !session_.has_waited() && requests_.empty(); }

  Session& session() { return session_; }

  void on_session_output() override;

 private:
  struct Request {
    std::string action;
    Answer answer;
  };

  void on_timer() override;
  void work();
  void answer_front();
  base::Duration idle_time() const;
  bool is_kept() const;
  bool is_done() const;
  void arm();

  Environment& environment_;
  Gone gone_;
  std::string out_;
  Session session_;
  std::deque<Request> requests_;
  bool begun_ = false;    // with the first of them
  bool working_ = false;  // calls into the session are under way
  bool asked_ = false;    // a request was answered
  bool by_digest_ = false;
  base::TimePoint idle_until_;
};

}  // namespace missive::ami::web
