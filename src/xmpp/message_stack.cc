#include "xmpp/message_stack.h"

#include <algorithm>
#include <utility>

namespace missive::xmpp {

MessageStack::~MessageStack() {
  for (auto& waiter : waiters_) tell(waiter, std::nullopt);
}

void MessageStack::tell(Waiter& waiter, std::optional<std::string> body) {
  waiter.asker->post([answer = std::move(waiter.answer), body = std::move(body)]() mutable {
    answer(std::move(body));
  });
}

void MessageStack::push(const Jid& from, const std::string& body) {
  const auto waiter = std::find_if(waiters_.begin(), waiters_.end(),
                                   [&from](const Waiter& one) { return is_from(one.from, from); });
  if (waiter != waiters_.end()) {
    tell(*waiter, body);
    waiters_.erase(waiter);
    return;
  }
  forget_old();
  if (entries_.size() >= limit) entries_.pop_front();
  entries_.push_back({from, body, shard_.now() + keep_});
}

void MessageStack::receive(const Jid& from, std::chrono::milliseconds time, net::Shard& asker,
                           Operations::Received answer) {
  forget_old();
  auto& waiter = waiters_.emplace_back(*this);
  waiter.from = from;
  waiter.asker = &asker;
  waiter.answer = std::move(answer);
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&from](const Entry& one) { return is_from(from, one.from); });
  if (entry != entries_.end()) {
    tell(waiter, std::move(entry->body));
    entries_.erase(entry);
    waiters_.pop_back();
    return;
  }
  shard_.arm(waiter, time);
}

void MessageStack::give_up(Waiter& waiter) {
  tell(waiter, std::nullopt);
  waiters_.remove_if([&waiter](const Waiter& one) { return &one == &waiter; });
}

void MessageStack::forget_old() {
  while (!entries_.empty() && entries_.front().until <= shard_.now()) entries_.pop_front();
}

}  // namespace missive::xmpp
