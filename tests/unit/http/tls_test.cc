// HTTPS and secure WebSockets on real loopback sockets, with OpenSSL as the client.
//
//  1. A request over TLS says so to its handler; the connection is kept; HTTP goes on beside it.
//  2. A WebSocket over TLS carries messages both ways and closes in good order.
//  3. Plain text on the TLS port, and a client that says nothing, end without an answer.
//  4. A reload shows the new certificate to new connections; those that stand go on.
//  5. A reload with a file that cannot be used is refused, and what was in force stays.
//  6. TlsContext names the file and what is wrong: missing, no PEM, another's key, a bad cipher.
//  7. A disabled version is not spoken.
#include <openssl/ssl.h>

#include "http/tls_context.h"
#include "unit/http/frames.h"
#include "unit/http/lab.h"
#include "unit/net/test_certificates.h"

namespace missive::http {
namespace {

using test::masked;
using test::take_frame;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A TLS client on a socket that does not wait; the shard runs while it has to.
class TlsClient {
 public:
  TlsClient(net::Shard& shard, PlainSocket socket, int highest = 0)
      : shard_(shard), socket_(std::move(socket)), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_max_proto_version(context_, highest);
    ssl_ = SSL_new(context_);
    const timeval brief{.tv_sec = 0, .tv_usec = 1000};
    ::setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof brief);
    SSL_set_fd(ssl_, socket_.fd());
    connected_ = run([this] { return SSL_connect(ssl_); });
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view octets) {
    return run([&] { return SSL_write(ssl_, octets.data(), static_cast<int>(octets.size())); });
  }
  // What comes until `done` says that it is enough, or the end.
  template <class Done>
  std::string read(Done done) {
    std::string out;
    char piece[4096];
    int got = 0;
    while (!done(out) && run([&] { return got = SSL_read(ssl_, piece, sizeof piece); })) {
      out.append(piece, static_cast<std::size_t>(got));
    }
    return out;
  }
  std::string answer() {
    return read([](const std::string& text) {
      const auto end = text.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      const auto length = field_of(text, "Content-Length");
      return text.size() >= end + 4 + (length.empty() ? 0 : std::stoul(length));
    });
  }
  std::string common_name() const {
    char name[100] = "";
    X509* const certificate = SSL_get1_peer_certificate(ssl_);
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    X509_free(certificate);
    return name;
  }

 private:
  template <class Step>
  bool run(Step step) {
    bool fine = false;
    net::run_until(shard_, [&] {
      const int result = step();
      if (result > 0) return fine = true;
      const int why = SSL_get_error(ssl_, result);
      return why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
    });
    return fine;
  }

  net::Shard& shard_;
  PlainSocket socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

constexpr std::string_view get_x = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

class TlsTest : public ServerLab {
 protected:
  TlsTest() {
    certificate = authority.issue("server.pem", {.common_name = "first"});
    add("/x", [](const Request& request, Responder responder) {
      Response out;
      out.body = request.secure ? "secure" : "plain";
      responder.answer(std::move(out));
    });
  }
  Configuration secure() const {
    auto out = plain();
    out.tls_bind = *net::Address::from_ip("127.0.0.1", 0);
    out.tls.certificate_file = certificate;
    return out;
  }
  std::unique_ptr<TlsClient> client(int highest = 0) {
    return std::make_unique<TlsClient>(shard, net::tcp_connect(server->tls_local()), highest);
  }

  missive::test::TestAuthority authority;
  std::string certificate;
};

TEST_F(TlsTest, Requests) {  // 1
  open(secure());
  const auto over_tls = client();
  ASSERT_TRUE(over_tls->connected());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(over_tls->send(get_x));
    EXPECT_EQ(body_of(over_tls->answer()), "secure");
  }
  EXPECT_EQ(body_of(ask(connect(), get_x)), "plain");
  ASSERT_TRUE(over_tls->send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(body_of(over_tls->answer()), "secure");
  EXPECT_EQ(over_tls->answer(), "") << "the connection has ended";
}

struct Owner final : net::MessageSocketHandler {
  void on_message(std::span<char> message) override {
    messages.emplace_back(message.data(), message.size());
  }
  void on_closed(std::string_view reason) override { closed.emplace_back(reason); }
  std::unique_ptr<net::MessageSocket> socket;
  std::vector<std::string> messages;
  std::vector<std::string> closed;
};

TEST_F(TlsTest, WebSocket) {  // 2
  Owner owner;
  WebSocketRoute route;
  route.path = "/ws";
  route.accepted = [&owner](net::Shard&, std::unique_ptr<net::MessageSocket> socket,
                            const Request&) {
    owner.socket = std::move(socket);
    owner.socket->start(owner);
  };
  routes.add(std::move(route));
  open(secure());
  const auto over_tls = client();
  ASSERT_TRUE(over_tls->send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
  EXPECT_THAT(over_tls->answer(), StartsWith("HTTP/1.1 101 "));
  const std::string large(100'000, 'x');
  ASSERT_TRUE(over_tls->send(masked(test::text, "hello") + masked(test::text, large)));
  ASSERT_TRUE(until([&] { return owner.messages.size() == 2; }));
  EXPECT_THAT(owner.messages, ElementsAre("hello", large));
  EXPECT_TRUE(owner.socket->secure());
  owner.socket->send(large);
  std::string received;
  const auto next = [&] {
    std::optional<test::Frame> out;
    over_tls->read([&](const std::string& text) {
      auto all = received + text;
      out = take_frame(all);
      if (out) received = all;
      return out.has_value();
    });
    return out.value_or(test::Frame{0, true, {}});
  };
  EXPECT_EQ(next().payload, large);
  ASSERT_TRUE(over_tls->send(masked(test::close, "\x03\xE8")));
  EXPECT_EQ(test::close_code(next()), 1000u);
  EXPECT_EQ(over_tls->answer(), "");
}

TEST_F(TlsTest, NoTls) {  // 3
  open(secure());
  const auto confused = net::tcp_connect(server->tls_local());
  confused.send(get_x);
  EXPECT_TRUE(closed(confused));
  const auto silent = net::tcp_connect(server->tls_local());
  ASSERT_TRUE(until([&] { return server->sessions() == 1; }));
  advance(31s);
  EXPECT_TRUE(closed(silent));
  EXPECT_TRUE(until([&] { return server->sessions() == 0; }));
}

TEST_F(TlsTest, Reload) {  // 4, 5
  open(secure());
  const auto before = client();
  EXPECT_EQ(before->common_name(), "first");
  authority.issue("server.pem", {.common_name = "second"});
  ASSERT_TRUE(server->reload(std::make_shared<const Configuration>(secure())));
  net::run_idle(shard);
  EXPECT_EQ(client()->common_name(), "second");
  ASSERT_TRUE(before->send(get_x));
  EXPECT_EQ(body_of(before->answer()), "secure");
  authority.write_text("server.pem", "garbage");
  const auto refused = server->reload(std::make_shared<const Configuration>(secure()));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr(certificate + " holds no certificate"));
  net::run_idle(shard);
  EXPECT_EQ(client()->common_name(), "second");
}

TEST_F(TlsTest, Files) {  // 6
  const auto error_of = [](const TlsSettings& settings) {
    const auto loaded = TlsContext::load(settings);
    return loaded ? std::string("none") : loaded.error().text;
  };
  const auto other = authority.issue("other.pem", {});
  const auto garbage = authority.write_text("garbage.pem", "garbage");
  EXPECT_EQ(error_of({.certificate_file = certificate}), "none");
  EXPECT_EQ(error_of({.certificate_file = certificate, .private_key_file = certificate}), "none");
  EXPECT_THAT(error_of({.certificate_file = authority.path("absent.pem")}),
              AllOf(HasSubstr("absent.pem cannot be read"), HasSubstr("permissions")));
  EXPECT_THAT(error_of({.certificate_file = garbage}),
              HasSubstr("garbage.pem holds no certificate"));
  EXPECT_THAT(error_of({.certificate_file = certificate, .private_key_file = garbage}),
              HasSubstr("garbage.pem holds no private key"));
  EXPECT_THAT(error_of({.certificate_file = certificate, .private_key_file = other}),
              HasSubstr("other.pem"));
  EXPECT_THAT(error_of({.certificate_file = certificate, .cipher = "NONSENSE"}),
              HasSubstr("'NONSENSE' names no cipher"));
}

TEST_F(TlsTest, Versions) {  // 7
  auto configuration = secure();
  configuration.tls.disable_v12 = true;
  open(configuration);
  EXPECT_FALSE(client(TLS1_2_VERSION)->connected());
  EXPECT_TRUE(client()->connected());
}

}  // namespace
}  // namespace missive::http
