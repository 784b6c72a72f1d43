// SIP over TCP: connections that are kept and used again.
//
// A message to an address goes down the connection to it, whoever opened that; without
// one a connection is opened, and what is sent meanwhile waits for it or fails with its
// reason. Octets are cut into messages by Content-Length. CRLF keep-alives are answered.
// An unused connection is closed after `idle_timeout`.
//
// Per shard; each shard has connections of its own, a Listener elsewhere deals accepted
// ones to adopt(). Source: RFC 3261 sections 18.1.1, 18.2.2, 18.3; RFC 5626 section 3.5.1.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "sip/tcp_connection.h"
#include "sip/transport.h"

namespace missive::sip {

class TcpTransport final : public Transport, private net::TurnEnd, private TcpConnectionOwner {
 public:
  // `local`: where the listener of this transport is bound.
  TcpTransport(net::Shard& shard, const net::Address& local, TransportOptions options,
               const TcpOptions& tcp, MessageReceiver& receiver);
  ~TcpTransport() override;

  // Takes over a connection that was accepted.
  void adopt(int fd, const net::Address& peer);

  std::string_view protocol() const override { return "TCP"; }
  bool reliable() const override { return true; }
  net::Address local() const override { return local_; }
  void send(std::string_view message, const net::Address& to, net::SendObserver* observer) override;
  void forget(net::SendObserver& observer) override;
  void keep_open(const net::Address& peer, base::TimePoint until) override;

  std::size_t connections() const { return connections_.size(); }

 private:
  struct Told {
    net::SendObserver* observer;
    std::optional<base::Error> error;
  };

  void tell(net::SendObserver* observer, std::optional<base::Error> error);
  void on_turn_end() override;
  void on_frame(TcpConnection& connection, std::string_view message) override;
  void on_sent(net::SendObserver* observer) override { tell(observer, std::nullopt); }
  void on_ended(TcpConnection& connection, const base::Error& error) override;

  net::Shard& shard_;
  const net::Address local_;
  TcpOptions tcp_;
  MessageReceiver& receiver_;
  std::unordered_map<net::Address, std::unique_ptr<TcpConnection>, net::AddressHash> connections_;
  std::vector<std::unique_ptr<TcpConnection>> ended_;  // destroyed at the end of the turn
  std::vector<Told> told_;
  std::string frame_;  // a message in a buffer that its parser may write to
};

}  // namespace missive::sip
