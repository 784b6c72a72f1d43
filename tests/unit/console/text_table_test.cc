// Text for terminals: tables, ages, the figures of the outbox.
//
// 1. columns are as wide as their widest value, counted in characters; no blanks at line ends
// 2. a table without a head; rows shorter than others; no rows
// 3. ages at the edges of their units
// 4. singular and plural of the figures; an empty outbox; a list without messages
#include "console/text_table.h"

#include <gtest/gtest.h>

#include "console/outbox_text.h"

namespace missive::console {
namespace {

TEST(TextTable, AlignsItsColumns) {
  TextTable table({"ID", "NAME", "X"});
  table.add({"1", "Grüße", "y"});
  table.add({"1000", "a"});
  EXPECT_EQ(table.str(),
            "ID    NAME   X\n"
            "1     Grüße  y\n"
            "1000  a\n");
}

TEST(TextTable, NeedsNoHead) {
  TextTable table({});
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.str(), "");
  table.add({"a", "b"});
  EXPECT_FALSE(table.empty());
  EXPECT_EQ(table.str(), "a  b\n");
}

TEST(OutboxText, SaysAges) {
  const auto age = [](long long seconds) { return age_text(std::chrono::seconds{seconds}); };
  EXPECT_EQ(age(-5), "0 s");
  EXPECT_EQ(age(119), "119 s");
  EXPECT_EQ(age(120), "2 min");
  EXPECT_EQ(age(7199), "119 min");
  EXPECT_EQ(age(7200), "2 h");
  EXPECT_EQ(age(172799), "47 h");
  EXPECT_EQ(age(172800), "2 days");
}

TEST(OutboxText, SaysFigures) {
  using Figures = message::Outbox::Figures;
  EXPECT_EQ(figures_text(Figures{}, std::chrono::seconds{0}), "the outbox is empty");
  EXPECT_EQ(figures_text(Figures{1, 5, 1, 1}, std::chrono::seconds{3}),
            "1 message (5 octets), 1 of them waits for 1 recipient; the oldest is 3 s old");
  EXPECT_EQ(figures_text(Figures{3, 50, 2, 2}, std::chrono::seconds{300}),
            "3 messages (50 octets), 2 of them wait for 2 recipients; the oldest is 5 min old");
}

TEST(OutboxText, SaysThatThereIsNothing) {
  EXPECT_EQ(lines_text({}), "no messages\n");
  Listing listing;
  listing.records = base::fail("the disk is gone");
  ASSERT_FALSE(listing_text(listing));
  EXPECT_EQ(listing_text(listing).error().text, "the disk is gone");
}

}  // namespace
}  // namespace missive::console
