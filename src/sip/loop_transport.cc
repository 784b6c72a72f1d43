#include "sip/loop_transport.h"

namespace missive::sip {

void LoopTransport::send(std::string_view message, const net::Address& to,
                         net::SendObserver* observer) {
  tap(WireTap::Direction::out, to, message);
  queue_.push_back({{std::string(message), to}, observer});
  shard_.at_turn_end(*this, true);
}

void LoopTransport::forget(net::SendObserver& observer) {
  for (auto& queued : queue_) {
    if (queued.observer == &observer) queued.observer = nullptr;
  }
}

void LoopTransport::on_turn_end() {
  // By index, and re-read after every call: an observer may send or forget.
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    auto packet = std::move(queue_[i].packet);
    auto* observer = std::exchange(queue_[i].observer, nullptr);
    if (failure) {
      if (observer != nullptr) observer->on_send_failed(*failure);
      continue;
    }
    carry(std::move(packet));
    if (observer != nullptr) observer->on_sent();
  }
  queue_.clear();
}

void LoopTransport::carry(Sent packet) {
  sent.push_back(packet);
  if (drop_next > 0) {
    --drop_next;
    return;
  }
  if (!peer) return;
  under_way_.remove_if([](const net::CallbackTimer& timer) { return !timer.armed(); });
  auto& timer = under_way_.emplace_back([this, packet = std::move(packet)] { peer(packet); });
  shard_.arm(timer, delay);
}

void LoopTransport::deliver(std::string text, const net::Address& from) {
  tap(WireTap::Direction::in, from, text);
  receiver_.on_message(*this, text, from);
}

}  // namespace missive::sip
