// SIP over UDP: one datagram, one message (RFC 3261 section 18.1.1, 18.2.1).
//
// Each shard has its own on the same port; see net/udp_socket.h for batching and threads.
#pragma once

#include <memory>

#include "sip/transport.h"

namespace missive::sip {

class UdpTransport final : public Transport, private net::UdpReceiver {
 public:
  // `probe`: fail when another process has the port, even if it would share it.
  static base::Result<std::unique_ptr<UdpTransport>> open(net::Shard& shard,
                                                          const net::Address& bind,
                                                          TransportOptions options,
                                                          MessageReceiver& receiver, bool probe);

  std::string_view protocol() const override { return "UDP"; }
  bool reliable() const override { return false; }
  net::Address local() const override { return socket_->local(); }
  void send(std::string_view message, const net::Address& to, net::SendObserver* observer) override;
  void forget(net::SendObserver& observer) override { socket_->forget(observer); }

 private:
  UdpTransport(TransportOptions options, MessageReceiver& receiver)
      : Transport(std::move(options)), receiver_(receiver) {}
  void on_datagram(std::span<char> datagram, const net::Address& from) override;

  MessageReceiver& receiver_;
  std::unique_ptr<net::UdpSocket> socket_;
};

}  // namespace missive::sip
