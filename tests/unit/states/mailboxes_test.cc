// Voice messages elsewhere: external MWI.
//  1. an update is kept in astdb in res_mwi_external's form, and told
//  2. counts of a mailbox, of several together, of one that nobody told of
//  3. what astdb got elsewhere: numbers without quotes, in any order, nonsense
//  4. a mailbox is taken away: told where something waited; there is none
//  5. all of them, sorted; a name with slashes
#include "states/mailboxes.h"

#include <gmock/gmock.h>

namespace missive::states {
namespace {

using testing::ElementsAre;
using testing::Pair;

class Ear final : public MailboxObserver {
 public:
  void on_mailbox(std::string_view mailbox, const MailboxCounts& counts) override {
    heard.push_back(std::string(mailbox) + "=" + std::to_string(counts.new_messages) + "/" +
                    std::to_string(counts.old_messages));
  }
  std::vector<std::string> heard;
};

struct MailboxStates : testing::Test {
  MailboxStates() { mailboxes.add(ear); }
  store::AstDb database;
  Mailboxes mailboxes{database};
  Ear ear;
};

TEST_F(MailboxStates, AreKeptAndTold) {  // 1
  mailboxes.update("100@default", {.new_messages = 2, .old_messages = 5});
  EXPECT_EQ(database.get("mwi_external/mailboxes", "100@default"),
            R"({"msgs_new":"2","msgs_old":"5"})");
  EXPECT_EQ(mailboxes.find("100@default"), (MailboxCounts{2, 5}));
  mailboxes.update("100@default", {});
  EXPECT_THAT(ear.heard, ElementsAre("100@default=2/5", "100@default=0/0"));
}

TEST_F(MailboxStates, AreCounted) {  // 2
  mailboxes.update("100@default", {2, 5});
  mailboxes.update("200", {1, 0});
  EXPECT_FALSE(mailboxes.find("300"));
  EXPECT_EQ(mailboxes.count("200"), (MailboxCounts{1, 0}));
  EXPECT_EQ(mailboxes.count("100@default, 200,300"), (MailboxCounts{3, 5}));
  EXPECT_EQ(mailboxes.count(""), MailboxCounts{});
}

TEST_F(MailboxStates, OfAnotherHand) {  // 3
  database.put("mwi_external/mailboxes", "a", R"({ "msgs_old" : 7 , "msgs_new" : "3" })");
  database.put("mwi_external/mailboxes", "b", "nonsense");
  database.put("mwi_external/mailboxes", "c", R"({"msgs_new":"99999999999999999999"})");
  database.put("mwi_external/mailboxes", "d", R"({"msgs_new)");
  EXPECT_EQ(mailboxes.find("a"), (MailboxCounts{3, 7}));
  for (const auto* name : {"b", "c", "d"}) EXPECT_EQ(mailboxes.find(name), MailboxCounts{}) << name;
}

TEST_F(MailboxStates, AreTakenAway) {  // 4
  mailboxes.update("100", {1, 0});
  mailboxes.update("200", {0, 4});
  ear.heard.clear();
  EXPECT_TRUE(mailboxes.remove("100"));
  EXPECT_TRUE(mailboxes.remove("200"));
  EXPECT_FALSE(mailboxes.remove("200"));
  EXPECT_THAT(ear.heard, ElementsAre("100=0/0"));
  EXPECT_TRUE(mailboxes.all().empty());
}

TEST_F(MailboxStates, AreListed) {  // 5
  mailboxes.update("b", {1, 0});
  mailboxes.update("a/c", {0, 2});
  EXPECT_THAT(mailboxes.all(),
              ElementsAre(Pair("a/c", MailboxCounts{0, 2}), Pair("b", MailboxCounts{1, 0})));
}

}  // namespace
}  // namespace missive::states
