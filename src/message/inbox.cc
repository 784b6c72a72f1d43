#include "message/inbox.h"

#include <functional>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace missive::message {
namespace {

std::uint64_t mix(std::uint64_t seed, std::string_view text) {
  const std::uint64_t value = std::hash<std::string_view>{}(text) ^ seed;
  return (value ^ (value >> 32)) * 0x9E3779B97F4A7C15ull + seed;
}

// Two pairs with one hash would wait for each other, nothing worse.
std::uint64_t pair_of(const Incoming& message) {
  return mix(mix(mix(0, message.from()), message.context()), message.exten());
}

}  // namespace

Handler* Inbox::handler_for(std::string_view context, std::string_view exten) const {
  for (auto* handler : handlers_) {
    if (handler->has_destination(context, exten)) return handler;
  }
  return nullptr;
}

bool Inbox::accept(std::shared_ptr<const Incoming> message) {
  const auto pair = pair_of(*message);
  auto& home = *all_[(pair >> 40) % all_.size()];
  if (!home.reserve(message->body().size())) return false;
  if (&home == this) {
    take(pair, std::move(message));
  } else {
    home.shard_.post([&home, pair, message = std::move(message)]() mutable {
      home.take(pair, std::move(message));
    });
  }
  return true;
}

// Several shards may reserve at once: a few messages more than the limit do no harm.
bool Inbox::reserve(std::size_t octets) {
  constexpr auto relaxed = std::memory_order_relaxed;
  if (messages_.load(relaxed) >= limits_.messages) return false;
  if (octets_.load(relaxed) + octets > limits_.octets) return false;
  messages_.fetch_add(1, relaxed);
  octets_.fetch_add(octets, relaxed);
  return true;
}

void Inbox::take(Pair pair, std::shared_ptr<const Incoming> message) {
  const auto [lane, first] = lanes_.try_emplace(pair);
  if (first) return serve(pair, lane->second, std::move(message));
  lane->second.waiting.push_back(std::move(message));
}

// A loop, not a recursion: handlers that are done at once may have a long lane before them.
void Inbox::serve(Pair pair, Lane& lane, std::shared_ptr<const Incoming> message) {
  while (message) {
    const auto octets = message->body().size();
    lane.in_call = true;
    lane.done_in_call = false;
    if (auto* handler = handler_for(message->context(), message->exten())) {
      handler->handle(std::move(message), [this, pair, octets] { done(pair, octets); });
    } else {
      log::warning("message {} is dropped: {}@{} was taken out of the configuration meanwhile",
                   message->id(), base::printable(message->exten()), message->context());
      done(pair, octets);
    }
    lane.in_call = false;
    if (!lane.done_in_call) return;
    message = next_of(pair, lane);
  }
}

void Inbox::done(Pair pair, std::size_t octets) {
  messages_.fetch_sub(1, std::memory_order_relaxed);
  octets_.fetch_sub(octets, std::memory_order_relaxed);
  auto& lane = lanes_.find(pair)->second;
  if (lane.in_call) {
    lane.done_in_call = true;
    return;
  }
  if (auto message = next_of(pair, lane)) serve(pair, lane, std::move(message));
}

// Nothing when the lane is empty; it is then gone.
std::shared_ptr<const Incoming> Inbox::next_of(Pair pair, Lane& lane) {
  if (lane.next == lane.waiting.size()) {
    lanes_.erase(pair);
    return nullptr;
  }
  auto message = std::move(lane.waiting[lane.next++]);
  if (lane.next == lane.waiting.size()) {
    lane.waiting.clear();
    lane.next = 0;
  }
  return message;
}

}  // namespace missive::message
