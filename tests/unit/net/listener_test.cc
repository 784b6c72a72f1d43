// The listener.
//
//  1. Connections are handed out with their peer, IPv4 and IPv6, non-blocking.
//  2. Many at once all arrive.
//  3. A port that is taken: one clear text.
//  4. Out of descriptors: it pauses, then goes on with what waited.
//  5. A connection that broke in the queue does not stop the others.
//  6. It may be destroyed by its own callback.
//  7. On :: it takes IPv4 connections.
#include "net/listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "unit/net/faults.h"
#include "unit/net/loop_helper.h"

namespace missive::net {
namespace {

using namespace std::chrono_literals;

class ListenerTest : public testing::Test {
 protected:
  void SetUp() override {
    reset_faults();
    log::set_quiet();
  }
  void TearDown() override { spdlog::set_level(spdlog::level::info); }

  base::Result<std::unique_ptr<Listener>> open(const char* ip, std::uint16_t port = 0) {
    return Listener::open(shard, *Address::from_ip(ip, port), [this](int fd, const Address& peer) {
      accepted.emplace_back(fd);
      peers.push_back(peer);
      if (then) then();
    });
  }

  base::ManualClock clock;
  Shard shard{0, clock};
  std::vector<PlainSocket> accepted;
  std::vector<Address> peers;
  std::function<void()> then;
};

TEST_F(ListenerTest, HandsOutConnections) {  // 1
  for (const auto* ip : {"127.0.0.1", "::1"}) {
    accepted.clear();
    peers.clear();
    const auto listener = open(ip);
    ASSERT_TRUE(listener);
    EXPECT_EQ((*listener)->local().ip(), ip);
    const auto client = tcp_connect((*listener)->local());
    EXPECT_TRUE(run_until(shard, [&] { return accepted.size() == 1; }));
    EXPECT_EQ(peers.at(0), address_of(client.fd()));
    EXPECT_NE(::fcntl(accepted[0].fd(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(accepted[0].fd(), F_GETFD) & FD_CLOEXEC, 0);
    accepted[0].send("hello");
    char text[8]{};
    EXPECT_EQ(::recv(client.fd(), text, sizeof text, 0), 5);
  }
}

TEST_F(ListenerTest, ManyAtOnce) {  // 2
  const auto listener = open("127.0.0.1");
  std::vector<PlainSocket> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(tcp_connect((*listener)->local()));
  EXPECT_TRUE(run_until(shard, [&] { return accepted.size() == 100; }));
}

TEST_F(ListenerTest, PortTaken) {  // 3
  const auto first = open("127.0.0.1");
  const auto bind = (*first)->local();
  const auto second = open("127.0.0.1", bind.port());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().text, "cannot listen on TCP " + bind.str() + ": Address already in use");
}

TEST_F(ListenerTest, OutOfDescriptors) {  // 4
  const auto listener = open("127.0.0.1");
  const auto client = tcp_connect((*listener)->local());
  faults().accept4_errors = {EMFILE, ENFILE};
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(faults().accept4_errors.size(), 1u);
  EXPECT_FALSE(shard.run_once());  // no spinning
  clock.advance(1s);
  EXPECT_TRUE(run_until(shard, [&] { return faults().accept4_errors.empty(); }));
  EXPECT_TRUE(accepted.empty());
  clock.advance(1s);
  EXPECT_TRUE(run_until(shard, [&] { return accepted.size() == 1; }));
}

TEST_F(ListenerTest, BrokenInTheQueue) {  // 5
  const auto listener = open("127.0.0.1");
  const auto client = tcp_connect((*listener)->local());
  faults().accept4_errors = {ECONNABORTED, EINTR};
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(accepted.size(), 1u);
}

TEST_F(ListenerTest, DestroyedByItsCallback) {  // 6
  auto listener = open("127.0.0.1");
  const auto one = tcp_connect((*listener)->local());
  const auto two = tcp_connect((*listener)->local());
  then = [&] { listener->reset(); };
  EXPECT_TRUE(run_until(shard, [&] { return *listener == nullptr; }));
  EXPECT_EQ(accepted.size(), 1u);
  run_idle(shard);
}

TEST_F(ListenerTest, BothFamilies) {  // 7
  const auto listener = open("::");
  ASSERT_TRUE(listener);
  const auto client = tcp_connect(*Address::from_ip("127.0.0.1", (*listener)->local().port()));
  EXPECT_TRUE(run_until(shard, [&] { return accepted.size() == 1; }));
  EXPECT_EQ(peers.at(0).ip(), "::ffff:127.0.0.1");
}

}  // namespace
}  // namespace missive::net
