#include "dialplan/run.h"

#include "base/log.h"
#include "base/text.h"
#include "dialplan/functions/arguments.h"
#include "dialplan/handshake.h"
#include "dialplan/locks.h"
#include "dialplan/workers.h"

namespace missive::dialplan {

using base::printable;

Run::Run(Key, Environment& environment, std::shared_ptr<const message::Incoming> message)
    : environment_(environment),
      dialplan_(environment.dialplan),
      message_(std::move(message)),
      begun_(environment.shard.now()),
      begun_wall_(environment.shared.clock.wall()),
      now_(begun_wall_),
      number_(environment.shared.next_channel++) {}

std::shared_ptr<Run> Run::create(Environment& environment,
                                 std::shared_ptr<const message::Incoming> message) {
  return std::make_shared<Run>(Key{}, environment, std::move(message));
}

void Run::start(Environment& environment, std::shared_ptr<const message::Incoming> message,
                message::Done done) {
  const auto run = create(environment, std::move(message));
  const auto& incoming = run->message_.incoming();
  run->position_ = {std::string(incoming.context()), std::string(incoming.exten()), 1};
  run->done_ = std::move(done);
  run->go_on();
}

std::shared_ptr<Run> Run::start(Environment& environment,
                                std::shared_ptr<const message::Incoming> message,
                                Beginning beginning, message::Done done) {
  const auto run = create(environment, std::move(message));
  run->trusted_ = beginning.trusted;
  if (beginning.dialplan != nullptr) run->dialplan_ = std::move(beginning.dialplan);
  run->position_ = std::move(beginning.position);
  for (auto& [name, value] : beginning.variables) {
    if (auto set = set_by_name(*run, name, std::move(value)); !set) run->warn(set.error().text);
  }
  run->done_ = std::move(done);
  run->go_on();
  return run;
}

void Run::start_work(Environment& environment, std::shared_ptr<const message::Incoming> message,
                     Work work, message::Done done) {
  const auto run = create(environment, std::move(message));
  run->done_ = std::move(done);
  run->on_worker([work = std::move(work)](Run& on_worker) mutable {
    work(on_worker);
    return Outcome::hang_up;  // it is at no place to go on from
  });
}

void Run::go_on(std::optional<Outcome> outcome) {
  stepping_ = true;
  for (;;) {
    if (outcome == Outcome::suspended) {
      outcome = std::exchange(resumed_with_, std::nullopt);
      if (!outcome) {
        stepping_ = false;
        return;
      }
    }
    if (outcome && !take(*outcome)) {
      outcome = Outcome::hang_up;
      break;
    }
    if (finish_subroutine()) return;
    const auto* const priority = next_priority();
    if (priority == nullptr) {
      // A subroutine that has no Return() is over all the same.
      outcome = is_over_limit() ? Outcome::hang_up : Outcome::next;
      break;
    }
    outcome = step(*priority);
  }
  stepping_ = false;
  if (errands_.empty()) return end();
  finish_errand(*outcome);
}

bool Run::has(std::string_view exten, int priority) const {
  return dialplan_->find(position_.context, exten, priority, now_) != nullptr;
}

const Priority* Run::next_priority() {
  for (;;) {
    if (expired_) {
      warn("the message has taken longer than max_duration; its run ends here");
      return nullptr;
    }
    if (is_over_limit()) {
      warn(fmt::format("{} priorities have been run for one message (max_steps); its run ends here",
                       steps_));
      return nullptr;
    }
    const auto* const found =
        dialplan_->find(position_.context, position_.exten, position_.priority, now_);
    if (found != nullptr) {
      ++steps_;
      current_ = found;
      return found;
    }
    if (!reroute()) return nullptr;
  }
}

bool Run::reroute() {
  if (in_h_) return false;
  if (!has(position_.exten, 1)) {
    for (const std::string_view catcher : {"i", "e"}) {
      if (position_.exten == catcher || !has(catcher, 1)) continue;
      set_variable("INVALID_EXTEN", position_.exten);
      position_.exten = catcher;
      position_.priority = 1;
      return true;
    }
    warn(fmt::format("context '{}' has no extension '{}', nor 'i' for invalid ones",
                     printable(position_.context, 80), printable(position_.exten, 80)));
  }
  // A worker's subroutine that runs out of priorities is over; `h` is not its affair.
  return errands_.empty() && enter_h();
}

bool Run::enter_h() {
  if (in_h_ || !has("h", 1)) return false;
  in_h_ = true;
  position_.exten = "h";
  position_.priority = 1;
  return true;
}

Outcome Run::step(const Priority& priority) {
  if (priority.call == nullptr) {
    warn(fmt::format("No application '{}' for extension ({}, {}, {})", priority.application,
                     printable(position_.context, 80), printable(position_.exten, 80),
                     position_.priority));
    return Outcome::hang_up;
  }
  const auto& arguments = priority.arguments;
  if (arguments.may_block()) return step_on_worker(priority);
  if (priority.call->raw_arguments || arguments.is_literal()) {
    raw_ = true;
    announce(priority, arguments.text());
    return call(*priority.call, arguments.text());
  }
  arguments_.clear();
  arguments.expand(*this, arguments_);
  announce(priority, arguments_);
  return call(*priority.call, arguments_);
}

// Tells whoever watches what is run next.
void Run::announce(const Priority& priority, std::string_view arguments) const {
  auto* const events = environment_.shared.events;
  if (events != nullptr && events->wants_dialplan()) {
    events->on_new_exten(*this, priority.application, arguments);
  }
}

std::string_view Run::forbids_commands() const {
  if (!environment_.shared.options.live_dangerously) return "live_dangerously in missive.conf";
  return trusted_ ? "" : "the class system of who asks for it";
}

Outcome Run::call(const Application& application, std::string_view arguments) {
  const auto why = application.dangerous ? forbids_commands() : std::string_view();
  if (!why.empty()) {
    warn(fmt::format("{}() is not executed: it runs commands, which {} has to allow",
                     application.name, why));
    set_variable("SYSTEMSTATUS", "APPERROR");
    return Outcome::next;
  }
  if (!application.blocks || has_worker_) return application.execute(*this, arguments);
  return on_worker([&application, text = std::string(arguments)](Run& run) {
    return application.execute(run, text);
  });
}

Outcome Run::execute(std::string_view name, std::string_view arguments) {
  const auto* const application = shared().applications.find(name);
  if (application == nullptr) {
    warn(fmt::format("No application '{}' for extension ({}, {}, {})", printable(name, 80),
                     printable(position_.context, 80), printable(position_.exten, 80),
                     position_.priority));
    return Outcome::hang_up;
  }
  raw_ = false;
  if (!has_worker_ || application->blocks) return call(*application, arguments);
  return on_shard([application, text = std::string(arguments)](Run& run) {
    return run.call(*application, text);
  });
}

Outcome Run::change(Outcome outcome) {
  const auto others = errands_.empty() ? 0 : errands_.back().changes;
  while (changes_.size() > others) {
    auto last = std::move(changes_.back());
    changes_.pop_back();
    outcome = last(outcome);
  }
  return outcome;
}

bool Run::take(Outcome outcome) {
  if (!changes_.empty()) outcome = change(outcome);
  switch (outcome) {
    case Outcome::next:
      ++position_.priority;
      return true;
    case Outcome::jumped:
      return true;
    default:
      return errands_.empty() && enter_h();
  }
}

bool Run::is_last() const {
  return frames_.empty() && errands_.empty() && changes_.empty() && !has_worker_ &&
         !has(position_.exten, position_.priority + 1) && (in_h_ || !has("h", 1));
}

void Run::end() {
  const auto self = weak_from_this().lock();  // what held it may be let go below
  ended_ = true;
  deadline_.cancel();
  alarm_.cancel();
  shared().locks->release_all(number_);
  environment_.asleep.erase(this);
  if (done_) std::exchange(done_, {})();
}

}  // namespace missive::dialplan
