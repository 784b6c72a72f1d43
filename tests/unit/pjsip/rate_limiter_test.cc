// How many requests one address may send, and which unidentified ones are reported.
//
//  1. without limits everything is admitted
//  2. request_rate: so many in a second, then none until the second is over
//  3. unidentified_rate counts failed requests only, and stops the others of that address too
//  4. an address is its IP: not the port; of IPv6 its first 64 bits; IPv4 in IPv6 is IPv4
//  5. one line in the log for an address and minute, which names the limit and the option
//  6. a flood from more addresses than the table has room for: memory stays, a later limit holds
//  7. UnidentifiedRequests: a report at the count and each time it has doubled, within the
//     period; then it starts anew
//  8. whoever is known is forgotten; old ones are pruned; the table is bounded
#include "pjsip/rate_limiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pjsip/source_key.h"
#include "pjsip/unidentified_requests.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

net::Address address(std::string_view text) { return *net::Address::parse(text, 5060); }

class RateLimiterTest : public testing::Test {
 protected:
  RateLimiter make(const RateLimiter::Limits& limits) {
    return RateLimiter(limits, 42, [this](std::string_view line) { lines.emplace_back(line); });
  }
  // How many of `count` requests are admitted.
  int admitted(RateLimiter& limiter, std::string_view source, int count, bool failing = false) {
    int out = 0;
    for (int i = 0; i < count; ++i) {
      if (!limiter.admit(address(source), clock.now())) continue;
      ++out;
      if (failing) limiter.failed(address(source), clock.now());
    }
    return out;
  }

  base::ManualClock clock;
  std::vector<std::string> lines;
};

TEST_F(RateLimiterTest, WithoutLimits) {  // 1
  auto limiter = make({.requests = 0, .unidentified = 0});
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 10'000, true), 10'000);
}

TEST_F(RateLimiterTest, AllRequests) {  // 2
  auto limiter = make({.requests = 10, .unidentified = 0});
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 100), 10);
  EXPECT_EQ(admitted(limiter, "192.0.2.2", 7), 7);
  clock.advance(999ms);
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 100), 0);
  EXPECT_EQ(admitted(limiter, "192.0.2.2", 7), 3);
  clock.advance(1ms);
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 100), 10);
}

TEST_F(RateLimiterTest, FailedRequests) {  // 3
  auto limiter = make({.requests = 0, .unidentified = 5});
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000), 1000);
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 1000, true), 5);
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 10), 0);
  EXPECT_EQ(admitted(limiter, "192.0.2.2", 10), 10);
  clock.advance(1s);
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 10), 10);
}

TEST_F(RateLimiterTest, WhatAnAddressIs) {  // 4
  auto limiter = make({.requests = 1, .unidentified = 0});
  EXPECT_EQ(admitted(limiter, "192.0.2.1:1000", 1), 1);
  EXPECT_EQ(admitted(limiter, "192.0.2.1:2000", 1), 0);
  EXPECT_EQ(admitted(limiter, "[::ffff:192.0.2.1]:3000", 1), 0);
  EXPECT_EQ(admitted(limiter, "[2001:db8:0:1::1]:5060", 1), 1);
  EXPECT_EQ(admitted(limiter, "[2001:db8:0:1:ffff::9]:5060", 1), 0);
  EXPECT_EQ(admitted(limiter, "[2001:db8:0:2::1]:5060", 1), 1);
  EXPECT_EQ(admitted(limiter, "[::1]:5060", 1), 1);
  EXPECT_NE(source_key(address("0.0.0.1")), source_key(address("[::1]:5060")));
}

TEST_F(RateLimiterTest, Log) {  // 5
  auto limiter = make({.requests = 20, .unidentified = 3});
  admitted(limiter, "192.0.2.1", 100, true);
  admitted(limiter, "192.0.2.2", 100);
  EXPECT_THAT(
      lines,
      ElementsAre("192.0.2.1 sends more than 3 requests a second that nobody is known for or with "
                  "wrong credentials; more are dropped (missive.conf, [sip] unidentified_rate)",
                  "192.0.2.2 sends more than 20 requests a second; more are dropped (missive.conf, "
                  "[sip] request_rate)"));
  clock.advance(59s);
  admitted(limiter, "192.0.2.1", 100, true);
  EXPECT_EQ(lines.size(), 2u);
  clock.advance(1s);
  admitted(limiter, "192.0.2.1", 100, true);
  EXPECT_EQ(lines.size(), 3u);
}

TEST_F(RateLimiterTest, AFloodFromEverywhere) {  // 6
  auto limiter = make({.requests = 10, .unidentified = 10});
  for (unsigned i = 0; i < 100'000; ++i) {
    const auto source = fmt::format("{}.{}.{}.1", 11 + i / 65536, i / 256 % 256, i % 256);
    EXPECT_TRUE(limiter.admit(address(source), clock.now()));
    limiter.failed(address(source), clock.now());
  }
  EXPECT_EQ(admitted(limiter, "192.0.2.1", 100), 10);
}

TEST(UnidentifiedRequestsTest, Reports) {  // 7
  base::ManualClock clock;
  const Global global;  // 5 in 5 seconds
  UnidentifiedRequests requests;
  const auto add = [&](std::string_view source) {
    return requests.add(address(source), global, clock.now());
  };
  for (int i = 0; i < 4; ++i) EXPECT_EQ(add("192.0.2.1:1000"), 0u);
  EXPECT_EQ(add("192.0.2.2"), 0u);
  EXPECT_EQ(add("192.0.2.1:2000"), 5u);
  for (int i = 6; i < 10; ++i) EXPECT_EQ(add("192.0.2.1"), 0u) << i;
  EXPECT_EQ(add("192.0.2.1"), 10u);
  for (int i = 11; i < 20; ++i) EXPECT_EQ(add("192.0.2.1"), 0u) << i;
  EXPECT_EQ(add("192.0.2.1"), 20u);
  clock.advance(5s);
  EXPECT_EQ(add("192.0.2.1"), 0u);
  Global at_once;
  at_once.unidentified_request_count = 1;
  EXPECT_EQ(requests.add(address("192.0.2.3"), at_once, clock.now()), 1u);
}

TEST(UnidentifiedRequestsTest, Forgets) {  // 8
  base::ManualClock clock;
  const Global global;
  UnidentifiedRequests requests;
  for (int i = 0; i < 4; ++i) requests.add(address("192.0.2.1"), global, clock.now());
  requests.forget(address("192.0.2.1:999"));
  EXPECT_EQ(requests.add(address("192.0.2.1"), global, clock.now()), 0u);
  clock.advance(30s);
  requests.add(address("192.0.2.2"), global, clock.now());
  EXPECT_EQ(requests.size(), 1u);
  for (unsigned i = 0; i < 100'000; ++i) {
    const auto source = fmt::format("{}.{}.{}.1", 11 + i / 65536, i / 256 % 256, i % 256);
    requests.add(address(source), global, clock.now());
  }
  EXPECT_LE(requests.size(), UnidentifiedRequests::capacity);
}

}  // namespace
}  // namespace missive::pjsip
