// The compact table of answered requests.
//
//  1. What was added is found with its status, what was not is not.
//  2. Beyond the limit nothing is added.
//  3. A hundred thousand random keys, erased in another order: the same as std::unordered_map.
//  4. Keys that share a home slot are found after one of them is erased.
#include "sip/answered_requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <unordered_map>

namespace missive::sip {
namespace {

TEST(AnsweredRequests, Found) {  // 1
  AnsweredRequests table(10);
  EXPECT_FALSE(table.find(1));
  EXPECT_TRUE(table.add(1, {202, true}));
  ASSERT_TRUE(table.find(1));
  EXPECT_EQ(table.find(1)->status, 202);
  EXPECT_TRUE(table.find(1)->to_source);
  EXPECT_FALSE(table.find(2));
  table.erase(2);
  EXPECT_EQ(table.size(), 1u);
  table.erase(1);
  EXPECT_FALSE(table.find(1));
  EXPECT_EQ(table.size(), 0u);
}

TEST(AnsweredRequests, Limit) {  // 2
  AnsweredRequests table(2);
  EXPECT_TRUE(table.add(1, {200, false}));
  EXPECT_TRUE(table.add(2, {200, false}));
  EXPECT_FALSE(table.add(3, {200, false}));
  EXPECT_EQ(table.size(), 2u);
}

TEST(AnsweredRequests, LikeAMap) {  // 3
  AnsweredRequests table(1 << 20);
  std::unordered_map<std::uint64_t, int> map;
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> keys;
  for (int i = 0; i < 100'000; ++i) {
    const auto key = random();
    keys.push_back(key);
    map[key] = 200 + i % 400;
    ASSERT_TRUE(table.add(key, {static_cast<std::uint16_t>(200 + i % 400), false}));
  }
  std::shuffle(keys.begin(), keys.end(), random);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i % 3 != 0) continue;
    table.erase(keys[i]);
    map.erase(keys[i]);
  }
  EXPECT_EQ(table.size(), map.size());
  for (const auto key : keys) {
    const auto known = map.find(key);
    const auto found = table.find(key);
    ASSERT_EQ(found.has_value(), known != map.end());
    if (found) {
      ASSERT_EQ(found->status, known->second);
    }
  }
}

TEST(AnsweredRequests, SharedHome) {  // 4
  AnsweredRequests table(100);
  for (std::uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(table.add(7 + (i << 32), {200, false}));
  for (std::uint64_t i = 0; i < 50; i += 2) table.erase(7 + (i << 32));
  for (std::uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(table.find(7 + (i << 32)).has_value(), i % 2 == 1) << i;
  }
}

}  // namespace
}  // namespace missive::sip
