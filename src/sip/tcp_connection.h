// One TCP connection of a TcpTransport: opening, open, or being closed.
//
// What is sent before it is open waits here. Tells its TcpTransport of every message that
// came in whole and of its end; destroyed by it. Internal to the transport.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "net/connector.h"
#include "net/stream.h"
#include "net/udp_socket.h"
#include "sip/framer.h"

namespace missive::sip {

struct TcpOptions {
  base::Duration connect_timeout = std::chrono::seconds{5};
  base::Duration idle_timeout = std::chrono::minutes{10};  // zero: never closed for that
  base::Duration keep_alive{};  // between the CRLFs that a quiet connection is sent; zero: none
  std::size_t max_connections = 4096;
  std::size_t max_unsent = 8 << 20;  // octets waiting on one connection
  FramerLimits framer;
  int tos = 0;
};

class TcpConnection;

class TcpConnectionOwner {
 public:
  virtual ~TcpConnectionOwner() = default;
  virtual void on_frame(TcpConnection& connection, std::string_view message) = 0;
  virtual void on_sent(net::SendObserver* observer) = 0;
  virtual void on_ended(TcpConnection& connection, const base::Error& error) = 0;
};

class TcpConnection final : private net::StreamHandler {
 public:
  // Opens one, or takes over one that was accepted.
  TcpConnection(net::Shard& shard, const net::Address& from, const net::Address& peer,
                const TcpOptions& options, TcpConnectionOwner& owner);
  TcpConnection(net::Shard& shard, int fd, const net::Address& peer, const TcpOptions& options,
                TcpConnectionOwner& owner);
  ~TcpConnection() override;

  const net::Address& peer() const { return peer_; }
  std::size_t unsent() const;
  // At most `max_unsent` is the caller's to keep.
  void send(std::string_view message, net::SendObserver* observer);
  // Not closed for being idle before.
  void keep_open(base::TimePoint until) { kept_until_ = std::max(kept_until_, until); }
  // Who waited for the connection to open; empties the list.
  std::vector<net::SendObserver*> take_waiting();
  void forget(net::SendObserver& observer);

 private:
  void open(int fd);
  void end(const base::Error& error);
  void look_after();
  std::size_t on_data(std::string_view data) override;
  void on_closed(std::string_view reason) override;

  net::Shard& shard_;
  const net::Address peer_;
  const TcpOptions& options_;
  TcpConnectionOwner& owner_;
  std::unique_ptr<net::Connector> connector_;
  std::shared_ptr<net::Stream> stream_;
  StreamFramer framer_;
  std::string waiting_octets_;
  std::vector<net::SendObserver*> waiting_;
  net::CallbackTimer upkeep_;
  base::TimePoint last_used_{};
  base::TimePoint last_pinged_{};
  base::TimePoint kept_until_{};
  bool ended_ = false;
};

}  // namespace missive::sip
