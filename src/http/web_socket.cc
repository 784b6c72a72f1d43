#include "http/web_socket.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>

#include "base/log.h"
#include "base/text.h"

namespace missive::http {
namespace {

namespace websocket = beast::websocket;

constexpr std::size_t kept_capacity = 64 << 10;  // of the buffer of one that is quiet
constexpr base::Duration quiet_check = std::chrono::seconds{30};  // where there are no pings

// The socket without the type of its stream.
class WebSocketCore : public Closable {
 public:
  virtual void start(net::MessageSocketHandler& handler) = 0;
  virtual void send(std::string_view message) = 0;
  virtual std::size_t unsent() const = 0;
  virtual void close(websocket::close_code code, std::string_view reason) = 0;
  virtual const Upgrade& upgrade() const = 0;
};

// What the owner holds; the connection may live on a little to say goodbye.
class WebSocketHandle final : public net::MessageSocket {
 public:
  explicit WebSocketHandle(std::shared_ptr<WebSocketCore> core) : core_(std::move(core)) {}
  ~WebSocketHandle() override { core_->close(websocket::close_code::going_away, {}); }

  void start(net::MessageSocketHandler& handler) override { core_->start(handler); }
  void send(std::string_view message) override { core_->send(message); }
  std::size_t unsent() const override { return core_->unsent(); }
  void close(std::string_view reason) override {
    core_->close(websocket::close_code::normal, reason);
  }
  const net::Address& local() const override { return core_->upgrade().local; }
  const net::Address& peer() const override { return core_->upgrade().peer; }
  bool secure() const override { return core_->upgrade().request.secure; }

 private:
  const std::shared_ptr<WebSocketCore> core_;
};

template <class Stream>
class WebSocket final : public WebSocketCore,
                        public std::enable_shared_from_this<WebSocket<Stream>> {
 public:
  WebSocket(Upgrade upgrade, Stream stream)
      : upgrade_(std::move(upgrade)),
        host_(*upgrade_.host),
        stream_(std::move(stream)),
        upkeep_([this] { look_after(); }) {}

  void accept(BeastRequest handshake) {
    host_.add(this->shared_from_this());
    stream_.read_message_max(host_.options.max_message);
    stream_.auto_fragment(false);
    stream_.set_option(websocket::stream_base::decorator(
        [sub_protocol = std::string(chosen_sub_protocol(upgrade_.request, *upgrade_.route)),
         server = host_.configuration->server_name](websocket::response_type& response) {
          if (!sub_protocol.empty()) {
            response.set(beast::http::field::sec_websocket_protocol, sub_protocol);
          }
          if (!server.empty()) response.set(beast::http::field::server, server);
        }));
    stream_.control_callback(
        [this](websocket::frame_type type, beast::string_view) { on_control(type); });
    host_.shard.arm(upkeep_, host_.configuration->session_inactivity);
    auto& kept = handshake_.emplace(std::move(handshake));
    stream_.async_accept(kept, [self = self()](const ErrorCode& error) { self->accepted(error); });
  }

  void start(net::MessageSocketHandler& handler) override {
    handler_ = &handler;
    if (!ended_ && !closing_) read();
  }

  void send(std::string_view message) override {
    if (ended_ || closing_) return;
    if (unsent_ + message.size() > host_.options.max_unsent) return drop_slow_reader();
    unsent_ += message.size();
    waiting_.emplace_back(message);
    if (!writing_) write();
  }

  std::size_t unsent() const override { return unsent_; }

  // After what waits, at the latest when the close_timeout is up.
  void close(websocket::close_code code, std::string_view reason) override {
    handler_ = nullptr;
    if (ended_ || std::exchange(closing_, true)) return;
    close_reason_ =
        websocket::close_reason(code, {reason.data(), std::min(reason.size(), std::size_t{100})});
    host_.shard.arm(upkeep_, host_.options.close_timeout);
    if (!writing_) say_goodbye();
  }

  void shut_down() override {
    const auto keep = self();
    auto* const handler = handler_;
    close(websocket::close_code::going_away, "the server stops");
    if (handler != nullptr) handler->on_closed("the server stops");
  }

  const Upgrade& upgrade() const override { return upgrade_; }

 private:
  std::shared_ptr<WebSocket> self() { return this->shared_from_this(); }

  void accepted(const ErrorCode& error) {
    handshake_.reset();
    if (ended_) return;
    if (error) return end(error.message());
    open_ = true;
    heard_at_ = host_.shard.now();
    if (closing_) return say_goodbye();
    upkeep_.cancel();
    look_after();
    upgrade_.route->accepted(host_.shard, std::make_unique<WebSocketHandle>(self()),
                             upgrade_.request);
  }

  void read() {
    stream_.async_read(
        buffer_, [self = self()](const ErrorCode& error, std::size_t) { self->on_read(error); });
  }

  void on_control(websocket::frame_type type) {
    heard_at_ = host_.shard.now();
    // Beast answers it, and waits for the peer to close the connection.
    if (type == websocket::frame_type::close && !closing_) {
      host_.shard.arm(upkeep_, host_.options.close_timeout);
    }
  }

  void on_read(const ErrorCode& error) {
    if (ended_) return;
    if (error) return end(text_of_end(error));
    heard_at_ = host_.shard.now();
    if (handler_ != nullptr) {
      const auto data = buffer_.data();
      handler_->on_message({static_cast<char*>(data.data()), data.size()});
    }
    buffer_.clear();
    if (buffer_.capacity() > kept_capacity) buffer_.shrink_to_fit();
    // While closing, Beast waits for the peer's close frame itself.
    if (!ended_ && !closing_) read();
  }

  std::string text_of_end(const ErrorCode& error) const {
    if (error == websocket::error::closed) {
      const auto& said = stream_.reason();
      return fmt::format("closed by peer ({}{}{})", static_cast<unsigned>(said.code),
                         said.reason.empty() ? "" : " ", base::printable(said.reason.c_str(), 80));
    }
    if (error == asio::error::eof) return "closed by peer";
    if (error == websocket::error::message_too_big) {
      return fmt::format("a message is larger than {} octets", host_.options.max_message);
    }
    return error.message();
  }

  void write() {
    writing_ = true;
    const auto& message = waiting_.front();
    stream_.text(base::is_utf8(message));
    stream_.async_write(
        asio::buffer(message),
        [self = self()](const ErrorCode& error, std::size_t) { self->on_written(error); });
  }

  void on_written(const ErrorCode& error) {
    writing_ = false;
    if (ended_) return;
    unsent_ -= waiting_.front().size();
    waiting_.pop_front();
    if (error) return end(error.message());
    if (!waiting_.empty()) return write();
    if (closing_) say_goodbye();
  }

  void say_goodbye() {
    if (!open_ || std::exchange(goodbye_said_, true)) return;
    stream_.async_close(close_reason_, [self = self()](const ErrorCode&) { self->end("closed"); });
  }

  // Not from within send(): the owner is in the middle of something.
  void drop_slow_reader() {
    if (std::exchange(too_slow_, true)) return;
    host_.shard.post([self = self()] {
      self->end(fmt::format("reads too slowly: {} octets wait for it", self->unsent_));
    });
  }

  // The timer is not moved for every message: when it fires, it looks when the last one was.
  void look_after() {
    const auto keep = self();
    // Beast closes by itself after a frame that it refuses, and waits for the peer without end.
    if (closing_ || !stream_.is_open()) return end("did not close in time");
    const auto& options = host_.options;
    if (options.ping_interval <= base::Duration::zero()) {
      return host_.shard.arm(upkeep_, quiet_check);
    }
    const auto now = host_.shard.now();
    const auto ping_at = heard_at_ + options.ping_interval;
    const auto end_at = ping_at + options.pong_timeout;
    if (now >= end_at) return end("answers no pings");
    if (now >= ping_at) ping();
    host_.shard.timers().arm(upkeep_, now >= ping_at ? end_at : ping_at);
  }

  void ping() {
    if (std::exchange(pinging_, true)) return;  // the last one has not left
    stream_.async_ping({}, [self = self()](const ErrorCode&) { self->pinging_ = false; });
  }

  void end(std::string_view reason) {
    if (std::exchange(ended_, true)) return;
    const auto keep = self();
    upkeep_.cancel();
    ErrorCode ignored;
    beast::get_lowest_layer(stream_).close(ignored);
    auto* const handler = std::exchange(handler_, nullptr);
    host_.remove(*this);
    if (handler != nullptr) handler->on_closed(reason);
  }

  Upgrade upgrade_;
  Host& host_;
  websocket::stream<Stream, false> stream_;  // without permessage-deflate
  net::MessageSocketHandler* handler_ = nullptr;
  std::optional<BeastRequest> handshake_;
  beast::flat_buffer buffer_;
  std::deque<std::string> waiting_;  // the first one is being written
  std::size_t unsent_ = 0;
  net::CallbackTimer upkeep_;
  base::TimePoint heard_at_{};
  websocket::close_reason close_reason_;
  bool open_ = false;
  bool writing_ = false;
  bool pinging_ = false;
  bool closing_ = false;
  bool goodbye_said_ = false;
  bool too_slow_ = false;
  bool ended_ = false;
};

}  // namespace

void accept_web_socket(Upgrade upgrade, PlainStream stream, BeastRequest handshake) {
  std::make_shared<WebSocket<PlainStream>>(std::move(upgrade), std::move(stream))
      ->accept(std::move(handshake));
}

void accept_web_socket(Upgrade upgrade, SecureStream stream, BeastRequest handshake) {
  std::make_shared<WebSocket<SecureStream>>(std::move(upgrade), std::move(stream))
      ->accept(std::move(handshake));
}

}  // namespace missive::http
