// One message on its way through the dialplan: Asterisk's "Message/ast_msg_queue" channel.
//
// Holds the place it is at, its variables, the Gosub stack, the message, and goes from
// priority to priority until there is none, somebody hangs up, or a limit is reached; the `h`
// extension of its context ends it. The run belongs to its shard; while an expansion or an
// application that blocks is under way a worker thread has it, and nobody else touches it. Runs
// do not know of each other.
//
// Ends by calling `done`, once, on the shard's thread. Source: Asterisk documentation,
// "Dialplan", "Asterisk and text messages".
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "dialplan/application.h"
#include "dialplan/environment.h"
#include "dialplan/message_state.h"
#include "dialplan/variables.h"
#include "message/handler.h"
#include "net/timer_wheel.h"

namespace missive::dialplan {

class Handshake;

struct Position {
  std::string context;
  std::string exten;
  int priority = 1;
};

// Where a run begins that is not to begin at its message's context and extension.
struct Beginning {
  Position position;
  // Set before the first priority, in order; a function's name sets that.
  std::vector<std::pair<std::string, std::string>> variables;
  bool trusted = true;                       // false: see Run::distrust()
  std::shared_ptr<const Dialplan> dialplan;  // nullptr: the one in force
};

// Goes on with a run that was suspended; called once, on the shard's thread.
using Resume = base::UniqueFunction<void(Outcome)>;

class Run final : public std::enable_shared_from_this<Run> {
 public:
  // Starts it; it keeps itself alive until `done`. Begins at the message's context and extension.
  static void start(Environment& environment, std::shared_ptr<const message::Incoming> message,
                    message::Done done);
  // Answers with the run, which may have ended already.
  static std::shared_ptr<Run> start(Environment& environment,
                                    std::shared_ptr<const message::Incoming> message,
                                    Beginning beginning, message::Done done);
  // A run that is at no priority and on no thread but the caller's, for functions that are called
  // from outside of a dialplan. On the shard's thread.
  static std::shared_ptr<Run> create(Environment& environment,
                                     std::shared_ptr<const message::Incoming> message);

  // --- what functions and applications use
  Environment& environment() { return environment_; }
  Shared& shared() { return environment_.shared; }
  const Dialplan& dialplan() const { return *dialplan_; }
  MessageState& message() { return message_; }
  const MessageState& message() const { return message_; }

  // ${NAME}: the run's own, else a global one, else what the run itself is (CONTEXT, EXTEN,
  // PRIORITY, CHANNEL, UNIQUEID, EPOCH, ...). nullopt when there is none.
  std::optional<std::string> variable(std::string_view name) const;
  // Set(): an empty value is kept as one. `_` and `__` in front are taken off.
  void set_variable(std::string_view name, std::string value);
  Variables& variables() { return variables_; }
  const Variables& variables() const { return variables_; }

  const Position& position() const { return position_; }
  std::string_view channel() const { return "Message/ast_msg_queue"; }
  std::string unique_id() const;
  std::uint64_t number() const { return number_; }  // unique in this process; owner of Locks
  // The priority it is at; nullptr before the first.
  const Priority* current() const { return current_; }
  // The next priority to run; then return Outcome::jumped.
  void go_to(Position position) { position_ = std::move(position); }
  // "[[context,]extension,]priority-or-label" as Goto takes it, relative to where the run is.
  base::Result<Position> resolve_label(std::string_view label) const;

  // Gosub: the frame to come back to, with its LOCAL() variables (ARG1 ... among them).
  struct Frame {
    Position back;
    Variables locals;
  };
  std::vector<Frame>& frames() { return frames_; }

  // Gosub's bound.
  static constexpr std::size_t max_frames = 1000;

  // Takes the run off the road; see Outcome::suspended.
  Resume suspend();
  // The same without an allocation: resume() with what wait() gave. A run that has
  // ended or gone on in the meantime is not waiting, and not resumed.
  using Ticket = std::uint32_t;
  Ticket wait();
  bool is_waiting(Ticket ticket) const { return !ended_ && !has_worker_ && ticket == ticket_; }
  void resume(Ticket ticket, Outcome outcome);
  // Wait(): goes on by itself after `time`.
  Outcome sleep(base::Duration time);

  // Does what blocks on a worker thread; the run goes on with its outcome. On a worker: at once.
  using Work = base::UniqueFunction<Outcome(Run&)>;
  // A run of nothing but that, within a run's time.
  static void start_work(Environment& environment, std::shared_ptr<const message::Incoming> message,
                         Work work, message::Done done);
  Outcome on_worker(Work work);
  // For a worker: lets the shard do it and waits. `subroutine`: and runs the dialplan on from
  // where `work` jumped to, until the frame it pushed has been returned from.
  Outcome on_shard(Work work, bool subroutine = false);
  bool has_worker() const { return has_worker_; }
  // It has taken too long or the server stops: whoever waits for something gives up. Any thread.
  bool gives_up() const;
  // Until max_duration; not negative. Any thread.
  base::Duration time_left() const;

  // The outcome of what is executed next goes through `change` first (TryExec).
  using Change = base::UniqueFunction<Outcome(Outcome)>;
  void then(Change change) { changes_.push_back(std::move(change)); }
  // Nothing will run after what is being executed now.
  bool is_last() const;

  // The priority of that number in the extension it is at; nullptr when there is none.
  const Priority* priority_at(int number) const {
    return dialplan_->find(position_.context, position_.exten, number, now_);
  }
  bool exists(const Position& place) const {
    return dialplan_->find(place.context, place.exten, place.priority, now_) != nullptr;
  }
  // What an application with raw_arguments does with a part of them: expands it, unless
  // that has been done already, as for execute().
  std::string expand_part(std::string_view part);

  std::string place() const;  // "extensions.conf:12"
  // One line in the log, with the place in extensions.conf.
  void warn(std::string_view text) const;
  void notice(std::string_view text) const;

  // Executes an application on the run's behalf (Exec, ExecIf): `arguments` are expanded already.
  // There is none of that name: a warning and hang_up. From a worker too.
  Outcome execute(std::string_view application, std::string_view arguments);

  // Whoever named what it runs has no right to run commands: it may not, whatever
  // live_dangerously says.
  void distrust() { trusted_ = false; }
  // What would have to be for it to run commands; empty: it may.
  std::string_view forbids_commands() const;

  // Hops left for what the dialplan sends.
  int max_forwards() const { return message_.incoming().max_forwards(); }
  std::size_t steps() const { return steps_; }

  struct Key {};
  Run(Key, Environment& environment, std::shared_ptr<const message::Incoming> message);

 private:
  // Both call expire() or wake() of their run.
  struct Deadline final : net::Timer {
    explicit Deadline(Run& of) : run(of) {}
    void on_timer() override { run.expire(); }
    Run& run;
  };
  struct Alarm final : net::Timer {
    explicit Alarm(Run& of) : run(of) {}
    void on_timer() override { run.wake(); }
    Run& run;
  };
  // What the shard does for a worker that waits for it; see on_shard().
  struct Errand {
    std::shared_ptr<Handshake> handshake;
    bool subroutine = false;
    std::size_t frames = 0;   // that there were before
    std::size_t changes = 0;  // that belong to who waits
    const Priority* place = nullptr;
  };

  void announce(const Priority& priority, std::string_view arguments) const;
  // Steps until it ends or is suspended; `outcome` is that of the step before.
  void go_on(std::optional<Outcome> outcome = std::nullopt);
  const Priority* next_priority();  // nullptr: the end
  bool reroute();                   // there is nothing at position_: to i, e or h
  bool enter_h();
  bool is_over_limit() const { return expired_ || steps_ >= environment_.shared.options.max_steps; }
  bool has(std::string_view exten, int priority) const;  // in this context
  Outcome step(const Priority& priority);
  Outcome step_on_worker(const Priority& priority);
  void call_expanded(const Priority& priority);
  Outcome call(const Application& application, std::string_view arguments);
  bool take(Outcome outcome);  // false: the end
  Outcome change(Outcome outcome);
  std::optional<std::string> own(std::string_view name) const;  // CONTEXT, EXTEN ...
  void to_worker(base::UniqueFunction<void()> task);
  void back_from_worker(Outcome outcome);
  void come_back(Outcome outcome);
  void do_errand(std::shared_ptr<Handshake> handshake, Work work, bool subroutine);
  bool finish_subroutine();
  void finish_errand(Outcome outcome);
  void arm_deadline();
  void expire();
  void wake();
  void end();

  Environment& environment_;
  std::shared_ptr<const Dialplan> dialplan_;
  MessageState message_;
  message::Done done_;
  Position position_;
  const Priority* current_ = nullptr;
  Variables variables_;
  std::vector<Frame> frames_;
  std::vector<Change> changes_;
  std::vector<Errand> errands_;
  std::string arguments_;  // of the priority it is at, expanded
  Deadline deadline_{*this};
  Alarm alarm_{*this};
  base::TimePoint begun_;
  base::WallTime begun_wall_;
  base::WallTime now_;  // when it was last put on the road
  std::uint64_t number_;
  std::size_t steps_ = 0;
  Ticket ticket_ = 0;
  bool stepping_ = false;  // go_on() is on the stack
  bool in_h_ = false;
  bool raw_ = false;  // the arguments of what is executed are yet to be expanded
  bool ended_ = false;
  bool trusted_ = true;
  bool has_worker_ = false;  // a worker thread has the run
  std::atomic<bool> expired_{false};
  std::optional<Outcome> resumed_with_;  // resume() was called before wait()'s caller returned
};

}  // namespace missive::dialplan
