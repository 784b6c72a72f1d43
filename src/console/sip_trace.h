// The SIP packets of all shards, for a person to look at: live, and the last ones again.
//
// A WireTap that costs one look at an atomic while nobody asks. Any thread. Source: Asterisk
// documentation, "pjsip set logger", "pjsip show history".
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/acl.h"
#include "net/address.h"
#include "sip/transport.h"

namespace missive::console {

class SipTrace final : public sip::WireTap {
 public:
  static constexpr std::size_t history_length = 1000;
  static constexpr std::size_t history_octets = 8 << 20;

  struct Packet {
    std::uint64_t number = 0;
    base::WallTime at{};
    Direction direction = Direction::in;
    std::string protocol;  // "UDP"
    net::Address peer;
    std::string message;
  };
  // Gets the text of each packet that is to be shown, on the thread that sent or received it.
  using Show = std::function<void(std::string text)>;

  // `next` sees every packet too; it may be nullptr.
  SipTrace(const base::Clock& clock, WireTap* next) : clock_(clock), next_(next) {}
  void show_by(Show show) { show_ = std::move(show); }  // before the shards run

  void on_wire(Direction direction, const sip::Transport& transport, const net::Address& peer,
               std::string_view message) override;

  void log_all();
  // Those of that network alone, and of those named before where `more`.
  void log_host(const net::Network& host, bool more);
  void log_nothing();

  void keep_history(bool on);
  void clear_history();
  std::vector<Packet> history() const;

 private:
  bool is_logged(const net::Address& peer) const;
  void keep(Packet packet);
  void update();

  const base::Clock& clock_;
  WireTap* const next_;
  Show show_;
  std::atomic<bool> active_{false};
  mutable std::mutex mutex_;
  bool logs_all_ = false;
  std::vector<net::Network> hosts_;
  bool keeps_ = false;
  std::deque<Packet> history_;
  std::size_t octets_ = 0;
  std::uint64_t next_number_ = 0;
};

// "<--- Received SIP request (418 bytes) from UDP:192.0.2.1:5060 --->", with the time before it and
// the packet below.
std::string packet_text(const SipTrace::Packet& packet);

}  // namespace missive::console
