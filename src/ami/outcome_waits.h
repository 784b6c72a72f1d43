// The MessageSend actions of one session that are answered only at the outcome (`Wait`).
//
// `yes` is answered at the outcome, or as soon as the message goes to waiting, or after
// `longest_yes`; SECONDS at the outcome or when the time is up, with what is known then. None is
// answered with Success before the message is accepted. deadline() says when take_due() is to
// be asked; it may be too early, never too late. On the session's thread.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ami/message_replies.h"
#include "ami/reply_queue.h"
#include "base/clock.h"
#include "message/technology.h"

namespace missive::ami {

// `Wait` of an action, once read.
struct Patience {
  static constexpr base::Duration longest_yes = std::chrono::seconds{60};
  static constexpr std::chrono::seconds longest{300};

  base::Duration time = longest_yes;
  bool while_queued = false;  // goes on while the message waits for its recipient
};

class OutcomeWait {
 public:
  OutcomeWait(const Patience& patience, base::TimePoint now)
      : until_(now + patience.time), while_queued_(patience.while_queued) {}

  void accept(const message::Acceptance& acceptance, base::TimePoint now);
  void hear(const message::Status& status) { heard_.emplace(status); }
  void hurry() { while_queued_ = false; }

  bool is_due(base::TimePoint now) const;
  base::TimePoint deadline() const { return accepted_ ? until_ : base::TimePoint::max(); }
  void write(std::string& out, const ReplyQueue::Pending& reply) const;

 private:
  bool is_queued() const;

  base::TimePoint until_;
  bool while_queued_;
  std::optional<message::Acceptance> accepted_;
  std::optional<Heard> heard_;
};

class OutcomeWaits {
 public:
  using Ticket = ReplyQueue::Ticket;
  using Due = std::vector<std::pair<Ticket, OutcomeWait>>;

  void add(Ticket ticket, const Patience& patience, base::TimePoint now);
  // These say nothing of a ticket that is answered already. The wait is given back once it is due.
  std::optional<OutcomeWait> accept(Ticket ticket, const message::Acceptance& acceptance,
                                    base::TimePoint now);
  std::optional<OutcomeWait> hear(Ticket ticket, const message::Status& status,
                                  base::TimePoint now);
  // From now on nobody waits for a message that is queued.
  void hurry();

  base::TimePoint deadline() const { return earliest_; }
  Due take_due(base::TimePoint now);

 private:
  using Waits = std::map<Ticket, OutcomeWait>;
  std::optional<OutcomeWait> take_if_due(Waits::iterator place, base::TimePoint now);

  Waits waits_;
  base::TimePoint earliest_ = base::TimePoint::max();
};

}  // namespace missive::ami
