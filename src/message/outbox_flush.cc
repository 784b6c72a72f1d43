// OutboxShard: what waits in the store, and how it comes back.
#include <algorithm>

#include "base/log.h"
#include "message/outbox_record.h"
#include "message/outbox_shard.h"

namespace missive::message {
namespace {

using Mode = Lane::Mode;
using State = Status::State;

// Rows that one lane reads at a time, and lanes that read at the same time.
constexpr std::size_t rows_at_a_time = 16;
constexpr std::size_t max_flushing = 4096;
// Lanes that are kept for the next recipients.
constexpr std::size_t spares = 1024;
// How long a contact that was removed may still answer: its phone may have the message, and the
// REGISTER may have overtaken its 200.
constexpr std::chrono::seconds last_word{2};
// Those that waited when the server stopped are tried within so long.
constexpr std::chrono::milliseconds restart_spread{2'000};

}  // namespace

void OutboxShard::restore(const store::OutboxRecipient& recipient) {
  auto& lane = make_lane(recipient.recipient);
  lane.messages += static_cast<std::uint32_t>(recipient.messages);
  lane.waiting += static_cast<std::uint32_t>(recipient.messages);
  lane.mode = Mode::waiting;
  const auto spread = static_cast<std::uint64_t>(restart_spread.count());
  shard_.arm(lane, std::chrono::milliseconds{shard_.random().below(spread)});
}

Lane* OutboxShard::lane_of(std::string_view recipient) {
  const auto place = lanes_.find(recipient);
  return place == lanes_.end() ? nullptr : &place->second;
}

Lane& OutboxShard::make_lane(std::string_view recipient) {
  const auto known = lanes_.find(recipient);
  if (known != lanes_.end()) return known->second;
  auto place = lanes_.end();
  if (spare_lanes_.empty()) {
    place = lanes_.try_emplace(std::string(recipient), *this).first;
  } else {
    auto node = std::move(spare_lanes_.back());
    spare_lanes_.pop_back();
    node.key().assign(recipient);
    place = lanes_.insert(std::move(node)).position;
  }
  place->second.recipient = &place->first;
  return place->second;
}

Lane::Work& OutboxShard::work_of(Lane& lane) {
  if (lane.work) return *lane.work;
  if (spare_work_.empty()) {
    lane.work = std::make_unique<Lane::Work>();
  } else {
    lane.work = std::move(spare_work_.back());
    spare_work_.pop_back();
  }
  return *lane.work;
}

void OutboxShard::drop_if_empty(Lane& lane) {
  if (lane.work && !lane.needs_work()) put_away(std::move(lane.work));
  if (lane.messages > 0 || lane.work || lane.uncommitted > 0) return;
  lane.cancel();
  lane.failures = 0;
  lane.mode = Mode::flowing;
  lane.woken = false;
  auto node = lanes_.extract(lanes_.find(*lane.recipient));
  if (spare_lanes_.size() < spares) spare_lanes_.push_back(std::move(node));
}

void OutboxShard::put_away(std::unique_ptr<Lane::Work> work) {
  if (spare_work_.size() >= spares) return;
  work->read_to = 0;
  work->next_send = {};
  work->round = 0;
  work->contact.clear();
  spare_work_.push_back(std::move(work));
}

// --- when its time has come

void OutboxShard::on_due(Lane& lane) {
  if (lane.mode == Mode::flushing) return go_on(lane);
  if (lane.mode == Mode::waiting) flush(lane);
}

bool OutboxShard::wake_lane(Lane& lane, std::string contact) {
  if (lane.mode == Mode::flowing && lane.work) lane.woken = true;
  if (lane.mode != Mode::waiting) {
    if (lane.work && !contact.empty()) lane.work->contact = std::move(contact);
    lane.woken = lane.woken || (lane.work && !lane.work->under_way.empty());
    return lane.messages > 0;
  }
  lane.failures = 0;
  if (!contact.empty()) work_of(lane).contact = std::move(contact);
  shard_.arm(lane, base::Duration{});
  return true;
}

Technology* OutboxShard::technology_of(const Lane& lane) const {
  return sender_.technology_of(*Message::create({.destination = *lane.recipient}));
}

// Asks for the recipient itself: a person who is away costs no reading from the disk.
bool OutboxShard::is_unreachable(const Lane& lane) const {
  auto* technology = technology_of(lane);
  return technology != nullptr && technology->is_away(*lane.recipient);
}

void OutboxShard::flush(Lane& lane) {
  if (stopping_) return;
  if (lane.waiting == 0) {
    lane.mode = Mode::flowing;
    return go_on(lane);
  }
  if (is_unreachable(lane)) {
    if (lane.failures < 1000) ++lane.failures;
    return shard_.arm(lane, schedule_.gap(lane.failures, shard_.random()));
  }
  if (flushing_ >= max_flushing) {
    due_.push_back(*lane.recipient);
    return;
  }
  ++flushing_;
  lane.mode = Mode::flushing;
  lane.woken = false;
  auto& work = work_of(lane);
  work.read_to = 0;
  work.flushing_since = shard_.now();
  ++work.round;
  go_on(lane);
}

// The next that is due has its turn.
void OutboxShard::end_flush(Lane& lane, Mode mode) {
  lane.mode = mode;
  --flushing_;
  while (!due_.empty() && flushing_ < max_flushing) {
    const auto recipient = std::move(due_.front());
    due_.pop_front();
    auto* next = lane_of(recipient);
    if (next == nullptr || next->mode != Mode::waiting || next == &lane) continue;
    shard_.arm(*next, base::Duration{});
    break;
  }
}

void OutboxShard::go_on_flushing(Lane& lane, Lane::Work& work) {
  if (work.has_ready()) {
    if (shard_.now() < work.next_send && !lane.armed()) shard_.timers().arm(lane, work.next_send);
  } else if (!work.reading) {
    read_more(lane);
  }
}

// Gently at first, for a phone that has just come back; twice as fast each second, so that whoever
// sends on meanwhile is caught up with.
void OutboxShard::pace(Lane::Work& work) const {
  constexpr base::Duration catch_up = std::chrono::milliseconds{20};
  constexpr long most_doublings = 14;
  const auto now = shard_.now();
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now - work.flushing_since).count();
  const auto rate = std::uint64_t{outbox_.options().flush_rate}
                    << std::min<long>(seconds, most_doublings);
  work.next_send = std::max(work.next_send, now - catch_up) +
                   base::Duration{std::chrono::seconds{1}} / static_cast<std::int64_t>(rate);
}

void OutboxShard::read_more(Lane& lane) {
  auto& work = work_of(lane);
  if (stopping_) return;
  if (lane.waiting <= work.under_way.size()) {  // nothing else waits
    if (work.under_way.empty()) end_flush(lane, Mode::flowing);
    return;
  }
  work.reading = true;
  post_batch();  // what was put aside before now is to be found
  outbox_.store().waiting(*lane.recipient, work.read_to, rows_at_a_time,
                          [this, recipient = *lane.recipient, round = work.round](
                              base::Result<std::vector<store::OutboxRow>> rows) mutable {
                            shard_.post([this, recipient = std::move(recipient), round,
                                         rows = std::move(rows)]() mutable {
                              on_rows(recipient, round, std::move(rows));
                            });
                          });
}

void OutboxShard::on_rows(const std::string& recipient, std::uint32_t round,
                          base::Result<std::vector<store::OutboxRow>> rows) {
  auto* lane = lane_of(recipient);
  if (lane == nullptr || !lane->work) return;
  auto& work = *lane->work;
  work.reading = false;
  if (lane->mode != Mode::flushing || round != work.round) return go_on(*lane);
  if (!rows) {
    log::error("what waits for {} cannot be read: {}", recipient, rows.error().text);
    return hold(*lane, {});
  }
  take_rows(*lane, *rows);
  if (!rows->empty()) return go_on(*lane);
  // It goes on when the others are written, or answered.
  if (lane->uncommitted > 0 || !work.under_way.empty()) return;
  if (failing_) return hold(*lane, {});
  if (work.read_to > 0) {  // some that failed meanwhile are behind us
    work.read_to = 0;
    return read_more(*lane);
  }
  // Nothing is there: whatever was counted is gone from the store.
  outbox_.count_waiting(-static_cast<long>(lane->waiting), -1);
  lane->messages -= std::min(lane->messages, lane->waiting);
  lane->waiting = 0;
  end_flush(*lane, Mode::flowing);
  go_on(*lane);
}

void OutboxShard::take_rows(Lane& lane, const std::vector<store::OutboxRow>& rows) {
  auto& work = *lane.work;
  for (const auto& row : rows) {
    work.read_to = row.sequence;
    const bool is_under_way =
        std::any_of(work.under_way.begin(), work.under_way.end(),
                    [&row](const auto& parcel) { return parcel->sequence == row.sequence; });
    if (is_under_way || ending_.contains(row.sequence)) continue;
    if (auto parcel = parcel_of(row)) {
      work.ready.push_back(std::move(parcel));
    } else {
      --lane.messages;
      stop_waiting(lane);
    }
  }
}

// Nothing for a row that cannot be read; it is final then.
ParcelPointer OutboxShard::parcel_of(const store::OutboxRow& row) {
  auto parcel = std::make_unique<Parcel>();
  parcel->sequence = row.sequence;
  parcel->accepted = row.accepted;
  parcel->expires = row.expires;
  parcel->attempts = row.attempts;
  parcel->stored = true;
  parcel->waits = true;
  auto message = message_of(row);
  if (!message) {
    log::error("{}", message.error().text);
    change(*parcel, {.kind = store::OutboxChange::Kind::finish,
                     .state = static_cast<int>(State::failed),
                     .text = message.error().text});
    report(row.sequence, shell_of(row),
           {.state = State::failed, .response_text = message.error().text});
    outbox_.release(row.size);
    return nullptr;
  }
  parcel->message = std::move(*message);
  parcel->sender = std::hash<std::string_view>{}(parcel->message->from());
  return parcel;
}

// --- what operators and time ask for

void OutboxShard::wake(std::string recipient, std::string contact) {
  shard_.post([this, recipient = std::move(recipient), contact = std::move(contact)]() mutable {
    if (auto* lane = lane_of(recipient)) wake_lane(*lane, std::move(contact));
  });
}

void OutboxShard::wake_all(std::string prefix) {
  shard_.post([this, prefix = std::move(prefix)] {
    // A lane that is woken may go, and others come.
    std::vector<std::string> names;
    for (const auto& [name, lane] : lanes_) {
      if (name.starts_with(prefix)) names.push_back(name);
    }
    for (const auto& name : names) {
      if (auto* lane = lane_of(name)) wake_lane(*lane, {});
    }
  });
}

void OutboxShard::abandon(std::string recipient, std::string contact) {
  shard_.post([this, recipient = std::move(recipient), contact = std::move(contact)]() mutable {
    if (lane_under_way(recipient) == nullptr) return;
    leaving_.push_back({shard_.now() + last_word, std::move(recipient), std::move(contact)});
    if (!leaving_timer_.armed()) shard_.arm(leaving_timer_, last_word);
  });
}

void OutboxShard::on_left() {
  while (!leaving_.empty() && leaving_.front().due <= shard_.now()) {
    const auto gone = std::move(leaving_.front());
    leaving_.pop_front();
    const auto* lane = lane_under_way(gone.recipient);
    auto* technology = lane != nullptr ? technology_of(*lane) : nullptr;
    if (technology != nullptr) technology->abandon(gone.contact);
  }
  if (!leaving_.empty()) shard_.timers().arm(leaving_timer_, leaving_.front().due);
}

// nullptr when nothing is on its way to it.
const Lane* OutboxShard::lane_under_way(std::string_view recipient) {
  const auto* lane = lane_of(recipient);
  return lane != nullptr && lane->work && !lane->work->under_way.empty() ? lane : nullptr;
}

void OutboxShard::retry(std::string recipient, net::Shard& asker, Outbox::Count answer) {
  shard_.post(
      [this, recipient = std::move(recipient), &asker, answer = std::move(answer)]() mutable {
        std::size_t messages = 0;
        const auto wake_one = [&](Lane& lane) {
          messages += lane.waiting;
          if (lane.waiting > 0) wake_lane(lane, {});
        };
        if (recipient.empty()) {
          for (auto& [name, lane] : lanes_) wake_one(lane);
        } else if (auto* lane = lane_of(recipient)) {
          wake_one(*lane);
        }
        asker.post([answer = std::move(answer), messages]() mutable { answer(messages); });
      });
}

void OutboxShard::cancel(store::OutboxRow row, net::Shard& asker, Outbox::Count answer) {
  shard_.post([this, row = std::move(row), &asker, answer = std::move(answer)]() mutable {
    const bool done = settle_row(row, {.state = State::cancelled, .attempt = row.attempts});
    asker.post([answer = std::move(answer), done, id = row.id]() mutable {
      if (done) return answer(std::size_t{1});
      answer(base::fail("message {} is being sent at this moment", id));
    });
  });
}

void OutboxShard::expire(std::vector<store::OutboxRow> rows) {
  shard_.post([this, rows = std::move(rows)] {
    for (const auto& row : rows) {
      const auto status = status_of(row);
      settle_row(row, {.state = State::expired,
                       .response_code = status.response_code,
                       .response_text = status.response_text,
                       .contact = status.contact,
                       .attempt = row.attempts});
    }
  });
}

// A row that waited when it was read becomes final, unless it is under way or final by now.
bool OutboxShard::settle_row(const store::OutboxRow& row, const Status& status) {
  auto* lane = lane_of(row.recipient);
  if (lane == nullptr || lane->waiting == 0 || ending_.contains(row.sequence)) return false;
  ParcelPointer parcel;
  if (lane->work) {
    const auto is_it = [&row](const auto& one) { return one->sequence == row.sequence; };
    auto& ready = lane->work->ready;
    const auto& under_way = lane->work->under_way;
    const auto first = ready.begin() + static_cast<std::ptrdiff_t>(lane->work->next);
    if (std::any_of(under_way.begin(), under_way.end(), is_it)) return false;
    const auto place = std::find_if(first, ready.end(), is_it);
    if (place != ready.end()) {
      parcel = std::move(*place);
      ready.erase(place);
    }
  }
  if (!parcel) parcel = parcel_of(row);
  if (!parcel) {
    --lane->messages;
    stop_waiting(*lane);
    return true;
  }
  finish(*lane, std::move(parcel), status);
  go_on(*lane);
  return true;
}

}  // namespace missive::message
