// Outgoing TCP connections.
//
//  1. A connection is handed over, never from within the constructor.
//  2. A refused one fails with a text.
//  3. One that nobody answers ends with the timeout.
//  4. The local address is the one asked for; an impossible one fails in the next turn.
//  5. Destroying the Connector gives up without a call; the callback may destroy it.
#include "net/connector.h"

#include <gtest/gtest.h>

#include "unit/net/loop_helper.h"

namespace missive::net {
namespace {

using namespace std::chrono_literals;

class ConnectorTest : public testing::Test {
 protected:
  void connect(const Address& to, const Address& from = {}) {
    connector = std::make_unique<Connector>(shard, from, to, 2s, [this](base::Result<int> result) {
      ++calls;
      if (result) {
        connected.emplace(*result);
      } else {
        error = result.error().text;
      }
      connector.reset();
    });
  }

  base::ManualClock clock;
  Shard shard{0, clock};
  std::unique_ptr<Connector> connector;
  int calls = 0;
  std::optional<PlainSocket> connected;
  std::string error;
};

TEST_F(ConnectorTest, Connects) {  // 1
  for (const auto* ip : {"127.0.0.1", "::1"}) {
    connected.reset();
    calls = 0;
    const auto listener = tcp_listener(ip);
    connect(address_of(listener.fd()));
    EXPECT_EQ(calls, 0);
    ASSERT_TRUE(run_until(shard, [&] { return calls == 1; }));
    ASSERT_TRUE(connected) << error;
    const PlainSocket accepted(::accept(listener.fd(), nullptr, nullptr));
    connected->send("hello");
    char text[8]{};
    EXPECT_EQ(::recv(accepted.fd(), text, sizeof text, 0), 5);
  }
  EXPECT_EQ(shard.timers().size(), 0u);
}

TEST_F(ConnectorTest, Refused) {  // 2
  auto gone = tcp_listener();
  const auto nobody = address_of(gone.fd());
  gone.close();
  connect(nobody);
  EXPECT_EQ(calls, 0);
  ASSERT_TRUE(run_until(shard, [&] { return calls == 1; }));
  EXPECT_EQ(error, "cannot connect to " + nobody.str() + ": Connection refused");
}

TEST_F(ConnectorTest, TimesOut) {  // 3
  // A queue of one that is full: the kernel leaves further connections unanswered.
  const auto any = *Address::from_ip("127.0.0.1", 0);
  const PlainSocket full(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(full.fd(), any.data(), any.size()), 0);
  ASSERT_EQ(::listen(full.fd(), 0), 0);
  const auto first = tcp_connect(address_of(full.fd()));
  connect(address_of(full.fd()));
  run_idle(shard);
  EXPECT_EQ(calls, 0);
  clock.advance(2010ms);
  shard.run_once();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(error, "cannot connect to " + address_of(full.fd()).str() + ": timed out");
}

TEST_F(ConnectorTest, LocalAddress) {  // 4
  const auto listener = tcp_listener("127.0.0.1");
  connect(address_of(listener.fd()), *Address::from_ip("127.0.0.3", 5060));
  ASSERT_TRUE(run_until(shard, [&] { return calls == 1; }));
  ASSERT_TRUE(connected) << error;
  EXPECT_EQ(address_of(connected->fd()).ip(), "127.0.0.3");
  EXPECT_NE(address_of(connected->fd()).port(), 5060);

  connect(address_of(listener.fd()), *Address::from_ip("192.0.2.1", 0));
  EXPECT_EQ(calls, 1);
  ASSERT_TRUE(run_until(shard, [&] { return calls == 2; }));
  EXPECT_EQ(error, "cannot connect to " + address_of(listener.fd()).str() +
                       ": Cannot assign requested address");
}

TEST_F(ConnectorTest, GivenUp) {  // 5
  const auto listener = tcp_listener();
  connect(address_of(listener.fd()));
  connector.reset();
  run_idle(shard);
  clock.advance(1h);
  run_idle(shard);
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace missive::net
