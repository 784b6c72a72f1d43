#include "sip/server_transactions.h"

#include <functional>

#include "sip/packet.h"

namespace missive::sip {
namespace {

std::uint64_t mix(std::uint64_t seed, std::string_view text) {
  // Keyed by starting from a secret; a peer that could steer it would only hit its own records.
  const std::uint64_t value = std::hash<std::string_view>{}(text) ^ seed;
  return (value ^ (value >> 29)) * 0xBF58476D1CE4E5B9ull + seed;
}

}  // namespace

ServerTransactions::ServerTransactions(net::Shard& shard, const Timers& timers, std::size_t limit)
    : shard_(shard),
      timers_(timers),
      limit_(limit),
      secret_(shard.random().next()),
      sweep_timer_([this] { sweep(); }) {}

ServerTransactions::Key ServerTransactions::key_of(const Packet& request) const {
  std::uint64_t key = mix(secret_, request.method_name());
  if (const auto via = request.top_via()) {
    key = mix(key, via->branch);
    key = mix(key, via->host);
    key = mix(key, std::to_string(via->port.value_or(0)));
    if (via->branch.starts_with("z9hG4bK")) return key;
  }
  // An RFC 2543 peer: its branch need not be unique.
  for (const auto id : {HeaderId::From, HeaderId::To, HeaderId::CallId, HeaderId::CSeq}) {
    if (const auto* header = request.find(id)) key = mix(key, header->value);
  }
  return mix(key, request.request_uri());
}

std::string ServerTransactions::tag_of(const Packet& request) const {
  return fmt::format("{:016x}", mix(~secret_, fmt::format("{:x}", key_of(request))));
}

ServerTransactions::Record* ServerTransactions::find_or_add(Key key, bool reliable) {
  if (const auto known = records_.find(key); known != records_.end()) return &known->second;
  if (records_.size() >= limit_) return nullptr;
  return &records_.emplace(key, Record{NonInviteServer(timers_, reliable), {}}).first->second;
}

void ServerTransactions::schedule(Key key, base::TimePoint when) {
  due_.push_back({when, key});
  if (!sweep_timer_.armed()) shard_.timers().arm(sweep_timer_, when);
}

void ServerTransactions::sweep() {
  const auto now = shard_.now();
  while (!due_.empty() && due_.front().when <= now) {
    const auto due = due_.front();
    due_.pop_front();
    const auto record = records_.find(due.key);
    if (record == records_.end()) continue;
    const auto actions = record->second.machine.on_timer(now);
    if (actions.end) records_.erase(record);
    if (actions.wake && *actions.wake > now) due_.push_back({*actions.wake, due.key});
  }
  if (!due_.empty()) shard_.timers().arm(sweep_timer_, due_.front().when);
}

}  // namespace missive::sip
