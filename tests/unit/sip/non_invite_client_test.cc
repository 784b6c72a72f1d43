// The non-INVITE client transaction, every edge of figure 6 of RFC 3261.
//
//  1. Unreliable, unanswered: sent at 0, 0.5, 1.5, 3.5, 7.5, then every 4 s, given up at 32 s.
//  2. Reliable: sent once, given up at 32 s.
//  3. A provisional response lets the running Timer E fire and then makes it T2.
//  4. A provisional response changes nothing on a reliable transport, nor does a second one.
//  5. Any final response ends it, whether trying or proceeding.
//  6. A transport error ends it, whether trying or proceeding.
//  7. What comes after the end does nothing: timers, responses, errors, a second start.
//  8. What comes before the start does nothing.
//  9. A timer that fires early only asks to be woken again.
// 10. A late wake-up counts the next interval from when it came; past Timer F it ends.
// 11. T1, T2 and Timer F are those of the configuration; T2 bounds the very first interval doubled.
// 12. A time limit stands in for Timer F, shorter or longer, over both kinds of transport.
#include "sip/non_invite_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace missive::sip {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using Actions = NonInviteClient::Actions;
using Tell = Actions::Tell;
using Times = std::vector<std::chrono::milliseconds>;

const base::TimePoint start_time{24h};

base::TimePoint at(base::Duration since_start) { return start_time + since_start; }

bool nothing(const Actions& actions) {
  return !actions.send && !actions.wake && actions.tell == Tell::nothing && !actions.end;
}

struct Run {
  Times sent;
  std::chrono::milliseconds end{-1};
};

// Follows the wake-ups to the tick until the machine ends.
Run follow(NonInviteClient& machine, std::optional<base::TimePoint> wake) {
  Run run;
  for (int steps = 0; wake && steps < 1000; ++steps) {
    const auto now = *wake;
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_time);
    const auto actions = machine.on_timer(now);
    if (actions.send) run.sent.push_back(since);
    if (actions.end) {
      EXPECT_EQ(actions.tell, Tell::timeout);
      run.end = since;
    }
    wake = actions.wake;
  }
  return run;
}

TEST(NonInviteClient, RetransmitsUntilTimerF) {  // 1
  const Timers timers{};
  NonInviteClient machine(timers, false);
  const auto started = machine.start(at(0s));
  EXPECT_TRUE(started.send);
  EXPECT_FALSE(started.end);
  EXPECT_EQ(started.tell, Tell::nothing);
  const auto run = follow(machine, started.wake);
  EXPECT_THAT(run.sent, ElementsAre(500ms, 1500ms, 3500ms, 7500ms, 11500ms, 15500ms, 19500ms,
                                    23500ms, 27500ms, 31500ms));
  EXPECT_EQ(run.end, 32s);
}

TEST(NonInviteClient, SendsOnceOverAReliableTransport) {  // 2
  const Timers timers{};
  NonInviteClient machine(timers, true);
  const auto started = machine.start(at(0s));
  EXPECT_TRUE(started.send);
  ASSERT_EQ(started.wake, at(32s));
  const auto run = follow(machine, started.wake);
  EXPECT_TRUE(run.sent.empty());
  EXPECT_EQ(run.end, 32s);
}

TEST(NonInviteClient, ProvisionalMakesTimerEOfT2) {  // 3
  const Timers timers{};
  for (const auto& [when, expected] : std::vector<std::pair<base::Duration, Times>>{
           {200ms, {500ms, 4500ms, 8500ms, 12500ms, 16500ms, 20500ms, 24500ms, 28500ms}},
           {600ms, {1500ms, 5500ms, 9500ms, 13500ms, 17500ms, 21500ms, 25500ms, 29500ms}}}) {
    NonInviteClient machine(timers, false);
    auto wake = machine.start(at(0s)).wake;
    while (*wake < at(when)) wake = machine.on_timer(*wake).wake;
    const auto provisional = machine.on_response(100, at(when));
    EXPECT_EQ(provisional.tell, Tell::provisional);
    EXPECT_FALSE(provisional.send);
    EXPECT_FALSE(provisional.end);
    EXPECT_FALSE(provisional.wake) << "Timer E keeps running";
    const auto run = follow(machine, wake);
    EXPECT_EQ(run.sent, expected);
    EXPECT_EQ(run.end, 32s);
  }
}

TEST(NonInviteClient, ProvisionalOverAReliableTransport) {  // 4
  const Timers timers{};
  NonInviteClient machine(timers, true);
  const auto wake = machine.start(at(0s)).wake;
  EXPECT_EQ(machine.on_response(100, at(1s)).tell, Tell::provisional);
  EXPECT_EQ(machine.on_response(183, at(2s)).tell, Tell::provisional);
  const auto run = follow(machine, wake);
  EXPECT_TRUE(run.sent.empty());
  EXPECT_EQ(run.end, 32s);
}

TEST(NonInviteClient, FinalResponseEnds) {  // 5
  const Timers timers{};
  for (const bool reliable : {false, true}) {
    for (const bool proceeding : {false, true}) {
      for (const int status : {200, 202, 299, 302, 401, 486, 503, 603, 699}) {
        SCOPED_TRACE(testing::Message() << status << (reliable ? " reliable" : "")
                                        << (proceeding ? " proceeding" : ""));
        NonInviteClient machine(timers, reliable);
        machine.start(at(0s));
        if (proceeding) machine.on_response(199, at(100ms));
        const auto actions = machine.on_response(status, at(200ms));
        EXPECT_EQ(actions.tell, Tell::final);
        EXPECT_TRUE(actions.end);
        EXPECT_FALSE(actions.send);
        EXPECT_FALSE(actions.wake);
      }
    }
  }
}

TEST(NonInviteClient, TransportErrorEnds) {  // 6
  const Timers timers{};
  for (const bool proceeding : {false, true}) {
    NonInviteClient machine(timers, false);
    machine.start(at(0s));
    if (proceeding) machine.on_response(100, at(100ms));
    const auto actions = machine.on_transport_error();
    EXPECT_EQ(actions.tell, Tell::transport_error);
    EXPECT_TRUE(actions.end);
    EXPECT_FALSE(actions.send);
    EXPECT_FALSE(actions.wake);
  }
}

TEST(NonInviteClient, NothingAfterTheEnd) {  // 7
  const Timers timers{};
  const auto silent = [](NonInviteClient& machine) {
    EXPECT_TRUE(nothing(machine.on_timer(at(500ms))));
    EXPECT_TRUE(nothing(machine.on_timer(at(32s))));
    EXPECT_TRUE(nothing(machine.on_response(100, at(33s))));
    EXPECT_TRUE(nothing(machine.on_response(200, at(33s))));
    EXPECT_TRUE(nothing(machine.on_transport_error()));
    EXPECT_TRUE(nothing(machine.start(at(34s))));
  };
  NonInviteClient answered(timers, false);
  answered.start(at(0s));
  answered.on_response(200, at(100ms));
  silent(answered);
  NonInviteClient timed_out(timers, false);
  timed_out.start(at(0s));
  EXPECT_TRUE(timed_out.on_timer(at(32s)).end);
  silent(timed_out);
  NonInviteClient failed(timers, false);
  failed.start(at(0s));
  failed.on_transport_error();
  silent(failed);
}

TEST(NonInviteClient, NothingBeforeTheStart) {  // 8
  const Timers timers{};
  NonInviteClient machine(timers, false);
  EXPECT_TRUE(nothing(machine.on_timer(at(0s))));
  EXPECT_TRUE(nothing(machine.on_response(200, at(0s))));
  EXPECT_TRUE(nothing(machine.on_transport_error()));
  EXPECT_TRUE(machine.start(at(0s)).send);
  EXPECT_TRUE(nothing(machine.start(at(0s))));
}

TEST(NonInviteClient, EarlyTimer) {  // 9
  const Timers timers{};
  for (const bool reliable : {false, true}) {
    NonInviteClient machine(timers, reliable);
    machine.start(at(0s));
    const auto actions = machine.on_timer(at(499ms));
    EXPECT_FALSE(actions.send);
    EXPECT_FALSE(actions.end);
    EXPECT_EQ(actions.wake, at(reliable ? 32s : 500ms));
  }
}

TEST(NonInviteClient, LateTimer) {  // 10
  const Timers timers{};
  NonInviteClient machine(timers, false);
  machine.start(at(0s));
  const auto late = machine.on_timer(at(2s));
  EXPECT_TRUE(late.send);
  EXPECT_EQ(late.wake, at(3s));
  const auto over = machine.on_timer(at(40s));
  EXPECT_FALSE(over.send);
  EXPECT_TRUE(over.end);
  EXPECT_EQ(over.tell, Tell::timeout);
}

TEST(NonInviteClient, OtherTimers) {  // 11
  Timers timers{.t1 = 100ms, .t2 = 300ms, .timer_f = 1s};
  NonInviteClient machine(timers, false);
  auto run = follow(machine, machine.start(at(0s)).wake);
  EXPECT_THAT(run.sent, ElementsAre(100ms, 300ms, 600ms, 900ms));
  EXPECT_EQ(run.end, 1s);

  // Timer F before the first retransmission.
  timers = {.t1 = 2s, .t2 = 4s, .timer_f = 1s};
  NonInviteClient hasty(timers, false);
  run = follow(hasty, hasty.start(at(0s)).wake);
  EXPECT_TRUE(run.sent.empty());
  EXPECT_EQ(run.end, 1s);
}

TEST(NonInviteClient, TimeLimit) {  // 12
  const Timers timers;
  for (const bool reliable : {false, true}) {
    for (const auto limit : {1200ms, 40'000ms}) {
      NonInviteClient machine(timers, reliable);
      const auto run = follow(machine, machine.start(start_time, limit).wake);
      EXPECT_EQ(run.end, limit);
      EXPECT_EQ(run.sent.empty(), reliable);
    }
  }
}

}  // namespace
}  // namespace missive::sip
