#include "ami/outcome_waits.h"

#include <algorithm>

namespace missive::ami {
namespace {

// How long the news of why it waits may come after the word that it does.
constexpr base::Duration grace = std::chrono::seconds{1};

}  // namespace

void OutcomeWait::accept(const message::Acceptance& acceptance, base::TimePoint now) {
  accepted_ = acceptance;
  if (acceptance.waits && !while_queued_) until_ = std::min(until_, now + grace);
}

// Before its first attempt a message may only stand in line behind others.
bool OutcomeWait::is_queued() const {
  return heard_->state == message::Status::State::queued &&
         (accepted_->waits || heard_->attempt > 0);
}

bool OutcomeWait::is_due(base::TimePoint now) const {
  if (accepted_ && accepted_->refusal) return true;
  if (heard_ && message::is_final(heard_->state)) return true;
  if (!accepted_) return false;
  if (now >= until_) return true;
  return heard_ && !while_queued_ && is_queued();
}

void OutcomeWait::write(std::string& out, const ReplyQueue::Pending& reply) const {
  write_outcome_reply(out, reply, accepted_.value_or(message::Acceptance{}), heard_);
}

void OutcomeWaits::add(Ticket ticket, const Patience& patience, base::TimePoint now) {
  waits_.emplace(ticket, OutcomeWait(patience, now));
}

std::optional<OutcomeWait> OutcomeWaits::accept(Ticket ticket,
                                                const message::Acceptance& acceptance,
                                                base::TimePoint now) {
  const auto place = waits_.find(ticket);
  if (place == waits_.end()) return std::nullopt;
  place->second.accept(acceptance, now);
  return take_if_due(place, now);
}

std::optional<OutcomeWait> OutcomeWaits::hear(Ticket ticket, const message::Status& status,
                                              base::TimePoint now) {
  const auto place = waits_.find(ticket);
  if (place == waits_.end()) return std::nullopt;
  place->second.hear(status);
  return take_if_due(place, now);
}

std::optional<OutcomeWait> OutcomeWaits::take_if_due(Waits::iterator place, base::TimePoint now) {
  if (!place->second.is_due(now)) {
    earliest_ = std::min(earliest_, place->second.deadline());
    return std::nullopt;
  }
  std::optional<OutcomeWait> taken(std::move(place->second));
  waits_.erase(place);
  if (waits_.empty()) earliest_ = base::TimePoint::max();
  return taken;
}

void OutcomeWaits::hurry() {
  for (auto& [ticket, wait] : waits_) wait.hurry();
  if (!waits_.empty()) earliest_ = base::TimePoint::min();
}

OutcomeWaits::Due OutcomeWaits::take_due(base::TimePoint now) {
  Due due;
  if (now < earliest_) return due;
  earliest_ = base::TimePoint::max();
  for (auto place = waits_.begin(); place != waits_.end();) {
    if (place->second.is_due(now)) {
      due.emplace_back(place->first, std::move(place->second));
      place = waits_.erase(place);
    } else {
      earliest_ = std::min(earliest_, place->second.deadline());
      ++place;
    }
  }
  return due;
}

}  // namespace missive::ami
