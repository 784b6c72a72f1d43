// The shard: turns, mail, timers, ends of turns.
//
//  1. Posted tasks run in order with the next turn; a turn with nothing to do says so.
//  2. The end of a turn calls each once, packets before streams.
//  3. What the end of a turn schedules is still flushed in that turn, packets first again.
//  4. What keeps scheduling itself does not hold the turn for ever.
//  5. forget() takes a TurnEnd out, also from within another one's on_turn_end().
//  6. Timers fire with the clock; now() is the time of the turn.
//  7. run() ends by stop() from another thread, after four threads posted; nothing is lost.
//  8. stop() before run(): it returns.
//  9. run() wakes for a timer.
// 10. Asio's handlers run beside our descriptors, in run_once() and in run().
// 11. In a handler of Asio now() is the time it is.
// 12. What was posted and not run is dropped before the shard goes.
// 13. keep() holds, release() hands back.
#include "net/shard.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "unit/net/loop_helper.h"

namespace missive::net {
namespace {

using namespace std::chrono_literals;

struct Recorder final : TurnEnd {
  Recorder(std::vector<std::string>& into, std::string what) : log(into), name(std::move(what)) {}
  void on_turn_end() override {
    log.push_back(name);
    if (then) then();
  }
  std::vector<std::string>& log;
  std::string name;
  std::function<void()> then;
};

class ShardTest : public testing::Test {
 protected:
  base::ManualClock clock;
  Shard shard{3, clock};
  std::vector<std::string> log;
};

using Strings = std::vector<std::string>;

TEST_F(ShardTest, PostedTasksRunInOrder) {  // 1
  EXPECT_EQ(shard.index(), 3u);
  EXPECT_FALSE(shard.run_once());
  for (const auto* name : {"a", "b", "c"}) {
    shard.post([this, name] { log.push_back(name); });
  }
  shard.post([this] { shard.post([this] { log.push_back("d"); }); });
  EXPECT_TRUE(log.empty());
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(log, (Strings{"a", "b", "c"}));
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(log.back(), "d");
  EXPECT_FALSE(shard.run_once());
}

TEST_F(ShardTest, EndOfTurnOnceEach) {  // 2
  Recorder stream(log, "stream");
  Recorder packets(log, "packets");
  shard.post([&] {
    for (int i = 0; i < 3; ++i) {
      shard.at_turn_end(stream);
      shard.at_turn_end(packets, true);
    }
    log.push_back("task");
  });
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(log, (Strings{"task", "packets", "stream"}));
  EXPECT_FALSE(shard.run_once());
  shard.at_turn_end(stream);  // between turns: the next one
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(log.size(), 4u);
}

TEST_F(ShardTest, EndOfTurnMaySchedule) {  // 3
  Recorder packets(log, "packets");
  Recorder reply(log, "reply");
  Recorder stream(log, "stream");
  int rounds = 2;
  packets.then = [&] { shard.at_turn_end(reply); };
  stream.then = [&] {
    if (--rounds > 0) shard.at_turn_end(stream);
    shard.at_turn_end(packets, true);
  };
  shard.at_turn_end(stream);
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(log, (Strings{"stream", "packets", "stream", "reply", "packets", "reply"}));
  EXPECT_FALSE(shard.run_once());
}

TEST_F(ShardTest, EndlessSchedulingLetsOthersRun) {  // 4
  Recorder greedy(log, "greedy");
  greedy.then = [&] { shard.at_turn_end(greedy, true); };
  shard.at_turn_end(greedy, true);
  EXPECT_TRUE(shard.run_once());
  const auto once = log.size();
  EXPECT_LT(once, 1000u);
  EXPECT_TRUE(shard.run_once());
  EXPECT_GT(log.size(), once);
  shard.forget(greedy);
  EXPECT_FALSE(shard.run_once());
}

TEST_F(ShardTest, Forget) {  // 5
  Recorder first(log, "first");
  auto second = std::make_unique<Recorder>(log, "second");
  Recorder third(log, "third");
  first.then = [&] {
    shard.forget(*second);
    second.reset();
  };
  shard.at_turn_end(first);
  shard.at_turn_end(*second);
  shard.at_turn_end(third);
  shard.run_once();
  EXPECT_EQ(log, (Strings{"first", "third"}));
  shard.at_turn_end(third);
  shard.forget(third);
  shard.forget(third);
  EXPECT_FALSE(shard.run_once());
  first.then = {};
  shard.at_turn_end(third);  // can be scheduled again after that
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(log.back(), "third");
}

TEST_F(ShardTest, TimersFollowTheClock) {  // 6
  base::TimePoint fired_at;
  CallbackTimer timer([&] { fired_at = shard.now(); });
  const auto begin = shard.now();
  shard.arm(timer, 100ms);
  clock.advance(99ms);
  EXPECT_EQ(shard.now(), begin);
  EXPECT_FALSE(shard.run_once());
  EXPECT_EQ(shard.now(), begin + 99ms);
  clock.advance(1ms);
  EXPECT_TRUE(shard.run_once());
  EXPECT_EQ(fired_at, begin + 100ms);
  shard.arm(timer, 0ms);
  EXPECT_TRUE(shard.run_once());
}

TEST(ShardThread, PostFromFourThreadsThenStop) {  // 7
  static constexpr int each = 5000;
  const base::SystemClock clock;
  Shard shard(0, clock);
  int ran = 0;
  std::thread runner([&shard] { shard.run(); });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < each; ++i) shard.post([&ran] { ++ran; });
    });
  }
  for (auto& thread : threads) thread.join();
  shard.post([&shard] { shard.stop(); });
  runner.join();
  EXPECT_EQ(ran, 4 * each);
}

TEST(ShardThread, StopBeforeRun) {  // 8
  const base::SystemClock clock;
  Shard shard(0, clock);
  std::thread([&shard] { shard.stop(); }).join();
  shard.run();
  SUCCEED();
}

TEST(ShardThread, WakesForATimer) {  // 9
  const base::SystemClock clock;
  Shard shard(0, clock);
  int fired = 0;
  CallbackTimer timer([&] {
    if (++fired == 2) return shard.stop();
    shard.arm(timer, 1ms);
  });
  shard.arm(timer, 1ms);
  shard.run();
  EXPECT_EQ(fired, 2);
}

TEST_F(ShardTest, AsioBesideOurs) {  // 10
  int asio = 0;
  int ours = 0;
  boost::asio::post(shard.loop(), [&asio] { ++asio; });
  shard.post([&ours] { ++ours; });
  EXPECT_TRUE(run_until(shard, [&] { return asio == 1 && ours == 1; }));
  run_idle(shard);
  EXPECT_FALSE(shard.run_once());
  shard.post([&ours] { ++ours; });
  EXPECT_TRUE(run_until(shard, [&] { return ours == 2; }));

  // Both kinds of timer, mail from outside, many turns without anything for Asio.
  const base::SystemClock real;
  Shard busy(0, real);
  boost::asio::steady_timer timer(busy.loop(), 1ms);
  timer.async_wait([&](const boost::system::error_code&) { ++asio; });
  int turns = 0;
  CallbackTimer own([&] { ++ours; });
  busy.arm(own, 1ms);
  std::function<void()> again = [&] {
    ++turns;
    asio == 2 && ours == 3 && turns > 100 ? busy.stop() : busy.post([&] { again(); });
  };
  busy.post([&] { again(); });
  busy.run();
  EXPECT_EQ(asio, 2);
  EXPECT_EQ(ours, 3);

  Shard idle(0, real);
  EXPECT_FALSE(idle.loop().stopped());
  std::thread runner([&idle] { idle.run(); });
  int from_outside = 0;
  idle.post([&] { ++from_outside; });
  idle.post([&] { idle.stop(); });
  runner.join();
  EXPECT_EQ(from_outside, 1);
}

TEST_F(ShardTest, NowInAsiosHandlers) {  // 11
  const auto begin = shard.now();
  base::TimePoint seen;
  boost::asio::post(shard.loop(), [&] { seen = shard.now(); });
  clock.advance(10s);
  EXPECT_EQ(shard.now(), begin);
  shard.run_once();
  EXPECT_EQ(seen, begin + 10s);
}

TEST(Shard, DropsWhatWasPosted) {  // 12
  // What the task holds uses the shard when it goes, as a Stream does.
  struct Guest {
    explicit Guest(Shard& host) : shard(host) {}
    ~Guest() {
      shard.forget(*end);
      shard.post([] {});
    }
    Shard& shard;
    std::vector<std::string> log;
    std::unique_ptr<Recorder> end = std::make_unique<Recorder>(log, "guest");
  };
  const base::ManualClock clock;
  std::weak_ptr<Guest> watched;
  {
    Shard shard(0, clock);
    auto guest = std::make_shared<Guest>(shard);
    watched = guest;
    shard.at_turn_end(*guest->end);
    shard.post([held = std::move(guest)] { FAIL() << "must not run"; });
    EXPECT_FALSE(watched.expired());
  }
  EXPECT_TRUE(watched.expired());
}

TEST_F(ShardTest, KeepAndRelease) {  // 13
  auto kept = std::make_shared<Recorder>(log, "kept");
  const std::weak_ptr<Recorder> watched = kept;
  auto& reference = *kept;
  shard.keep(std::move(kept));
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(shard.release(reference), watched.lock());
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(shard.release(reference), nullptr);
}

}  // namespace
}  // namespace missive::net
