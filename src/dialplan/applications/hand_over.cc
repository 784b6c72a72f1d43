#include "dialplan/applications/hand_over.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/text.h"
#include "net/timer_wheel.h"

namespace missive::dialplan {

using message::Refusal;

std::string_view status_of(const std::optional<Refusal>& refusal) {
  if (!refusal) return "SUCCESS";
  switch (refusal->kind) {
    case Refusal::Kind::no_technology:
      return "INVALID_PROTOCOL";
    case Refusal::Kind::invalid_uri:
      return "INVALID_URI";
    default:
      return "FAILURE";
  }
}

void report(const Run& run, std::string_view destination, const std::optional<Refusal>& refusal) {
  if (!refusal) return;
  run.warn(fmt::format("a message to '{}' could not be sent: {}", base::printable(destination, 200),
                       refusal->reason));
}

void forget_code(Run& run) {
  if (run.variables().find(code_variable) != nullptr) run.set_variable(code_variable, "");
}

namespace {

// A run that waits until its message is in safe hands. While the outbox is full it tries again, for
// what came in was accepted; until the run is out of time.
class HandOver final : public net::Timer {
 public:
  HandOver(Run& run, std::shared_ptr<const message::Message> message)
      : run_(run.shared_from_this()), ticket_(run.wait()), message_(std::move(message)) {}

  void send(std::shared_ptr<HandOver> self) {
    auto& sender = run_->environment().sender;
    sender.send(message_, [self = std::move(self)](const std::optional<Refusal>& refusal) {
      self->on_answer(self, refusal);
    });
  }

 private:
  void on_answer(const std::shared_ptr<HandOver>& self, const std::optional<Refusal>& refusal) {
    // One that was out of time has ended, or may be on a worker thread by now.
    if (!run_->is_waiting(ticket_)) return;
    if (!refusal || refusal->kind != Refusal::Kind::full) {
      run_->set_variable(status_variable, std::string(status_of(refusal)));
      report(*run_, message_->destination(), refusal);
      return run_->resume(ticket_, Outcome::next);
    }
    if (!std::exchange(told_, true)) report(*run_, message_->destination(), refusal);
    self_ = self;
    run_->environment().shard.arm(*this, std::chrono::seconds{1});
  }
  void on_timer() override {
    auto self = std::move(self_);
    if (run_->is_waiting(ticket_)) send(std::move(self));
  }

  std::shared_ptr<Run> run_;
  const Run::Ticket ticket_;
  const std::shared_ptr<const message::Message> message_;
  std::shared_ptr<HandOver> self_;  // while the timer runs
  bool told_ = false;
};

}  // namespace

Outcome hand_over(Run& run, std::shared_ptr<const message::Message> message) {
  auto& sender = run.environment().sender;
  if (run.is_last() && !sender.keeps_messages()) {
    // Nobody is left to read the status: the next message of this pair need not wait for it. An
    // outbox may be full: then what came in has to stay.
    sender.send(message,
                [self = run.shared_from_this(), message](const std::optional<Refusal>& refusal) {
                  report(*self, message->destination(), refusal);
                });
    return Outcome::next;
  }
  run.set_variable(id_variable, std::string(message->id()));
  forget_code(run);
  const auto waiting = std::make_shared<HandOver>(run, std::move(message));
  waiting->send(waiting);
  return Outcome::suspended;
}

}  // namespace missive::dialplan
