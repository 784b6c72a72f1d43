// SIP over TCP on real loopback sockets; the peer is a plain socket of the test's own.
//
//  1. A connection is opened for the first message and used again for the next; both say "sent".
//  2. Two transports talk to each other over one connection, both ways.
//  3. An accepted connection is used for what is sent to its peer.
//  4. A message is cut from the stream wherever the octets were split; two in one read are two.
//  5. CRLF CRLF is answered with CRLF, a single CRLF with nothing, also between messages.
//  6. A refused connection tells every observer, after the turn, and the receiver.
//  7. A connection that nobody answers ends with connect_timeout.
//  8. A lost connection fails the transaction that waits on it; another send opens a new one.
//  9. A message larger than allowed, or no SIP at all, closes the connection.
// 10. An idle connection is closed after idle_timeout; use in either direction puts it off.
// 11. No more than max_connections: an accepted one is closed, a new one refused with a text.
// 12. What waits for a slow reader is bounded by max_unsent, before and after the connection opens.
// 13. A forgotten observer is not told; an observer may send again from inside.
// 14. A second connection from the same address replaces the first.
// 15. The tap sees both directions.
// 16. The transport may be destroyed with connections open and opening.
// 17. No more than max_connections_per_address are accepted from one IP address, whatever the
//     ports; one that goes makes room; what we open does not count; 0: any number.
// 18. The kernel's keep-alive is set as told, on connections of both kinds, and only then.
#include "sip/tcp_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <functional>

#include "base/log.h"
#include "unit/net/loop_helper.h"
#include "unit/sip/loop_lab.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using namespace std::chrono_literals;
using net::PlainSocket;
using net::run_until;
using test::message_request;
using test::ok_response;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Receiver final : MessageReceiver {
  void on_message(Transport& transport, std::span<char> message,
                  const net::Address& from) override {
    messages.emplace_back(message.data(), message.size());
    last_from = from;
    if (reply) reply(transport, from);
  }
  void on_connection_lost(Transport&, const net::Address& peer, const base::Error& error) override {
    lost.push_back(peer.str() + ": " + error.text);
  }

  std::vector<std::string> messages;
  std::vector<std::string> lost;
  net::Address last_from;
  std::function<void(Transport&, const net::Address&)> reply;
};

struct Observer final : net::SendObserver {
  void on_sent() override {
    log.push_back("sent");
    if (then) then();
  }
  void on_send_failed(const base::Error& error) override {
    log.push_back(error.text);
    if (then) then();
  }

  std::vector<std::string> log;
  std::function<void()> then;
};

const auto loopback = *net::Address::from_ip("127.0.0.1", 5060);

class TcpTransportTest : public testing::Test {
 protected:
  TcpTransportTest() { make({}); }
  void make(const TcpOptions& options) {
    transport = std::make_unique<TcpTransport>(shard, loopback, TransportOptions{.id = "tcp"},
                                               options, receiver);
  }
  template <class Condition>
  bool until(Condition condition) {
    return run_until(shard, condition);
  }
  net::Address peer() const { return net::address_of(listener.fd()); }
  // Opens a connection to the test's listener and gives its other end.
  PlainSocket connected(std::string_view first = message_request) {
    transport->send(first, peer(), &observer);
    EXPECT_TRUE(until([&] { return !observer.log.empty(); }));
    EXPECT_THAT(observer.log, ElementsAre("sent"));
    observer.log.clear();
    PlainSocket out(::accept(listener.fd(), nullptr, nullptr));
    EXPECT_EQ(read(out, first.size()), first);
    return out;
  }
  // A connection of the test's own that the transport has adopted.
  PlainSocket adopted() {
    const auto door = net::tcp_listener();
    auto out = net::tcp_connect(net::address_of(door.fd()));
    const int fd = ::accept4(door.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    EXPECT_GE(fd, 0);
    transport->adopt(fd, net::address_of(out.fd()));
    return out;
  }
  std::string read(const PlainSocket& from, std::size_t octets) {
    std::string out;
    until([&] {
      out += from.read_now(octets - out.size());
      return out.size() >= octets;
    });
    return out;
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  Receiver receiver;
  Observer observer;
  PlainSocket listener = net::tcp_listener();
  std::unique_ptr<TcpTransport> transport;
};

TEST_F(TcpTransportTest, ConnectionReuse) {  // 1
  EXPECT_EQ(transport->protocol(), "TCP");
  EXPECT_TRUE(transport->reliable());
  EXPECT_EQ(transport->id(), "tcp");
  Observer first, second, third;
  transport->send("one ", peer(), &first);
  transport->send("two ", peer(), &second);
  EXPECT_THAT(first.log, IsEmpty()) << "never from within send()";
  ASSERT_TRUE(until([&] { return !second.log.empty(); }));
  EXPECT_THAT(first.log, ElementsAre("sent"));
  EXPECT_THAT(second.log, ElementsAre("sent"));
  transport->send("three", peer(), &third);
  transport->send("", peer(), nullptr);
  EXPECT_THAT(third.log, IsEmpty());
  ASSERT_TRUE(until([&] { return !third.log.empty(); }));
  EXPECT_EQ(transport->connections(), 1u);
  const PlainSocket other(::accept(listener.fd(), nullptr, nullptr));
  EXPECT_EQ(read(other, 13), "one two three");
}

TEST_F(TcpTransportTest, TwoTransports) {  // 2
  Receiver other_receiver;
  TcpTransport other(shard, peer(), {}, {}, other_receiver);
  other_receiver.reply = [](Transport& over, const net::Address& from) {
    over.send(ok_response, from, nullptr);
  };
  transport->send(message_request, peer(), &observer);
  ASSERT_TRUE(until([&] { return !observer.log.empty(); }));
  net::Address from;
  socklen_t size = net::Address::capacity();
  const int fd = ::accept4(listener.fd(), from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  other.adopt(fd, from);
  ASSERT_TRUE(until([&] { return !receiver.messages.empty(); }));
  EXPECT_THAT(other_receiver.messages, ElementsAre(message_request));
  EXPECT_THAT(receiver.messages, ElementsAre(ok_response));
  EXPECT_EQ(receiver.last_from, peer());
  EXPECT_EQ(other.connections(), 1u);
  EXPECT_EQ(transport->connections(), 1u);
}

TEST_F(TcpTransportTest, Adopted) {  // 3
  const auto client = adopted();
  const auto address = net::address_of(client.fd());
  client.send(message_request);
  ASSERT_TRUE(until([&] { return !receiver.messages.empty(); }));
  EXPECT_EQ(receiver.last_from, address);
  transport->send(ok_response, address, &observer);
  EXPECT_EQ(read(client, ok_response.size()), ok_response);
  EXPECT_THAT(observer.log, ElementsAre("sent"));
  EXPECT_EQ(transport->connections(), 1u);
}

TEST_F(TcpTransportTest, SplitAnywhere) {  // 4
  const auto client = adopted();
  const auto text = message_request + ok_response;
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    receiver.messages.clear();
    client.send(text.substr(0, cut));
    net::run_idle(shard);
    client.send(text.substr(cut));
    ASSERT_TRUE(until([&] { return receiver.messages.size() == 2; })) << cut;
    ASSERT_THAT(receiver.messages, ElementsAre(message_request, ok_response)) << cut;
  }
  receiver.messages.clear();
  for (const char c : text) {
    client.send({&c, 1});
    net::run_idle(shard);
  }
  ASSERT_TRUE(until([&] { return receiver.messages.size() == 2; }));
  EXPECT_THAT(receiver.messages, ElementsAre(message_request, ok_response));
  client.send(text + text);
  ASSERT_TRUE(until([&] { return receiver.messages.size() == 6; }));
  EXPECT_EQ(transport->connections(), 1u);
}

TEST_F(TcpTransportTest, KeepAlive) {  // 5
  const auto client = adopted();
  client.send("\r\n\r\n");
  EXPECT_EQ(read(client, 2), "\r\n");
  client.send("\r\n");
  client.send(message_request);
  ASSERT_TRUE(until([&] { return receiver.messages.size() == 1; }));
  net::run_idle(shard);
  EXPECT_EQ(client.read_now(), "");
  client.send("\r\n\r\n" + message_request + "\r\n\r\n");
  ASSERT_TRUE(until([&] { return receiver.messages.size() == 2; }));
  EXPECT_EQ(read(client, 4), "\r\n\r\n");
  EXPECT_THAT(receiver.messages, ElementsAre(message_request, message_request));
  EXPECT_EQ(transport->connections(), 1u);
}

TEST_F(TcpTransportTest, Refused) {  // 6
  const auto nobody = peer();
  listener.close();
  Observer second;
  transport->send(message_request, nobody, &observer);
  transport->send(message_request, nobody, &second);
  transport->send(message_request, nobody, nullptr);
  EXPECT_THAT(observer.log, IsEmpty());
  ASSERT_TRUE(until([&] { return !second.log.empty(); }));
  const auto text = "cannot connect to " + nobody.str() + ": Connection refused";
  EXPECT_THAT(observer.log, ElementsAre(text));
  EXPECT_THAT(second.log, ElementsAre(text));
  EXPECT_THAT(receiver.lost, ElementsAre(nobody.str() + ": " + text));
  EXPECT_EQ(transport->connections(), 0u);
}

TEST_F(TcpTransportTest, ConnectTimeout) {  // 7
  make({.connect_timeout = 2s});
  // A queue of one that is full: the kernel leaves further connections unanswered.
  const auto any = *net::Address::from_ip("127.0.0.1", 0);
  const PlainSocket full(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(full.fd(), any.data(), any.size()), 0);
  ASSERT_EQ(::listen(full.fd(), 0), 0);
  const auto first = net::tcp_connect(net::address_of(full.fd()));
  transport->send(message_request, net::address_of(full.fd()), &observer);
  net::run_idle(shard);
  EXPECT_THAT(observer.log, IsEmpty());
  clock.advance(2010ms);
  net::run_idle(shard);
  EXPECT_THAT(observer.log,
              ElementsAre("cannot connect to " + net::address_of(full.fd()).str() + ": timed out"));
}

TEST_F(TcpTransportTest, ConnectionLost) {  // 8
  TransactionLayer layer(shard, Timers{}, {});
  TcpTransport tcp(shard, loopback, {}, {}, layer);
  test::RecordingClient user;
  OutgoingRequest request;
  test::write_request(request);
  ClientTransaction transaction(user);
  ASSERT_TRUE(transaction.start(layer, request, tcp, peer()));
  ASSERT_TRUE(until([&] { return !user.log.empty(); }));
  PlainSocket other(::accept(listener.fd(), nullptr, nullptr));
  EXPECT_EQ(read(other, request.text().size()), request.text());
  other.close();
  ASSERT_TRUE(until([&] { return user.log.size() == 2; }));
  EXPECT_THAT(user.log, ElementsAre("sent", "error: closed by peer"));
  EXPECT_EQ(tcp.connections(), 0u);

  user.log.clear();
  ASSERT_TRUE(transaction.start(layer, request, tcp, peer()));
  ASSERT_TRUE(until([&] { return !user.log.empty(); }));
  const PlainSocket again(::accept(listener.fd(), nullptr, nullptr));
  again.send(test::answer_to(read(again, request.text().size()), 200));
  ASSERT_TRUE(until([&] { return user.log.size() == 2; }));
  EXPECT_THAT(user.log, ElementsAre("sent", "200 OK"));
}

TEST_F(TcpTransportTest, Unreadable) {  // 9
  TcpOptions options;
  options.framer.body_octets = 1000;
  options.framer.header_octets = 2000;
  make(options);
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {test::replaced(message_request, "Length: 5", "Length: 1001"), "1001"},
           {"MESSAGE sip:a SIP/2.0\r\nX: " + std::string(3000, 'x'), "longer than 2000"},
           {test::replaced(message_request, "Content-Length: 5\r\n", ""), "no Content-Length"},
           {"\x16\x03\x01\x02", "cannot begin with"},
           {"MESSAGE sip:a SIP/2.0\n\n", "line feed"}}) {
    receiver.lost.clear();
    const auto client = adopted();
    client.send(text);
    ASSERT_TRUE(until([&] { return !receiver.lost.empty(); })) << why;
    EXPECT_THAT(receiver.lost, ElementsAre(HasSubstr(why)));
    EXPECT_TRUE(until([&] { return client.at_end(); }));
    EXPECT_EQ(transport->connections(), 0u);
  }
  EXPECT_THAT(receiver.messages, IsEmpty());
}

TEST_F(TcpTransportTest, Idle) {  // 10
  make({.idle_timeout = 60s});
  const auto client = adopted();
  const auto address = net::address_of(client.fd());
  const auto later = [&](base::Duration time) {
    clock.advance(time);
    net::run_idle(shard);
  };
  later(50s);
  client.send(message_request);
  ASSERT_TRUE(until([&] { return !receiver.messages.empty(); }));
  later(50s);
  EXPECT_EQ(transport->connections(), 1u);
  transport->send(ok_response, address, nullptr);
  later(59s);
  EXPECT_EQ(transport->connections(), 1u);
  later(2s);
  EXPECT_EQ(transport->connections(), 0u);
  EXPECT_THAT(receiver.lost, ElementsAre(address.str() + ": closed for being idle"));
  EXPECT_EQ(client.read_now(ok_response.size()), ok_response);
  EXPECT_TRUE(client.at_end());

  make({.idle_timeout = 0s});
  const auto kept = adopted();
  later(1000h);
  EXPECT_EQ(transport->connections(), 1u) << "zero: never";
}

TEST_F(TcpTransportTest, MaxConnections) {  // 11
  make({.max_connections = 2});
  const auto first = adopted(), second = adopted();
  const auto third = adopted();
  EXPECT_TRUE(third.at_end());
  EXPECT_EQ(transport->connections(), 2u);
  transport->send(message_request, peer(), &observer);
  EXPECT_THAT(observer.log, IsEmpty());
  net::run_idle(shard);
  EXPECT_THAT(observer.log, ElementsAre("2 TCP connections are open, the limit"));
  transport->send(ok_response, net::address_of(second.fd()), nullptr);
  EXPECT_EQ(read(second, ok_response.size()), ok_response) << "a known connection may be used";
}

TEST_F(TcpTransportTest, MaxUnsent) {  // 12
  make({.max_unsent = 1000});
  Observer fits, late;
  transport->send(std::string(1000, 'x'), peer(), &fits);
  transport->send("y", peer(), &observer);
  net::run_idle(shard);
  EXPECT_THAT(observer.log,
              ElementsAre(peer().str() + " reads too slowly: 1000 octets wait for it"));
  ASSERT_TRUE(until([&] { return !fits.log.empty(); }));
  EXPECT_THAT(fits.log, ElementsAre("sent"));
  net::run_idle(shard);
  transport->send(std::string(1000, 'z'), peer(), nullptr);
  transport->send("y", peer(), &late);
  net::run_idle(shard);
  EXPECT_THAT(late.log, ElementsAre(HasSubstr("reads too slowly: 1000 octets")));
}

TEST_F(TcpTransportTest, ForgottenAndAgain) {  // 13
  Observer gone_while_opening, gone_when_told;
  transport->send("a", peer(), &gone_while_opening);
  transport->forget(gone_while_opening);
  transport->send("b", peer(), &observer);
  ASSERT_TRUE(until([&] { return !observer.log.empty(); }));
  transport->send("c", peer(), &gone_when_told);
  transport->forget(gone_when_told);
  net::run_idle(shard);
  EXPECT_THAT(gone_while_opening.log, IsEmpty());
  EXPECT_THAT(gone_when_told.log, IsEmpty());

  int rounds = 0;
  observer.then = [&] {
    if (++rounds < 5) transport->send("d", peer(), &observer);
  };
  transport->send("d", peer(), &observer);
  net::run_idle(shard);
  EXPECT_EQ(rounds, 5);

  // The first to be told forgets the second.
  Observer first, second;
  first.then = [&] { transport->forget(second); };
  transport->send("e", peer(), &first);
  transport->send("f", peer(), &second);
  net::run_idle(shard);
  EXPECT_THAT(first.log, ElementsAre("sent"));
  EXPECT_THAT(second.log, IsEmpty());
}

TEST_F(TcpTransportTest, SameAddressAgain) {  // 14
  const auto address = *net::Address::from_ip("192.0.2.7", 5060);
  const auto door = net::tcp_listener();
  const auto enter = [&] {
    auto out = net::tcp_connect(net::address_of(door.fd()));
    transport->adopt(::accept4(door.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), address);
    return out;
  };
  const auto old = enter();
  old.send(message_request.substr(0, 20));
  net::run_idle(shard);
  const auto now = enter();
  net::run_idle(shard);
  EXPECT_TRUE(old.at_end());
  EXPECT_THAT(receiver.lost, ElementsAre(HasSubstr("replaced by a new connection")));
  EXPECT_EQ(transport->connections(), 1u);
  transport->send(ok_response, address, nullptr);
  EXPECT_EQ(read(now, ok_response.size()), ok_response);
}

TEST_F(TcpTransportTest, Tap) {  // 15
  struct Tap final : WireTap {
    void on_wire(Direction direction, const Transport& transport, const net::Address& peer,
                 std::string_view message) override {
      log.push_back(fmt::format("{} {} {} {}", direction == Direction::in ? "in" : "out",
                                transport.protocol(), peer.str(), message.substr(0, 7)));
    }
    std::vector<std::string> log;
  } tap;
  transport->set_tap(&tap);
  const auto other = connected(message_request);
  other.send(ok_response);
  ASSERT_TRUE(until([&] { return !receiver.messages.empty(); }));
  EXPECT_THAT(tap.log, ElementsAre("out TCP " + peer().str() + " MESSAGE",
                                   "in TCP " + peer().str() + " SIP/2.0"));
}

TEST_F(TcpTransportTest, Destroyed) {  // 16
  const auto client = adopted();
  const auto second_listener = net::tcp_listener();
  transport->send("x", peer(), &observer);
  transport->send("y", net::address_of(second_listener.fd()), nullptr);
  transport->send("z", net::address_of(client.fd()), &observer);
  transport.reset();
  net::run_idle(shard);
  EXPECT_THAT(observer.log, IsEmpty());
  EXPECT_THAT(receiver.lost, IsEmpty());
  EXPECT_TRUE(client.at_end());
}

TEST_F(TcpTransportTest, MaxConnectionsPerAddress) {  // 17
  log::set_quiet();
  make({.max_connections_per_address = 2});
  auto first = adopted();
  const auto second = adopted();
  EXPECT_TRUE(adopted().at_end());
  EXPECT_EQ(transport->connections(), 2u);
  const auto elsewhere = *net::Address::from_ip("192.0.2.7", 5060);
  const auto door = net::tcp_listener();
  const auto other = net::tcp_connect(net::address_of(door.fd()));
  transport->adopt(::accept4(door.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), elsewhere);
  EXPECT_EQ(transport->connections(), 3u);
  const auto ours = connected();
  EXPECT_EQ(transport->connections(), 4u);

  first.close();
  ASSERT_TRUE(until([&] { return transport->connections() == 3; }));
  const auto third = adopted();
  EXPECT_EQ(transport->connections(), 4u);
  EXPECT_TRUE(adopted().at_end());
  spdlog::set_level(spdlog::level::info);

  make({.max_connections_per_address = 0});
  std::vector<PlainSocket> many;
  for (std::uint16_t port = 1000; port < 1150; ++port) {
    many.push_back(net::tcp_connect(net::address_of(door.fd())));
    transport->adopt(::accept4(door.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC),
                     elsewhere.with_port(port));
  }
  EXPECT_EQ(transport->connections(), 150u);
}

TEST_F(TcpTransportTest, KernelKeepAlive) {  // 18
  struct Set {
    int on, idle, interval, probes;
    bool operator==(const Set&) const = default;
  };
  const auto set_on = [](int fd) {
    const auto get = [fd](int level, int option) {
      int value = 0;
      socklen_t size = sizeof value;
      ::getsockopt(fd, level, option, &value, &size);
      return value;
    };
    return Set{get(SOL_SOCKET, SO_KEEPALIVE), get(IPPROTO_TCP, TCP_KEEPIDLE),
               get(IPPROTO_TCP, TCP_KEEPINTVL), get(IPPROTO_TCP, TCP_KEEPCNT)};
  };
  // The transport's own descriptor.
  const auto connected_to = [](const net::Address& wanted) {
    for (int fd = 3; fd < 1000; ++fd) {
      net::Address to;
      socklen_t size = net::Address::capacity();
      if (::getpeername(fd, to.data(), &size) == 0 && to == wanted) return fd;
    }
    return -1;
  };
  make({.probes = net::TcpKeepAlive{45s, 7s, 3}});
  const auto door = net::tcp_listener();
  const auto client = net::tcp_connect(net::address_of(door.fd()));
  const int fd = ::accept4(door.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  EXPECT_EQ(set_on(fd).on, 0);
  transport->adopt(fd, net::address_of(client.fd()));
  EXPECT_EQ(set_on(fd), (Set{1, 45, 7, 3}));
  transport->send("x", peer(), &observer);
  ASSERT_TRUE(until([&] { return !observer.log.empty(); }));
  EXPECT_EQ(set_on(connected_to(peer())), (Set{1, 45, 7, 3}));
  make({});
  observer.log.clear();
  transport->send("x", peer(), &observer);
  ASSERT_TRUE(until([&] { return !observer.log.empty(); }));
  EXPECT_EQ(set_on(connected_to(peer())).on, 0);
}

}  // namespace
}  // namespace missive::sip
