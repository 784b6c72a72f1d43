// The non-INVITE server transaction, every edge of figure 8 of RFC 3261, and RFC 4320.
//
//  1. The first request is passed on; nothing is sent by itself, no 100 either (RFC 4320).
//  2. A retransmission before the answer is dropped.
//  3. The answer is sent; Timer J runs 64*T1 from then; a retransmission is answered again.
//  4. A retransmission does not lengthen Timer J; when it fires the transaction ends.
//  5. Over a reliable transport Timer J is zero: the answer ends the transaction.
//  6. An answer when the client's Timer F has run out is not sent any more (RFC 4320).
//  7. Without any answer the transaction ends with Timer F.
//  8. A transport error ends it, whether trying or completed.
//  9. A second answer, an early timer and whatever comes after the end do nothing.
// 10. An answer without a request is none.
#include "sip/non_invite_server.h"

#include <gtest/gtest.h>

namespace missive::sip {
namespace {

using namespace std::chrono_literals;
using Actions = NonInviteServer::Actions;

base::TimePoint at(base::Duration since_start) { return base::TimePoint{24h} + since_start; }

bool nothing(const Actions& actions) {
  return !actions.pass_request && !actions.send && !actions.wake && !actions.end;
}

class NonInviteServerTest : public testing::Test {
 protected:
  const Timers timers{};
  NonInviteServer machine{timers, false};
};

TEST_F(NonInviteServerTest, PassesTheRequest) {  // 1
  const auto actions = machine.on_request(at(0s));
  EXPECT_TRUE(actions.pass_request);
  EXPECT_FALSE(actions.send);
  EXPECT_FALSE(actions.end);
  EXPECT_EQ(actions.wake, at(32s));
}

TEST_F(NonInviteServerTest, DropsRetransmissionWhileTrying) {  // 2
  machine.on_request(at(0s));
  EXPECT_TRUE(nothing(machine.on_request(at(500ms))));
  EXPECT_TRUE(nothing(machine.on_request(at(1500ms))));
}

TEST_F(NonInviteServerTest, AnswersRetransmissionWhenCompleted) {  // 3
  machine.on_request(at(0s));
  const auto answer = machine.on_final_response(at(1s));
  EXPECT_TRUE(answer.send);
  EXPECT_FALSE(answer.end);
  EXPECT_EQ(answer.wake, at(33s));
  for (int i = 2; i < 5; ++i) {
    const auto again = machine.on_request(at(std::chrono::seconds{i}));
    EXPECT_TRUE(again.send);
    EXPECT_FALSE(again.pass_request);
    EXPECT_FALSE(again.end);
  }
}

TEST_F(NonInviteServerTest, TimerJ) {  // 4
  machine.on_request(at(0s));
  machine.on_final_response(at(1s));
  EXPECT_TRUE(machine.on_request(at(32s)).send);
  const auto early = machine.on_timer(at(32'999ms));
  EXPECT_EQ(early.wake, at(33s));
  EXPECT_FALSE(early.end);
  EXPECT_TRUE(machine.on_timer(at(33s)).end);
  EXPECT_TRUE(nothing(machine.on_request(at(33s))));

  const Timers quick{.t1 = 10ms};
  NonInviteServer other(quick, false);
  other.on_request(at(0s));
  EXPECT_EQ(other.on_final_response(at(0s)).wake, at(640ms));
}

TEST_F(NonInviteServerTest, Reliable) {  // 5
  NonInviteServer reliable(timers, true);
  EXPECT_TRUE(reliable.on_request(at(0s)).pass_request);
  EXPECT_TRUE(nothing(reliable.on_request(at(100ms))));
  const auto answer = reliable.on_final_response(at(1s));
  EXPECT_TRUE(answer.send);
  EXPECT_TRUE(answer.end);
  EXPECT_FALSE(answer.wake);
  EXPECT_TRUE(nothing(reliable.on_request(at(2s))));
}

TEST_F(NonInviteServerTest, TooLateToAnswer) {  // 6
  for (const bool reliable : {false, true}) {
    NonInviteServer in_time(timers, reliable);
    in_time.on_request(at(0s));
    EXPECT_TRUE(in_time.on_final_response(at(31'999ms)).send);
    NonInviteServer late(timers, reliable);
    late.on_request(at(0s));
    const auto answer = late.on_final_response(at(32s));
    EXPECT_FALSE(answer.send);
    EXPECT_TRUE(answer.end);
  }
}

TEST_F(NonInviteServerTest, NeverAnswered) {  // 7
  machine.on_request(at(0s));
  EXPECT_EQ(machine.on_timer(at(31s)).wake, at(32s));
  const auto actions = machine.on_timer(at(32s));
  EXPECT_TRUE(actions.end);
  EXPECT_FALSE(actions.send);
  EXPECT_TRUE(nothing(machine.on_final_response(at(33s))));
}

TEST_F(NonInviteServerTest, TransportError) {  // 8
  machine.on_request(at(0s));
  EXPECT_TRUE(machine.on_transport_error().end);
  NonInviteServer completed(timers, false);
  completed.on_request(at(0s));
  completed.on_final_response(at(1s));
  EXPECT_TRUE(completed.on_transport_error().end);
  EXPECT_TRUE(nothing(completed.on_request(at(2s))));
}

TEST_F(NonInviteServerTest, NothingMore) {  // 9
  machine.on_request(at(0s));
  machine.on_final_response(at(1s));
  EXPECT_TRUE(nothing(machine.on_final_response(at(2s))));
  machine.on_timer(at(33s));
  EXPECT_TRUE(nothing(machine.on_request(at(34s))));
  EXPECT_TRUE(nothing(machine.on_final_response(at(34s))));
  EXPECT_TRUE(nothing(machine.on_timer(at(100s))));
  EXPECT_TRUE(nothing(machine.on_transport_error()));
}

TEST_F(NonInviteServerTest, AnswerWithoutRequest) {  // 10
  EXPECT_TRUE(nothing(machine.on_final_response(at(0s))));
  EXPECT_TRUE(nothing(machine.on_timer(at(0s))));
  EXPECT_TRUE(nothing(machine.on_transport_error()));
  EXPECT_TRUE(machine.on_request(at(0s)).pass_request);
}

}  // namespace
}  // namespace missive::sip
