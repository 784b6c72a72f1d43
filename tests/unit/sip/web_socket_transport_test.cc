// SIP over WebSocket; the sockets are made up.
//
//  1. A message goes down the connection to its address and says "sent", after the turn.
//  2. Without a connection it fails, with the reason, after the turn.
//  3. A message that comes in is shown with its address, in the buffer it came in.
//  4. CRLF CRLF is answered with CRLF; a CRLF and an empty message with nothing.
//  5. A connection that is lost is told to the receiver, and what is sent then fails.
//  6. A second connection from the same address closes the first and takes its place.
//  7. What waits for a slow reader is bounded by max_unsent.
//  8. A forgotten observer is not told; an observer may send again from inside.
//  9. The tap sees both directions, and no keep-alives.
// 10. Names: WS and WSS; reliable; local() is where the HTTP server listens.
// 11. A message without Content-Length is whole for the parser.
#include "sip/web_socket_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "sip/packet.h"
#include "unit/net/loop_helper.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using test::message_request;
using test::replaced;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What happened to a socket outlives it.
struct Life {
  std::vector<std::string> sent;
  std::vector<std::string> closed;
  std::size_t unsent = 0;
  bool destroyed = false;
  net::MessageSocketHandler* handler = nullptr;
};

class FakeSocket final : public net::MessageSocket {
 public:
  FakeSocket(Life& life, const net::Address& peer) : life_(life), peer_(peer) {}
  ~FakeSocket() override { life_.destroyed = true; }
  void start(net::MessageSocketHandler& handler) override { life_.handler = &handler; }
  void send(std::string_view message) override { life_.sent.emplace_back(message); }
  std::size_t unsent() const override { return life_.unsent; }
  void close(std::string_view reason) override { life_.closed.emplace_back(reason); }
  const net::Address& local() const override { return peer_; }
  const net::Address& peer() const override { return peer_; }
  bool secure() const override { return false; }

 private:
  Life& life_;
  const net::Address peer_;
};

struct Receiver final : MessageReceiver {
  void on_message(Transport&, std::span<char> message, const net::Address& from) override {
    messages.emplace_back(from.str(), std::string(message.data(), message.size()));
    buffer = message.data();
    Packet packet;
    parsed = packet.parse(message).has_value();
    body = packet.body();
  }
  void on_connection_lost(Transport&, const net::Address& peer, const base::Error& error) override {
    lost.push_back(peer.str() + ": " + error.text);
  }
  std::vector<std::pair<std::string, std::string>> messages;
  std::vector<std::string> lost;
  const char* buffer = nullptr;
  bool parsed = false;
  std::string body;
};

struct Observer final : net::SendObserver {
  void on_sent() override {
    log.push_back("sent");
    if (then) then();
  }
  void on_send_failed(const base::Error& error) override { log.push_back(error.text); }
  std::vector<std::string> log;
  std::function<void()> then;
};

struct Tap final : WireTap {
  void on_wire(Direction direction, const Transport& transport, const net::Address& peer,
               std::string_view message) override {
    seen.push_back(fmt::format("{} {} {} {}", direction == Direction::in ? "in" : "out",
                               transport.protocol(), peer.str(), message.size()));
  }
  std::vector<std::string> seen;
};

const auto browser = *net::Address::from_ip("192.0.2.1", 5070);
const auto http_address = *net::Address::from_ip("192.0.2.9", 8088);

class WebSocketTransportTest : public testing::Test {
 protected:
  void adopt(Life& its, const net::Address& peer = browser) {
    transport.adopt(std::make_unique<FakeSocket>(its, peer));
    ASSERT_NE(its.handler, nullptr);
  }
  static void receive(const Life& from, std::string message) {
    from.handler->on_message({message.data(), message.size()});
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  Receiver receiver;
  Observer observer;
  Life life, second;
  WebSocketOptions options{.secure = false, .max_unsent = 10'000};
  WebSocketTransport transport{shard, http_address, TransportOptions{.id = "ws"}, options,
                               receiver};
};

TEST_F(WebSocketTransportTest, Sends) {  // 1
  adopt(life);
  EXPECT_EQ(transport.connections(), 1u);
  transport.send(message_request, browser, &observer);
  transport.send("no observer", browser, nullptr);
  EXPECT_THAT(life.sent, ElementsAre(message_request, "no observer"));
  EXPECT_THAT(observer.log, IsEmpty()) << "never from within send()";
  shard.run_once();
  EXPECT_THAT(observer.log, ElementsAre("sent"));
}

TEST_F(WebSocketTransportTest, NoConnection) {  // 2
  transport.send(message_request, browser, &observer);
  EXPECT_THAT(observer.log, IsEmpty());
  shard.run_once();
  EXPECT_THAT(observer.log,
              ElementsAre("there is no WebSocket connection to 192.0.2.1:5070; a WebSocket phone "
                          "is reached only by the connection it opened"));
}

TEST_F(WebSocketTransportTest, Receives) {  // 3
  adopt(life);
  auto text = message_request;
  life.handler->on_message({text.data(), text.size()});
  ASSERT_EQ(receiver.messages.size(), 1u);
  EXPECT_EQ(receiver.messages[0].first, "192.0.2.1:5070");
  EXPECT_EQ(receiver.messages[0].second, message_request);
  EXPECT_EQ(receiver.buffer, text.data());
}

TEST_F(WebSocketTransportTest, KeepAlives) {  // 4
  adopt(life);
  receive(life, "\r\n\r\n");
  EXPECT_THAT(life.sent, ElementsAre("\r\n"));
  receive(life, "\r\n");
  receive(life, "");
  EXPECT_THAT(life.sent, ElementsAre("\r\n"));
  EXPECT_THAT(receiver.messages, IsEmpty());
}

TEST_F(WebSocketTransportTest, Lost) {  // 5
  adopt(life);
  transport.send(message_request, browser, &observer);
  life.handler->on_closed("closed by peer (1001)");
  EXPECT_FALSE(life.destroyed) << "it is calling us";
  EXPECT_THAT(receiver.lost, ElementsAre("192.0.2.1:5070: closed by peer (1001)"));
  EXPECT_EQ(transport.connections(), 0u);
  shard.run_once();
  EXPECT_TRUE(life.destroyed);
  EXPECT_THAT(observer.log, ElementsAre("sent"));
  transport.send(message_request, browser, &observer);
  shard.run_once();
  EXPECT_EQ(observer.log.size(), 2u);
  EXPECT_NE(observer.log.back(), "sent");
}

TEST_F(WebSocketTransportTest, Replaced) {  // 6
  adopt(life);
  adopt(second);
  EXPECT_EQ(life.closed.size(), 1u);
  EXPECT_THAT(receiver.lost,
              ElementsAre("192.0.2.1:5070: replaced by a new connection from the same address"));
  transport.send(message_request, browser, nullptr);
  EXPECT_THAT(life.sent, IsEmpty());
  EXPECT_THAT(second.sent, ElementsAre(message_request));
  shard.run_once();
  EXPECT_TRUE(life.destroyed);
  EXPECT_FALSE(second.destroyed);
}

TEST_F(WebSocketTransportTest, SlowReader) {  // 7
  adopt(life);
  life.unsent = 10'000 - message_request.size();
  transport.send(message_request, browser, &observer);
  life.unsent += 1;
  transport.send(message_request, browser, &observer);
  shard.run_once();
  ASSERT_EQ(observer.log.size(), 2u);
  EXPECT_EQ(observer.log[0], "sent");
  EXPECT_THAT(observer.log[1], testing::StartsWith("192.0.2.1:5070 reads too slowly: "));
  EXPECT_EQ(life.sent.size(), 1u);
}

TEST_F(WebSocketTransportTest, Observers) {  // 8
  adopt(life);
  Observer forgotten;
  transport.send("one", browser, &forgotten);
  transport.forget(forgotten);
  observer.then = [this] {
    if (observer.log.size() < 3) transport.send("again", browser, &observer);
  };
  transport.send("two", browser, &observer);
  net::run_idle(shard);
  EXPECT_THAT(forgotten.log, IsEmpty());
  EXPECT_THAT(observer.log, ElementsAre("sent", "sent", "sent"));
  EXPECT_THAT(life.sent, ElementsAre("one", "two", "again", "again"));
}

TEST_F(WebSocketTransportTest, TapSees) {  // 9
  Tap tap;
  transport.set_tap(&tap);
  adopt(life);
  transport.send("four", browser, nullptr);
  receive(life, message_request);
  receive(life, "\r\n\r\n");
  EXPECT_THAT(tap.seen,
              ElementsAre("out WS 192.0.2.1:5070 4",
                          fmt::format("in WS 192.0.2.1:5070 {}", message_request.size())));
}

TEST_F(WebSocketTransportTest, Names) {  // 10
  EXPECT_EQ(transport.protocol(), "WS");
  EXPECT_TRUE(transport.reliable());
  EXPECT_EQ(transport.id(), "ws");
  EXPECT_EQ(transport.local(), http_address);
  const WebSocketTransport secure(shard, http_address, {}, {.secure = true}, receiver);
  EXPECT_EQ(secure.protocol(), "WSS");
}

TEST_F(WebSocketTransportTest, NoContentLength) {  // 11
  adopt(life);
  receive(life, replaced(message_request, "Content-Length: 5\r\n", ""));
  EXPECT_TRUE(receiver.parsed);
  EXPECT_EQ(receiver.body, "hello");
}

}  // namespace
}  // namespace missive::sip
