// How a run leaves its road and comes back: suspended, on a worker, asleep, out of time.
#include <algorithm>

#include "dialplan/handshake.h"
#include "dialplan/run.h"
#include "dialplan/workers.h"

namespace missive::dialplan {

// --- suspended

Run::Ticket Run::wait() {
  arm_deadline();
  return ++ticket_;
}

Resume Run::suspend() {
  return [self = shared_from_this(), ticket = wait()](Outcome outcome) {
    self->resume(ticket, outcome);
  };
}

void Run::resume(Ticket ticket, Outcome outcome) {
  if (is_waiting(ticket)) come_back(outcome);
}

void Run::come_back(Outcome outcome) {
  ++ticket_;
  if (stepping_) {
    resumed_with_ = outcome;
    return;
  }
  now_ = shared().clock.wall();
  if (!errands_.empty() && !errands_.back().subroutine) return finish_errand(change(outcome));
  go_on(outcome);
}

Outcome Run::sleep(base::Duration time) {
  wait();
  environment_.asleep.emplace(this, shared_from_this());
  environment_.shard.arm(alarm_, time);
  return Outcome::suspended;
}

void Run::wake() {
  const auto self = shared_from_this();
  environment_.asleep.erase(this);
  resume(ticket_, Outcome::next);
}

// --- on a worker

void Run::to_worker(base::UniqueFunction<void()> task) {
  has_worker_ = true;
  if (errands_.empty()) return shared().workers->post(std::move(task));
  errands_.back().handshake->give(std::move(task));
}

Outcome Run::on_worker(Work work) {
  if (has_worker_) return work(*this);
  wait();
  to_worker([self = shared_from_this(), work = std::move(work)]() mutable {
    const auto outcome = work(*self);
    auto& shard = self->environment_.shard;
    shard.post([self = std::move(self), outcome] { self->back_from_worker(outcome); });
  });
  return Outcome::suspended;
}

void Run::back_from_worker(Outcome outcome) {
  has_worker_ = false;
  come_back(outcome);
}

// Expands there; an application that does not block is executed here.
Outcome Run::step_on_worker(const Priority& priority) {
  const auto& application = *priority.call;
  if (application.raw_arguments) {
    raw_ = true;
    announce(priority, priority.arguments.text());
    return on_worker([&](Run& run) { return run.call(application, priority.arguments.text()); });
  }
  if (application.blocks) {
    return on_worker([&](Run& run) {
      const auto arguments = priority.arguments.expand(run);
      run.announce(priority, arguments);
      return run.call(application, arguments);
    });
  }
  wait();
  to_worker([self = shared_from_this(), &priority]() mutable {
    self->arguments_.clear();
    priority.arguments.expand(*self, self->arguments_);
    self->announce(priority, self->arguments_);
    auto& shard = self->environment_.shard;
    shard.post([self = std::move(self), &priority] { self->call_expanded(priority); });
  });
  return Outcome::suspended;
}

void Run::call_expanded(const Priority& priority) {
  has_worker_ = false;
  ++ticket_;
  now_ = shared().clock.wall();
  stepping_ = true;
  // Out of time: the look-up of the next priority says so.
  go_on(expired_ ? Outcome::next : call(*priority.call, arguments_));
}

// --- errands: what the shard does for a worker

Outcome Run::on_shard(Work work, bool subroutine) {
  auto handshake = std::make_shared<Handshake>(*shared().workers);
  environment_.shard.post(
      [self = shared_from_this(), handshake, work = std::move(work), subroutine]() mutable {
        self->do_errand(std::move(handshake), std::move(work), subroutine);
      });
  return handshake->wait();
}

void Run::do_errand(std::shared_ptr<Handshake> handshake, Work work, bool subroutine) {
  if (expired_) return handshake->deliver(Outcome::hang_up);
  has_worker_ = false;
  now_ = shared().clock.wall();
  errands_.push_back(
      Errand{std::move(handshake), subroutine, frames_.size(), changes_.size(), current_});
  stepping_ = true;
  auto outcome = work(*this);
  stepping_ = false;
  if (outcome == Outcome::suspended) {
    if (!resumed_with_) return;
    outcome = *std::exchange(resumed_with_, std::nullopt);
  }
  if (subroutine && outcome == Outcome::jumped) return go_on();
  finish_errand(change(outcome));
}

bool Run::finish_subroutine() {
  if (errands_.empty() || frames_.size() > errands_.back().frames) return false;
  stepping_ = false;
  finish_errand(Outcome::next);
  return true;
}

void Run::finish_errand(Outcome outcome) {
  auto errand = std::move(errands_.back());
  errands_.pop_back();
  while (changes_.size() > errand.changes) changes_.pop_back();
  if (errand.subroutine && frames_.size() > errand.frames) {
    // Fell off its end without Return(), or was hung up in it.
    position_ = std::move(frames_[errand.frames].back);
    frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(errand.frames), frames_.end());
  }
  current_ = errand.place;
  has_worker_ = true;
  errand.handshake->deliver(outcome);
}

// --- out of time

void Run::arm_deadline() {
  if (deadline_.armed() || expired_) return;
  environment_.shard.timers().arm(deadline_, begun_ + shared().options.max_duration);
}

bool Run::gives_up() const { return expired_ || environment_.shared.workers->stopping(); }

base::Duration Run::time_left() const {
  const auto end = begun_ + environment_.shared.options.max_duration;
  return std::max<base::Duration>(end - environment_.shared.clock.now(), base::Duration::zero());
}

void Run::expire() {
  expired_ = true;
  if (has_worker_) return;  // the worker sees it by gives_up(), the shard when the run is back
  const auto self = shared_from_this();
  ++ticket_;  // whoever would resume it comes too late
  alarm_.cancel();
  environment_.asleep.erase(this);
  if (!errands_.empty()) return finish_errand(Outcome::hang_up);
  warn("the message has taken longer than max_duration; its run ends here");
  end();
}

}  // namespace missive::dialplan
