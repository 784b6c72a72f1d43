#include "message/inbox.h"

#include <algorithm>
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

Handler* Inbox::handler_for(std::string_view technology, std::string_view context,
                            std::string_view exten) const {
  for (const auto& taker : handlers_) {
    const bool meant = taker.technology.empty() || taker.technology == technology;
    if (meant && taker.handler->has_destination(context, exten)) return taker.handler;
  }
  return nullptr;
}

std::vector<std::string_view> Inbox::handlers() const {
  std::vector<std::string_view> names;
  for (const auto& taker : handlers_) {
    const auto name = taker.handler->name();
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

bool Inbox::accept(std::shared_ptr<const Incoming> message) {
  if (!reserve(*message)) return false;
  enter(std::move(message));
  return true;
}

// Several shards may reserve at once: a few messages more than the limit do no harm.
bool Inbox::reserve(const Incoming& message) {
  constexpr auto relaxed = std::memory_order_relaxed;
  auto& home = home_of(pair_of(message));
  const auto octets = message.body().size();
  if (home.messages_.load(relaxed) >= home.limits_.messages) return false;
  if (home.octets_.load(relaxed) + octets > home.limits_.octets) return false;
  home.count(octets);
  return true;
}

void Inbox::release(const Incoming& message) {
  home_of(pair_of(message)).discount(message.body().size());
}

void Inbox::enter(std::shared_ptr<const Incoming> message, std::int64_t number) {
  const auto pair = pair_of(*message);
  auto& home = home_of(pair);
  if (&home == this) return take(pair, {std::move(message), number});
  home.shard_.post([&home, pair, message = std::move(message), number]() mutable {
    home.take(pair, {std::move(message), number});
  });
}

void Inbox::restore(std::shared_ptr<const Incoming> message, std::int64_t number) {
  const auto pair = pair_of(*message);
  auto& home = home_of(pair);
  home.count(message->body().size());
  home.shard_.post([&home, pair, message = std::move(message), number]() mutable {
    home.take(pair, {std::move(message), number});
  });
}

void Inbox::count(std::size_t octets) {
  messages_.fetch_add(1, std::memory_order_relaxed);
  octets_.fetch_add(octets, std::memory_order_relaxed);
}

void Inbox::discount(std::size_t octets) {
  messages_.fetch_sub(1, std::memory_order_relaxed);
  octets_.fetch_sub(octets, std::memory_order_relaxed);
}

void Inbox::take(Pair pair, Entry entry) {
  const auto [lane, first] = lanes_.try_emplace(pair);
  if (first) return serve(pair, lane->second, std::move(entry));
  lane->second.waiting.push_back(std::move(entry));
}

// A loop, not a recursion: handlers that are done at once may have a long lane before them.
void Inbox::serve(Pair pair, Lane& lane, Entry entry) {
  while (entry.message) {
    const auto octets = entry.message->body().size();
    const auto number = entry.number;
    lane.in_call = true;
    lane.done_in_call = false;
    if (auto* handler = handler_for(entry.message->technology(), entry.message->context(),
                                    entry.message->exten())) {
      handler->handle(std::move(entry.message),
                      [this, pair, octets, number] { done(pair, octets, number); });
    } else {
      const auto& message = *entry.message;
      log::warning("message {} is dropped: {}@{} was taken out of the configuration meanwhile",
                   message.id(), base::printable(message.exten()), message.context());
      done(pair, octets, number);
    }
    lane.in_call = false;
    if (!lane.done_in_call) return;
    entry = next_of(pair, lane);
  }
}

void Inbox::done(Pair pair, std::size_t octets, std::int64_t number) {
  if (number != 0 && handled_user_ != nullptr) handled_user_->on_handled(number);
  discount(octets);
  auto& lane = lanes_.find(pair)->second;
  if (lane.in_call) {
    lane.done_in_call = true;
    return;
  }
  if (auto entry = next_of(pair, lane); entry.message) serve(pair, lane, std::move(entry));
}

// Nothing when the lane is empty; it is then gone.
Inbox::Entry Inbox::next_of(Pair pair, Lane& lane) {
  if (lane.next == lane.waiting.size()) {
    lanes_.erase(pair);
    return {};
  }
  auto entry = std::move(lane.waiting[lane.next++]);
  if (lane.next == lane.waiting.size()) {
    lane.waiting.clear();
    lane.next = 0;
  }
  return entry;
}

}  // namespace missive::message
