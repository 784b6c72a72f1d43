// The message of a run.
//
//  1. Shows the incoming message until something is written, then that.
//  2. Data are found without regard to case; what is written goes first, empty takes away.
//  3. Nothing received goes out unless it is marked; what the dialplan writes does.
//  4. Marked, received headers go out, but those of this hop and our own do not.
//  5. What is written replaces what was received; clear_all_outbound() stops both.
#include "dialplan/message_state.h"

#include <gtest/gtest.h>

namespace missive::dialplan {
namespace {

MessageState state(std::vector<message::Variable> data = {}) {
  return MessageState(message::Incoming::create({.id = "1",
                                                 .from = "pjsip:alice@example.com",
                                                 .to = "pjsip:bob@example.com",
                                                 .body = "hello",
                                                 .data = data}));
}

std::string outbound(const MessageState& state) {
  std::vector<message::Variable> variables;
  state.outbound(variables);
  std::string out;
  for (const auto& variable : variables) {
    out += std::string(variable.name) + "=" + std::string(variable.value) + ";";
  }
  return out;
}

TEST(MessageState, ShowsWhatWasWritten) {
  auto message = state();
  EXPECT_EQ(message.to(), "pjsip:bob@example.com");
  EXPECT_EQ(message.from(), "pjsip:alice@example.com");
  EXPECT_EQ(message.body(), "hello");
  message.set_to("sip:carl@example.com");
  message.set_from("");
  message.set_body("bye");
  EXPECT_EQ(message.to(), "sip:carl@example.com");
  EXPECT_EQ(message.from(), "");
  EXPECT_EQ(message.body(), "bye");
  EXPECT_EQ(message.incoming().body(), "hello");
}

TEST(MessageState, FindsData) {
  auto message = state({{"X-One", "1"}});
  EXPECT_EQ(message.datum("x-one"), "1");
  EXPECT_EQ(message.datum("X-Two"), std::nullopt);
  message.set_datum("x-ONE", "uno");
  message.set_datum("X-Two", "2");
  EXPECT_EQ(message.datum("X-One"), "uno");
  EXPECT_EQ(message.datum("X-Two"), "2");
  message.set_datum("X-One", "");
  EXPECT_EQ(message.datum("X-One"), std::nullopt);
}

TEST(MessageState, SendsOnlyWhatIsMarked) {
  auto message = state({{"X-One", "1"}});
  EXPECT_EQ(outbound(message), "");
  message.set_datum("X-Two", "2");
  EXPECT_EQ(outbound(message), "X-Two=2;");
}

TEST(MessageState, MarksReceivedHeaders) {
  auto message = state({{"Via", "SIP/2.0/UDP 192.0.2.1"},
                        {"X-One", "1"},
                        {"PJSIP_RECVADDR", "192.0.2.1:5060"},
                        {"max-forwards", "70"},
                        {"X-One", "one more"}});
  message.mark_all_outbound();
  EXPECT_EQ(outbound(message), "X-One=1;X-One=one more;");
}

TEST(MessageState, ClearsTheMarks) {
  auto message = state({{"X-One", "1"}, {"X-Two", "2"}, {"X-Three", "3"}});
  message.mark_all_outbound();
  message.set_datum("x-one", "uno");
  message.set_datum("X-Three", "");
  EXPECT_EQ(outbound(message), "X-Two=2;x-one=uno;");
  message.clear_all_outbound();
  EXPECT_EQ(outbound(message), "");
  EXPECT_EQ(message.datum("X-One"), "uno");
  message.mark_all_outbound();
  EXPECT_EQ(outbound(message), "X-Two=2;x-one=uno;");
}

}  // namespace
}  // namespace missive::dialplan
