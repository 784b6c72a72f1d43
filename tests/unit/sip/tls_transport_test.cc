// SIP over TLS on real loopback sockets; both ends are transports of one shard.
//
//  1. A message waits for the connection and its handshake, another follows; both are told; the
//     answer comes back by the same connection. IPv6 too.
//  2. admit(): the domain is asked for by name, and the certificate is for it.
//  3. The wrong name, an expired certificate: each message that waits is told why, and the
//  receiver.
//  4. A connection that stands is used for another domain only when the certificate is for it, too.
//  5. ... also when what is for another domain waits for the same handshake.
//  6. A connection that the peer opened: answers and the domain "" go down it; a domain only
//     with a certificate for it.
//  7. Without verify_server nothing is asked.
//  8. Without admit() a connection is for the address.
//  9. A refused connection, a peer that does not shake hands in time, a peer without TLS.
// 10. A peer that speaks no TLS, or shows no certificate, is dropped; there is one line about it.
// 11. Reload: new connections see the new certificate, old ones go on.
// 12. A connection that was lost is opened anew, for the domain of the next admit().
// 13. Keep-alives, and being idle, as without TLS.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "sip/tcp_transport.h"
#include "unit/net/loop_helper.h"
#include "unit/net/test_certificates.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using namespace std::chrono_literals;
using net::PlainSocket;
using test::message_request;
using test::ok_response;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Receiver final : MessageReceiver {
  void on_message(Transport& transport, std::span<char> message,
                  const net::Address& from) override {
    messages.emplace_back(message.data(), message.size());
    last_from = from;
    if (answers) transport.send(ok_response, from, nullptr);
  }
  void on_connection_lost(Transport&, const net::Address&, const base::Error& error) override {
    lost.push_back(error.text);
  }

  std::vector<std::string> messages;
  std::vector<std::string> lost;
  net::Address last_from;
  bool answers = false;
};

struct Observer final : net::SendObserver {
  void on_sent() override { log.push_back("sent"); }
  void on_send_failed(const base::Error& error) override { log.push_back(error.text); }
  std::vector<std::string> log;
};

class TlsTransportTest : public testing::Test {
 protected:
  // One side: a transport with a listener of the test's own.
  struct Side {
    Receiver receiver;
    std::shared_ptr<net::TlsContext> tls;
    std::unique_ptr<TcpTransport> transport;
  };

  void SetUp() override { make(here, {.cert_file = own, .verify_server = true}); }
  void TearDown() override { spdlog::set_level(spdlog::level::info); }

  void make(Side& side, net::TlsOptions options, TcpOptions tcp = {}) {
    options.ca_list_file = authority.ca();
    auto tls = net::TlsContext::create(options);
    ASSERT_TRUE(tls) << tls.error().text;
    tcp.tls = side.tls = *tls;
    side.transport =
        std::make_unique<TcpTransport>(shard, *net::Address::from_ip("127.0.0.1", 0),
                                       TransportOptions{.id = "tls"}, tcp, side.receiver);
  }
  // The other side has a certificate for these names and answers.
  void serve(const std::string& names, net::TlsOptions options = {}, TcpOptions tcp = {}) {
    options.cert_file = authority.issue("there.pem", {"there", names});
    make(there, options, std::move(tcp));
    there.receiver.answers = true;
  }
  net::Address address() const { return net::address_of(listener->fd()); }
  // Turns, and takes in who knocks, until the condition holds.
  template <class Condition>
  bool until(Condition condition) {
    return net::run_until(shard, [&] {
      take_in();
      return condition();
    });
  }
  void take_in() {
    net::Address peer;
    socklen_t size = net::Address::capacity();
    const int fd = ::accept4(listener->fd(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    client_address = peer;
    if (there.transport) there.transport->adopt(fd, peer);
  }
  void listen(const char* ip) {
    listener.emplace(net::tcp_listener(ip));
    ::fcntl(listener->fd(), F_SETFL, O_NONBLOCK);
  }
  std::string admitted(std::string_view domain) {
    const auto may = here.transport->admit(address(), domain);
    return may ? "" : may.error().text;
  }
  // What becomes of a message for that domain.
  std::string sent_to(std::string_view domain) {
    if (const auto why = admitted(domain); !why.empty()) return why;
    Observer observer;
    here.transport->send(message_request, address(), &observer);
    EXPECT_TRUE(until([&] { return !observer.log.empty(); }));
    return observer.log.empty() ? "nothing" : observer.log[0];
  }
  std::string failure() const { return "TLS handshake with " + address().str() + " failed: "; }

  missive::test::TestAuthority authority;
  const std::string own = authority.issue("own.pem", {"own", "DNS:here.example.org"});
  base::ManualClock clock;
  net::Shard shard{0, clock};
  std::optional<PlainSocket> listener;
  net::Address client_address;
  Side here, there;

  TlsTransportTest() { listen("127.0.0.1"); }
};

TEST_F(TlsTransportTest, WaitsAndIsAnswered) {  // 1
  serve("DNS:example.org");
  EXPECT_EQ(here.transport->protocol(), "TLS");
  EXPECT_TRUE(here.transport->reliable());
  for (const auto* ip : {"127.0.0.1", "::1"}) {
    listen(ip);
    Observer first, second;
    here.receiver.messages.clear();
    there.receiver.messages.clear();
    EXPECT_EQ(admitted("example.org"), "");
    here.transport->send(message_request, address(), &first);
    EXPECT_EQ(admitted("example.org"), "");
    here.transport->send(message_request, address(), &second);
    EXPECT_THAT(first.log, IsEmpty());
    ASSERT_TRUE(until([&] { return here.receiver.messages.size() == 2; })) << ip;
    EXPECT_THAT(first.log, ElementsAre("sent"));
    EXPECT_THAT(second.log, ElementsAre("sent"));
    EXPECT_THAT(there.receiver.messages, ElementsAre(message_request, message_request));
    EXPECT_THAT(here.receiver.messages, ElementsAre(ok_response, ok_response));
    EXPECT_EQ(here.receiver.last_from, address());
  }
  EXPECT_EQ(here.transport->connections(), 2u);
  EXPECT_EQ(there.transport->connections(), 2u);
}

TEST_F(TlsTransportTest, Admitted) {  // 2
  serve("URI:sip:example.org");
  EXPECT_EQ(sent_to("Example.ORG"), "sent");
  serve("IP:127.0.0.1");
  listen("127.0.0.1");
  EXPECT_EQ(sent_to("127.0.0.1"), "sent");
}

TEST_F(TlsTransportTest, NotAdmitted) {  // 3
  serve("DNS:example.net");
  Observer first, second;
  ASSERT_EQ(admitted("example.org"), "");
  here.transport->send(message_request, address(), &first);
  ASSERT_EQ(admitted("example.org"), "");
  here.transport->send(message_request, address(), &second);
  ASSERT_TRUE(until([&] { return !second.log.empty(); }));
  const auto text = failure() + "its certificate is not for example.org but for example.net";
  EXPECT_THAT(first.log, ElementsAre(text));
  EXPECT_THAT(second.log, ElementsAre(text));
  EXPECT_THAT(here.receiver.lost, ElementsAre(text));
  EXPECT_EQ(here.transport->connections(), 0u);
  net::run_idle(shard);
  EXPECT_THAT(there.receiver.messages, IsEmpty());

  authority.issue("there.pem", {"there", "DNS:example.org", -7200, -3600});
  ASSERT_TRUE(there.tls->reload());
  EXPECT_EQ(sent_to("example.org"),
            failure() + "the certificate of 'there' is not trusted: certificate has expired");
}

TEST_F(TlsTransportTest, AnotherDomain) {  // 4
  serve("DNS:example.org,DNS:example.com");
  ASSERT_EQ(sent_to("example.org"), "sent");
  EXPECT_EQ(sent_to("example.com"), "sent");
  EXPECT_EQ(sent_to("example.net"), "the certificate of " + address().str() +
                                        " is not for example.net but for example.org, example.com");
  EXPECT_EQ(sent_to(""), "sent");
  EXPECT_EQ(sent_to("example.org"), "sent");
  EXPECT_EQ(here.transport->connections(), 1u);
}

TEST_F(TlsTransportTest, AnotherDomainWaiting) {  // 5
  serve("DNS:example.org,DNS:example.com");
  Observer org, net, com, any;
  const auto send = [&](std::string_view domain, std::string_view text, Observer& observer) {
    if (!domain.empty()) {
      EXPECT_EQ(admitted(domain), "");
    }
    here.transport->send(text, address(), &observer);
  };
  send("example.org", message_request, org);
  send("example.net", test::replaced(message_request, "hello", "stray"), net);
  send("example.com", message_request, com);
  send("", message_request, any);
  ASSERT_TRUE(until([&] { return there.receiver.messages.size() == 3; }));
  EXPECT_THAT(org.log, ElementsAre("sent"));
  EXPECT_THAT(com.log, ElementsAre("sent"));
  EXPECT_THAT(any.log, ElementsAre("sent"));
  EXPECT_THAT(net.log, ElementsAre(HasSubstr("is not for example.net but for")));
  for (const auto& message : there.receiver.messages) EXPECT_EQ(message, message_request);
}

TEST_F(TlsTransportTest, AcceptedConnection) {  // 6
  serve("DNS:example.org", {.verify_client = true, .verify_server = true});
  ASSERT_EQ(sent_to("example.org"), "sent");
  ASSERT_TRUE(until([&] { return here.receiver.messages.size() == 1; }));
  const auto peer = client_address;
  EXPECT_TRUE(there.transport->admit(peer, "here.example.org"));
  EXPECT_TRUE(there.transport->admit(peer, ""));
  EXPECT_EQ(
      there.transport->admit(peer, "example.com").error().text,
      "the certificate of " + peer.str() + " is not for example.com but for here.example.org");
  there.transport->send(message_request, peer, nullptr);
  EXPECT_TRUE(until([&] { return here.receiver.messages.size() == 2; }));
  EXPECT_EQ(there.transport->connections(), 1u);

  // One that was not asked for a certificate.
  serve("DNS:example.org", {.verify_server = true});
  listen("127.0.0.1");
  ASSERT_EQ(sent_to("example.org"), "sent");
  ASSERT_TRUE(until([&] { return here.receiver.messages.size() == 3; }));
  EXPECT_EQ(there.transport->admit(client_address, "here.example.org").error().text,
            "the certificate of " + client_address.str() + " is missing: it has shown none");
  EXPECT_TRUE(there.transport->admit(client_address, ""));
  there.transport->send(message_request, client_address, nullptr);
  EXPECT_TRUE(until([&] { return here.receiver.messages.size() == 4; }));
}

TEST_F(TlsTransportTest, NothingVerified) {  // 7
  make(here, {.cert_file = own, .verify_server = false});
  serve("DNS:example.net");
  EXPECT_EQ(sent_to("example.org"), "sent");
  EXPECT_EQ(sent_to("example.com"), "sent");
  EXPECT_TRUE(until([&] { return here.receiver.messages.size() == 2; }));
}

TEST_F(TlsTransportTest, ForTheAddress) {  // 8
  serve("DNS:example.org,IP:127.0.0.1");
  Observer observer;
  here.transport->send(message_request, address(), &observer);
  ASSERT_TRUE(until([&] { return !observer.log.empty(); }));
  EXPECT_THAT(observer.log, ElementsAre("sent"));
  serve("DNS:example.org");
  listen("127.0.0.1");
  Observer other;
  here.transport->send(message_request, address(), &other);
  ASSERT_TRUE(until([&] { return !other.log.empty(); }));
  EXPECT_THAT(other.log,
              ElementsAre(failure() + "its certificate is not for 127.0.0.1 but for example.org"));
}

TEST_F(TlsTransportTest, DoesNotOpen) {  // 9
  make(here, {.cert_file = own}, {.handshake_timeout = 2s});
  const auto nobody = address();
  listener->close();
  Observer refused;
  here.transport->send(message_request, nobody, &refused);
  ASSERT_TRUE(net::run_until(shard, [&] { return !refused.log.empty(); }));
  EXPECT_THAT(refused.log,
              ElementsAre("cannot connect to " + nobody.str() + ": Connection refused"));

  // It takes the connection and says nothing.
  listen("127.0.0.1");
  Observer silent;
  here.transport->send(message_request, address(), &silent);
  const auto connected = [&] {
    PlainSocket out(net::run_until(shard,
                                   [&] {
                                     pollfd ready{listener->fd(), POLLIN, 0};
                                     return ::poll(&ready, 1, 0) == 1;
                                   })
                        ? ::accept(listener->fd(), nullptr, nullptr)
                        : -1);
    net::run_idle(shard);
    return out;
  };
  const auto mute = connected();
  clock.advance(1900ms);
  net::run_idle(shard);
  EXPECT_THAT(silent.log, IsEmpty());
  clock.advance(200ms);
  net::run_idle(shard);
  EXPECT_THAT(silent.log, ElementsAre(failure() + "timed out"));

  Observer plain;
  here.transport->send(message_request, address(), &plain);
  const auto talker = connected();
  talker.send("SIP/2.0 400 What is this\r\n\r\n");
  ASSERT_TRUE(net::run_until(shard, [&] { return !plain.log.empty(); }));
  EXPECT_THAT(plain.log, ElementsAre(failure() + "what the peer sends is no TLS"));
}

TEST_F(TlsTransportTest, BadClients) {  // 10
  log::set_quiet();
  serve("DNS:example.org", {.require_client_cert = true});
  for (int i = 0; i < 3; ++i) {
    const auto client = net::tcp_connect(address());
    client.send("OPTIONS sip:example.org SIP/2.0\r\n\r\n");
    ASSERT_TRUE(
        until([&] { return there.receiver.lost.size() == static_cast<std::size_t>(i) + 1; }));
    EXPECT_THAT(there.receiver.lost.back(), HasSubstr("what the peer sends is no TLS"));
  }
  EXPECT_EQ(there.transport->connections(), 0u);
  make(here, {.client_only = true});
  EXPECT_EQ(sent_to("example.org"), "sent") << "its own half of the handshake is done";
  ASSERT_TRUE(
      until([&] { return !here.receiver.lost.empty() && there.receiver.lost.size() == 4; }));
  EXPECT_THAT(here.receiver.lost, ElementsAre(HasSubstr("the peer refuses: ")));
  EXPECT_THAT(there.receiver.lost.back(), HasSubstr("the peer shows no certificate"));
  EXPECT_THAT(there.receiver.messages, IsEmpty());
}

TEST_F(TlsTransportTest, Reload) {  // 11
  serve("DNS:example.org");
  ASSERT_EQ(sent_to("example.org"), "sent");
  authority.issue("there.pem", {"new", "DNS:example.com"});
  ASSERT_TRUE(there.tls->reload());
  EXPECT_EQ(sent_to("example.org"), "sent") << "the old connection goes on";
  EXPECT_TRUE(until([&] { return here.receiver.messages.size() == 2; }));
  make(here, {.cert_file = own, .verify_server = true});
  EXPECT_THAT(sent_to("example.org"), HasSubstr("is not for example.org but for example.com"));
  EXPECT_EQ(sent_to("example.com"), "sent");
}

TEST_F(TlsTransportTest, OpenedAgain) {  // 12
  serve("DNS:example.org");
  ASSERT_EQ(sent_to("example.org"), "sent");
  ASSERT_TRUE(until([&] { return here.receiver.messages.size() == 1; }));
  serve("DNS:example.com");  // which closes the connections of the one before
  ASSERT_TRUE(until([&] { return here.transport->connections() == 0; }));
  EXPECT_THAT(here.receiver.lost, ElementsAre("closed by peer"));
  EXPECT_EQ(sent_to("example.com"), "sent");
}

TEST_F(TlsTransportTest, KeepAliveAndIdle) {  // 13
  serve("DNS:example.org", {}, {.idle_timeout = 60s});
  make(here, {.cert_file = own}, {.idle_timeout = 0s, .keep_alive = 20s});
  ASSERT_EQ(sent_to("example.org"), "sent");
  ASSERT_TRUE(until([&] { return here.receiver.messages.size() == 1; }));
  for (int i = 0; i < 10; ++i) {
    clock.advance(20s);
    net::run_idle(shard);
  }
  EXPECT_EQ(there.transport->connections(), 1u);
  make(here, {.cert_file = own}, {.idle_timeout = 0s});
  listen("127.0.0.1");
  ASSERT_EQ(sent_to("example.org"), "sent");
  ASSERT_TRUE(until([&] { return here.receiver.messages.size() == 2; }));
  clock.advance(61s);
  ASSERT_TRUE(until([&] { return here.transport->connections() == 0; }));
}

}  // namespace
}  // namespace missive::sip
