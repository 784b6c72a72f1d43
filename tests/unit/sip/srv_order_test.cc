// The order of SRV records (RFC 2782).
//
//  1. The lowest priority first, whatever the weights.
//  2. Within a priority by weight: first places in proportion, with a fixed seed.
//  3. All weights 0: each is first as often; among weights, a 0 is seldom first and never lost.
//  4. Nothing, and one record.
#include "sip/srv_order.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace missive::sip {
namespace {

using Records = std::vector<net::SrvRecord>;
constexpr int rounds = 5'000;

class SrvOrder : public testing::Test {
 protected:
  std::map<std::string, double> shares_of_first(const Records& records) {
    std::map<std::string, double> shares;
    for (int i = 0; i < rounds; ++i) shares[ordered(records).front().target] += 1.0 / rounds;
    return shares;
  }
  Records ordered(Records records) {
    order_srv(records, [this](std::uint64_t bound) {
      return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(generator_);
    });
    return records;
  }

 private:
  std::mt19937 generator_{1};
};

TEST_F(SrvOrder, Priorities) {  // 1
  const Records records{{30, 100, 1, "c"}, {10, 0, 1, "a"}, {20, 65535, 1, "b"}};
  for (int i = 0; i < 100; ++i) {
    const auto order = ordered(records);
    EXPECT_EQ(order[0].target + order[1].target + order[2].target, "abc");
  }
}

TEST_F(SrvOrder, Weights) {  // 2
  const Records records{{5, 60, 1, "a"}, {5, 30, 1, "b"}, {5, 10, 1, "c"}, {9, 99, 1, "d"}};
  const auto shares = shares_of_first(records);
  EXPECT_NEAR(shares.at("a"), 0.6, 0.02);
  EXPECT_NEAR(shares.at("b"), 0.3, 0.02);
  EXPECT_NEAR(shares.at("c"), 0.1, 0.02);
  EXPECT_EQ(shares.count("d"), 0U);
  std::map<std::string, int> seconds;  // where a is first, b is second in three of four
  for (int i = 0; i < rounds; ++i) {
    const auto order = ordered(records);
    EXPECT_EQ(order.back().target, "d");
    if (order[0].target == "a") ++seconds[order[1].target];
  }
  EXPECT_NEAR(static_cast<double>(seconds["b"]) / (seconds["b"] + seconds["c"]), 0.75, 0.03);
}

TEST_F(SrvOrder, NoWeight) {  // 3
  const auto even = shares_of_first({{5, 0, 1, "a"}, {5, 0, 1, "b"}, {5, 0, 1, "c"}});
  for (const auto* name : {"a", "b", "c"}) EXPECT_NEAR(even.at(name), 1.0 / 3, 0.02);
  const auto uneven = shares_of_first({{5, 99, 1, "a"}, {5, 0, 1, "b"}});
  EXPECT_NEAR(uneven.at("b"), 0.01, 0.005);
}

TEST_F(SrvOrder, Few) {  // 4
  EXPECT_TRUE(ordered({}).empty());
  EXPECT_EQ(ordered({{1, 2, 3, "a"}}), (Records{{1, 2, 3, "a"}}));
}

}  // namespace
}  // namespace missive::sip
