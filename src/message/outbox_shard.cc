#include "message/outbox_shard.h"

#include <algorithm>

#include "base/log.h"
#include "message/contact_results.h"
#include "message/outbox_record.h"
#include "message/status_log.h"

namespace missive::message {
namespace {

// How long a change may wait for others to be written with.
constexpr std::chrono::milliseconds change_delay{50};
constexpr std::size_t many_changes = 512;

// What the asker hears is told on its own shard.
HandedOver on_shard(net::Shard& shard, HandedOver handed_over) {
  return [&shard, asker = std::move(handed_over)](const Acceptance& acceptance) mutable {
    shard.post([asker = std::move(asker), acceptance]() mutable { asker(acceptance); });
  };
}

// `asker` outlives every call that is under way.
Watcher on_shard(net::Shard& shard, Watcher watcher) {
  auto shared = std::make_shared<Watcher>(std::move(watcher));
  return [&shard, shared](const Message& message, const Status& status) {
    auto copy = Message::create({.id = message.id(),
                                 .destination = message.destination(),
                                 .action_id = message.action_id()});
    shard.post([shared, copy = std::move(copy), status = status,
                text = std::string(status.response_text), contact = std::string(status.contact),
                results = ContactResults(status.results)]() mutable {
      status.response_text = text;
      status.contact = contact;
      status.results = results.view();
      (*shared)(*copy, status);
    });
  };
}

}  // namespace

void Lane::on_timer() { owner.on_due(*this); }

OutboxShard::OutboxShard(net::Shard& shard, Outbox& outbox, const Sender& sender)
    : shard_(shard),
      outbox_(outbox),
      sender_(sender),
      schedule_(outbox.options().retry),
      changes_timer_([this] { shard_.at_turn_end(*this, true); }) {}

OutboxShard::~OutboxShard() { shard_.forget(*this); }

void OutboxShard::accept(Technology& technology, std::shared_ptr<const Message> message,
                         HandedOver handed_over, Watcher watcher) {
  Terms terms;
  auto refusal = technology.check(*message, terms);
  if (refusal && !(refusal->passing() && terms.may_wait)) return handed_over(std::move(refusal));
  if (!outbox_.reserve(size_of(*message))) {
    const auto figures = outbox_.figures();
    return handed_over(
        Refusal{Refusal::Kind::full, fmt::format("outbox full: {} messages of {} octets are in it "
                                                 "(missive.conf, max_messages, max_bytes)",
                                                 figures.messages, figures.octets)});
  }
  Arrival arrival{.recipient = std::string(terms.recipient),
                  .message = std::move(message),
                  .handed_over = std::move(handed_over),
                  .watcher = std::move(watcher),
                  .may_wait = terms.may_wait,
                  .expiry = terms.expiry,
                  .unreachable = std::nullopt};
  if (refusal) arrival.unreachable = std::move(refusal->reason);
  auto& home = outbox_.home_of(arrival.recipient);
  if (&home == this) return take(std::move(arrival));
  arrival.handed_over = on_shard(shard_, std::move(arrival.handed_over));
  if (arrival.watcher) arrival.watcher = on_shard(shard_, std::move(arrival.watcher));
  home.shard_.post(
      [&home, arrival = std::move(arrival)]() mutable { home.take(std::move(arrival)); });
}

void OutboxShard::take(Arrival arrival) {
  const auto& options = outbox_.options();
  auto& lane = make_lane(arrival.recipient);
  if (lane.messages >= options.max_per_recipient) {
    outbox_.release(size_of(*arrival.message));
    return arrival.handed_over(Refusal{
        Refusal::Kind::full, fmt::format("outbox full: {} messages wait for {} (missive.conf, "
                                         "max_per_recipient)",
                                         lane.messages, *lane.recipient)});
  }
  auto parcel = std::make_unique<Parcel>();
  const auto now = outbox_.clock().wall();
  const auto expiry = arrival.message->expiry().count() > 0 ? arrival.message->expiry()
                      : arrival.expiry.count() > 0          ? arrival.expiry
                                                            : options.expiry;
  parcel->sequence = outbox_.next_sequence();
  parcel->accepted = now;
  parcel->expires = now + expiry;
  parcel->sender = std::hash<std::string_view>{}(arrival.message->from());
  parcel->handed_over = std::move(arrival.handed_over);
  parcel->may_wait = arrival.may_wait;
  parcel->message = std::move(arrival.message);
  if (arrival.watcher) watchers_.emplace(parcel->sequence, std::move(arrival.watcher));
  ++lane.messages;
  count_in(*parcel);
  if (arrival.unreachable) {
    parcel->reason = std::move(*arrival.unreachable);
    if (lane.mode == Lane::Mode::flowing) hold(lane, {});
  } else if (lane.mode != Lane::Mode::flowing) {
    parcel->reason = "others wait for this recipient before it";
  }
  // Behind those that wait, or with what is under way.
  parcel->waits = lane.mode != Lane::Mode::flowing;
  using Durability = Outbox::Options::Durability;
  if (options.durability == Durability::always || parcel->waits || parcel->message->keyed() ||
      has_others_before(lane, *parcel)) {
    return write(lane, std::move(parcel));
  }
  work_of(lane).ready.push_back(std::move(parcel));
  go_on(lane);
}

// --- rows

void OutboxShard::write(Lane& lane, ParcelPointer parcel) {
  const auto& message = *parcel->message;
  if (parcel->waits) begin_waiting(lane);
  ++lane.uncommitted;
  const auto state = parcel->waits ? Status::State::queued : Status::State::sending;
  batch_.inserts.push_back({.sequence = parcel->sequence,
                            .waiting = parcel->waits,
                            .state = static_cast<int>(state),
                            .id = message.id(),
                            .recipient = *lane.recipient,
                            .destination = message.destination(),
                            .action_id = message.action_id(),
                            .content = content_of(message),
                            .size = size_of(message),
                            .accepted = parcel->accepted,
                            .expires = parcel->expires,
                            .attempts = parcel->attempts,
                            .code = parcel->code,
                            .text = parcel->reason,
                            .keep = parcel->message});
  pending_.push_back({&lane, std::move(parcel)});
  shard_.at_turn_end(*this, true);
}

void OutboxShard::change(const Parcel& parcel, store::OutboxChange change) {
  change.sequence = parcel.sequence;
  change.attempts = parcel.attempts;
  change.updated = outbox_.clock().wall();
  if (change.kind != store::OutboxChange::Kind::wait && parcel.waits) {
    ending_.insert(parcel.sequence);
  }
  batch_.changes.push_back(std::move(change));
  if (batch_.changes.size() >= many_changes) {
    shard_.at_turn_end(*this, true);
  } else if (!changes_timer_.armed()) {
    shard_.arm(changes_timer_, change_delay);
  }
}

void OutboxShard::on_turn_end() { post_batch(); }

void OutboxShard::post_batch() {
  if (batch_.empty()) return;
  changes_timer_.cancel();
  auto batch = std::exchange(batch_, {});
  outbox_.store().apply(std::move(batch),
                        [this, pending = std::exchange(pending_, {})](
                            base::Result<std::vector<store::OutboxInserted>> result,
                            store::OutboxBatch done) mutable {
                          shard_.post([this, pending = std::move(pending), done = std::move(done),
                                       result = std::move(result)]() mutable {
                            on_applied(std::move(pending), std::move(done), std::move(result));
                          });
                        });
}

void OutboxShard::on_applied(std::vector<Pending> pending, store::OutboxBatch batch,
                             base::Result<std::vector<store::OutboxInserted>> result) {
  failing_ = !result;
  batch.inserts.clear();
  if (result) {
    if (!ending_.empty()) {
      for (const auto& change : batch.changes) ending_.erase(change.sequence);
    }
    batch.changes.clear();
    if (batch_.empty()) batch_ = std::move(batch);  // for its memory
  } else {
    // What was not written goes with the next batch, in front: it is older.
    batch_.changes.insert(batch_.changes.begin(), std::make_move_iterator(batch.changes.begin()),
                          std::make_move_iterator(batch.changes.end()));
    if (!batch_.changes.empty()) shard_.arm(changes_timer_, std::chrono::seconds{1});
  }
  std::vector<Lane*> touched;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    auto& [lane, parcel] = pending[i];
    --lane->uncommitted;
    if (touched.empty() || touched.back() != lane) touched.push_back(lane);
    work_of(*lane).starting = true;  // until all of this commit are in their lanes
    if (!result) {
      on_not_stored(*lane, std::move(parcel), result.error());
    } else if ((*result)[i].known) {
      on_known(*lane, std::move(parcel), *(*result)[i].row);
    } else {
      parcel->stored = true;
      on_stored(*lane, std::move(parcel));
    }
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (auto* lane : touched) {
    lane->work->starting = false;
    go_on(*lane);
  }
}

void OutboxShard::on_stored(Lane& lane, ParcelPointer parcel) {
  if (!parcel->waits && lane.mode == Lane::Mode::flowing) {
    work_of(lane).ready.push_back(std::move(parcel));
    return;
  }
  if (!parcel->waits) parcel->reason = "others wait for this recipient before it";
  put_aside(lane, std::move(parcel));
}

void OutboxShard::on_known(Lane& lane, ParcelPointer parcel, const store::OutboxRow& row) {
  const auto status = status_of(row);
  Acceptance acceptance;
  acceptance.known = true;
  acceptance.waits = row.waiting;
  answer(*parcel, std::move(acceptance));
  const auto watcher = watchers_.find(parcel->sequence);
  if (watcher != watchers_.end()) {
    auto asker = std::move(watcher->second);
    watchers_.erase(watcher);
    asker(*parcel->message, status);
    if (!is_final(status.state)) watchers_.emplace(row.sequence, std::move(asker));
  }
  forget(lane, std::move(parcel));
}

void OutboxShard::on_not_stored(Lane& lane, ParcelPointer parcel, const base::Error& error) {
  answer(*parcel,
         Refusal{Refusal::Kind::full, fmt::format("the outbox cannot be written: {}", error.text)});
  forget(lane, std::move(parcel));
}

void OutboxShard::save() { post_batch(); }

void OutboxShard::count_in(Parcel& parcel) {
  if (!std::exchange(parcel.counted, true)) under_way_.fetch_add(1, std::memory_order_relaxed);
}

void OutboxShard::count_out(Parcel& parcel) {
  if (std::exchange(parcel.counted, false)) under_way_.fetch_sub(1, std::memory_order_relaxed);
}

void OutboxShard::begin_waiting(Lane& lane) {
  ++lane.waiting;
  outbox_.count_waiting(1, lane.waiting == 1 ? 1 : 0);
}

void OutboxShard::stop_waiting(Lane& lane) {
  --lane.waiting;
  outbox_.count_waiting(-1, lane.waiting == 0 ? -1 : 0);
}

// --- what is told

void OutboxShard::answer(Parcel& parcel, Acceptance acceptance) {
  if (!parcel.handed_over) return;
  auto handed_over = std::move(parcel.handed_over);
  handed_over(acceptance);
}

void OutboxShard::report(std::int64_t sequence, const std::shared_ptr<const Message>& message,
                         const Status& status) {
  log_status(*message, status);
  const auto& events = outbox_.events();
  if (events.wanted()) events.report(*message, status);
  if (watchers_.empty()) return;
  const auto [first, last] = watchers_.equal_range(sequence);
  for (auto watcher = first; watcher != last; ++watcher) watcher->second(*message, status);
  if (is_final(status.state)) watchers_.erase(first, last);
}

}  // namespace missive::message
