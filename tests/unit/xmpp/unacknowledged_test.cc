// xmpp/unacknowledged: what a stream was given and whose arrival is not known.
//
//  1. An acknowledgement names those that have arrived, in order; a repeated one names none.
//  2. A count that cannot be, above or below, names none.
//  3. A lost connection: what had not left is taken out, what had left stays.
//  4. A resumed stream that sends all of it again: nothing is lost.
//  5. A resumed stream that has forgotten the first ones: they are named, and not counted.
//  6. What is sent again may be lost again before it leaves.
//  7. take_all() leaves nothing; begin() begins the count anew.
//  8. The count wraps at 2^32.
#include "xmpp/unacknowledged.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void give(Unacknowledged& stream, std::initializer_list<const char*> ids, bool leave = true) {
  for (const auto* id : ids) {
    stream.handed_over(std::string(id));
    if (leave) stream.written();
  }
}

TEST(Unacknowledged, NamesWhatHasArrived) {
  Unacknowledged stream;
  give(stream, {"a", "b", "c"});
  EXPECT_THAT(stream.acknowledge(2), ElementsAre("a", "b"));
  EXPECT_THAT(stream.acknowledge(2), IsEmpty());
  EXPECT_THAT(stream.acknowledge(3), ElementsAre("c"));
  EXPECT_EQ(stream.size(), 0u);
}

TEST(Unacknowledged, BelievesNoImpossibleCount) {
  Unacknowledged stream;
  give(stream, {"a", "b"});
  EXPECT_THAT(stream.acknowledge(3), IsEmpty());
  EXPECT_THAT(stream.acknowledge(1), ElementsAre("a"));
  EXPECT_THAT(stream.acknowledge(0), IsEmpty());
  EXPECT_EQ(stream.size(), 1u);
}

TEST(Unacknowledged, KnowsWhatNeverLeft) {
  Unacknowledged stream;
  give(stream, {"a", "b"});
  give(stream, {"c", "d"}, false);
  EXPECT_TRUE(stream.has_unwritten());
  EXPECT_THAT(stream.take_unwritten(), ElementsAre("c", "d"));
  EXPECT_FALSE(stream.has_unwritten());
  EXPECT_THAT(stream.acknowledge(2), ElementsAre("a", "b"));
}

TEST(Unacknowledged, LosesNothingWhereAllIsSentAgain) {
  Unacknowledged stream;
  give(stream, {"a", "b", "c"});
  EXPECT_THAT(stream.acknowledge(1), ElementsAre("a"));
  EXPECT_THAT(stream.resume(2), IsEmpty());
  EXPECT_TRUE(stream.has_unwritten());
  EXPECT_THAT(stream.acknowledge(3), ElementsAre("b", "c"));
}

TEST(Unacknowledged, NamesWhatIsNotSentAgain) {
  Unacknowledged stream;
  give(stream, {"a", "b", "c"});
  EXPECT_THAT(stream.resume(1), ElementsAre("a", "b"));
  EXPECT_EQ(stream.handed_over(), 1u);
  EXPECT_THAT(stream.acknowledge(1), ElementsAre("c"));
}

TEST(Unacknowledged, MayLoseTheSameAgain) {
  Unacknowledged stream;
  give(stream, {"a", "b"});
  EXPECT_THAT(stream.resume(2), IsEmpty());
  stream.written();
  EXPECT_THAT(stream.take_unwritten(), ElementsAre("b"));
}

TEST(Unacknowledged, BeginsAnew) {
  Unacknowledged stream;
  give(stream, {"a", "b"});
  EXPECT_THAT(stream.acknowledge(1), ElementsAre("a"));
  EXPECT_THAT(stream.take_all(), ElementsAre("b"));
  stream.begin();
  give(stream, {"c"});
  EXPECT_EQ(stream.handed_over(), 1u);
  EXPECT_THAT(stream.acknowledge(1), ElementsAre("c"));
}

TEST(Unacknowledged, Wraps) {
  Unacknowledged stream;
  // As if 2^32 - 1 had arrived: nothing else begins a count there.
  for (int i = 0; i < 3; ++i) give(stream, {"x"});
  EXPECT_EQ(stream.acknowledge(3).size(), 3u);
  EXPECT_THAT(stream.acknowledge(2), IsEmpty());  // 2^32 - 1 more: impossible
}

}  // namespace
}  // namespace missive::xmpp
