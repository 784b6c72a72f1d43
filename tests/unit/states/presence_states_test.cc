// Who wants to be reached, as the dialplan says it.
//  1. "state,subtype,message", parts missing, a message with a comma is cut there; without case
//  2. option e: Base64 of subtype and message; what is none is refused
//  3. a state that there is not is refused, with those that there are
//  4. kept in astdb as written, told every time, not_set before; also what astdb got elsewhere
//  5. presentities of other kinds are nobody's and cannot be set
//  6. all of them are listed
#include "states/presence_states.h"

#include <gmock/gmock.h>

namespace missive::states {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string text_of(const Presence& presence) {
  return presence.state + "|" + presence.subtype + "|" + presence.message;
}

class Ear final : public PresenceObserver {
 public:
  void on_presence(std::string_view presentity, const Presence& presence) override {
    heard.push_back(std::string(presentity) + "=" + text_of(presence));
  }
  std::vector<std::string> heard;
};

struct Presences : testing::Test {
  Presences() { presences.add(ear); }
  store::AstDb database;
  PresenceStates presences{database};
  Ear ear;
};

std::string parsed(std::string_view text) {
  const auto presence = Presence::parse(text);
  return presence ? text_of(*presence) : presence.error().text;
}

TEST(PresenceText, IsTakenApart) {  // 1
  EXPECT_EQ(parsed("away"), "away||");
  EXPECT_EQ(parsed(" DND ,phone"), "dnd|phone|");
  EXPECT_EQ(parsed("away,lunch,back at two"), "away|lunch|back at two");
  EXPECT_EQ(parsed("xa,,gone,fishing"), "xa||gone");
}

TEST(PresenceText, MayBeBase64) {  // 2
  EXPECT_EQ(parsed("chat,YSxi,aGVsbG8sIHlvdQ==,e"), "chat|a,b|hello, you");
  EXPECT_THAT(parsed("chat,a b,,e"), HasSubstr("the subtype of a presence is no Base64"));
  EXPECT_THAT(parsed("chat,,a,e"), HasSubstr("the message of a presence is no Base64"));
}

TEST(PresenceText, KnowsItsStates) {  // 3
  EXPECT_EQ(parsed("asleep"),
            "'asleep' is no presence; there are not_set, unavailable, available, away, xa, chat, "
            "dnd");
  EXPECT_THAT(parsed(""), HasSubstr("'' is no presence"));
}

TEST_F(Presences, AreKept) {  // 4
  EXPECT_EQ(text_of(*presences.presence("CustomPresence:alice")), "not_set||");
  ASSERT_TRUE(presences.set("custompresence:alice", "away,lunch,b,"));
  ASSERT_TRUE(presences.set("CustomPresence:alice", "away,lunch,b,"));
  EXPECT_EQ(database.get("CustomPresence", "alice"), "away,lunch,b,");
  EXPECT_EQ(text_of(*presences.presence("CustomPresence:alice")), "away|lunch|b");
  EXPECT_THAT(ear.heard, ElementsAre("CustomPresence:alice=away|lunch|b",
                                     "CustomPresence:alice=away|lunch|b"));
  database.put("CustomPresence", "alice", "nonsense");
  EXPECT_EQ(text_of(*presences.presence("CustomPresence:alice")), "not_set||");
}

TEST_F(Presences, OfOtherKindsThereAreNone) {  // 5
  for (const auto* name : {"alice", "CustomPresence:", "Digium:alice", ""}) {
    EXPECT_FALSE(presences.presence(name)) << name;
    EXPECT_FALSE(presences.set(name, "away")) << name;
  }
  EXPECT_FALSE(presences.set("CustomPresence:alice", "asleep"));
  EXPECT_FALSE(database.get("CustomPresence", "alice"));
  EXPECT_THAT(ear.heard, testing::IsEmpty());
}

TEST_F(Presences, AreListed) {  // 6
  ASSERT_TRUE(presences.set("CustomPresence:bob", "dnd"));
  ASSERT_TRUE(presences.set("CustomPresence:alice", "chat,x,y"));
  std::vector<std::string> all;
  presences.visit([&all](std::string_view presentity, const Presence& presence) {
    all.push_back(std::string(presentity) + "=" + text_of(presence));
  });
  EXPECT_THAT(all, ElementsAre("CustomPresence:alice=chat|x|y", "CustomPresence:bob=dnd||"));
}

}  // namespace
}  // namespace missive::states
