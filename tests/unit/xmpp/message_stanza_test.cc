// xmpp/message_stanza: <message/> out and in.
//
//  1. A text with all that it can have; what is empty is left out.
//  2. What is special in XML is escaped, and comes back as it was.
//  3. A text that comes in: body, subject, thread, language, type, ids; a type that is unknown.
//  4. The body without xml:lang goes before those that have one.
//  5. Receipts and markers, asked for and given.
//  6. Errors: condition, type and text; an error without any of them.
//  7. Carbons, delay, our server's stanza-id and no other's.
//  8. Receipt and error stanzas of our own.
//  9. An id of any length is read, a long one as none; an error's text may be any octets.
#include "xmpp/message_stanza.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using testing::HasSubstr;
using testing::Not;

class MessageStanzaTest : public testing::Test {
 protected:
  MessageStanza read(const std::string& xml, std::string_view own = "gw@example.com") {
    const Stanza stanza(xmpp_stanza_new_from_string(context.get(), xml.c_str()));
    EXPECT_TRUE(stanza) << xml;
    return stanza ? read_message(stanza.get(), own) : MessageStanza{};
  }
  std::string written(const OutgoingText& text) {
    return xml_of(message_stanza(context.get(), text).get());
  }

  Context context{xmpp_ctx_new(nullptr, nullptr)};
};

TEST_F(MessageStanzaTest, WritesAText) {
  OutgoingText text;
  text.id = "id-1";
  text.to = "bob@example.com/phone";
  text.body = "Hello";
  auto xml = written(text);
  EXPECT_THAT(xml, HasSubstr("to=\"bob@example.com/phone\""));
  EXPECT_THAT(xml, HasSubstr("type=\"chat\""));
  EXPECT_THAT(xml, HasSubstr("<body>Hello</body>"));
  EXPECT_THAT(xml, HasSubstr("<request xmlns=\"urn:xmpp:receipts\"/>"));
  EXPECT_THAT(xml, HasSubstr("<markable xmlns=\"urn:xmpp:chat-markers:0\"/>"));
  for (const auto* absent : {"<subject", "<thread", "xml:lang", "from=", "<delay"}) {
    EXPECT_THAT(xml, Not(HasSubstr(absent)));
  }
  text.from = "alice@gw.example.com";
  text.type = MessageType::headline;
  text.subject = "News";
  text.thread = "t1";
  text.language = "de";
  text.wants_receipt = false;
  text.stamp = "2026-01-02T00:00:00Z";
  xml = written(text);
  for (const auto* part :
       {"from=\"alice@gw.example.com\"", "type=\"headline\"", "<subject>News</subject>",
        "<thread>t1</thread>", "xml:lang=\"de\"", "stamp=\"2026-01-02T00:00:00Z\""}) {
    EXPECT_THAT(xml, HasSubstr(part));
  }
  EXPECT_THAT(xml, Not(HasSubstr("urn:xmpp:receipts")));
}

TEST_F(MessageStanzaTest, EscapesWhatXmlNeeds) {
  OutgoingText text;
  text.id = "i";
  text.to = "b@c";
  text.body = "<b>&amp; \"quoted\" 'single'\n\ttab \xF0\x9F\x98\x80";
  text.subject = "a < b & c";
  const auto back = read(written(text));
  EXPECT_EQ(back.body, text.body);
  EXPECT_EQ(back.subject, text.subject);
}

TEST_F(MessageStanzaTest, ReadsAText) {
  const auto text = read(
      "<message from='a@b/c' to='gw@example.com' id='x1' type='chat' xml:lang='en'>"
      "<subject>S</subject><thread>T</thread><body>Hi</body></message>");
  EXPECT_EQ(text.from, "a@b/c");
  EXPECT_EQ(text.to, "gw@example.com");
  EXPECT_EQ(text.id, "x1");
  EXPECT_EQ(text.type, MessageType::chat);
  EXPECT_EQ(text.body, "Hi");
  EXPECT_EQ(text.subject, "S");
  EXPECT_EQ(text.thread, "T");
  EXPECT_EQ(text.language, "en");
  EXPECT_EQ(read("<message><body>x</body></message>").type, MessageType::normal);
  EXPECT_EQ(read("<message type='odd'><body>x</body></message>").type, MessageType::normal);
  EXPECT_EQ(read("<message type='chat'/>").body, std::nullopt);
}

TEST_F(MessageStanzaTest, PrefersTheBodyOfTheMessage) {
  const auto text = read("<message><body xml:lang='cs'>Ahoj</body><body>Hello</body></message>");
  EXPECT_EQ(text.body, "Hello");
  const auto only = read("<message><body xml:lang='cs'>Ahoj</body></message>");
  EXPECT_EQ(only.body, "Ahoj");
  EXPECT_EQ(only.language, "cs");
}

TEST_F(MessageStanzaTest, ReadsReceipts) {
  const auto asks = read(
      "<message><body>x</body><request xmlns='urn:xmpp:receipts'/>"
      "<markable xmlns='urn:xmpp:chat-markers:0'/></message>");
  EXPECT_TRUE(asks.wants_receipt);
  EXPECT_TRUE(asks.markable);
  EXPECT_EQ(read("<message><received xmlns='urn:xmpp:receipts' id='m1'/></message>").received,
            "m1");
  EXPECT_EQ(
      read("<message><displayed xmlns='urn:xmpp:chat-markers:0' id='m2'/></message>").displayed,
      "m2");
  EXPECT_EQ(read("<message><received xmlns='urn:other' id='m1'/></message>").received, "");
}

TEST_F(MessageStanzaTest, ReadsErrors) {
  const auto error = read(
      "<message type='error' id='m1'><error type='wait'>"
      "<recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>gone out</text></error></message>");
  EXPECT_EQ(error.type, MessageType::error);
  EXPECT_EQ(error.condition, "recipient-unavailable");
  EXPECT_EQ(error.error_type, "wait");
  EXPECT_EQ(error.error_text, "gone out");
  EXPECT_EQ(read("<message type='error'/>").condition, "");
}

TEST_F(MessageStanzaTest, ReadsWhatGoesWithIt) {
  EXPECT_TRUE(read("<message><sent xmlns='urn:xmpp:carbons:2'/></message>").is_carbon);
  EXPECT_TRUE(read("<message><received xmlns='urn:xmpp:carbons:2'/></message>").is_carbon);
  EXPECT_FALSE(read("<message><private xmlns='urn:xmpp:carbons:2'/></message>").is_carbon);
  EXPECT_TRUE(read("<message><delay xmlns='urn:xmpp:delay'/></message>").is_history);
  EXPECT_TRUE(read("<message><delay xmlns='urn:xmpp:delay' from='gw@example.com'/>"
                   "<delay xmlns='urn:xmpp:delay' from='room@example.com'/></message>")
                  .is_history);
  // Our server says so of what it sends again in a resumed stream.
  for (const std::string by : {"gw@example.com", "example.com"}) {
    const auto again = read("<message><delay xmlns='urn:xmpp:delay' from='" + by + "'/></message>");
    EXPECT_FALSE(again.is_history) << by;
  }
  const std::string ids =
      "<message><stanza-id xmlns='urn:xmpp:sid:0' by='evil@x' id='1'/>"
      "<stanza-id xmlns='urn:xmpp:sid:0' by='gw@example.com' id='2'/></message>";
  EXPECT_EQ(read(ids).stanza_id, "2");
  EXPECT_EQ(read(ids, "other@example.com").stanza_id, "");
}

TEST_F(MessageStanzaTest, WritesAnswers) {
  const auto receipt = xml_of(receipt_stanza(context.get(), "", "a@b", "m1", false).get());
  EXPECT_THAT(receipt, HasSubstr("<received"));
  EXPECT_THAT(receipt, HasSubstr("id=\"m1\""));
  EXPECT_EQ(read(receipt).received, "m1");
  EXPECT_EQ(read(xml_of(receipt_stanza(context.get(), "g", "a@b", "m2", true).get())).displayed,
            "m2");
  const auto error = read(xml_of(
      error_stanza(context.get(), "", "a@b", "m3", {"item-not-found", "cancel", "nobody <here>"})
          .get()));
  EXPECT_EQ(error.id, "m3");
  EXPECT_EQ(error.condition, "item-not-found");
  EXPECT_EQ(error.error_type, "cancel");
  EXPECT_EQ(error.error_text, "nobody <here>");
  const auto latin = read(xml_of(error_stanza(context.get(), "", "a@b", "m4",
                                              {"gone", "cancel",
                                               "besch\xE4"
                                               "ftigt\x1B"})
                                     .get()));
  EXPECT_EQ(latin.error_text, "besch?ftigt?");
}

TEST_F(MessageStanzaTest, ReadsNoLongIds) {
  EXPECT_EQ(read("<message id='" + std::string(1023, 'i') + "'/>").id.size(), 1023U);
  EXPECT_EQ(read("<message id='" + std::string(1024, 'i') + "'/>").id, "");
}

}  // namespace
}  // namespace missive::xmpp
