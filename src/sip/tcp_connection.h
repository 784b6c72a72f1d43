// One connection of a TcpTransport, with TLS or without: opening, open, or being closed.
//
// What is sent before it is open (and hands are shaken) waits here. Tells its TcpTransport of
// every message that came in whole and of its end; destroyed by it. Internal to the transport.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/connector.h"
#include "net/socket_options.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "net/udp_socket.h"
#include "sip/framer.h"

namespace missive::sip {

struct TcpOptions {
  base::Duration connect_timeout = std::chrono::seconds{5};
  base::Duration handshake_timeout = std::chrono::seconds{10};  // of TLS, once connected
  base::Duration idle_timeout = std::chrono::minutes{10};       // zero: never closed for that
  base::Duration keep_alive{};  // between the CRLFs that a quiet connection is sent; zero: none
  std::optional<net::TcpKeepAlive> probes;  // the kernel's; none: no probes
  std::size_t max_connections = 4096;
  std::size_t max_connections_per_address = 128;  // accepted from one IP address; 0: any number
  std::size_t max_unsent = 8 << 20;               // octets waiting on one connection
  FramerLimits framer;
  int tos = 0;
  std::shared_ptr<net::TlsContext> tls;  // none: plain TCP
};

class TcpConnection;

class TcpConnectionOwner {
 public:
  virtual ~TcpConnectionOwner() = default;
  virtual void on_frame(TcpConnection& connection, std::string_view message) = 0;
  virtual void on_sent(net::SendObserver* observer) = 0;
  virtual void on_not_sent(net::SendObserver* observer, const base::Error& error) = 0;
  virtual void on_ended(TcpConnection& connection, const base::Error& error) = 0;
};

class TcpConnection final : private net::StreamHandler {
 public:
  // Opens one, or takes over one that was accepted. `domain`: whom the connection is for, where
  // TLS asks that (net/tls_session.h).
  TcpConnection(net::Shard& shard, const net::Address& from, const net::Address& peer,
                const TcpOptions& options, std::string_view domain, TcpConnectionOwner& owner);
  TcpConnection(net::Shard& shard, int fd, const net::Address& peer, const TcpOptions& options,
                TcpConnectionOwner& owner);
  ~TcpConnection() override;

  const net::Address& peer() const { return peer_; }
  std::size_t unsent() const;
  bool accepted() const { return accepted_; }
  // Whether hands are shaken; always, once a plain one is connected.
  bool ready() const { return ready_; }
  // Whether what is for `domain` may go down it: always without TLS and without verify_server, and
  // for "", which stands for nobody else than who is at the other end. Not known before it is
  // ready: what waits then is looked at again.
  base::Result<void> good_for(std::string_view domain);
  // At most `max_unsent` is the caller's to keep.
  void send(std::string_view message, std::string_view domain, net::SendObserver* observer);
  // Not closed for being idle before.
  void keep_open(base::TimePoint until) { kept_until_ = std::max(kept_until_, until); }
  // Who waited for the connection to open; empties the list.
  std::vector<net::SendObserver*> take_waiting();
  void forget(net::SendObserver& observer);

 private:
  struct Waiting {
    net::SendObserver* observer;
    std::size_t size;
    std::string domain;
  };

  void open(int fd);
  void send_waiting();
  void end(const base::Error& error);
  void look_after();
  std::size_t on_data(std::string_view data) override;
  void on_established() override { send_waiting(); }
  void on_closed(std::string_view reason) override;

  net::Shard& shard_;
  const net::Address peer_;
  const TcpOptions& options_;
  const std::string domain_;
  TcpConnectionOwner& owner_;
  std::unique_ptr<net::Connector> connector_;
  std::shared_ptr<net::Stream> stream_;
  StreamFramer framer_;
  std::string waiting_octets_;
  std::vector<Waiting> waiting_;
  std::string known_good_;  // the domain that was asked for last
  net::CallbackTimer upkeep_;
  base::TimePoint last_used_{};
  base::TimePoint last_pinged_{};
  base::TimePoint kept_until_{};
  const bool accepted_;
  bool ready_ = false;
  bool ended_ = false;
};

}  // namespace missive::sip
