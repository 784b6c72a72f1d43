// SIP over UDP on real loopback sockets.
//
//  1. A datagram is a message, with where it came from; one sent leaves, and its observer is told.
//  2. Keep-alives (line ends, NULs, nothing at all) are no messages; what only begins like one is.
//  3. The tap sees messages in both directions and no keep-alive.
//  4. A forgotten observer is not told; one whose packet is too long is told why.
//  5. An address that is not ours cannot be bound, and the error says so.
#include "sip/udp_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/loop_helper.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using net::run_until;
using test::message_request;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Receiver final : MessageReceiver {
  void on_message(Transport&, std::span<char> message, const net::Address& from) override {
    messages.emplace_back(message.data(), message.size());
    last_from = from;
  }
  void on_connection_lost(Transport&, const net::Address&, const base::Error&) override {
    ADD_FAILURE() << "there is no connection";
  }
  std::vector<std::string> messages;
  net::Address last_from;
};

struct Observer final : net::SendObserver {
  void on_sent() override { log.push_back("sent"); }
  void on_send_failed(const base::Error& error) override { log.push_back(error.text); }
  std::vector<std::string> log;
};

struct Tap final : WireTap {
  void on_wire(Direction direction, const Transport& transport, const net::Address&,
               std::string_view message) override {
    log.push_back(fmt::format("{} {} {}", direction == Direction::in ? "in" : "out",
                              transport.protocol(), message));
  }
  std::vector<std::string> log;
};

class UdpTransportTest : public testing::Test {
 protected:
  UdpTransportTest() {
    auto opened = UdpTransport::open(shard, *net::Address::from_ip("127.0.0.1", 0), {.id = "u"},
                                     receiver, false);
    EXPECT_TRUE(opened);
    transport = std::move(*opened);
  }
  net::Address peer() const { return net::address_of(phone.fd()); }
  void arrive(std::string_view datagram) const {
    const auto to = transport->local();
    EXPECT_EQ(::sendto(phone.fd(), datagram.data(), datagram.size(), 0, to.data(), to.size()),
              static_cast<ssize_t>(datagram.size()));
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  Receiver receiver;
  std::unique_ptr<UdpTransport> transport;
  net::PlainSocket phone = net::bound_udp();
};

TEST_F(UdpTransportTest, InAndOut) {  // 1
  EXPECT_EQ(transport->protocol(), "UDP");
  EXPECT_FALSE(transport->reliable());
  EXPECT_EQ(transport->id(), "u");
  EXPECT_NE(transport->local().port(), 0);
  EXPECT_EQ(transport->sent_by(peer()).host_port, transport->local().str());
  arrive(message_request);
  ASSERT_TRUE(run_until(shard, [&] { return !receiver.messages.empty(); }));
  EXPECT_THAT(receiver.messages, ElementsAre(message_request));
  EXPECT_EQ(receiver.last_from, peer());

  Observer observer;
  transport->send(test::ok_response, peer(), &observer);
  EXPECT_THAT(observer.log, IsEmpty());
  shard.run_once();
  EXPECT_THAT(observer.log, ElementsAre("sent"));
  EXPECT_EQ(phone.read_now(), test::ok_response);
}

TEST_F(UdpTransportTest, KeepAlives) {  // 2
  for (const std::string& keep_alive :
       {std::string(), std::string("\r\n"), std::string("\r\n\r\n"), std::string("\n"),
        std::string(4, '\0'), std::string(1, '\0'), std::string("\r\n\r\n\r\n\r\n\r\n")}) {
    arrive(keep_alive);
  }
  arrive("\r\n\r\n" + message_request);
  arrive("\r\n\r\nx");
  arrive("x");
  ASSERT_TRUE(run_until(shard, [&] { return receiver.messages.size() >= 3; }));
  EXPECT_THAT(receiver.messages, ElementsAre("\r\n\r\n" + message_request, "\r\n\r\nx", "x"));
}

TEST_F(UdpTransportTest, Tapped) {  // 3
  Tap tap;
  transport->set_tap(&tap);
  arrive("\r\n\r\n");
  arrive("ping");
  ASSERT_TRUE(run_until(shard, [&] { return !receiver.messages.empty(); }));
  transport->send("pong", peer(), nullptr);
  EXPECT_THAT(tap.log, ElementsAre("in UDP ping", "out UDP pong"));
}

TEST_F(UdpTransportTest, Observers) {  // 4
  Observer forgotten, too_long;
  transport->send("a", peer(), &forgotten);
  transport->send(std::string(70'000, 'x'), peer(), &too_long);
  transport->forget(forgotten);
  net::run_idle(shard);
  EXPECT_THAT(forgotten.log, IsEmpty());
  EXPECT_THAT(too_long.log, ElementsAre("packet of 70000 octets is too long for UDP"));
  EXPECT_EQ(phone.read_now(), "a");
}

TEST_F(UdpTransportTest, NotOurs) {  // 5
  const auto opened =
      UdpTransport::open(shard, *net::Address::from_ip("192.0.2.1", 5060), {}, receiver, false);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("cannot bind UDP 192.0.2.1:5060: "));
}

}  // namespace
}  // namespace missive::sip
