// SIP packets for people.
//
// 1. nothing is shown or kept while nobody asks; whoever is behind it sees every packet
// 2. the logger: on, off, one host, two; direction, peer, time, kind and size
// 3. the history: on, off, clear, numbers; the oldest go when it is full
// 4. what a terminal would take as an order is escaped
#include "console/sip_trace.h"

#include <gmock/gmock.h>

#include "sip/loop_transport.h"

namespace missive::console {
namespace {

using Direction = sip::WireTap::Direction;
using testing::EndsWith;
using testing::HasSubstr;

class Behind final : public sip::WireTap {
 public:
  void on_wire(Direction, const sip::Transport&, const net::Address&, std::string_view) override {
    ++packets;
  }
  int packets = 0;
};

// Carries nothing; only its protocol is asked for.
class Wire final : public sip::Transport {
 public:
  Wire() : Transport({}) {}
  std::string_view protocol() const override { return "UDP"; }
  bool reliable() const override { return false; }
  net::Address local() const override { return {}; }
  void send(std::string_view, const net::Address&, net::SendObserver*) override {}
  void forget(net::SendObserver&) override {}
};

struct SipTraceTest : testing::Test {
  SipTraceTest() {
    trace.show_by([this](std::string text) { shown.push_back(std::move(text)); });
  }
  void pass(std::string_view ip, Direction direction = Direction::in,
            std::string_view message = "MESSAGE sip:a@b SIP/2.0\r\n\r\n") {
    trace.on_wire(direction, wire, *net::Address::from_ip(ip, 5060), message);
  }

  base::ManualClock clock;
  Behind behind;
  SipTrace trace{clock, &behind};
  Wire wire;
  std::vector<std::string> shown;
};

TEST_F(SipTraceTest, IsQuietAtFirst) {
  pass("192.0.2.1");
  EXPECT_TRUE(shown.empty());
  EXPECT_TRUE(trace.history().empty());
  EXPECT_EQ(behind.packets, 1);
}

TEST_F(SipTraceTest, ShowsWhatIsAskedFor) {
  trace.log_all();
  pass("192.0.2.1");
  pass("192.0.2.2", Direction::out, "SIP/2.0 200 OK\r\n\r\n");
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_THAT(shown[0], HasSubstr("] <--- Received SIP request (27 bytes) from UDP:192.0.2.1:5060 "
                                  "--->\nMESSAGE sip:a@b SIP/2.0\n\n"));
  EXPECT_EQ(shown[0].front(), '[');
  EXPECT_THAT(shown[1], HasSubstr("<--- Transmitting SIP response (18 bytes) to UDP:192.0.2.2:"));

  trace.log_host(*net::Network::parse("192.0.2.2"), false);
  pass("192.0.2.1");
  pass("192.0.2.2");
  EXPECT_EQ(shown.size(), 3u);
  trace.log_host(*net::Network::parse("192.0.2.0/31"), true);
  pass("192.0.2.1");
  pass("192.0.2.2");
  EXPECT_EQ(shown.size(), 5u);
  trace.log_nothing();
  pass("192.0.2.1");
  EXPECT_EQ(shown.size(), 5u);
  EXPECT_EQ(behind.packets, 7);
}

TEST_F(SipTraceTest, KeepsTheLast) {
  trace.keep_history(true);
  for (std::size_t i = 0; i < SipTrace::history_length + 3; ++i) pass("192.0.2.1");
  auto kept = trace.history();
  ASSERT_EQ(kept.size(), SipTrace::history_length);
  EXPECT_EQ(kept.front().number, 3u);
  EXPECT_TRUE(shown.empty());
  trace.keep_history(false);
  pass("192.0.2.1");
  EXPECT_EQ(trace.history().size(), SipTrace::history_length);
  trace.clear_history();
  EXPECT_TRUE(trace.history().empty());

  trace.keep_history(true);
  const std::string large(SipTrace::history_octets / 2 + 1, 'x');
  pass("192.0.2.1", Direction::in, large);
  pass("192.0.2.1", Direction::in, large);
  kept = trace.history();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept.front().number, 1u);
}

TEST_F(SipTraceTest, GivesATerminalNoOrders) {
  trace.log_all();
  pass("192.0.2.1", Direction::in,
       "MESSAGE sip:a SIP/2.0\r\n\r\n\x1B[2Jgr\xC3\xBC\xC3\x9F dich\x07");
  EXPECT_THAT(shown.at(0), EndsWith("\n\n\\x1b[2Jgr\xC3\xBC\xC3\x9F dich\\x07\n"));
}

}  // namespace
}  // namespace missive::console
