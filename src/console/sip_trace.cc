#include "console/sip_trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "console/time_text.h"

namespace missive::console {

std::string packet_text(const SipTrace::Packet& packet) {
  const bool out = packet.direction == sip::WireTap::Direction::out;
  const bool response = packet.message.starts_with("SIP/2.0 ");
  return fmt::format("[{}] <--- {} SIP {} ({} bytes) {} {}:{} --->\n{}\n", local_text(packet.at),
                     out ? "Transmitting" : "Received", response ? "response" : "request",
                     packet.message.size(), out ? "to" : "from", packet.protocol, packet.peer.str(),
                     base::printable_lines(packet.message));
}

void SipTrace::on_wire(Direction direction, const sip::Transport& transport,
                       const net::Address& peer, std::string_view message) {
  if (next_ != nullptr) next_->on_wire(direction, transport, peer, message);
  if (!active_.load(std::memory_order_relaxed)) return;
  Packet packet{0,    clock_.wall(),       direction, std::string(transport.protocol()),
                peer, std::string(message)};
  bool logged = false;
  {
    const std::lock_guard lock(mutex_);
    logged = is_logged(peer);
    if (keeps_) keep(packet);
  }
  if (logged && show_) show_(packet_text(packet));
}

bool SipTrace::is_logged(const net::Address& peer) const {
  return logs_all_ || std::any_of(hosts_.begin(), hosts_.end(), [&peer](const net::Network& host) {
           return host.contains(peer);
         });
}

void SipTrace::keep(Packet packet) {
  packet.number = next_number_++;
  octets_ += packet.message.size();
  history_.push_back(std::move(packet));
  while (history_.size() > history_length || octets_ > history_octets) {
    octets_ -= history_.front().message.size();
    history_.pop_front();
  }
}

void SipTrace::update() { active_ = logs_all_ || !hosts_.empty() || keeps_; }

void SipTrace::log_all() {
  const std::lock_guard lock(mutex_);
  logs_all_ = true;
  hosts_.clear();
  update();
}

void SipTrace::log_host(const net::Network& host, bool more) {
  const std::lock_guard lock(mutex_);
  logs_all_ = false;
  if (!more) hosts_.clear();
  hosts_.push_back(host);
  update();
}

void SipTrace::log_nothing() {
  const std::lock_guard lock(mutex_);
  logs_all_ = false;
  hosts_.clear();
  update();
}

void SipTrace::keep_history(bool on) {
  const std::lock_guard lock(mutex_);
  keeps_ = on;
  update();
}

void SipTrace::clear_history() {
  const std::lock_guard lock(mutex_);
  history_.clear();
  octets_ = 0;
  next_number_ = 0;
}

std::vector<SipTrace::Packet> SipTrace::history() const {
  const std::lock_guard lock(mutex_);
  return {history_.begin(), history_.end()};
}

}  // namespace missive::console
