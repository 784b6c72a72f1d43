// xmpp/stream_log: what libstrophe tells its log and nobody else.
//
//  1. Features, with and without stream management.
//  2. enabled, resumable or not; resumed; failed, with and without a count; a.
//  3. A refused login: the condition, and the text if there is one.
//  4. Stanzas that were written; nothing else that was.
//  5. A connection that failed, by its error.
//  6. Elements of other namespaces, and anything inside a stanza, are no events.
//  7. Torn and odd lines are no events, and nothing is read past their end.
#include "xmpp/stream_log.h"

#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using Kind = StreamEvent::Kind;

TEST(StreamLog, Features) {
  auto event = read_stream_log(
      R"(RECV: <features xmlns="http://etherx.jabber.org/streams"><sm xmlns="urn:xmpp:sm:2"/>)"
      R"(<sm xmlns="urn:xmpp:sm:3"><optional/></sm></features>)");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::features);
  EXPECT_EQ(event->h, 1u);
  event = read_stream_log(
      R"(RECV: <features xmlns="http://etherx.jabber.org/streams"><bind/></features>)");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->h, 0u);
}

TEST(StreamLog, StreamManagement) {
  auto event =
      read_stream_log(R"(RECV: <enabled id="x" xmlns="urn:xmpp:sm:3" max="600" resume="true"/>)");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::enabled);
  EXPECT_EQ(event->h, 1u);
  EXPECT_EQ(read_stream_log(R"(RECV: <enabled xmlns="urn:xmpp:sm:3"/>)")->h, 0u);

  event = read_stream_log(R"(RECV: <resumed h="6" previd="r" xmlns="urn:xmpp:sm:3"/>)");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::resumed);
  EXPECT_EQ(event->h, 6u);

  event = read_stream_log(
      R"(RECV: <failed xmlns="urn:xmpp:sm:3" h="4294967295"><item-not-found/></failed>)");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::not_resumed);
  EXPECT_EQ(event->h, 4294967295u);
  EXPECT_EQ(read_stream_log(R"(RECV: <failed xmlns="urn:xmpp:sm:3"/>)")->h, std::nullopt);

  event = read_stream_log(R"(RECV: <a h="12" xmlns="urn:xmpp:sm:3"/>)");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::acknowledged);
  EXPECT_EQ(event->h, 12u);
  EXPECT_EQ(read_stream_log(R"(RECV: <a h="-1" xmlns="urn:xmpp:sm:3"/>)")->h, std::nullopt);
}

TEST(StreamLog, RefusedLogin) {
  auto event =
      read_stream_log(R"(RECV: <failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><not-authorized/>)"
                      R"(<text>Wrong password</text></failure>)");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::login_refused);
  EXPECT_EQ(event->text, "not-authorized: Wrong password");
  event = read_stream_log(
      R"(RECV: <failure xmlns="urn:ietf:params:xml:ns:xmpp-sasl"><account-disabled/></failure>)");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->text, "account-disabled");
}

TEST(StreamLog, WrittenStanzas) {
  for (const auto* line : {"SENT: <message to=\"a\"/>", "SENT: <presence/>", "SENT: <iq>"}) {
    const auto event = read_stream_log(line);
    ASSERT_TRUE(event) << line;
    EXPECT_EQ(event->kind, Kind::written) << line;
  }
  EXPECT_FALSE(read_stream_log("SENT: <r xmlns='urn:xmpp:sm:3'/>"));
  EXPECT_FALSE(read_stream_log("SENT: <?xml version=\"1.0\"?><stream:stream>"));
  EXPECT_FALSE(read_stream_log("QUEUED: <message/>"));
}

TEST(StreamLog, FailedConnection) {
  const auto event = read_stream_log("connection failed, error 111");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::unreachable);
  EXPECT_EQ(event->text, "Connection refused");
}

TEST(StreamLog, NothingElse) {
  EXPECT_FALSE(read_stream_log(R"(RECV: <a h="12" xmlns="jabber:client"/>)"));
  EXPECT_FALSE(read_stream_log(
      R"(RECV: <message><body>RECV: &lt;a h="9"/></body><a h="9" xmlns="urn:xmpp:sm:3"/></message>)"));
  EXPECT_FALSE(read_stream_log(R"(RECV: <failure xmlns="urn:other"><x/></failure>)"));
  // The attribute itself, not one whose name ends so.
  EXPECT_FALSE(read_stream_log(R"(RECV: <a nh="3" x:xmlns="urn:xmpp:sm:3"/>)"));
}

TEST(StreamLog, OddLines) {
  for (const auto* line : {"", "RECV: ", "RECV: <", "RECV: <a", "RECV: a", "RECV: <a xmlns=",
                           "RECV: <a xmlns=\"urn:xmpp:sm:3", "SENT: ", "SENT: <"}) {
    EXPECT_FALSE(read_stream_log(line)) << line;
  }
}

}  // namespace
}  // namespace missive::xmpp
