// console/xmpp_text: the XMPP accounts on a terminal.
//
//  1. xmpp show connections: every state, rooms, reasons; what a stranger wrote stays in its line.
//  2. xmpp show buddies: of every account, with where they are online.
//  3. xmpp show account: one, and where somebody is online, or that it is not known.
#include "console/xmpp_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::console {
namespace {

using testing::ElementsAre;
using xmpp::AccountStatus;
using Show = xmpp::Resource::Show;
using State = AccountStatus::State;

TEST(XmppText, ShowsConnections) {
  AccountStatus up{.name = "asterisk", .jid = "texts@xmpp.test/missive", .state = State::connected};
  up.reason = "of the last time";
  up.rooms = {"lobby@rooms.xmpp.test"};
  AccountStatus down{.name = "gw", .jid = "gw.xmpp.test", .state = State::disconnected};
  down.reason = "refused\nby nobody";
  AccountStatus on_its_way{.name = "third", .jid = "t@x", .state = State::connecting};
  EXPECT_EQ(connections_text({up, down, on_its_way}),
            "Jabber Users and their status:\n"
            "       [asterisk] texts@xmpp.test/missive     - Connected\n"
            "           Room: lobby@rooms.xmpp.test\n"
            "       [gw] gw.xmpp.test     - Disconnected (refused\\x0aby nobody)\n"
            "       [third] t@x     - Connecting\n"
            "----\n"
            "   Number of clients: 3\n");
  EXPECT_EQ(connections_text({}),
            "Jabber Users and their status:\n----\n   Number of clients: 0\n");
}

TEST(XmppText, ShowsBuddies) {
  const std::vector<xmpp::Buddy> known = {
      {.jid = "human@xmpp.test",
       .name = "A Human",
       .subscription = "both",
       .resources = {{.name = "phone", .show = Show::dnd, .status = "No\nnow", .priority = 5},
                     {.name = "desk", .show = Show::online, .status = "", .priority = -1}}},
      {.jid = "other@xmpp.test", .name = "", .subscription = "", .resources = {}}};
  const std::string expected =
      "XMPP buddy lists\n"
      "Client: asterisk\n"
      "\tBuddy:\thuman@xmpp.test\n"
      "\t\tName: A Human\n"
      "\t\tSubscription: both\n"
      "\t\tResource: phone\n"
      "\t\t\tStatus: Do Not Disturb\n"
      "\t\t\tMessage: No\\x0anow\n"
      "\t\t\tPriority: 5\n"
      "\t\tResource: desk\n"
      "\t\t\tStatus: Online\n"
      "\t\t\tPriority: -1\n"
      "\tBuddy:\tother@xmpp.test\n";
  EXPECT_EQ(buddies_text({{"asterisk", known}}), expected);
  std::vector<std::string> texts;
  for (const auto show :
       {Show::online, Show::chat, Show::away, Show::xa, Show::dnd, Show::offline}) {
    texts.emplace_back(show_text(show));
  }
  EXPECT_THAT(
      texts, ElementsAre("Online", "Chatty", "Away", "Extended Away", "Do Not Disturb", "Offline"));
}

TEST(XmppText, ShowsAnAccount) {
  AccountStatus account;
  account.name = "gw";
  account.jid = "texts@xmpp.test/missive";
  account.reason = "refused";
  EXPECT_EQ(account_text(account),
            "Account: gw\nAddress: texts@xmpp.test/missive\nConnection: Disconnected (refused)\n");
  account.state = State::connected;
  account.rooms = {"lobby@rooms.xmpp.test"};
  EXPECT_EQ(account_text(account),
            "Account: gw\nAddress: texts@xmpp.test/missive\nConnection: Connected\n"
            "Room: lobby@rooms.xmpp.test\n");
  EXPECT_EQ(presence_text("bob@x", Show::away), "Presence: bob@x is Away\n");
  EXPECT_EQ(presence_text("bob@x", std::nullopt),
            "Presence: bob@x is not in the roster, so it is not known\n");
}

}  // namespace
}  // namespace missive::console
