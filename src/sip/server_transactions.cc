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
      plain_(limit),
      sweep_timer_([this] { sweep(); }) {}

ServerTransactions::Key ServerTransactions::key_of(const Packet& request) const {
  std::uint64_t key = mix(secret_, request.method_name());
  if (const auto& via = request.top_via()) {
    key = mix(key, via->branch);
    key = mix(key, via->host);
    const auto port = via->port.value_or(0);
    key = mix(key, {reinterpret_cast<const char*>(&port), sizeof port});
    if (via->branch.starts_with("z9hG4bK")) return key;
  }
  // An RFC 2543 peer: its branch need not be unique.
  for (const auto id : {HeaderId::From, HeaderId::To, HeaderId::CallId, HeaderId::CSeq}) {
    if (const auto* header = request.find(id)) key = mix(key, header->value);
  }
  return mix(key, request.request_uri());
}

ServerTransactions::Tag ServerTransactions::tag_of(Key key) const {
  static constexpr std::string_view digits = "0123456789abcdef";
  auto hash = mix(~secret_, {reinterpret_cast<const char*>(&key), sizeof key});
  Tag tag;
  for (auto& c : tag) {
    c = digits[hash & 15];
    hash >>= 4;
  }
  return tag;
}

const Response* ServerTransactions::find(Key key) {
  if (const auto answer = plain_.find(key)) {
    found_ = {};
    found_.status = answer->status;
    found_.to_source = answer->to_source;
    return &found_;
  }
  const auto known = others_.find(key);
  return known == others_.end() ? nullptr : &known->second;
}

void ServerTransactions::remember(Key key, Response response, base::TimePoint until) {
  if (is_full()) return;
  const bool plain = response.headers.empty() && response.reason.empty();
  if (plain) {
    plain_.add(key, {static_cast<std::uint16_t>(response.status), response.to_source});
  } else {
    others_.emplace(key, std::move(response));
  }
  due_.push_back({until, key});
  if (!sweep_timer_.armed()) shard_.timers().arm(sweep_timer_, until);
}

void ServerTransactions::sweep() {
  const auto now = shard_.now();
  while (!due_.empty() && due_.front().when <= now) {
    const auto key = due_.front().key;
    due_.pop_front();
    plain_.erase(key);
    others_.erase(key);
  }
  if (!due_.empty()) shard_.timers().arm(sweep_timer_, due_.front().when);
}

}  // namespace missive::sip
