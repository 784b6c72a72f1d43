// The road straight to a user.
//
//  1. endpoints and AORs are found by name; others are not
//  2. what is sent: text, type, hops, who it came from
//  3. done when the message was handed over, not before, and when it was refused
//  4. no room: kept and tried again each second, done once there is room; others go on
#include "pjsip/user_route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/message_events.h"
#include "unit/pjsip/configured.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using Kind = message::Refusal::Kind;
using ::testing::ElementsAre;

class Recorder final : public message::Technology {
 public:
  std::string_view name() const override { return "pjsip"; }
  std::optional<message::Refusal> check(const message::Message&, message::Terms&) override {
    return std::nullopt;
  }
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch&,
            message::HandedOver handed_over, message::Finished) override {
    sent.push_back(std::move(message));
    if (patient) {
      waiting.push_back(std::move(handed_over));
    } else {
      handed_over(refusal);
    }
  }
  std::vector<std::shared_ptr<const message::Message>> sent;
  std::vector<message::HandedOver> waiting;
  std::optional<message::Refusal> refusal;
  bool patient = false;
};

class UserRouteTest : public testing::Test {
 protected:
  UserRouteTest() { sender.add(technology); }
  void handle(std::string_view exten, std::string_view type = "text/plain",
              std::string_view endpoint = "alice") {
    route.handle(message::Incoming::create({.id = "id-1",
                                            .technology = "pjsip",
                                            .endpoint = endpoint,
                                            .context = "messages",
                                            .exten = exten,
                                            .from = "<sip:alice@example.com>",
                                            .to = "pjsip:bob@example.com",
                                            .content_type = type,
                                            .body = "hello",
                                            .max_forwards = 17}),
                 [this] { ++done; });
  }
  void pass(base::Duration time) {
    for (; time > base::Duration::zero(); time -= net::TimerWheel::tick) {
      clock.advance(net::TimerWheel::tick);
      while (shard.run_once()) {
      }
    }
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  Recorder technology;
  message::MessageEvents events;
  message::Sender sender{events};
  UserRoute route{shard, sender,
                  test::configured("[bob]\ntype=endpoint\naors=home\n[home]\ntype=aor\n"
                                   "[empty]\ntype=endpoint\n[lone]\ntype=aor\n")};
  int done = 0;
};

TEST_F(UserRouteTest, FindsUsers) {  // 1
  EXPECT_TRUE(route.has_destination("any", "bob"));
  EXPECT_TRUE(route.has_destination("any", "home"));
  for (const auto* const name : {"empty", "lone", "nobody", ""}) {
    EXPECT_FALSE(route.has_destination("any", name)) << name;
  }
}

TEST_F(UserRouteTest, SendsTheMessage) {  // 2
  handle("bob");
  handle("home", "text/html");
  handle("bob", "", "");
  ASSERT_EQ(technology.sent.size(), 3U);
  const auto& first = *technology.sent[0];
  EXPECT_EQ(first.destination(), "pjsip:bob");
  EXPECT_EQ(first.from(), "<sip:alice@example.com>");
  EXPECT_EQ(first.to(), "bob@example.com");
  EXPECT_EQ(first.body(), "hello");
  EXPECT_EQ(first.origin(), "pjsip:alice");
  EXPECT_EQ(first.id().size(), 36U);
  ASSERT_EQ(first.variables().size(), 1U);
  EXPECT_EQ(first.variables()[0].value, "17");
  EXPECT_EQ(technology.sent[1]->destination(), "pjsip:bob/home");
  ASSERT_EQ(technology.sent[1]->variables().size(), 2U);
  EXPECT_EQ(technology.sent[1]->variables()[1].value, "text/html");
  EXPECT_EQ(technology.sent[2]->origin(), "");
  EXPECT_EQ(done, 3);
}

TEST_F(UserRouteTest, IsDoneWhenItIsHandedOver) {  // 3
  technology.patient = true;
  handle("bob");
  EXPECT_EQ(done, 0);
  technology.waiting[0](std::nullopt);
  EXPECT_EQ(done, 1);
  handle("bob");
  technology.waiting[1](message::Refusal{Kind::failure, "it is raining"});
  EXPECT_EQ(done, 2);
  pass(3s);
  EXPECT_EQ(technology.sent.size(), 2U);
}

TEST_F(UserRouteTest, KeepsWhatThereIsNoRoomFor) {  // 4
  technology.refusal = message::Refusal{Kind::full, "outbox full"};
  handle("bob");
  handle("home");
  EXPECT_EQ(done, 0);
  pass(2100ms);
  EXPECT_EQ(technology.sent.size(), 6U);
  EXPECT_EQ(technology.sent[0], technology.sent[4]) << "the very same message, with its id";
  EXPECT_EQ(done, 0);
  technology.refusal.reset();
  handle("bob");
  EXPECT_EQ(done, 1);
  pass(1s);
  EXPECT_EQ(done, 3);
  EXPECT_EQ(technology.sent.size(), 9U);
  pass(5s);
  EXPECT_EQ(technology.sent.size(), 9U);
}

}  // namespace
}  // namespace missive::pjsip
