// One AMI session, without the socket.
//
// Takes octets, writes replies and events to the string it was given, and says by deadline()
// when on_time() is to be called. Actions are taken up in order and answered in order, also
// when MessageSend completes later than what follows it. Events are whole packets between
// replies; one that an action causes follows the action's reply.
//
// A failed login is answered a second later and ends the session; what the client sends
// meanwhile is dropped. Until the login actions are held to smaller limits, so that strangers
// cannot fill the memory. WaitEvent ends with the first event, at its time-out or when the
// next action comes. MessageSend with Wait is answered when its outcome is known. Over max_pending
// outstanding replies wants_input() is false until half of them are answered. Once finished() the
// output is to be flushed and the connection closed.
//
// A session on the web has no time-outs of its own but those of its actions. Its events do not go
// into the output: they wait for the next WaitEvent, which gives all of them, in the room of
// max_backlog octets; the oldest make room for new ones. No time-out of WaitEvent is longer than
// httptimeout allows.
//
// On one shard's thread. Any call may change what finished(), wants_input(), deadline() and
// the output say; the owner hears on_session_output() when that happened from elsewhere.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ami/admission.h"
#include "ami/environment.h"
#include "ami/event_backlog.h"
#include "ami/event_filter.h"
#include "ami/outcome_waits.h"
#include "ami/packet_reader.h"
#include "ami/reply_queue.h"
#include "ami/road.h"
#include "ami/security_events.h"
#include "ami/session_table.h"
#include "base/clock.h"
#include "message/technology.h"
#include "net/address.h"

namespace missive::ami {

class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual void on_session_output() = 0;
};

class Session {
 public:
  static constexpr std::size_t max_pending = 8192;
  static constexpr base::Duration login_delay = std::chrono::seconds{1};
  static constexpr std::size_t max_backlog = 1 << 20;

  // Writes the banner, but on the web. Everything referred to outlives the session.
  Session(Environment& environment, SessionOwner& owner, std::string& out,
          const net::Address& local, const net::Address& remote, Admission admission,
          Road road = Road::tcp);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // What one call puts into the output, but for its last reply: a client that asks for much is
  // answered in turns, between which others have theirs.
  static constexpr std::size_t output_a_turn = 1 << 20;

  // Returns how many octets are done with; the rest is to be shown again with more, or when less
  // than output_a_turn waits to be sent.
  std::size_t on_data(std::string_view data);
  void on_time(base::TimePoint now);
  base::TimePoint deadline() const;  // max() when there is none
  void deliver(const EventPointer& event);
  // No further actions: ends when the pending ones are answered.
  void end();
  // A WaitEvent that waits is answered now.
  void stop_waiting();
  // The server ends: what waits for recipients that are away is answered now.
  void hurry();

  bool finished() const { return ending_ && queue_.idle(); }
  // Whatever was asked has its answer in the output.
  bool answered() const { return queue_.idle() && !waiting_ && !punishment_; }
  bool has_challenge() const { return !challenge_.empty(); }
  bool has_waited() const { return has_waited_; }  // for events, with WaitEvent
  Road road() const { return road_; }
  bool wants_input() const { return !ending_ && !throttled_; }
  bool authenticated() const { return user_ != nullptr; }
  const User* user() const { return user_; }
  std::string_view account() const { return user_ ? std::string_view(user_->name) : ""; }
  const net::Address& remote() const { return remote_; }
  base::WallTime started() const { return started_; }
  std::size_t held() const { return queue_.held(); }  // octets not in the output yet
  std::uint64_t written() const { return written_; }  // octets ever put into the output

  // --- for the actions ---

  Environment& environment() const { return environment_; }
  const net::Address& local() const { return local_; }
  SecurityEvents security() const;
  Subject subject(std::string_view account) const;

  // Where the reply of the action at hand is to be appended.
  std::string& output() { return queue_.tail(); }
  void acknowledge(const ActionView& action, std::string_view message);
  void refuse(const ActionView& action, std::string_view message);

  // A reply that comes later: complete() it once, with what write(out, pending) appends.
  ReplyQueue::Ticket reserve(const ActionView& action, std::string_view message_id = {});
  template <class Write>
  void complete(ReplyQueue::Ticket ticket, Write&& write) {
    if (!queue_.is_pending(ticket)) return;
    const auto pending = queue_.pending();
    {
      const Meter meter(*this);
      queue_.settle(ticket, std::forward<Write>(write));
    }
    after_completion(pending);
  }
  // A reply that is completed at the outcome of its message, once that was told by these two.
  void await_outcome(ReplyQueue::Ticket ticket, const Patience& patience);
  void accepted(ReplyQueue::Ticket ticket, const message::Acceptance& acceptance);
  void heard(ReplyQueue::Ticket ticket, const message::Status& status);
  SessionTable::Handle handle() const { return handle_; }

  void log_in(std::shared_ptr<const Configuration> configuration, const User& user);
  // Answers with the error after login_delay and ends the session.
  void fail_login(const ActionView& action, std::string_view message);
  std::string& challenge() { return challenge_; }
  void set_mask(Class mask);
  bool listens_to(Class classes) const { return holds(listening_, classes); }
  EventFilters& filters() { return filters_; }
  // Without a time it waits until there is an event.
  void wait_for_event(const ActionView& action, std::optional<base::Duration> time);

 private:
  // A call into the session, or one within another: counts what is added to the output.
  class Meter {
   public:
    explicit Meter(Session& session)
        : session_(session),
          outermost_(!std::exchange(session.inside_, true)),
          before_(session.out_.size()) {}
    ~Meter() {
      if (!outermost_) return;
      session_.written_ += session_.out_.size() - before_;
      session_.inside_ = false;
    }
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;

   private:
    Session& session_;
    const bool outermost_;
    const std::size_t before_;
  };
  struct Waiting {
    std::string action_id;
    base::TimePoint until;
  };
  struct Punishment {
    std::string action_id;
    std::string message;
    base::TimePoint at;
  };

  void dispatch(const ActionView& action);
  void report_malformed();
  void end_wait(const Event* event);
  void keep(const EventPointer& event);
  base::TimePoint wait_until(std::optional<base::Duration> time) const;
  void listen(Class classes);
  void after_completion(std::size_t pending_before);
  void answer(ReplyQueue::Ticket ticket, const std::optional<OutcomeWait>& wait);
  void answer_due_waits(base::TimePoint now);

  Environment& environment_;
  SessionOwner& owner_;
  std::string& out_;
  const net::Address local_;
  const net::Address remote_;
  const Road road_;
  Admission admission_;
  const base::WallTime started_;
  const std::string id_;
  base::TimePoint authenticate_by_;

  PacketReader reader_;
  ReplyQueue queue_;
  SessionTable::Handle handle_;
  std::uint64_t written_ = 0;
  bool inside_ = false;  // a call into it is under way
  bool ending_ = false;
  bool throttled_ = false;

  std::shared_ptr<const Configuration> configuration_;  // that the user belongs to
  const User* user_ = nullptr;
  Class mask_ = Class::all;
  Class listening_ = Class::none;
  EventFilters filters_;
  std::optional<EventBacklog> backlog_;  // of a web session
  bool has_lost_events_ = false;
  bool has_waited_ = false;
  std::string challenge_;
  std::optional<Waiting> waiting_;
  std::optional<Punishment> punishment_;
  OutcomeWaits outcome_waits_;
};

// The place of a reply that comes later, on its shard's thread. The session may be gone by then.
class LaterReply {
 public:
  LaterReply(Session& session, ReplyQueue::Ticket ticket)
      : sessions_(&session.environment().sessions), handle_(session.handle()), ticket_(ticket) {}

  Session* session() const { return sessions_->find(handle_); }
  ReplyQueue::Ticket ticket() const { return ticket_; }
  // Has write(out, pending) append the reply.
  template <class Write>
  void complete(Write&& write) const {
    if (auto* found = session()) found->complete(ticket_, std::forward<Write>(write));
  }

 private:
  SessionTable* sessions_;
  SessionTable::Handle handle_;
  ReplyQueue::Ticket ticket_;
};

}  // namespace missive::ami
