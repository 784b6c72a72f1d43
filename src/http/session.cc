#include "http/session.h"

#include <netinet/tcp.h>
#include <unistd.h>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include "base/log.h"
#include "base/text.h"
#include "http/message_text.h"
#include "http/pages.h"
#include "http/web_socket.h"

namespace missive::http {
namespace {

constexpr std::size_t read_size = 4096;
constexpr base::Duration linger_time = std::chrono::seconds{2};

template <class Stream>
class Session final : public Answerable,
                      public Closable,
                      public std::enable_shared_from_this<Session<Stream>> {
 public:
  Session(std::shared_ptr<Host> host, Stream stream, const net::Address& peer, Seat seat)
      : host_(std::move(host)),
        stream_(std::move(stream)),
        seat_(std::move(seat)),
        peer_(peer),
        buffer_(host_->options.max_header + read_size),
        deadline_([this] { on_deadline(); }) {}

  void start() {
    host_->add(this->shared_from_this());
    socklen_t size = net::Address::capacity();
    ::getsockname(socket().native_handle(), local_.data(), &size);
    if constexpr (is_secure<Stream>) {
      arm(host_->configuration->session_inactivity);
      stream_.async_handshake(SecureStream::server, [self = self()](const ErrorCode& error) {
        if (error) return self->end();
        self->next_request();
      });
    } else {
      next_request();
    }
  }

  void answer(Response response) override {
    if (state_ != State::handling) return;
    write(response);
  }

  void shut_down() override {
    stopping_ = true;
    if (state_ != State::handling && state_ != State::writing) end();
  }

 private:
  enum class State { idle, reading, handling, writing, closing, ended };

  std::shared_ptr<Session> self() { return this->shared_from_this(); }
  auto& socket() { return beast::get_lowest_layer(stream_); }

  void arm(base::Duration after) { host_->shard.arm(deadline_, after); }

  // Keep-alive: waits for the first octet of a request, unless it is here already.
  void next_request() {
    if (stopping_) return end();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(host_->options.max_header));
    parser_->body_limit(host_->options.max_body);
    if (buffer_.size() > 0) return read_header();
    state_ = State::idle;
    const auto& configuration = *host_->configuration;
    arm(served_ ? configuration.session_keep_alive : configuration.session_inactivity);
    stream_.async_read_some(buffer_.prepare(read_size),
                            [self = self()](const ErrorCode& error, std::size_t octets) {
                              if (self->state_ == State::ended) return;
                              if (error) return self->finish();
                              self->buffer_.commit(octets);
                              self->read_header();
                            });
  }

  // The whole request has to be here within session_inactivity of its first octet.
  void read_header() {
    state_ = State::reading;
    arm(host_->configuration->session_inactivity);
    under_way_ = true;
    beast::http::async_read_header(stream_, buffer_, *parser_,
                                   [self = self()](const ErrorCode& error, std::size_t) {
                                     self->under_way_ = false;
                                     if (self->state_ != State::reading) return;
                                     if (error) return self->on_bad_request(error);
                                     self->read_body();
                                   });
  }

  void read_body() {
    if (parser_->is_done()) return handle();
    const auto expect = view_of(parser_->get()[beast::http::field::expect]);
    if (!base::iequals(expect, "100-continue") || buffer_.size() > 0) return read_rest();
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(out_),
                      [self = self()](const ErrorCode& error, std::size_t) {
                        if (self->state_ != State::reading) return;
                        if (error) return self->end();
                        self->read_rest();
                      });
  }

  void read_rest() {
    under_way_ = true;
    beast::http::async_read(stream_, buffer_, *parser_,
                            [self = self()](const ErrorCode& error, std::size_t) {
                              self->under_way_ = false;
                              if (self->state_ != State::reading) return;
                              if (error) return self->on_bad_request(error);
                              self->handle();
                            });
  }

  void on_bad_request(const ErrorCode& error) {
    keep_alive_ = false;
    if (const auto refusal = refusal_of(error)) return write(*refusal);
    end();  // it went away in the middle
  }

  void handle() {
    state_ = State::handling;
    deadline_.cancel();
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive() && host_->configuration->session_keep_alive.count() > 0;
    head_only_ = message.method() == beast::http::verb::head;
    version_ = message.version();
    auto request = request_from(message);
    if (!request) return write(Response::error(400, request.error().text));
    request->peer = peer_;
    request->local = local_;
    request->secure = is_secure<Stream>;
    if (const auto page = page_of(*host_, request->method, request->path)) return write(*page);
    const auto& prefix = host_->configuration->prefix;
    const bool under = request->path.starts_with(prefix);
    const auto found =
        under ? host_->routes->find(request->path.substr(prefix.size())) : Routes::Found{};
    if (under) request->path.erase(0, prefix.size());
    if (const auto* const* route = std::get_if<const Route*>(&found)) {
      return serve(**route, std::move(*request));
    }
    if (const auto* const* route = std::get_if<const WebSocketRoute*>(&found)) {
      return upgrade(**route, std::move(*request));
    }
    write(Response::error(404, "there is nothing at this path"));
  }

  void serve(const Route& route, Request request) {
    const std::string_view method = head_only_ ? std::string_view("GET") : request.method;
    if (std::find(route.methods.begin(), route.methods.end(), method) == route.methods.end()) {
      auto refusal = Response::error(405, "this path does not take that method");
      refusal.fields.push_back({"Allow", fmt::format("{}", fmt::join(route.methods, ", "))});
      return write(refusal);
    }
    route.handle(host_->shard, std::move(request), Responder(this->weak_from_this()));
  }

  void upgrade(const WebSocketRoute& route, Request request) {
    auto refusal = refusal_of_upgrade(request, route);
    if (!refusal && buffer_.size() > 0) {
      refusal = Response::error(400, "frames were sent before the WebSocket was accepted");
    }
    if (!refusal && route.refuse) refusal = route.refuse(host_->shard, request);
    if (!refusal && stopping_) refusal = Response::error(503, "the server stops");
    if (!refusal && !seat_.upgrade(host_->options.max_web_sockets)) {
      log::warning("refused a WebSocket from {}: {} are open", peer_.str(),
                   host_->counters->web_sockets());
      refusal = Response::error(503, "there are too many WebSockets");
    }
    if (refusal) {
      keep_alive_ = false;
      return write(*refusal);
    }
    const auto keep = self();  // what ends() would let go
    host_->remove(*this);
    state_ = State::ended;
    accept_web_socket({host_, std::move(seat_), std::move(request), &route, local_, peer_},
                      std::move(stream_), parser_->release());
  }

  void write(const Response& response) {
    state_ = State::writing;
    if (response.close || stopping_) keep_alive_ = false;
    out_ = text_of(response, {.version = version_,
                              .keep_alive = keep_alive_,
                              .head_only = head_only_,
                              .server = host_->configuration->server_name,
                              .date = http_date(host_->shard.clock().wall())});
    arm(host_->configuration->session_inactivity);
    asio::async_write(stream_, asio::buffer(out_),
                      [self = self()](const ErrorCode& error, std::size_t) {
                        if (self->state_ != State::writing) return;
                        self->served_ = true;
                        if (error) return self->end();
                        if (!self->keep_alive_) return self->finish();
                        self->next_request();
                      });
  }

  // Closes so that the answer is not lost: what the peer still sends is read and dropped.
  void finish() {
    state_ = State::closing;
    arm(linger_time);
    if constexpr (is_secure<Stream>) {
      stream_.async_shutdown([self = self()](const ErrorCode&) { self->end(); });
    } else {
      ErrorCode ignored;
      socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
      if (!under_way_) drop_some();
    }
  }

  void drop_some() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(read_size),
                            [self = self()](const ErrorCode& error, std::size_t) {
                              if (self->state_ != State::closing) return;
                              if (error) return self->end();
                              self->drop_some();
                            });
  }

  void on_deadline() {
    const auto keep = self();
    if (state_ == State::reading) {
      keep_alive_ = false;
      // What reads the request goes on, and finds another state when it is done.
      return write(Response::error(408, "the request took too long to arrive"));
    }
    end();
  }

  void end() {
    if (state_ == State::ended) return;
    const auto keep = self();
    state_ = State::ended;
    deadline_.cancel();
    ErrorCode ignored;
    socket().close(ignored);
    host_->remove(*this);
  }

  const std::shared_ptr<Host> host_;
  Stream stream_;
  Seat seat_;
  const net::Address peer_;
  net::Address local_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  net::CallbackTimer deadline_;
  std::string out_;
  State state_ = State::idle;
  unsigned version_ = 11;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool served_ = false;     // a request at least
  bool under_way_ = false;  // Beast reads into buffer_
  bool stopping_ = false;   // with the answer that is under way
};

}  // namespace

void start_session(std::shared_ptr<Host> host, int fd, const net::Address& peer, bool secure,
                   Seat seat) {
  PlainStream stream(host->shard.loop());
  ErrorCode error;
  stream.assign(peer.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), fd, error);
  if (error) {
    ::close(fd);
    return;
  }
  stream.set_option(asio::ip::tcp::no_delay(true), error);
  if (!secure) {
    std::make_shared<Session<PlainStream>>(std::move(host), std::move(stream), peer,
                                           std::move(seat))
        ->start();
    return;
  }
  // A context of Asio's frees what it is given.
  ::SSL_CTX_up_ref(host->tls->handle());
  asio::ssl::context context(host->tls->handle());
  SecureStream secure_stream(std::move(stream), context);
  std::make_shared<Session<SecureStream>>(std::move(host), std::move(secure_stream), peer,
                                          std::move(seat))
      ->start();
}

}  // namespace missive::http
