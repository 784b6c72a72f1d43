// From a destination's prefix to the technology that serves it.
//
//  1. The technology whose name the prefix is gets the message and the completion.
//  2. An unknown prefix is refused as no_technology, and the known ones are named.
//  3. So is a destination without a colon, and an empty one.
//  4. Prefixes are compared with case and whole.
//  5. Text of the message in a reason is printable and bounded.
//  6. Without any technology everything is refused.
//  7. A refusal is told once, from within send().
//  8. MessageEvents: every listener is told; wanted() when one wants it.
//  9. Without an outbox a message has one attempt; its outcome is told to listeners and watcher.
#include "message/sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "message/message_events.h"

namespace missive::message {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct FakeTechnology final : Technology {
  explicit FakeTechnology(std::string its_name) : name_(std::move(its_name)) {}
  std::string_view name() const override { return name_; }
  std::optional<Refusal> check(const Message&, Terms&) override { return std::nullopt; }
  void send(std::shared_ptr<const Message> message, const Dispatch&, HandedOver handed_over,
            Finished its_finished) override {
    addresses.emplace_back(message->address());
    waiting.push_back(std::move(handed_over));
    finished.push_back(std::move(its_finished));
  }

  std::string name_;
  std::vector<std::string> addresses;
  std::vector<HandedOver> waiting;
  std::vector<Finished> finished;
};

class SenderTest : public testing::Test {
 protected:
  // Sends and writes down what is told: "sent", or the reason of the refusal.
  void send(std::string_view destination) {
    sender.send(Message::create({.destination = destination}),
                [this](const std::optional<Refusal>& refusal) {
                  told.push_back(refusal ? refusal->reason : "sent");
                  if (refusal) kind = refusal->kind;
                });
  }

  MessageEvents events;
  Sender sender{events};
  FakeTechnology pjsip{"pjsip"};
  FakeTechnology xmpp{"xmpp"};
  std::vector<std::string> told;
  std::optional<Refusal::Kind> kind;
};

TEST_F(SenderTest, PassesOn) {  // 1
  sender.add(pjsip);
  sender.add(xmpp);
  send("xmpp:a/b");
  send("pjsip:sip:bob@example.com");
  EXPECT_THAT(xmpp.addresses, ElementsAre("a/b"));
  EXPECT_THAT(pjsip.addresses, ElementsAre("sip:bob@example.com"));
  EXPECT_THAT(told, IsEmpty());
  pjsip.waiting[0](std::nullopt);
  xmpp.waiting[0](Refusal{Refusal::Kind::invalid_uri, "no"});
  EXPECT_THAT(told, ElementsAre("sent", "no"));
  EXPECT_EQ(kind, Refusal::Kind::invalid_uri);
}

TEST_F(SenderTest, Unknown) {  // 2, 7
  sender.add(pjsip);
  sender.add(xmpp);
  send("smtp:alice");
  EXPECT_THAT(told, ElementsAre("technology 'smtp:' is not known; known: pjsip:, xmpp:"));
  EXPECT_EQ(kind, Refusal::Kind::no_technology);
}

TEST_F(SenderTest, NoPrefix) {  // 3
  sender.add(pjsip);
  sender.add(xmpp);
  for (const auto* destination : {"alice", "", ":alice"}) {
    told.clear();
    kind.reset();
    send(destination);
    EXPECT_THAT(told, ElementsAre(HasSubstr("names no technology; it must begin with pjsip: or "
                                            "xmpp:")));
    EXPECT_EQ(kind, Refusal::Kind::no_technology);
  }
}

TEST_F(SenderTest, WithCaseAndWhole) {  // 4
  sender.add(pjsip);
  for (const auto* destination :
       {"PJSIP:alice", "Pjsip:alice", "pjsi:alice", "pjsipx:alice", " pjsip:alice"}) {
    kind.reset();
    send(destination);
    EXPECT_EQ(kind, Refusal::Kind::no_technology) << destination;
  }
  EXPECT_THAT(pjsip.addresses, IsEmpty());
}

TEST_F(SenderTest, PrintableReason) {  // 5
  sender.add(pjsip);
  send("a\r\nb:" + std::string(10, 'x'));
  send(std::string(10000, 'y'));
  send(std::string(10000, 'z') + ":x");
  ASSERT_EQ(told.size(), 3u);
  for (const auto& reason : told) {
    EXPECT_EQ(reason.find_first_of("\r\n"), std::string::npos) << reason;
    EXPECT_LT(reason.size(), 300u);
  }
}

TEST_F(SenderTest, NoneAtAll) {  // 6
  send("pjsip:alice");
  EXPECT_EQ(kind, Refusal::Kind::no_technology);
  EXPECT_EQ(told.size(), 1u);
}

struct Listener final : MessageListener {
  bool wants_message_status() const override { return wants; }
  void on_message_status(const Message& message, const Status& status) override {
    log.push_back(std::string(message.id()) + " " + std::string(name_of(status.state)) + " " +
                  std::to_string(status.response_code));
  }
  bool wants = false;
  std::vector<std::string> log;
};

TEST_F(SenderTest, TellsTheOutcome) {  // 9
  sender.add(pjsip);
  Listener listener;
  listener.wants = true;
  events.add(listener);
  send("pjsip:alice");
  std::vector<std::string> watched;
  sender.send(
      Message::create({.id = "m2", .destination = "pjsip:bob"}), [](const Acceptance&) {},
      [&watched](const Message& message, const Status& status) {
        watched.push_back(fmt::format("{} {}", message.id(), name_of(status.state)));
      });
  pjsip.finished[0](
      {.status = {.state = Status::State::failed, .response_code = 480}, .passing = true});
  pjsip.finished[1]({.status = {.state = Status::State::delivered, .response_code = 200}});
  EXPECT_THAT(listener.log, ElementsAre(" failed 480", "m2 delivered 200"));
  EXPECT_THAT(watched, ElementsAre("m2 delivered"));
}

TEST(MessageEvents, Listeners) {  // 8
  MessageEvents events;
  EXPECT_FALSE(events.wanted());
  Listener first, second;
  events.add(first);
  events.add(second);
  EXPECT_FALSE(events.wanted());
  second.wants = true;
  EXPECT_TRUE(events.wanted());
  const auto message = Message::create({.id = "m1"});
  events.report(*message, {.state = Status::State::delivered, .response_code = 200});
  events.report(*message, {.response_code = 408});
  EXPECT_THAT(first.log, ElementsAre("m1 delivered 200", "m1 failed 408"));
  EXPECT_EQ(second.log, first.log);
}

}  // namespace
}  // namespace missive::message
