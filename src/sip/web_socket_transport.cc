#include "sip/web_socket_transport.h"

namespace missive::sip {

class WebSocketTransport::Connection final : private net::MessageSocketHandler {
 public:
  Connection(WebSocketTransport& owner, std::unique_ptr<net::MessageSocket> socket)
      : owner_(owner), socket_(std::move(socket)), peer_(socket_->peer()) {}

  void start() { socket_->start(*this); }
  void close(std::string_view reason) { socket_->close(reason); }
  void send(std::string_view message) { socket_->send(message); }
  std::size_t unsent() const { return socket_->unsent(); }
  const net::Address& peer() const { return peer_; }

 private:
  void on_message(std::span<char> message) override { owner_.on_message(*this, message); }
  void on_closed(std::string_view reason) override {
    owner_.on_closed(*this, {std::string(reason)});
  }

  WebSocketTransport& owner_;
  const std::unique_ptr<net::MessageSocket> socket_;
  const net::Address peer_;
};

WebSocketTransport::WebSocketTransport(net::Shard& shard, const net::Address& local,
                                       TransportOptions options, const WebSocketOptions& sockets,
                                       MessageReceiver& receiver)
    : Transport(std::move(options)),
      shard_(shard),
      local_(local),
      sockets_(sockets),
      receiver_(receiver) {}

WebSocketTransport::~WebSocketTransport() { shard_.forget(*this); }

void WebSocketTransport::adopt(std::unique_ptr<net::MessageSocket> socket) {
  const auto peer = socket->peer();
  if (const auto known = connections_.find(peer); known != connections_.end()) {
    known->second->close("replaced");
    on_closed(*known->second, {"replaced by a new connection from the same address"});
  }
  auto& connection = connections_[peer];
  connection = std::make_unique<Connection>(*this, std::move(socket));
  connection->start();
}

void WebSocketTransport::send(std::string_view message, const net::Address& to,
                              net::SendObserver* observer) {
  tap(WireTap::Direction::out, to, message);
  const auto known = connections_.find(to);
  if (known == connections_.end()) {
    return tell(observer,
                base::Error{fmt::format(
                    "there is no WebSocket connection to {}; a WebSocket phone is reached "
                    "only by the connection it opened",
                    to.str())});
  }
  auto& connection = *known->second;
  if (connection.unsent() + message.size() > sockets_.max_unsent) {
    return tell(observer, base::Error{fmt::format("{} reads too slowly: {} octets wait for it",
                                                  to.str(), connection.unsent())});
  }
  connection.send(message);
  tell(observer, std::nullopt);
}

void WebSocketTransport::forget(net::SendObserver& observer) {
  for (auto& told : told_) {
    if (told.observer == &observer) told.observer = nullptr;
  }
}

void WebSocketTransport::tell(net::SendObserver* observer, std::optional<base::Error> error) {
  if (observer == nullptr) return;
  told_.push_back({observer, std::move(error)});
  shard_.at_turn_end(*this, true);
}

void WebSocketTransport::on_turn_end() {
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

void WebSocketTransport::on_message(Connection& connection, std::span<char> message) {
  const std::string_view text(message.data(), message.size());
  if (text.find_first_not_of("\r\n") == std::string_view::npos) {
    if (text.starts_with("\r\n\r\n")) connection.send("\r\n");
    return;
  }
  tap(WireTap::Direction::in, connection.peer(), text);
  receiver_.on_message(*this, message, connection.peer());
}

void WebSocketTransport::on_closed(Connection& connection, const base::Error& error) {
  const auto peer = connection.peer();
  const auto known = connections_.find(peer);
  if (known == connections_.end() || known->second.get() != &connection) return;
  ended_.push_back(std::move(known->second));
  connections_.erase(known);
  shard_.at_turn_end(*this, true);
  receiver_.on_connection_lost(*this, peer, error);
}

}  // namespace missive::sip
