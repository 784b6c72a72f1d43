#include "base/recent.h"

#include <gtest/gtest.h>

namespace missive::base {
namespace {

TEST(Recent, ForgetsTheOldest) {
  Recent<int> recent(2);
  EXPECT_TRUE(recent.put("a", 1));
  EXPECT_TRUE(recent.put("b", 2));
  EXPECT_FALSE(recent.put("a", 3));
  ASSERT_NE(recent.find("a"), nullptr);
  EXPECT_EQ(*recent.find("a"), 3);
  EXPECT_TRUE(recent.put("c", 4));  // "a" is the oldest still
  EXPECT_EQ(recent.find("a"), nullptr);
  EXPECT_NE(recent.find("b"), nullptr);
  EXPECT_EQ(recent.size(), 2U);
}

TEST(Recent, ForgetsWhatIsErased) {
  Recent<int> recent(2);
  recent.put("a", 1);
  recent.erase("a");
  recent.erase("never there");
  EXPECT_EQ(recent.find("a"), nullptr);
  EXPECT_TRUE(recent.put("a", 2));
  EXPECT_TRUE(recent.put("b", 3));
  EXPECT_EQ(recent.size(), 2U);
}

}  // namespace
}  // namespace missive::base
