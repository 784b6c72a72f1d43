// SIP over TCP: connections that are kept and used again.
//
// A message to an address goes down the connection to it, whoever opened that; without
// one a connection is opened, and what is sent meanwhile waits for it or fails with its
// reason. Octets are cut into messages by Content-Length. CRLF keep-alives are answered.
// An unused connection is closed after `idle_timeout`.
//
// With TcpOptions::tls it speaks TLS (see net/tls_context.h). admit() names the domain that the
// next send() to that address is for: a connection that is opened then asks for it and, with
// verify_server, has to show a good certificate for it; one that stands, whoever opened it, is used
// only when its certificate is good for it, too. A send() without admit(), or for the domain "",
// is for whoever is at the other end (a response, a registration's connection); a connection that
// has to be opened for it is for the IP address.
//
// Per shard, and so are the limits; each shard has connections of its own, a Listener elsewhere
// deals accepted ones to adopt(). Source: RFC 3261 sections 18.1.1, 18.2.2, 18.3, 26.2.1;
// RFC 5626 section 3.5.1; RFC 5922 section 7; RFC 5923 section 5.
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

  std::string_view protocol() const override { return tcp_.tls ? "TLS" : "TCP"; }
  bool reliable() const override { return true; }
  net::Address local() const override { return local_; }
  void send(std::string_view message, const net::Address& to, net::SendObserver* observer) override;
  void forget(net::SendObserver& observer) override;
  base::Result<void> admit(const net::Address& to, std::string_view domain) override;
  void keep_open(const net::Address& peer, base::TimePoint until) override;

  std::size_t connections() const { return connections_.size(); }

 private:
  // Something that is worth a line in the log, but not a line each time.
  class OnceAMinute {
   public:
    bool due(base::TimePoint now);

   private:
    std::optional<base::TimePoint> last_;
  };
  struct Told {
    net::SendObserver* observer;
    std::optional<base::Error> error;
  };

  bool has_room_for(const net::Address& peer);
  base::Result<TcpConnection*> connection_to(const net::Address& to, std::string_view domain);
  void tell(net::SendObserver* observer, std::optional<base::Error> error);
  void on_turn_end() override;
  void on_frame(TcpConnection& connection, std::string_view message) override;
  void on_sent(net::SendObserver* observer) override { tell(observer, std::nullopt); }
  void on_not_sent(net::SendObserver* observer, const base::Error& error) override {
    tell(observer, error);
  }
  void on_ended(TcpConnection& connection, const base::Error& error) override;

  net::Shard& shard_;
  const net::Address local_;
  TcpOptions tcp_;
  MessageReceiver& receiver_;
  std::unordered_map<net::Address, std::size_t, net::AddressHash> accepted_;  // by IP, port 0
  net::Address admitted_;
  std::string admitted_domain_;
  OnceAMinute told_full_;
  OnceAMinute told_handshake_;
  std::unordered_map<net::Address, std::unique_ptr<TcpConnection>, net::AddressHash> connections_;
  std::vector<std::unique_ptr<TcpConnection>> ended_;  // destroyed at the end of the turn
  std::vector<Told> told_;
  std::string frame_;  // a message in a buffer that its parser may write to
};

}  // namespace missive::sip
