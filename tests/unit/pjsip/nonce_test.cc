// Nonces: signed and timed without memory, and remembered once they are used.
//
//  1. a nonce is read back for its realm: nobody else's, no other realm's, nothing altered
//  2. it is made of characters that need no escape, and no two are alike
//  3. good until its lifetime is over
//  4. each nc is good once; they may overtake each other by up to 63; 0 is never good
//  5. the greatest nc there is does no harm to other nonces
//  6. what is remembered goes with the lifetime, and using it again then is still refused
//  7. the memory is bounded; what was forgotten for want of room cannot be replayed
//  8. several threads never let one nc through twice
#include "pjsip/nonce.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;

class NonceTest : public testing::Test {
 protected:
  Nonces::Reading fresh() { return *nonces.read(nonces.make("r"), "r"); }

  base::ManualClock clock;
  Nonces nonces{clock};
};

TEST_F(NonceTest, KnowsItsOwn) {  // 1
  const auto nonce = nonces.make("r");
  ASSERT_TRUE(nonces.read(nonce, "r"));
  EXPECT_FALSE(nonces.read(nonce, "other"));
  EXPECT_FALSE(nonces.read(nonce, ""));
  EXPECT_FALSE(Nonces(clock).read(nonce, "r"));  // another process has another key
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    auto altered = nonce;
    altered[i] = altered[i] == '0' ? '1' : '0';
    EXPECT_FALSE(nonces.read(altered, "r")) << i;
  }
  EXPECT_FALSE(nonces.read("", "r"));
  EXPECT_FALSE(nonces.read(nonce.substr(1), "r"));
  EXPECT_FALSE(nonces.read(nonce + "0", "r"));
  EXPECT_FALSE(nonces.read(std::string(100'000, 'a'), "r"));
  const auto of_empty = nonces.make("");
  EXPECT_TRUE(nonces.read(of_empty, ""));
  // The realm cannot take over from the signed text.
  EXPECT_FALSE(nonces.read(of_empty, of_empty.substr(0, 1)));
}

TEST_F(NonceTest, NoTwoAreAlike) {  // 2
  std::set<std::string> seen;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto nonce = nonces.make("r");
    EXPECT_EQ(nonce.find_first_not_of("0123456789abcdef"), std::string::npos);
    seen.insert(nonce);
    ids.insert(nonces.read(nonce, "r")->id);
  }
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_EQ(ids.size(), 1000u);
}

TEST_F(NonceTest, GoodForItsLifetime) {  // 3
  const auto first = fresh();
  const auto second = fresh();
  clock.advance(31'999ms);
  EXPECT_TRUE(nonces.use(first, 1, 32s));
  clock.advance(1ms);
  EXPECT_FALSE(nonces.use(first, 2, 32s));
  EXPECT_FALSE(nonces.use(second, 1, 32s));
}

TEST_F(NonceTest, EachCountOnce) {  // 4
  const auto nonce = fresh();
  EXPECT_FALSE(nonces.use(nonce, 0, 32s));
  EXPECT_TRUE(nonces.use(nonce, 1, 32s));
  EXPECT_FALSE(nonces.use(nonce, 1, 32s));
  EXPECT_TRUE(nonces.use(nonce, 3, 32s));
  EXPECT_TRUE(nonces.use(nonce, 2, 32s));
  EXPECT_FALSE(nonces.use(nonce, 2, 32s));
  EXPECT_TRUE(nonces.use(nonce, 66, 32s));
  EXPECT_FALSE(nonces.use(nonce, 3, 32s));
  EXPECT_TRUE(nonces.use(nonce, 4, 32s));
  EXPECT_FALSE(nonces.use(nonce, 4, 32s));
  EXPECT_TRUE(nonces.use(nonce, 200, 32s));
  EXPECT_FALSE(nonces.use(nonce, 136, 32s));  // too far behind to tell
  EXPECT_TRUE(nonces.use(nonce, 137, 32s));
  EXPECT_FALSE(nonces.use(nonce, 0, 32s));
}

TEST_F(NonceTest, TheGreatestCount) {  // 5
  const auto nonce = fresh();
  EXPECT_TRUE(nonces.use(nonce, 0xFFFFFFFF, 32s));
  EXPECT_FALSE(nonces.use(nonce, 0xFFFFFFFF, 32s));
  EXPECT_FALSE(nonces.use(nonce, 1, 32s));
  EXPECT_TRUE(nonces.use(fresh(), 1, 32s));
}

TEST_F(NonceTest, ForgetsWhatIsTooOld) {  // 6
  std::vector<Nonces::Reading> used;
  for (int i = 0; i < 160; ++i) {
    used.push_back(fresh());
    EXPECT_TRUE(nonces.use(used.back(), 1, 32s));
  }
  EXPECT_EQ(nonces.size(), 160u);
  clock.advance(32s);
  for (int i = 0; i < 160; ++i) EXPECT_TRUE(nonces.use(fresh(), 1, 32s));
  EXPECT_EQ(nonces.size(), 160u);
  // Even where a reload has given nonces a longer life meanwhile.
  for (const auto& nonce : used) EXPECT_FALSE(nonces.use(nonce, 1, 3600s));
}

TEST_F(NonceTest, IsBounded) {  // 7
  Nonces small(clock, 64);
  std::vector<Nonces::Reading> used;
  for (int i = 0; i < 1000; ++i) {
    used.push_back(*small.read(small.make("r"), "r"));
    EXPECT_TRUE(small.use(used.back(), 1, 32s));
    clock.advance(1ms);
  }
  EXPECT_LE(small.size(), 64u);
  for (const auto& nonce : used) EXPECT_FALSE(small.use(nonce, 1, 32s));
}

TEST_F(NonceTest, ThreadsAgree) {  // 8
  const auto nonce = fresh();
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint32_t nc = 1; nc <= 500; ++nc) passed += nonces.use(nonce, nc, 32s) ? 1 : 0;
      nonces.make("r");
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(passed, 500);
  EXPECT_GE(passed, 1);
  EXPECT_FALSE(nonces.use(nonce, 500, 32s));
}

}  // namespace
}  // namespace missive::pjsip
