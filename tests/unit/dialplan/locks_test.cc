// Named locks of the dialplan.
//
//  1. One owner takes a lock, another does not get it, until it is unlocked.
//  2. An owner that locks twice has to unlock twice; a stranger cannot unlock.
//  3. release_all() frees what one owner holds, and only that.
//  4. lock() waits until the lock is free.
//  5. lock() gives up after its time.
//  6. close() ends the waiting.
#include "dialplan/locks.h"

#include <gtest/gtest.h>

#include <thread>

namespace missive::dialplan {
namespace {

using namespace std::chrono_literals;

constexpr auto guard = 20s;  // a test that would wait this long has failed

TEST(Locks, BelongsToOneOwner) {
  Locks locks;
  EXPECT_TRUE(locks.try_lock("a", 1));
  EXPECT_FALSE(locks.try_lock("a", 2));
  EXPECT_TRUE(locks.try_lock("b", 2));
  EXPECT_TRUE(locks.unlock("a", 1));
  EXPECT_TRUE(locks.try_lock("a", 2));
}

TEST(Locks, CountsItsOwnersLocks) {
  Locks locks;
  EXPECT_TRUE(locks.try_lock("a", 1));
  EXPECT_TRUE(locks.lock("a", 1, 0s));
  EXPECT_FALSE(locks.unlock("a", 2));
  EXPECT_TRUE(locks.unlock("a", 1));
  EXPECT_FALSE(locks.try_lock("a", 2));
  EXPECT_TRUE(locks.unlock("a", 1));
  EXPECT_FALSE(locks.unlock("a", 1));
  EXPECT_TRUE(locks.try_lock("a", 2));
}

TEST(Locks, ReleasesAllOfAnOwner) {
  Locks locks;
  EXPECT_TRUE(locks.try_lock("a", 1));
  EXPECT_TRUE(locks.try_lock("b", 1));
  EXPECT_TRUE(locks.try_lock("c", 2));
  EXPECT_TRUE(locks.holds_any(1));
  locks.release_all(1);
  EXPECT_FALSE(locks.holds_any(1));
  EXPECT_TRUE(locks.try_lock("a", 3));
  EXPECT_TRUE(locks.try_lock("b", 3));
  EXPECT_FALSE(locks.try_lock("c", 3));
}

TEST(Locks, WaitsForALock) {
  Locks locks;
  ASSERT_TRUE(locks.try_lock("a", 1));
  bool got = false;
  std::thread waiting([&] { got = locks.lock("a", 2, guard); });
  EXPECT_TRUE(locks.unlock("a", 1));
  waiting.join();
  EXPECT_TRUE(got);
  EXPECT_FALSE(locks.try_lock("a", 1));
}

TEST(Locks, GivesUpInTime) {
  Locks locks;
  ASSERT_TRUE(locks.try_lock("a", 1));
  EXPECT_FALSE(locks.lock("a", 2, 1ms));
  EXPECT_FALSE(locks.holds_any(2));
}

TEST(Locks, CloseEndsTheWaiting) {
  Locks locks;
  ASSERT_TRUE(locks.try_lock("a", 1));
  bool got = true;
  std::thread waiting([&] { got = locks.lock("a", 2, guard * 100); });
  locks.close();
  waiting.join();
  EXPECT_FALSE(got);
  EXPECT_FALSE(locks.try_lock("b", 2));
}

}  // namespace
}  // namespace missive::dialplan
