#include "sip/tcp_transport.h"

#include <unistd.h>

#include "base/log.h"

namespace missive::sip {

TcpTransport::TcpTransport(net::Shard& shard, const net::Address& local, TransportOptions options,
                           const TcpOptions& tcp, MessageReceiver& receiver)
    : Transport(std::move(options)), shard_(shard), local_(local), tcp_(tcp), receiver_(receiver) {
  tcp_.tos = options_.tos;
}

TcpTransport::~TcpTransport() { shard_.forget(*this); }

void TcpTransport::adopt(int fd, const net::Address& peer) {
  if (connections_.size() >= tcp_.max_connections) {
    log::warning("refused a TCP connection from {}: {} are open", peer.str(), connections_.size());
    ::close(fd);
    return;
  }
  if (const auto known = connections_.find(peer); known != connections_.end()) {
    on_ended(*known->second, {"replaced by a new connection from the same address"});
  }
  connections_[peer] = std::make_unique<TcpConnection>(shard_, fd, peer, tcp_,
                                                       static_cast<TcpConnectionOwner&>(*this));
}

void TcpTransport::send(std::string_view message, const net::Address& to,
                        net::SendObserver* observer) {
  tap(WireTap::Direction::out, to, message);
  auto known = connections_.find(to);
  if (known == connections_.end()) {
    if (connections_.size() >= tcp_.max_connections) {
      return tell(observer, base::Error{fmt::format("{} TCP connections are open, the limit",
                                                    connections_.size())});
    }
    auto opening = std::make_unique<TcpConnection>(shard_, local_, to, tcp_,
                                                   static_cast<TcpConnectionOwner&>(*this));
    known = connections_.emplace(to, std::move(opening)).first;
  }
  auto& connection = *known->second;
  if (connection.unsent() + message.size() > tcp_.max_unsent) {
    return tell(observer, base::Error{fmt::format("{} reads too slowly: {} octets wait for it",
                                                  to.str(), connection.unsent())});
  }
  connection.send(message, observer);
}

void TcpTransport::forget(net::SendObserver& observer) {
  for (auto& told : told_) {
    if (told.observer == &observer) told.observer = nullptr;
  }
  for (auto& [peer, connection] : connections_) connection->forget(observer);
}

void TcpTransport::keep_open(const net::Address& peer, base::TimePoint until) {
  const auto known = connections_.find(peer);
  if (known != connections_.end()) known->second->keep_open(until);
}

void TcpTransport::tell(net::SendObserver* observer, std::optional<base::Error> error) {
  if (observer == nullptr) return;
  told_.push_back({observer, std::move(error)});
  shard_.at_turn_end(*this, true);
}

void TcpTransport::on_turn_end() {
  for (std::size_t i = 0; i < told_.size(); ++i) {  // grows while observers send again
    const auto told = std::exchange(told_[i], {});
    if (told.observer == nullptr) continue;
    if (told.error) {
      told.observer->on_send_failed(*told.error);
    } else {
      told.observer->on_sent();
    }
  }
  told_.clear();
  ended_.clear();
}

void TcpTransport::on_frame(TcpConnection& connection, std::string_view message) {
  tap(WireTap::Direction::in, connection.peer(), message);
  frame_.assign(message);
  receiver_.on_message(*this, frame_, connection.peer());
}

void TcpTransport::on_ended(TcpConnection& connection, const base::Error& error) {
  const auto peer = connection.peer();
  const auto known = connections_.find(peer);
  if (known == connections_.end() || known->second.get() != &connection) return;
  for (auto* observer : connection.take_waiting()) tell(observer, error);
  ended_.push_back(std::move(known->second));
  connections_.erase(known);
  shard_.at_turn_end(*this, true);
  receiver_.on_connection_lost(*this, peer, error);
}

}  // namespace missive::sip
