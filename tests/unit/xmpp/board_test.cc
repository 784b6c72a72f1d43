// xmpp/board: what is known of the accounts.
//
//  1. States of accounts; one that is not there; rooms that are joined are listed, others not.
//  2. Buddies: of the configuration, of the roster, removed; a new roster keeps who is online.
//  3. Presence: the highest priority first, a device by its name, offline, a stranger's is not
//  kept.
//  4. A new stream takes all presence.
//  5. While the connection is lost nobody is online and no room is joined; a resumed one has both.
#include "xmpp/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using testing::ElementsAre;
using Show = Resource::Show;

Buddy buddy(std::string jid, std::string subscription = "both") {
  Buddy made;
  made.jid = std::move(jid);
  made.subscription = std::move(subscription);
  return made;
}

Resource resource(std::string name, Show show, int priority) {
  Resource made;
  made.name = std::move(name);
  made.show = show;
  made.priority = priority;
  return made;
}

// Presence is told of an account that is connected.
void connect(Board& board) {
  AccountStatus status;
  status.name = "gw";
  status.state = AccountStatus::State::connected;
  board.set(status);
}

Jid jid(std::string_view text) { return *Jid::parse(text); }

TEST(Board, KnowsAccounts) {
  Board board;
  EXPECT_FALSE(board.account("gw"));
  AccountStatus status;
  status.name = "gw";
  status.state = AccountStatus::State::connected;
  board.set(status);
  EXPECT_TRUE(board.is_connected("gw"));
  board.set_room("gw", "a@rooms", Board::RoomState::joined);
  board.set_room("gw", "b@rooms", Board::RoomState::joining);
  EXPECT_THAT(board.account("gw")->rooms, ElementsAre("a@rooms"));
  board.set_room("gw", "a@rooms", Board::RoomState::unknown);
  EXPECT_EQ(board.room("gw", "a@rooms"), Board::RoomState::unknown);
  EXPECT_EQ(board.accounts().size(), 1u);
  board.forget("gw");
  EXPECT_TRUE(board.accounts().empty());
}

TEST(Board, KnowsBuddies) {
  Board board;
  connect(board);
  board.set_buddy("gw", buddy("bob@x", ""));
  board.set_resource("gw", jid("bob@x/phone"), resource("phone", Show::online, 1));
  board.set_roster("gw", {buddy("bob@x"), buddy("carol@x", "to")});
  const auto all = board.buddies("gw");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].subscription, "both");
  EXPECT_EQ(all[0].resources.size(), 1u);
  board.remove_buddy("gw", "carol@x");
  EXPECT_EQ(board.buddies("gw").size(), 1u);
  EXPECT_TRUE(board.buddies("other").empty());
}

TEST(Board, KnowsPresence) {
  Board board;
  connect(board);
  board.set_buddy("gw", buddy("bob@x"));
  EXPECT_EQ(board.presence("gw", jid("bob@x")), Show::offline);
  board.set_resource("gw", jid("bob@x/pc"), resource("pc", Show::away, 0));
  board.set_resource("gw", jid("bob@x/phone"), resource("phone", Show::dnd, 5));
  EXPECT_EQ(board.presence("gw", jid("bob@x")), Show::dnd);
  EXPECT_EQ(board.presence("gw", jid("bob@x/pc")), Show::away);
  EXPECT_EQ(board.presence("gw", jid("bob@x/none")), Show::offline);
  board.set_resource("gw", jid("bob@x/phone"), resource("phone", Show::chat, -1));
  EXPECT_EQ(board.presence("gw", jid("bob@x")), Show::away);
  board.remove_resource("gw", jid("bob@x/pc"));
  EXPECT_EQ(board.presence("gw", jid("bob@x")), Show::chat);
  board.set_resource("gw", jid("eve@x/pc"), resource("pc", Show::online, 0));
  EXPECT_EQ(board.presence("gw", jid("eve@x")), std::nullopt);
}

TEST(Board, ForgetsPresence) {
  Board board;
  connect(board);
  board.set_buddy("gw", buddy("bob@x"));
  board.set_resource("gw", jid("bob@x/pc"), resource("pc", Show::online, 0));
  board.clear_presence("gw");
  EXPECT_EQ(board.presence("gw", jid("bob@x")), Show::offline);
}

TEST(Board, TellsNoPresenceWhileDisconnected) {
  Board board;
  connect(board);
  board.set_buddy("gw", buddy("bob@x"));
  board.set_resource("gw", jid("bob@x/pc"), resource("pc", Show::online, 0));
  board.set_room("gw", "a@rooms", Board::RoomState::joined);
  AccountStatus lost;
  lost.name = "gw";
  board.set(lost);
  EXPECT_EQ(board.presence("gw", jid("bob@x")), Show::offline);
  EXPECT_TRUE(board.account("gw")->rooms.empty());
  connect(board);  // the stream was resumed
  EXPECT_EQ(board.presence("gw", jid("bob@x")), Show::online);
  EXPECT_EQ(board.account("gw")->rooms.size(), 1u);
}

}  // namespace
}  // namespace missive::xmpp
