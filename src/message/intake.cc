#include "message/intake.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "message/incoming_record.h"

namespace missive::message {
namespace {

constexpr std::chrono::milliseconds handled_interval{100};
constexpr std::size_t handled_at_once = 1000;  // then it does not wait so long
constexpr std::chrono::hours key_lifetime{1};
constexpr std::chrono::minutes forget_interval{5};

}  // namespace

Intake::Intake(net::Shard& shard, Inbox& inbox)
    : shard_(shard),
      inbox_(inbox),
      road_(std::make_shared<Road>()),
      handled_timer_([this] { write_handled(); }),
      forget_timer_([this] { forget_old_keys(); }) {
  road_->shard = &shard;
  inbox.tell(*this);
}

Intake::~Intake() {
  shard_.forget(*this);
  const std::lock_guard lock(road_->mutex);
  road_->shard = nullptr;
}

base::Result<std::size_t> Intake::restore() {
  const auto last = received_->store.last_sequence();
  if (!last) return tl::unexpected(last.error());
  received_->newest.store(*last);
  const auto rows = received_->store.load();
  if (!rows) return tl::unexpected(rows.error());
  std::size_t restored = 0;
  for (const auto& row : *rows) {
    auto message = read_incoming(row.content);
    if (!message) {
      log::error("message number {} came in and is not handled: {}; it stays in the database",
                 row.sequence, message.error().text);
      continue;
    }
    inbox_.restore(std::move(*message), row.sequence);
    ++restored;
  }
  shard_.arm(forget_timer_, forget_interval);
  return restored;
}

void Intake::take(std::shared_ptr<const Incoming> message, std::string key, Answer answer) {
  if (!inbox_.reserve(*message)) return answer(Verdict::no_room);
  if (received_ == nullptr) {
    answer(Verdict::accepted);
    return inbox_.enter(std::move(message));
  }
  const auto number = received_->newest.fetch_add(1, std::memory_order_relaxed) + 1;
  rows_.push_back({number, std::move(key), write_incoming(*message), shard_.clock().wall()});
  batch_.push_back({std::move(message), number, std::move(answer)});
  shard_.at_turn_end(*this, true);
}

void Intake::on_turn_end() {
  // The store's thread may be done with it when this shard is gone.
  auto on_commit = [this, road = road_, batch = std::exchange(batch_, {})](
                       Written written, const std::vector<store::ReceivedRow>&) mutable {
    const std::lock_guard lock(road->mutex);
    if (road->shard == nullptr) return;
    road->shard->post([this, batch = std::move(batch), written = std::move(written)]() mutable {
      on_written(batch, written);
    });
  };
  received_->store.insert(std::exchange(rows_, {}), std::move(on_commit));
}

void Intake::on_written(Batch& batch, const Written& written) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& [message, number, answer] = batch[i];
    if (written && written->at(i)) {
      answer(Verdict::accepted);
      inbox_.enter(std::move(message), number);
    } else {
      inbox_.release(*message);
      answer(written ? Verdict::known : Verdict::failed);
    }
  }
}

void Intake::on_handled(std::int64_t number) {
  young_.push_back(number);
  handled_.fetch_add(1, std::memory_order_relaxed);
  if (young_.size() == handled_at_once) {
    shard_.arm(handled_timer_, net::TimerWheel::tick);
  } else if (!handled_timer_.armed()) {
    shard_.arm(handled_timer_, handled_interval);
  }
}

// The young ones wait for the next time: some may be of this turn.
void Intake::write_handled() {
  handled_.fetch_sub(ripe_.size(), std::memory_order_relaxed);
  if (!ripe_.empty()) received_->store.handled(std::exchange(ripe_, {}));
  ripe_.swap(young_);
  if (ripe_.empty()) return;
  const bool many = ripe_.size() >= handled_at_once;
  shard_.arm(handled_timer_,
             many ? base::Duration{net::TimerWheel::tick} : base::Duration{handled_interval});
}

void Intake::forget_old_keys() {
  received_->store.forget(shard_.clock().wall() - key_lifetime);
  shard_.arm(forget_timer_, forget_interval);
}

}  // namespace missive::message
