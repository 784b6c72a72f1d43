// The mailbox.
//
//  1. Tasks run in the order they came, once.
//  2. The descriptor is readable exactly while there is something to drain.
//  3. A task pushed by a task runs with the next drain.
//  4. Four threads: nothing lost, nothing twice, each thread's order kept, the wake never missed.
//  5. Tasks not run are dropped with what they hold.
#include "net/mailbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <memory>
#include <thread>

namespace missive::net {
namespace {

bool readable(const Mailbox& box, int milliseconds = 0) {
  pollfd ready{box.wake_fd(), POLLIN, 0};
  return ::poll(&ready, 1, milliseconds) == 1;
}

TEST(Mailbox, KeepsOrder) {  // 1
  Mailbox box;
  std::vector<int> ran;
  for (int i = 0; i < 100; ++i) box.push([&ran, i] { ran.push_back(i); });
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(box.drain(), 100u);
  ASSERT_EQ(ran.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(box.drain(), 0u);
  EXPECT_EQ(ran.size(), 100u);
}

TEST(Mailbox, DescriptorTells) {  // 2
  Mailbox box;
  EXPECT_FALSE(readable(box));
  box.push([] {});
  box.push([] {});
  EXPECT_TRUE(readable(box));
  box.drain();
  EXPECT_FALSE(readable(box));
  box.push({});  // an empty task only wakes
  EXPECT_TRUE(readable(box));
  EXPECT_EQ(box.drain(), 1u);
}

TEST(Mailbox, TaskMayPush) {  // 3
  Mailbox box;
  int ran = 0;
  box.push([&] {
    ++ran;
    box.push([&ran] { ++ran; });
  });
  EXPECT_EQ(box.drain(), 1u);
  EXPECT_EQ(ran, 1);
  EXPECT_TRUE(readable(box));
  EXPECT_EQ(box.drain(), 1u);
  EXPECT_EQ(ran, 2);
}

TEST(Mailbox, FourThreads) {  // 4
  static constexpr int each = 20000;
  Mailbox box;
  std::array<int, 4> next{};
  bool in_order = true;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < next.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        box.push([&, t, i] { in_order = in_order && next[t]++ == i; });
      }
    });
  }
  std::size_t ran = 0;
  while (ran < each * next.size()) {
    ASSERT_TRUE(readable(box, 5000)) << "a wake was missed after " << ran;
    ran += box.drain();
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(ran, each * next.size());
  EXPECT_EQ(box.drain(), 0u);
}

TEST(Mailbox, DropsWhatIsLeft) {  // 5
  const auto held = std::make_shared<int>(1);
  {
    Mailbox box;
    box.push([held] { FAIL() << "must not run"; });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
  Mailbox box;
  box.push([held] { FAIL() << "must not run"; });
  EXPECT_TRUE(box.clear());
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(box.clear());
}

}  // namespace
}  // namespace missive::net
