// OutboxShard: from the lanes out to the technologies, and what comes of it.
#include <algorithm>

#include "base/log.h"
#include "message/outbox_record.h"
#include "message/outbox_shard.h"

namespace missive::message {
namespace {

using Mode = Lane::Mode;
using State = Status::State;

// Messages of all senders together that are under way to one recipient.
constexpr std::size_t max_under_way = 256;

ParcelPointer take_out(Lane& lane, const Parcel& parcel) {
  auto& list = lane.work->under_way;
  const auto place = std::find_if(list.begin(), list.end(),
                                  [&parcel](const auto& one) { return one.get() == &parcel; });
  auto taken = std::move(*place);
  list.erase(place);
  return taken;
}

}  // namespace

// Sends what may be sent; called whenever something has changed for the lane.
void OutboxShard::go_on(Lane& lane) {
  if (lane.work && lane.work->starting) return;  // the loop below goes on
  if (lane.mode != Mode::waiting) {
    auto& work = work_of(lane);
    while (may_start(lane)) start_next(lane);
    if (lane.mode == Mode::flushing) go_on_flushing(lane, work);
  }
  if (lane.work) answer_those_behind(*lane.work);
  drop_if_empty(lane);
}

// What is written down and has others before it is in safe hands: its sender need not wait for
// their outcome.
void OutboxShard::answer_those_behind(Lane::Work& work) {
  for (auto i = work.ready.size(); i > work.next; --i) {
    auto& parcel = *work.ready[i - 1];
    if (!parcel.handed_over) return;  // nor those before it
    Acceptance acceptance;
    acceptance.waits = true;
    count_out(parcel);
    answer(parcel, std::move(acceptance));
  }
}

bool OutboxShard::has_others_before(const Lane& lane, const Parcel& parcel) const {
  if (!lane.work || lane.uncommitted > 0) return lane.uncommitted > 0;
  const auto& work = *lane.work;
  return work.has_ready() ||
         std::any_of(work.under_way.begin(), work.under_way.end(),
                     [&parcel](const auto& one) { return one->sender == parcel.sender; });
}

bool OutboxShard::may_start(const Lane& lane) const {
  const auto& work = *lane.work;
  if (lane.mode == Mode::waiting || !work.has_ready()) return false;
  if (lane.mode == Mode::flushing && (stopping_ || shard_.now() < work.next_send)) return false;
  if (work.under_way.size() >= max_under_way) return false;
  const auto sender = work.ready[work.next]->sender;
  const auto same =
      std::count_if(work.under_way.begin(), work.under_way.end(),
                    [sender](const auto& parcel) { return parcel->sender == sender; });
  return same < static_cast<long>(outbox_.options().pipeline);
}

void OutboxShard::start_next(Lane& lane) {
  auto& work = *lane.work;
  auto parcel = work.take_ready();
  const auto now = outbox_.clock().wall();
  if (parcel->waits && now >= parcel->expires) {
    return finish(lane, std::move(parcel), {.state = State::expired, .attempt = parcel->attempts});
  }
  auto* technology = sender_.technology_of(*parcel->message);
  if (technology == nullptr) {
    return finish(
        lane, std::move(parcel),
        {.state = State::failed, .response_text = "its technology is not there any more"});
  }
  ++parcel->attempts;
  count_in(*parcel);
  if (lane.mode == Mode::flushing) pace(work);
  auto& sent = *work.under_way.emplace_back(std::move(parcel));
  report(sent.sequence, sent.message, {.state = State::sending, .attempt = sent.attempts});
  const Dispatch dispatch{.delayed = sent.waits,
                          .accepted = sent.accepted,
                          .expires = sent.expires,
                          .now = now,
                          .contact = work.contact};
  work.starting = true;
  technology->send(
      sent.message, dispatch,
      [this, &lane, &sent](const Acceptance& taken) { on_handed_over(lane, sent, taken); },
      [this, &lane, &sent](const Attempted& attempted) { on_finished(lane, sent, attempted); });
  work.starting = false;
}

void OutboxShard::on_handed_over(Lane& lane, Parcel& parcel, const Acceptance& acceptance) {
  if (acceptance.refusal) {
    on_refused(lane, parcel, *acceptance.refusal);
    return go_on(lane);
  }
  answer(parcel, acceptance);
}

void OutboxShard::on_refused(Lane& lane, Parcel& parcel, const Refusal& refusal) {
  Attempted attempted{.status = {.state = State::failed,
                                 .response_code = 503,
                                 .response_text = refusal.reason,
                                 .attempt = parcel.attempts},
                      .passing = true};
  auto taken = take_out(lane, parcel);
  if (refusal.passing() && taken->may_wait) {
    return on_passing_failure(lane, std::move(taken), attempted);
  }
  // Nobody is told of a message that was never accepted but the one who asked.
  if (!taken->handed_over) return finish(lane, std::move(taken), attempted.status);
  if (taken->stored) {
    // At once: the same id may come again, and is then a new message.
    change(*taken, {.kind = store::OutboxChange::Kind::erase});
    post_batch();
  }
  answer(*taken, refusal);
  forget(lane, std::move(taken));
}

void OutboxShard::on_finished(Lane& lane, Parcel& parcel, const Attempted& attempted) {
  auto taken = take_out(lane, parcel);
  auto outcome = attempted;
  outcome.status.attempt = taken->attempts;
  if (outcome.status.state == State::failed && outcome.passing && taken->may_wait) {
    on_passing_failure(lane, std::move(taken), outcome);
  } else {
    // Whoever answers can be reached.
    lane.failures = 0;
    lane.woken = false;
    finish(lane, std::move(taken), outcome.status);
  }
  go_on(lane);
}

void OutboxShard::on_passing_failure(Lane& lane, ParcelPointer parcel, const Attempted& attempted) {
  auto status = attempted.status;
  if (outbox_.clock().wall() >= parcel->expires) {
    status.state = State::expired;
    finish(lane, std::move(parcel), status);
  } else {
    parcel->code = status.response_code;
    parcel->reason = status.response_text;
    parcel->contact = status.contact;
    parcel->results = ContactResults(status.results);
    put_aside(lane, std::move(parcel));
  }
  if (attempted.contact_gone) lane.woken = true;
  hold(lane, attempted.retry_after);
}

// From memory into the store, or back there.
void OutboxShard::put_aside(Lane& lane, ParcelPointer parcel) {
  if (!parcel->stored) {  // durability = offline: it is answered when it has been written
    parcel->waits = true;
    return write(lane, std::move(parcel));
  }
  const bool says_so = parcel->waits && parcel->attempts == 0;  // the row
  if (!std::exchange(parcel->waits, true)) begin_waiting(lane);
  if (!says_so) {
    change(*parcel, {.kind = store::OutboxChange::Kind::wait,
                     .state = static_cast<int>(State::queued),
                     .code = parcel->code,
                     .text = parcel->reason,
                     .contact = parcel->contact});
  }
  report(parcel->sequence, parcel->message,
         {.state = State::queued,
          .response_code = parcel->code,
          .response_text = parcel->reason,
          .contact = parcel->contact,
          .attempt = parcel->attempts,
          .results = parcel->results.view()});
  Acceptance acceptance;
  acceptance.waits = true;
  answer(*parcel, std::move(acceptance));
  count_out(*parcel);
}

// Nothing more is sent down this lane until its time has come.
void OutboxShard::hold(Lane& lane, std::chrono::seconds at_least) {
  auto& work = work_of(lane);
  const bool again = std::exchange(lane.woken, false);  // somebody came while we tried
  if (lane.mode == Mode::waiting && !again) return;
  if (lane.mode == Mode::flushing) end_flush(lane, Mode::waiting);
  lane.mode = Mode::waiting;
  auto ready = std::exchange(work.ready, {});
  for (auto i = std::exchange(work.next, 0); i < ready.size(); ++i) {
    auto& parcel = ready[i];
    if (parcel->waits) continue;  // its row still waits
    parcel->reason = "others wait for this recipient before it";
    put_aside(lane, std::move(parcel));
  }
  if (!again) work.contact.clear();  // it had its chance
  if (lane.failures < 1000) ++lane.failures;
  const auto gap =
      again ? base::Duration{} : schedule_.gap(lane.failures, shard_.random(), at_least);
  shard_.arm(lane, gap);
}

void OutboxShard::finish(Lane& lane, ParcelPointer parcel, const Status& status) {
  if (parcel->stored) {
    const bool kept = outbox_.options().history.count() > 0;
    change(*parcel,
           {.kind = kept ? store::OutboxChange::Kind::finish : store::OutboxChange::Kind::erase,
            .state = static_cast<int>(status.state),
            .code = status.response_code,
            .text = std::string(status.response_text),
            .contact = std::string(status.contact)});
  }
  answer(*parcel, std::nullopt);
  report(parcel->sequence, parcel->message, status);
  forget(lane, std::move(parcel));
}

// It is nobody's any more.
void OutboxShard::forget(Lane& lane, ParcelPointer parcel) {
  watchers_.erase(parcel->sequence);
  if (parcel->waits) stop_waiting(lane);
  --lane.messages;
  outbox_.release(size_of(*parcel->message));
  count_out(*parcel);
}

}  // namespace missive::message
