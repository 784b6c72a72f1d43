// The UDP socket.
//
//  1. Packets go out at the end of the turn and come in, IPv4 and IPv6; the observer hears of it.
//  2. 200 packets of one turn leave in few system calls, in order.
//  3. 200 datagrams that wait are all received, in order, with their contents.
//  4. A packet that is too long fails alone; so does one that cannot be reached.
//  5. An error left over from an earlier packet does not fail the next one.
//  6. A full socket keeps the packets and sends them, in order, when it can be written.
//  7. on_sent() and on_datagram() may send; what they send leaves in the same turn.
//  8. A forgotten observer is not called, also when forgotten by another one's call.
//  9. The port of a socket is shared with SO_REUSEPORT; the probe finds that somebody has it.
// 10. A bind that fails says where and why.
// 11. The largest datagram arrives whole; an empty one arrives as empty.
// 12. The socket may be destroyed by its receiver and by an observer.
// 13. One socket under a flood leaves other work its turn.
// 14. A packet for another address family fails with a text.
#include "net/udp_socket.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/net/faults.h"
#include "unit/net/loop_helper.h"

namespace missive::net {
namespace {

struct Receiver final : UdpReceiver {
  void on_datagram(std::span<char> datagram, const Address& from) override {
    got.emplace_back(datagram.begin(), datagram.end());
    last_from = from;
    std::fill(datagram.begin(), datagram.end(), 'x');  // allowed
    if (then) then();
  }
  std::vector<std::string> got;
  Address last_from;
  std::function<void()> then;
};

struct Observer final : SendObserver {
  void on_sent() override {
    ++sent;
    if (then) then();
  }
  void on_send_failed(const base::Error& error) override {
    failures.push_back(error.text);
    if (then) then();
  }
  int sent = 0;
  std::vector<std::string> failures;
  std::function<void()> then;
};

class UdpSocketTest : public testing::Test {
 protected:
  void SetUp() override { reset_faults(); }

  std::unique_ptr<UdpSocket> open(const char* ip = "127.0.0.1", std::uint16_t port = 0) {
    auto socket = UdpSocket::open(shard, *Address::from_ip(ip, port), UdpOptions{}, receiver);
    EXPECT_TRUE(socket) << (socket ? "" : socket.error().text);
    return socket ? std::move(*socket) : nullptr;
  }

  base::ManualClock clock;
  Shard shard{0, clock};
  Receiver receiver;
  Observer observer;
};

TEST_F(UdpSocketTest, SendsAndReceives) {  // 1
  for (const auto* ip : {"127.0.0.1", "::1"}) {
    receiver.got.clear();
    observer.sent = 0;
    const auto socket = open(ip);
    EXPECT_EQ(socket->local().ip(), ip);
    EXPECT_NE(socket->local().port(), 0);
    const auto peer = bound_udp(ip);
    socket->send("hello", address_of(peer.fd()), &observer);
    socket->send("world", address_of(peer.fd()));
    EXPECT_EQ(socket->queued(), 2u);
    EXPECT_EQ(observer.sent, 0);
    EXPECT_EQ(peer.read_now(), "");
    EXPECT_TRUE(shard.run_once());
    EXPECT_EQ(observer.sent, 1);
    EXPECT_EQ(socket->queued(), 0u);
    EXPECT_EQ(peer.read_now(), "hello");
    EXPECT_EQ(peer.read_now(), "world");

    const auto to = socket->local();
    ASSERT_EQ(::sendto(peer.fd(), "reply", 5, 0, to.data(), to.size()), 5);
    EXPECT_TRUE(run_until(shard, [&] { return !receiver.got.empty(); }));
    EXPECT_EQ(receiver.got, std::vector<std::string>{"reply"});
    EXPECT_EQ(receiver.last_from, address_of(peer.fd()));
  }
}

TEST_F(UdpSocketTest, ManyPacketsFewCalls) {  // 2
  const auto socket = open();
  const auto peer = bound_udp();
  for (int i = 0; i < 200; ++i) socket->send(std::to_string(i), address_of(peer.fd()), &observer);
  EXPECT_EQ(faults().sendmmsg_calls, 0);
  shard.run_once();
  EXPECT_LE(faults().sendmmsg_calls, 4);
  EXPECT_EQ(observer.sent, 200);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(peer.read_now(), std::to_string(i));
  EXPECT_EQ(peer.read_now(), "");
  // A thousand need more than one batch.
  for (int i = 0; i < 1000; ++i) socket->send("x", address_of(peer.fd()), &observer);
  shard.run_once();
  EXPECT_EQ(observer.sent, 1200);
  EXPECT_EQ(socket->queued(), 0u);
}

TEST_F(UdpSocketTest, ManyDatagramsInOrder) {  // 3
  const auto socket = open();
  const auto peer = bound_udp();
  const auto to = socket->local();
  for (int i = 0; i < 200; ++i) {
    const auto text = std::string(static_cast<std::size_t>(i), 'a') + std::to_string(i);
    ASSERT_GT(::sendto(peer.fd(), text.data(), text.size(), 0, to.data(), to.size()), 0);
  }
  EXPECT_TRUE(run_until(shard, [&] { return receiver.got.size() >= 200; }));
  ASSERT_EQ(receiver.got.size(), 200u);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(receiver.got[static_cast<std::size_t>(i)],
              std::string(static_cast<std::size_t>(i), 'a') + std::to_string(i));
  }
}

TEST_F(UdpSocketTest, BadPacketsFailAlone) {  // 4
  const auto socket = open();
  const auto peer = bound_udp();
  const auto to = address_of(peer.fd());
  Observer too_long;
  Observer unreachable;
  Observer no_port;
  socket->send("first", to, &observer);
  socket->send(std::string(70000, 'x'), to, &too_long);
  socket->send("second", to, &observer);
  socket->send("lost", to.with_port(0), &no_port);
  // A socket bound to loopback has no way out of the machine.
  socket->send("lost", *Address::from_ip("192.0.2.1", 5060), &unreachable);
  socket->send("third", to, &observer);
  shard.run_once();
  EXPECT_EQ(observer.sent, 3);
  EXPECT_TRUE(observer.failures.empty());
  EXPECT_EQ(too_long.failures,
            std::vector<std::string>{"packet of 70000 octets is too long for UDP"});
  ASSERT_EQ(unreachable.failures.size(), 1u);
  EXPECT_EQ(unreachable.failures[0].substr(0, 16), "192.0.2.1:5060: ");
  ASSERT_EQ(no_port.failures.size(), 1u);
  EXPECT_EQ(no_port.failures[0], "127.0.0.1:0: invalid argument");
  EXPECT_EQ(too_long.sent + unreachable.sent + no_port.sent, 0);
  for (const auto* text : {"first", "second", "third"}) EXPECT_EQ(peer.read_now(), text);
}

TEST_F(UdpSocketTest, EarlierErrorIsNotThisPackets) {  // 5
  const auto socket = open();
  const auto peer = bound_udp();
  faults().sendmmsg_errors = {ECONNREFUSED};
  socket->send("hello", address_of(peer.fd()), &observer);
  shard.run_once();
  EXPECT_EQ(observer.sent, 1);
  EXPECT_EQ(peer.read_now(), "hello");
  faults().sendmmsg_errors = {ENETUNREACH, ENETUNREACH};
  socket->send("lost", address_of(peer.fd()), &observer);
  socket->send("again", address_of(peer.fd()), &observer);
  shard.run_once();
  EXPECT_EQ(observer.sent, 2);
  EXPECT_EQ(observer.failures,
            std::vector<std::string>{address_of(peer.fd()).str() + ": network is unreachable"});
  EXPECT_EQ(peer.read_now(), "again");
  faults().sendmmsg_errors = {EINTR, EINTR, EINTR};
  socket->send("interrupted", address_of(peer.fd()), &observer);
  shard.run_once();
  EXPECT_EQ(peer.read_now(), "interrupted");
}

TEST_F(UdpSocketTest, FullSocketKeepsTheRest) {  // 6
  const auto socket = open();
  const auto peer = bound_udp();
  const auto to = address_of(peer.fd());
  std::vector<std::string> got;
  const auto read_all = [&] {
    for (auto text = peer.read_now(); !text.empty(); text = peer.read_now()) got.push_back(text);
  };
  faults().sendmmsg_errors = {0, EAGAIN};
  for (int i = 0; i < 300; ++i) socket->send(std::to_string(i), to, &observer);
  shard.run_once();
  EXPECT_EQ(observer.sent, 256);
  EXPECT_EQ(socket->queued(), 44u);
  read_all();
  socket->send("last", to, &observer);
  EXPECT_EQ(socket->queued(), 45u);
  faults().sendmmsg_errors = {EAGAIN};  // full once more
  EXPECT_TRUE(run_until(shard, [&] { return observer.sent == 301; }));
  EXPECT_EQ(socket->queued(), 0u);
  read_all();
  ASSERT_EQ(got.size(), 301u);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], std::to_string(i));
  EXPECT_EQ(got[300], "last");
  // Nothing waits for writability any more: an idle shard has nothing to do.
  EXPECT_FALSE(shard.run_once());
}

TEST_F(UdpSocketTest, HandlersMaySend) {  // 7
  const auto socket = open();
  const auto peer = bound_udp();
  const auto to = address_of(peer.fd());
  Observer second;
  observer.then = [&] { socket->send("from on_sent", to, &second); };
  receiver.then = [&] { socket->send("from on_datagram", to, &observer); };
  ASSERT_GT(::sendto(peer.fd(), "x", 1, 0, socket->local().data(), socket->local().size()), 0);
  EXPECT_TRUE(run_until(shard, [&] { return second.sent == 1; }));
  EXPECT_EQ(peer.read_now(), "from on_datagram");
  EXPECT_EQ(peer.read_now(), "from on_sent");
  EXPECT_EQ(socket->queued(), 0u);
  // Within one turn, from a send to the answer of its observer.
  observer.then = [&] { socket->send(std::string(10000, 'y'), to, &second); };
  for (int i = 0; i < 5; ++i) socket->send(std::string(10000, 'x'), to, &observer);
  shard.run_once();
  EXPECT_EQ(second.sent, 6);
  for (const char c : {'x', 'x', 'x', 'x', 'x', 'y', 'y', 'y', 'y', 'y'}) {
    EXPECT_EQ(peer.read_now(), std::string(10000, c));
  }
}

TEST_F(UdpSocketTest, ForgottenObserver) {  // 8
  const auto socket = open();
  const auto peer = bound_udp();
  const auto to = address_of(peer.fd());
  auto gone = std::make_unique<Observer>();
  socket->send("a", to, gone.get());
  socket->forget(*gone);
  gone = std::make_unique<Observer>();
  observer.then = [&] {
    if (gone) socket->forget(*gone);
    gone.reset();
  };
  socket->send("b", to, &observer);
  socket->send("c", to, gone.get());
  socket->send("d", to, gone.get());
  shard.run_once();
  EXPECT_EQ(observer.sent, 1);
  EXPECT_EQ(gone, nullptr);
  for (const auto* text : {"a", "b", "c", "d"}) EXPECT_EQ(peer.read_now(), text);
}

TEST_F(UdpSocketTest, SharedPortAndProbe) {  // 9
  UdpOptions first;
  first.probe = true;
  const auto any = *Address::from_ip("127.0.0.1", 0);
  const auto one = UdpSocket::open(shard, any, first, receiver);
  ASSERT_TRUE(one);
  const auto bind = (*one)->local();
  EXPECT_TRUE(UdpSocket::open(shard, bind, UdpOptions{}, receiver));
  const auto probed = UdpSocket::open(shard, bind, first, receiver);
  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().text, "cannot bind UDP " + bind.str() + ": Address already in use");
}

TEST_F(UdpSocketTest, BindFails) {  // 10
  const auto taken = bound_udp();
  const auto bind = address_of(taken.fd());
  const auto socket = UdpSocket::open(shard, bind, UdpOptions{}, receiver);
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().text, "cannot bind UDP " + bind.str() + ": Address already in use");
  const auto foreign =
      UdpSocket::open(shard, *Address::from_ip("192.0.2.1", 5060), UdpOptions{}, receiver);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().text,
            "cannot bind UDP 192.0.2.1:5060: Cannot assign requested address");
}

TEST_F(UdpSocketTest, LargestAndEmpty) {  // 11
  const auto socket = open();
  const auto largest = std::string(65507, 'z');
  socket->send(largest, socket->local(), &observer);
  socket->send("", socket->local(), &observer);
  EXPECT_TRUE(run_until(shard, [&] { return receiver.got.size() == 2; }));
  EXPECT_EQ(observer.sent, 2);
  EXPECT_EQ(receiver.got[0], largest);
  EXPECT_EQ(receiver.got[1], "");
}

TEST_F(UdpSocketTest, DestroyedByItsHandlers) {  // 12
  auto socket = open();
  const auto peer = bound_udp();
  const auto to = socket->local();
  receiver.then = [&] { socket.reset(); };
  for (int i = 0; i < 3; ++i) ASSERT_GT(::sendto(peer.fd(), "x", 1, 0, to.data(), to.size()), 0);
  EXPECT_TRUE(run_until(shard, [&] { return socket == nullptr; }));
  EXPECT_EQ(receiver.got.size(), 1u);

  socket = open();
  observer.then = [&] { socket.reset(); };
  for (int i = 0; i < 3; ++i) socket->send("y", address_of(peer.fd()), &observer);
  shard.run_once();
  EXPECT_EQ(socket, nullptr);
  EXPECT_EQ(observer.sent, 1);
  EXPECT_FALSE(shard.run_once());
}

TEST_F(UdpSocketTest, FloodLeavesOthersTheirTurn) {  // 13
  const auto socket = open();
  const auto peer = bound_udp();
  const auto to = socket->local();
  for (int i = 0; i < 400; ++i) {
    ASSERT_GT(::sendto(peer.fd(), "x", 1, 0, to.data(), to.size()), 0);
  }
  shard.run_once();
  EXPECT_GE(receiver.got.size(), 64u);
  EXPECT_LE(receiver.got.size(), 256u);
  EXPECT_TRUE(run_until(shard, [&] { return receiver.got.size() == 400; }));
}

TEST_F(UdpSocketTest, OtherFamily) {  // 14
  const auto socket = open();
  socket->send("x", *Address::from_ip("::1", 5060), &observer);
  socket->send("x", Address(), &observer);
  shard.run_once();
  ASSERT_EQ(observer.failures.size(), 2u);
  EXPECT_EQ(observer.failures[0], "[::1]:5060: address family not supported by protocol");
}

}  // namespace
}  // namespace missive::net
