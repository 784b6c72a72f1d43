#include "sip/udp_transport.h"

#include <algorithm>

namespace missive::sip {

base::Result<std::unique_ptr<UdpTransport>> UdpTransport::open(net::Shard& shard,
                                                               const net::Address& bind,
                                                               TransportOptions options,
                                                               MessageReceiver& receiver,
                                                               bool probe) {
  const net::UdpOptions socket_options{.tos = options.tos, .probe = probe};
  std::unique_ptr<UdpTransport> transport(new UdpTransport(std::move(options), receiver));
  auto socket = net::UdpSocket::open(shard, bind, socket_options, *transport);
  if (!socket) return tl::unexpected(std::move(socket.error()));
  transport->socket_ = std::move(*socket);
  return transport;
}

void UdpTransport::send(std::string_view message, const net::Address& to,
                        net::SendObserver* observer) {
  tap(WireTap::Direction::out, to, message);
  socket_->send(message, to, observer);
}

void UdpTransport::on_datagram(std::span<char> datagram, const net::Address& from) {
  // Keep-alives: CRLFs, or the four NUL octets some phones send.
  const auto is_keep_alive = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  if (std::all_of(datagram.begin(), datagram.begin() + std::min<std::size_t>(datagram.size(), 4),
                  is_keep_alive) &&
      std::all_of(datagram.begin(), datagram.end(), is_keep_alive)) {
    return;
  }
  tap(WireTap::Direction::in, from, {datagram.data(), datagram.size()});
  receiver_.on_message(*this, datagram, from);
}

}  // namespace missive::sip
