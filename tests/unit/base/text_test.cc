#include "base/text.h"

#include <gmock/gmock.h>

namespace missive::base {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SplitWords, FollowsQuotes) {
  EXPECT_THAT(split_words("  a \tb  "), ElementsAre("a", "b"));
  EXPECT_THAT(split_words("put \"a b\" c\\\"d \"\""), ElementsAre("put", "a b", "c\"d", ""));
  EXPECT_THAT(split_words("one\\ word"), ElementsAre("one word"));
  EXPECT_THAT(split_words("\"open end"), ElementsAre("open end"));
  EXPECT_THAT(split_words(" "), IsEmpty());
}

TEST(PrintableLines, ShowsWhatATerminalWouldObey) {
  EXPECT_EQ(printable_lines("a\tb\r\n\x1B]0;title\x07\n"), "a\tb\n\\x1b]0;title\\x07\n");
  EXPECT_EQ(printable_lines("Gr\xC3\xBC\xC3\x9F\x65"), "Gr\xC3\xBC\xC3\x9F\x65");
}

TEST(HasControl, IsWhatNoHeaderLineMayHold) {
  for (const std::string_view good : {"", "a\tb", "Gr\xC3\xBC\xC3\x9F\x65", "\x80\xFF ~"}) {
    EXPECT_FALSE(has_control(good)) << good;
  }
  for (const std::string_view bad : {"a\nb", "\r", "\x7F", "\x1F end"}) {
    EXPECT_TRUE(has_control(bad)) << bad;
  }
  EXPECT_TRUE(has_control(std::string_view("\0", 1)));
}

TEST(Counted, OneAndMany) {
  EXPECT_EQ(counted(0, "message"), "0 messages");
  EXPECT_EQ(counted(1, "message"), "1 message");
  EXPECT_EQ(counted(2, "manager user"), "2 manager users");
}

}  // namespace
}  // namespace missive::base
