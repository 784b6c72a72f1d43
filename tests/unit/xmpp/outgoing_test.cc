// xmpp/outgoing: from a message of the core to a text for a stream.
//
//  1. Destination and From, in the forms there are; the recipient's queue.
//  2. From an address within a component's domain; from a client's own address.
//  3. Refusals: no account at all, no From, an unknown one, a bad destination, each with a reason.
//  4. Variables: Subject, Thread, Language, Content-Language, Type; a type there is not.
//  5. A body that XML cannot carry; another content type.
//  6. message/cpim: its content and subject.
//  7. Rooms: groupchat by itself where we are in the room; not in it, not yet in it.
#include "xmpp/outgoing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using message::Refusal;
using testing::HasSubstr;

constexpr std::string_view conf = R"(
[gw]
username = texts@example.com/missive
secret = s
[comp]
type = component
serverhost = 127.0.0.1
username = sip.example.com
secret = s
)";

class OutgoingTest : public testing::Test {
 protected:
  std::optional<Refusal> resolve(message::Draft draft) {
    const auto message = message::Message::create(draft);
    return xmpp::resolve(*configuration, board, *message, out);
  }
  std::string refused(message::Draft draft) {
    const auto refusal = resolve(draft);
    return refusal ? refusal->reason : "taken";
  }
  static message::Draft draft(std::string_view destination, std::string_view from,
                              std::span<const message::Variable> variables = {},
                              std::string_view body = "hi") {
    message::Draft draft;
    draft.id = "m1";
    draft.destination = destination;
    draft.from = from;
    draft.body = body;
    draft.variables = variables;
    return draft;
  }

  conf::Problems problems;
  std::shared_ptr<const Configuration> configuration = Configuration::parse(conf, problems);
  Board board;
  Outgoing out;
};

TEST_F(OutgoingTest, TakesDestinationAndFrom) {
  for (const auto* from : {"gw", "xmpp:gw", " gw ", "<xmpp:gw>", "texts@example.com"}) {
    ASSERT_EQ(refused(draft("xmpp:Bob@Example.com/phone", from)), "taken") << from;
    EXPECT_EQ(out.account->name, "gw");
    EXPECT_EQ(out.to.full(), "bob@example.com/phone");
    EXPECT_EQ(out.from, "");
    EXPECT_EQ(out.recipient(), "xmpp:gw/bob@example.com/phone");
  }
  EXPECT_EQ(refused(draft("xmpp:bob@example.com?message", "gw")), "taken");
  EXPECT_EQ(out.to.full(), "bob@example.com");
}

TEST_F(OutgoingTest, KnowsAComponentsUsers) {
  ASSERT_EQ(refused(draft("xmpp:bob@example.com", "alice@sip.example.com")), "taken");
  EXPECT_EQ(out.account->name, "comp");
  EXPECT_EQ(out.from, "alice@sip.example.com");
  ASSERT_EQ(refused(draft("xmpp:bob@example.com", "comp")), "taken");
  EXPECT_EQ(out.from, "");
}

TEST_F(OutgoingTest, RefusesWithAReason) {
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "")),
              HasSubstr("a From is needed that names the account of xmpp.conf which sends: gw"));
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "nobody")),
              HasSubstr("From 'nobody' is no account of xmpp.conf; there are: gw, comp"));
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "sip:alice@example.net")),
              HasSubstr("is no account"));
  const auto bad = resolve(draft("xmpp:@", "gw"));
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->kind, Refusal::Kind::invalid_uri);
  configuration = Configuration::parse("", problems);
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "gw")), HasSubstr("no account in xmpp.conf"));
}

TEST_F(OutgoingTest, TakesVariables) {
  const message::Variable variables[] = {
      {"subject", "S"}, {"Thread", "T"}, {"Content-Language", "de, en"}, {"TYPE", "Headline"}};
  ASSERT_EQ(refused(draft("xmpp:bob@example.com", "gw", variables)), "taken");
  EXPECT_EQ(out.subject, "S");
  EXPECT_EQ(out.thread, "T");
  EXPECT_EQ(out.language, "de");
  EXPECT_EQ(out.type, MessageType::headline);
  const message::Variable odd[] = {{"Type", "shout"}};
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "gw", odd)),
              HasSubstr("'shout' is not one of chat, normal, groupchat, headline"));
  const message::Variable error[] = {{"Type", "error"}};
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "gw", error)), HasSubstr("is not one of"));
}

TEST_F(OutgoingTest, RefusesWhatXmlCannotCarry) {
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "gw", {}, std::string_view("a\0", 2))),
              HasSubstr("the body: octet 1 is a control character"));
  const message::Variable html[] = {{"Content-Type", "text/html"}};
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "gw", html)),
              HasSubstr("Content-Type text/html cannot be sent over XMPP"));
  const message::Variable plain[] = {{"Content-Type", "text/plain;charset=utf-8"}};
  EXPECT_EQ(refused(draft("xmpp:bob@example.com", "gw", plain)), "taken");
}

TEST_F(OutgoingTest, UnwrapsCpim) {
  const message::Variable cpim[] = {{"Content-Type", "message/cpim"}};
  const std::string_view body =
      "From: <sip:a@b>\r\nSubject: News\r\n\r\nContent-Type: text/plain\r\n\r\nHello";
  ASSERT_EQ(refused(draft("xmpp:bob@example.com", "gw", cpim, body)), "taken");
  EXPECT_EQ(out.body, "Hello");
  EXPECT_EQ(out.subject, "News");
  EXPECT_THAT(refused(draft("xmpp:bob@example.com", "gw", cpim,
                            "From: <sip:a@b>\r\n\r\nContent-Type: image/png\r\n\r\nx")),
              HasSubstr("message/cpim of image/png"));
}

TEST_F(OutgoingTest, KnowsRooms) {
  const auto room = draft("xmpp:lobby@rooms.example.com", "gw");
  ASSERT_EQ(refused(room), "taken");
  EXPECT_EQ(out.type, MessageType::chat);
  const message::Variable groupchat[] = {{"Type", "groupchat"}};
  EXPECT_THAT(refused(draft("xmpp:lobby@rooms.example.com", "gw", groupchat)),
              HasSubstr("account 'gw' is not in room lobby@rooms.example.com; 'room = "));
  board.set_room("gw", "lobby@rooms.example.com", Board::RoomState::joining);
  const auto waiting = resolve(room);
  ASSERT_TRUE(waiting);
  EXPECT_TRUE(waiting->passing());
  board.set_room("gw", "lobby@rooms.example.com", Board::RoomState::joined);
  ASSERT_EQ(refused(room), "taken");
  EXPECT_EQ(out.type, MessageType::groupchat);
  // A private word to one of them.
  ASSERT_EQ(refused(draft("xmpp:lobby@rooms.example.com/nick", "gw")), "taken");
  EXPECT_EQ(out.type, MessageType::chat);
}

}  // namespace
}  // namespace missive::xmpp
