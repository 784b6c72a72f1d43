// How SIP messages reach the network and come from it.
//
// A Transport belongs to one shard and is used on its thread. send() takes a whole SIP
// message; the observer is told once whether it left, at the end of the turn, never from
// inside send(). What arrives goes to the MessageReceiver in a buffer that it may
// write to during the call and must not keep.
//
// Source: RFC 3261 section 18.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/udp_socket.h"
#include "sip/sent_by.h"

namespace missive::sip {

class Transport;

class MessageReceiver {
 public:
  virtual ~MessageReceiver() = default;
  virtual void on_message(Transport& transport, std::span<char> message,
                          const net::Address& from) = 0;
  // A connection to `peer` is gone: what waits for an answer on it waits in vain.
  virtual void on_connection_lost(Transport& transport, const net::Address& peer,
                                  const base::Error& error) = 0;
};

// Sees every message that crosses the wire; for the demo and for tracing.
class WireTap {
 public:
  enum class Direction { in, out };
  virtual ~WireTap() = default;
  virtual void on_wire(Direction direction, const Transport& transport, const net::Address& peer,
                       std::string_view message) = 0;
};

struct TransportOptions {
  std::string id;  // the section of pjsip.conf
  int tos = 0;
  ExternalAddress external;
};

class Transport {
 public:
  explicit Transport(TransportOptions options) : options_(std::move(options)) {}
  virtual ~Transport() = default;

  virtual std::string_view protocol() const = 0;  // "UDP", as in Via
  virtual bool reliable() const = 0;
  virtual net::Address local() const = 0;
  virtual void send(std::string_view message, const net::Address& to,
                    net::SendObserver* observer) = 0;
  virtual void forget(net::SendObserver& observer) = 0;
  // Before a send() to `to` that is meant for `domain`, the host of the URI as it was written: a
  // secure transport opens the connection with that name, and sends down one that stands only when
  // its certificate is good for it (RFC 5922 section 7.3). An error says why it may not.
  virtual base::Result<void> admit(const net::Address& /*to*/, std::string_view /*domain*/) {
    return {};
  }
  // Somebody is reachable by the connection to `peer` until then: not closed for being idle.
  virtual void keep_open(const net::Address& /*peer*/, base::TimePoint /*until*/) {}

  const std::string& id() const { return options_.id; }
  const SentBy& sent_by(const net::Address& peer) {
    if (!sent_by_) sent_by_.emplace(local(), options_.external);
    return sent_by_->towards(peer);
  }
  void set_tap(WireTap* tap) { tap_ = tap; }

 protected:
  void tap(WireTap::Direction direction, const net::Address& peer, std::string_view message) const {
    if (tap_ != nullptr) tap_->on_wire(direction, *this, peer, message);
  }
  const TransportOptions options_;

 private:
  std::optional<SentByChooser> sent_by_;
  WireTap* tap_ = nullptr;
};

}  // namespace missive::sip
