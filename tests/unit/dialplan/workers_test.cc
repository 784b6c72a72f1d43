// Threads for what blocks.
//
//  1. Tasks are run, on other threads, and with one thread in their order.
//  2. As many run at the same time as there are threads.
//  3. stop() lets the task under way end, drops those that have not begun, and takes no more.
//  4. A task that was dropped is destroyed.
#include "dialplan/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

namespace missive::dialplan {
namespace {

TEST(Workers, RunsTasksInOrder) {
  std::vector<int> order;
  std::promise<std::thread::id> last;
  Workers workers(1);  // goes first, so that no thread is left in a promise that has gone
  for (int i = 0; i < 100; ++i) workers.post([&order, i] { order.push_back(i); });
  workers.post([&last] { last.set_value(std::this_thread::get_id()); });
  EXPECT_NE(last.get_future().get(), std::this_thread::get_id());
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Workers, RunsAtTheSameTime) {
  std::promise<void> first, second;
  std::promise<bool> done;
  auto first_begun = first.get_future();
  auto second_begun = second.get_future();
  Workers workers(2);
  // Each waits for the other to have begun.
  workers.post([&] {
    first.set_value();
    second_begun.wait();
    done.set_value(true);
  });
  workers.post([&] {
    second.set_value();
    first_begun.wait();
  });
  EXPECT_TRUE(done.get_future().get());
}

TEST(Workers, StopDropsWhatHasNotBegun) {
  Workers workers(1);
  std::promise<void> begun;
  std::atomic<bool> saw_stop = false, ran_second = false, ran_third = false;
  auto held = std::make_shared<int>(1);
  workers.post([&] {
    begun.set_value();
    while (!workers.stopping()) std::this_thread::yield();
    saw_stop = true;
  });
  workers.post([&ran_second, held] { ran_second = *held == 1; });
  begun.get_future().wait();
  workers.stop();
  workers.post([&] { ran_third = true; });
  EXPECT_TRUE(saw_stop);
  EXPECT_FALSE(ran_second);
  EXPECT_FALSE(ran_third);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace missive::dialplan
