#include "sip/tcp_transport.h"

#include <unistd.h>

#include "base/log.h"

namespace missive::sip {

bool TcpTransport::OnceAMinute::due(base::TimePoint now) {
  if (last_ && now - *last_ < std::chrono::minutes{1}) return false;
  last_ = now;
  return true;
}

TcpTransport::TcpTransport(net::Shard& shard, const net::Address& local, TransportOptions options,
                           const TcpOptions& tcp, MessageReceiver& receiver)
    : Transport(std::move(options)), shard_(shard), local_(local), tcp_(tcp), receiver_(receiver) {
  tcp_.tos = options_.tos;
}

TcpTransport::~TcpTransport() { shard_.forget(*this); }

void TcpTransport::adopt(int fd, const net::Address& peer) {
  if (const auto known = connections_.find(peer); known != connections_.end()) {
    on_ended(*known->second, {"replaced by a new connection from the same address"});
  }
  if (!has_room_for(peer)) {
    ::close(fd);
    return;
  }
  ++accepted_[peer.with_port(0)];
  connections_[peer] = std::make_unique<TcpConnection>(shard_, fd, peer, tcp_,
                                                       static_cast<TcpConnectionOwner&>(*this));
}

bool TcpTransport::has_room_for(const net::Address& peer) {
  const auto most = tcp_.max_connections_per_address;
  const auto same = accepted_.find(peer.with_port(0));
  const bool too_many_here = most != 0 && same != accepted_.end() && same->second >= most;
  if (!too_many_here && connections_.size() < tcp_.max_connections) return true;
  if (told_full_.due(shard_.now())) {
    log::warning("refused a {} connection from {}: {} are open{}", protocol(), peer.str(),
                 too_many_here ? same->second : connections_.size(),
                 too_many_here ? " from that address" : "");
  }
  return false;
}

base::Result<void> TcpTransport::admit(const net::Address& to, std::string_view domain) {
  if (!tcp_.tls) return {};
  if (const auto known = connections_.find(to); known != connections_.end()) {
    if (auto good = known->second->good_for(domain); !good) return good;
  }
  admitted_ = to;
  admitted_domain_ = domain;
  return {};
}

void TcpTransport::send(std::string_view message, const net::Address& to,
                        net::SendObserver* observer) {
  tap(WireTap::Direction::out, to, message);
  const bool admitted = admitted_ == to;
  const std::string_view domain = admitted ? std::string_view(admitted_domain_) : "";
  const auto connection = connection_to(to, domain);
  if (admitted) admitted_ = {};
  if (!connection) return tell(observer, connection.error());
  if ((*connection)->unsent() + message.size() > tcp_.max_unsent) {
    return tell(observer, base::Error{fmt::format("{} reads too slowly: {} octets wait for it",
                                                  to.str(), (*connection)->unsent())});
  }
  (*connection)->send(message, domain, observer);
}

// The one that stands, or a new one.
base::Result<TcpConnection*> TcpTransport::connection_to(const net::Address& to,
                                                         std::string_view domain) {
  if (const auto known = connections_.find(to); known != connections_.end()) {
    return known->second.get();
  }
  if (connections_.size() >= tcp_.max_connections) {
    return base::fail("{} {} connections are open, the limit", connections_.size(), protocol());
  }
  const auto name = tcp_.tls && domain.empty() ? to.ip() : std::string(domain);
  auto opening = std::make_unique<TcpConnection>(shard_, local_, to, tcp_, name,
                                                 static_cast<TcpConnectionOwner&>(*this));
  return connections_.emplace(to, std::move(opening)).first->second.get();
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
  if (connection.accepted()) {
    const auto same = accepted_.find(peer.with_port(0));
    if (--same->second == 0) accepted_.erase(same);
    // Nobody else would hear of it. Scanners make many.
    if (!connection.ready() && told_handshake_.due(shard_.now())) log::warning("{}", error.text);
  }
  for (auto* observer : connection.take_waiting()) tell(observer, error);
  ended_.push_back(std::move(known->second));
  connections_.erase(known);
  shard_.at_turn_end(*this, true);
  receiver_.on_connection_lost(*this, peer, error);
}

}  // namespace missive::sip
