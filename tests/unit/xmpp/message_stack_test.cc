// xmpp/message_stack: what JABBER_RECEIVE() waits for.
//
//  1. A message that came before is given at once, the oldest of its sender first.
//  2. A message that comes while somebody waits goes to who has waited longest, and is not kept.
//  3. Nothing comes: an answer without a message when the time is over, not before.
//  4. Messages are kept for their time, and a hundred of them.
//  5. A bare address takes any device's, a full one its own only.
//  6. Who waits when it ends is answered.
#include "xmpp/message_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::ElementsAre;

class MessageStackTest : public testing::Test {
 protected:
  void push(std::string_view from, const std::string& body) {
    stack->push(*Jid::parse(from), body);
  }
  void receive(std::string_view from, std::chrono::milliseconds time = 1000ms) {
    stack->receive(*Jid::parse(from), time, shard, [this](std::optional<std::string> body) {
      got.push_back(body.value_or("(nothing)"));
    });
    turn();
  }
  void pass(base::Duration time) {
    clock.advance(time);
    turn();
  }
  void turn() {
    while (shard.run_once()) {
    }
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  std::unique_ptr<MessageStack> stack = std::make_unique<MessageStack>(shard, 5s);
  std::vector<std::string> got;
};

TEST_F(MessageStackTest, GivesWhatCameBefore) {
  push("bob@x/a", "one");
  push("carol@x/a", "other");
  push("bob@x/a", "two");
  receive("bob@x");
  receive("bob@x");
  EXPECT_THAT(got, ElementsAre("one", "two"));
}

TEST_F(MessageStackTest, GivesToWhoWaits) {
  receive("bob@x");
  receive("bob@x");
  push("bob@x/a", "one");
  turn();
  EXPECT_THAT(got, ElementsAre("one"));
  push("bob@x/a", "two");
  turn();
  EXPECT_THAT(got, ElementsAre("one", "two"));
  receive("bob@x", 100ms);
  pass(200ms);
  EXPECT_THAT(got, ElementsAre("one", "two", "(nothing)"));
}

TEST_F(MessageStackTest, GivesUpInTime) {
  receive("bob@x", 1000ms);
  pass(900ms);
  EXPECT_TRUE(got.empty());
  pass(200ms);
  EXPECT_THAT(got, ElementsAre("(nothing)"));
}

TEST_F(MessageStackTest, KeepsAWhile) {
  push("bob@x/a", "old");
  pass(6s);
  receive("bob@x", 10ms);
  pass(20ms);
  EXPECT_THAT(got, ElementsAre("(nothing)"));
  for (int i = 0; i < 101; ++i) push("bob@x/a", std::to_string(i));
  receive("bob@x");
  EXPECT_EQ(got.back(), "1");
}

TEST_F(MessageStackTest, KnowsDevices) {
  push("bob@x/a", "from a");
  receive("bob@x/b", 10ms);
  pass(20ms);
  receive("bob@x/a");
  EXPECT_THAT(got, ElementsAre("(nothing)", "from a"));
}

TEST_F(MessageStackTest, AnswersAtItsEnd) {
  receive("bob@x");
  stack.reset();
  turn();
  EXPECT_THAT(got, ElementsAre("(nothing)"));
}

}  // namespace
}  // namespace missive::xmpp
