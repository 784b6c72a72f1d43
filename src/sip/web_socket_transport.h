// SIP over WebSocket: connections that phones in browsers opened, by the address they come from.
//
// One WebSocket message is one SIP message, whose Content-Length may be missing; CRLF CRLF is
// answered with CRLF. A server opens no WebSocket, so a send to an address without a connection
// fails and says so. Quiet and dead connections are the HTTP server's to find.
//
// Per shard; the HTTP server hands upgraded connections of this shard to adopt().
// Source: RFC 7118; RFC 5626 section 3.5.1.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "net/message_socket.h"
#include "sip/protocol.h"
#include "sip/transport.h"

namespace missive::sip {

struct WebSocketOptions {
  bool secure = false;               // WSS
  std::size_t max_unsent = 8 << 20;  // octets waiting on one connection
};

class WebSocketTransport final : public Transport, private net::TurnEnd {
 public:
  // `local`: where the HTTP server listens.
  WebSocketTransport(net::Shard& shard, const net::Address& local, TransportOptions options,
                     const WebSocketOptions& sockets, MessageReceiver& receiver);
  ~WebSocketTransport() override;

  // Takes over an open WebSocket and begins to read from it.
  void adopt(std::unique_ptr<net::MessageSocket> socket);

  std::string_view protocol() const override {
    return via_name_of(sockets_.secure ? Protocol::wss : Protocol::ws);
  }
  bool reliable() const override { return true; }
  net::Address local() const override { return local_; }
  void send(std::string_view message, const net::Address& to, net::SendObserver* observer) override;
  void forget(net::SendObserver& observer) override;

  std::size_t connections() const { return connections_.size(); }

 private:
  class Connection;
  struct Told {
    net::SendObserver* observer;
    std::optional<base::Error> error;
  };

  void tell(net::SendObserver* observer, std::optional<base::Error> error);
  void on_turn_end() override;
  void on_message(Connection& connection, std::span<char> message);
  void on_closed(Connection& connection, const base::Error& error);

  net::Shard& shard_;
  const net::Address local_;
  const WebSocketOptions sockets_;
  MessageReceiver& receiver_;
  std::unordered_map<net::Address, std::unique_ptr<Connection>, net::AddressHash> connections_;
  std::vector<std::unique_ptr<Connection>> ended_;  // destroyed at the end of the turn
  std::vector<Told> told_;
};

}  // namespace missive::sip
