// The stream with TLS in it, on real loopback sockets; both ends are streams of one shard, or one
// is a plain socket.
//
//  1. Both are told that the handshake is done, before anything else; octets both ways; IPv6.
//  2. What is sent before the handshake is done waits for it, in order.
//  3. Large transfers both ways at once, with small socket buffers, nothing lost or doubled.
//  4. Back-pressure: over the high water nothing is read; a handshake goes on all the same.
//  5. Paused reading, also from before the handshake: nothing is shown, then all of it.
//  6. close_after_flush() from on_data(): all is read by the peer, who sees an orderly end.
//  7. close_now() sends a close_notify, and nothing of what waits.
//  8. A peer that closes without a close_notify: its octets, then on_closed().
//  9. A certificate that is not good: both ends say why.
// 10. A client certificate is demanded and not shown.
// 11. Plain text, garbage and nothing at all instead of a handshake.
// 12. A client of TLS 1.1 gets an alert.
// 13. The peer goes in the middle of the handshake, at every octet of it; half-closed and reset.
// 14. A handshake that takes too long; close_after_flush() while it does; destroying it meanwhile.
// 15. The handler closes the stream when it hears of the handshake, and may destroy it.
// 16. A reload drops nothing.
// 17. Octets that were tampered with end it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/stream.h"
#include "unit/net/loop_helper.h"
#include "unit/net/test_certificates.h"

namespace missive::net {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Handler final : StreamHandler {
  void on_established() override {
    log.push_back("established");
    if (on_open) on_open();
  }
  std::size_t on_data(std::string_view data) override {
    if (received.empty()) log.push_back("data");
    received += data;
    if (on_input) on_input();
    return data.size();
  }
  void on_closed(std::string_view reason) override { log.emplace_back(reason); }

  std::vector<std::string> log;
  std::string received;
  std::function<void()> on_open;
  std::function<void()> on_input;
};

std::string pattern(std::size_t size) {
  std::string out;
  for (unsigned i = 0; out.size() < size; ++i) out += std::to_string(i) + ",";
  out.resize(size);
  return out;
}

class TlsStreamTest : public testing::Test {
 protected:
  std::shared_ptr<TlsContext> context(TlsOptions options) {
    auto out = TlsContext::create(std::move(options));
    EXPECT_TRUE(out) << out.error().text;
    return out.value_or(nullptr);
  }
  // Two connected sockets; the accepted one goes to the server's stream.
  PlainSocket connect(const char* ip = "127.0.0.1", int buffer = 0) {
    const auto listener = tcp_listener(ip);
    auto out = tcp_connect(address_of(listener.fd()));
    const int fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    EXPECT_GE(fd, 0);
    for (const int each : {out.fd(), fd}) {
      if (buffer == 0) break;
      ::setsockopt(each, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
      ::setsockopt(each, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    }
    server = Stream::adopt(shard, fd, address_of(out.fd()),
                           std::make_unique<TlsSession>(*server_context, TlsRole::server), 5s);
    server->start(at_server);
    return out;
  }
  void connect_client(const char* ip = "127.0.0.1", int buffer = 0) {
    auto plain = connect(ip, buffer);
    client = Stream::adopt(
        shard, plain.release(), server->local(),
        std::make_unique<TlsSession>(*client_context, TlsRole::client, "example.org"), 5s);
    client->start(at_client);
  }
  void forget() {
    at_server.log.clear();
    at_server.received.clear();
    at_client.log.clear();
    at_client.received.clear();
  }
  bool until(const std::function<bool()>& condition) { return run_until(shard, condition); }
  bool established() {
    return until([this] { return at_server.log.size() == 1 && at_client.log.size() == 1; });
  }
  bool server_closed() {
    return until([this] { return !server->is_open(); });
  }
  std::string failure() const { return "TLS handshake with " + server->peer().str() + " failed: "; }

  test::TestAuthority authority;
  const std::string good = authority.issue("good.pem", {"good", "DNS:example.org"});
  std::shared_ptr<TlsContext> server_context = context({.cert_file = good});
  std::shared_ptr<TlsContext> client_context =
      context({.ca_list_file = authority.ca(), .verify_server = true, .client_only = true});
  base::ManualClock clock;
  Shard shard{0, clock};
  Handler at_server, at_client;
  std::shared_ptr<Stream> server, client;
};

TEST_F(TlsStreamTest, BothWays) {  // 1
  for (const auto* ip : {"127.0.0.1", "::1"}) {
    forget();
    connect_client(ip);
    EXPECT_THAT(at_server.log, IsEmpty());
    ASSERT_TRUE(established());
    EXPECT_EQ(client->unsent(), 0u);
    client->send("question");
    ASSERT_TRUE(until([&] { return at_server.received == "question"; }));
    server->output() += "answer";
    server->flush_later();
    EXPECT_EQ(server->unsent(), 6u);
    ASSERT_TRUE(until([&] { return at_client.received == "answer"; }));
    EXPECT_EQ(server->unsent(), 0u);
    EXPECT_THAT(at_server.log, ElementsAre("established", "data"));
    EXPECT_THAT(at_client.log, ElementsAre("established", "data"));
    EXPECT_TRUE(client->tls()->good_for("example.org"));
    EXPECT_FALSE(shard.run_once());
  }
}

TEST_F(TlsStreamTest, WaitsForTheHandshake) {  // 2
  connect_client();
  client->send("one ");
  server->send("greeting");
  shard.run_once();
  client->send("two");
  ASSERT_TRUE(
      until([&] { return at_server.received == "one two" && at_client.received == "greeting"; }));
  EXPECT_THAT(at_server.log, ElementsAre("established", "data"));
  EXPECT_THAT(at_client.log, ElementsAre("established", "data"));
}

TEST_F(TlsStreamTest, LargeTransfers) {  // 3
  connect_client("127.0.0.1", 20000);
  client->set_high_water(8 << 20);
  server->set_high_water(8 << 20);
  const auto up = pattern(3 << 20), down = pattern(2 << 20);
  client->send(up);
  server->send(down);
  ASSERT_TRUE(until([&] {
    return at_server.received.size() >= up.size() && at_client.received.size() >= down.size();
  }));
  EXPECT_EQ(at_server.received, up);
  EXPECT_EQ(at_client.received, down);
  EXPECT_EQ(client->unsent() + server->unsent(), 0u);
  EXPECT_FALSE(shard.run_once());
}

TEST_F(TlsStreamTest, BackPressure) {  // 4
  connect_client("127.0.0.1", 20000);
  server->set_high_water(50000);
  server->send(pattern(1 << 20));  // more than that, before the handshake
  ASSERT_TRUE(established());
  client->pause_reading(true);
  run_idle(shard);
  EXPECT_GT(server->unsent(), 50000u);
  client->send("are you there");
  run_idle(shard);
  EXPECT_EQ(at_server.received, "");
  client->pause_reading(false);
  ASSERT_TRUE(until([&] { return at_client.received.size() == 1 << 20; }));
  EXPECT_EQ(at_client.received, pattern(1 << 20));
  EXPECT_TRUE(until([&] { return at_server.received == "are you there"; }));
}

TEST_F(TlsStreamTest, Paused) {  // 5
  connect_client();
  server->pause_reading(true);
  client->send("early");
  ASSERT_TRUE(established());
  run_idle(shard);
  client->send(" late");
  run_idle(shard);
  EXPECT_EQ(at_server.received, "");
  server->pause_reading(false);
  EXPECT_TRUE(until([&] { return at_server.received == "early late"; }));
}

TEST_F(TlsStreamTest, CloseAfterFlush) {  // 6
  connect_client("127.0.0.1", 20000);
  const auto large = pattern(1 << 20);
  at_server.on_input = [&] {
    server->send(large);
    server->close_after_flush();
    server->send("never");
  };
  client->send("question");
  ASSERT_TRUE(until([&] { return at_client.log.size() == 3; }));
  EXPECT_EQ(at_client.received, large);
  EXPECT_THAT(at_client.log, ElementsAre("established", "data", "closed by peer"));
  EXPECT_EQ(client->tls()->state(), TlsSession::State::closed) << "by a close_notify";
  EXPECT_TRUE(server_closed());
  EXPECT_THAT(at_server.log, ElementsAre("established", "data", "closed"));
}

TEST_F(TlsStreamTest, CloseNow) {  // 7
  connect_client();
  ASSERT_TRUE(established());
  server->close_now();
  ASSERT_TRUE(until([&] { return at_client.log.size() == 2; }));
  EXPECT_EQ(client->tls()->state(), TlsSession::State::closed);
  EXPECT_THAT(at_server.log, ElementsAre("established"));

  forget();
  connect_client();
  ASSERT_TRUE(established());
  server->send("never");
  server->close_now();
  ASSERT_TRUE(until([&] { return at_client.log.size() == 2; }));
  EXPECT_EQ(at_client.received, "");
  EXPECT_EQ(client->tls()->state(), TlsSession::State::open);
}

TEST_F(TlsStreamTest, EndWithoutNotice) {  // 8
  connect_client();
  ASSERT_TRUE(established());
  client->send("last words");
  shard.run_once();
  client->send("never");  // so that closing says nothing
  client->close_now();
  ASSERT_TRUE(server_closed());
  EXPECT_EQ(at_server.received, "last words");
  EXPECT_THAT(at_server.log, ElementsAre("established", "data", "closed by peer"));
}

TEST_F(TlsStreamTest, BadCertificate) {  // 9
  const test::TestAuthority stranger("stranger");
  const std::vector<std::pair<std::string, std::string>> bad{
      {stranger.issue("far.pem", {"far", "DNS:example.org"}),
       "the certificate of 'far' is not trusted: unable to get local issuer certificate"},
      {authority.issue("old.pem", {"old", "DNS:example.org", -7200, -3600}),
       "the certificate of 'old' is not trusted: certificate has expired"},
      {authority.issue("wrong.pem", {"wrong", "DNS:example.net"}),
       "its certificate is not for example.org but for example.net"},
      {authority.issue("wild.pem", {"wild", "DNS:*.org"}),
       "its certificate is not for example.org but for *.org"}};
  for (const auto& [file, why] : bad) {
    forget();
    server_context = context({.cert_file = file});
    connect_client();
    client->send("never");
    ASSERT_TRUE(until([&] { return !client->is_open() && !server->is_open(); })) << why;
    EXPECT_THAT(at_client.log,
                ElementsAre("TLS handshake with " + server->local().str() + " failed: " + why));
    EXPECT_EQ(at_server.received, "");
    EXPECT_FALSE(at_server.log.empty());
  }
}

TEST_F(TlsStreamTest, ClientCertificate) {  // 10
  server_context =
      context({.cert_file = good, .ca_list_file = authority.ca(), .require_client_cert = true});
  connect_client();
  client->send("never");
  ASSERT_TRUE(until([&] { return !client->is_open() && !server->is_open(); }));
  EXPECT_THAT(at_server.log,
              ElementsAre(failure() + "the peer shows no certificate, and require_client_cert is"
                                      " set"));
  EXPECT_EQ(at_server.received, "");
  // Its own half of the handshake was done (RFC 8446 section 4.4.2.4).
  EXPECT_THAT(at_client.log, ElementsAre("established", HasSubstr("the peer refuses: ")));

  forget();
  client_context = context({.cert_file = authority.issue("phone.pem", {"phone", "DNS:a.org"}),
                            .ca_list_file = authority.ca(),
                            .verify_server = true,
                            .client_only = true});
  connect_client();
  ASSERT_TRUE(established());
  EXPECT_TRUE(server->tls()->good_for("a.org"));
}

TEST_F(TlsStreamTest, NoTls) {  // 11
  for (const std::string text : {"MESSAGE sip:bob@example.org SIP/2.0\r\n\r\n", "\r\n\r\n\r\n\r\n",
                                 "\x80\x80\x01\x03\x01", "GET / HTTP/1.1\r\n\r\n"}) {
    forget();
    const auto peer = connect();
    peer.send(text + std::string(200, 'x'));
    ASSERT_TRUE(server_closed());
    EXPECT_THAT(at_server.log, ElementsAre(StartsWith(failure())));
  }
  EXPECT_THAT(at_server.log, ElementsAre(HasSubstr("what the peer sends is no TLS")));
}

TEST_F(TlsStreamTest, Tls11) {  // 12
  const auto old = context({.method = "tlsv1_1", .client_only = true});
  SSL_CTX_set_max_proto_version(old->snapshot()->native.get(), TLS1_1_VERSION);
  TlsSession session(*old, TlsRole::client, "example.org");
  session.begin();
  const auto peer = connect();
  peer.send(session.wire());
  ASSERT_TRUE(server_closed());
  EXPECT_THAT(at_server.log,
              ElementsAre(failure() + "the peer speaks no version of TLS that is allowed here"));
  const auto alert = peer.read_now();
  session.take(alert);
  char none = 0;
  session.read(&none, 1);
  EXPECT_EQ(session.error(), "the peer refuses: protocol version");
  EXPECT_TRUE(peer.at_end());
}

TEST_F(TlsStreamTest, GoesInTheHandshake) {  // 13
  TlsSession session(*client_context, TlsRole::client, "example.org");
  session.begin();
  const auto hello = session.wire();
  for (std::size_t size = 0; size <= hello.size(); ++size) {
    forget();
    auto peer = connect();
    if (size > 0) peer.send(std::string_view(hello).substr(0, size));
    if (size % 2 == 0) {
      ::shutdown(peer.fd(), SHUT_WR);
    } else {
      peer.close();
    }
    ASSERT_TRUE(server_closed()) << size;
    ASSERT_EQ(at_server.log.size(), 1u);
    EXPECT_THAT(at_server.log[0], StartsWith(failure())) << size;
  }
  forget();
  auto peer = connect();
  peer.send(hello);
  run_idle(shard);
  const linger hard{1, 0};
  ::setsockopt(peer.fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  peer.close();
  ASSERT_TRUE(server_closed());
  EXPECT_THAT(at_server.log, ElementsAre(failure() + "Connection reset by peer"));
}

TEST_F(TlsStreamTest, TakesTooLong) {  // 14
  auto peer = connect();
  server->send("never");
  run_idle(shard);
  clock.advance(4900ms);
  run_idle(shard);
  EXPECT_THAT(at_server.log, IsEmpty());
  clock.advance(110ms);
  run_idle(shard);
  EXPECT_THAT(at_server.log, ElementsAre(failure() + "timed out"));
  EXPECT_TRUE(peer.at_end());

  forget();
  const auto second = connect();
  server->send("never");
  server->close_after_flush(1s);
  clock.advance(1010ms);
  run_idle(shard);
  EXPECT_THAT(at_server.log, ElementsAre("closed"));
  EXPECT_FALSE(server->is_open());

  // One that is done in time gets what waited.
  forget();
  connect_client();
  server->send("goodbye");
  server->close_after_flush(1s);
  ASSERT_TRUE(until([&] { return at_client.log.size() == 3; }));
  EXPECT_EQ(at_client.received, "goodbye");
  EXPECT_THAT(at_client.log, ElementsAre("established", "data", "closed by peer"));

  forget();
  const auto third = connect();
  server.reset();
  run_idle(shard);
  clock.advance(10s);
  run_idle(shard);
  EXPECT_THAT(at_server.log, IsEmpty());
  EXPECT_TRUE(third.at_end());
}

TEST_F(TlsStreamTest, ClosedOnEstablished) {  // 15
  connect_client();
  client->send("never seen");
  at_server.on_open = [this] { server->close_now(); };
  ASSERT_TRUE(server_closed());
  EXPECT_THAT(at_server.log, ElementsAre("established"));
  forget();
  connect_client();
  client->send("never seen");
  at_server.on_open = [this] {
    server->close_now();
    server.reset();
  };
  ASSERT_TRUE(until([&] { return !client->is_open(); }));
  EXPECT_THAT(at_server.log, ElementsAre("established"));
  EXPECT_EQ(at_server.received, "");
}

TEST_F(TlsStreamTest, Reload) {  // 16
  connect_client();
  ASSERT_TRUE(established());
  authority.issue("good.pem", {"new", "DNS:example.net"});
  ASSERT_TRUE(server_context->reload());
  client->send("still here");
  EXPECT_TRUE(until([&] { return at_server.received == "still here"; }));
  auto old_client = std::move(client);
  auto old_server = std::move(server);
  Handler fresh;
  auto plain = connect();
  client =
      Stream::adopt(shard, plain.release(), server->local(),
                    std::make_unique<TlsSession>(*client_context, TlsRole::client, "example.net"));
  client->start(fresh);
  EXPECT_TRUE(until([&] { return !fresh.log.empty(); }));
  EXPECT_THAT(fresh.log, ElementsAre("established"));
  EXPECT_TRUE(old_client->is_open() && old_server->is_open());
}

TEST_F(TlsStreamTest, Tampered) {  // 17
  auto peer = connect();
  TlsSession session(*client_context, TlsRole::client, "example.org");
  session.begin();
  ASSERT_TRUE(until([&] {
    if (!session.wire().empty()) peer.send(std::exchange(session.wire(), {}));
    const auto came = peer.read_now();
    session.take(came);
    char none = 0;
    session.read(&none, 1);
    return session.state() == TlsSession::State::open && session.wire().empty() &&
           !at_server.log.empty();
  }));
  session.write("hello");
  session.wire().back() ^= 1;
  peer.send(session.wire());
  ASSERT_TRUE(server_closed());
  EXPECT_THAT(at_server.log,
              ElementsAre("established", "TLS error: decryption failed or bad record mac"));
}

}  // namespace
}  // namespace missive::net
