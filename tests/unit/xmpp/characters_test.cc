// Octets that XML cannot carry: where and which; what it can; what is left of others.
#include "xmpp/characters.h"

#include <gmock/gmock.h>

namespace missive::xmpp {
namespace {

using testing::HasSubstr;

TEST(CheckCharacters, SaysWhatIsInTheWay) {
  EXPECT_TRUE(check_characters("Gr\xC3\xBC\xC3\x9F\x65\r\n\t\xF0\x9F\x98\x80"));
  EXPECT_TRUE(check_characters(""));
  const auto nul = check_characters(std::string_view("a\0b", 3));
  ASSERT_FALSE(nul);
  EXPECT_EQ(nul.error().text, "octet 1 is a control character (\\x00), which XMPP cannot carry");
  EXPECT_FALSE(check_characters("\x1B[1m"));
  EXPECT_FALSE(check_characters("\xC3"));
  EXPECT_FALSE(check_characters("a\xEF\xBF\xBF"));
}

TEST(Carried, LeavesOutWhatIsInTheWay) {
  EXPECT_EQ(carried("Gr\xC3\xBC\xC3\x9F\x65", 100), "Gr\xC3\xBC\xC3\x9F\x65");
  EXPECT_EQ(carried("a\xE4\x01z\xEF\xBF\xBF", 100), "a??z???");
  EXPECT_EQ(carried("\xC3\xBC\xC3\xBC", 3), "\xC3\xBC");  // no half of a character
  EXPECT_EQ(carried("", 10), "");
}

}  // namespace
}  // namespace missive::xmpp
