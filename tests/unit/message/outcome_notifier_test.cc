// What a SIP sender is told of its message.
//
//  1. `failed`: failed, expired, cancelled; `all`: sent, delivered, displayed too; `no`: nothing
//  2. never of what is not final, without an origin, or of a receipt
//  3. the message: to the origin, from the recipient, without an origin of its own; on its shard
//  4. the sentences, with and without code and reason; names out of addresses; bounded
//  5. an IMDN where the sender asked for one of that kind: its parts; all five outcomes
//  6. a sentence where it asked for none of that kind, the body is gone, or is no message/cpim
//  7. it cannot be sent: nothing more happens
//  8. a failure after `sent`, of a message that is not kept any more, told on any thread
#include "message/outcome_notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "message/cpim.h"
#include "message/imdn.h"
#include "unit/sip/loop_lab.h"

namespace missive::message {
namespace {

using State = Status::State;
using Notify = OutcomeNotifier::Notify;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeTechnology final : public Technology {
 public:
  std::string_view name() const override { return "pjsip"; }
  std::optional<Refusal> check(const Message&, Terms&) override { return refusal; }
  void send(std::shared_ptr<const Message> message, const Dispatch&, HandedOver handed_over,
            Finished finished) override {
    sent.push_back(std::move(message));
    handed_over(refusal);
    if (!refusal) finished(Attempted{Status{State::delivered, 200, "OK", "", 1}});
  }
  std::vector<std::shared_ptr<const Message>> sent;
  std::optional<Refusal> refusal;
};

std::string cpim(std::string_view asked, std::string_view content = "text/plain") {
  return fmt::format(
      "From: \"Alice\" <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\n"
      "DateTime: 2026-01-01T10:00:00Z\r\nNS: i <urn:ietf:params:imdn>\r\ni.Message-ID: abc\\\\1\r\n"
      "i.Disposition-Notification: {}\r\n\r\nContent-Type: {}\r\n\r\nhello",
      asked, content);
}

class OutcomeNotifierTest : public testing::Test {
 protected:
  OutcomeNotifierTest() {
    sender.add(technology);
    draft.id = "id-1";
    draft.destination = "pjsip:bob";
    draft.to = "sip:bob@example.com";
    draft.from = "\"Alice\" <sip:alice@example.com>";
    draft.body = "hello";
    draft.origin = "pjsip:alice";
  }

  // The bodies of what was sent because of that.
  std::vector<std::string> told(State state, int code = 0, std::string_view text = {}) {
    technology.sent.clear();
    OutcomeNotifier notifier(shard, sender, notify);
    notifier.on_message_status(*Message::create(draft), {state, code, text, "", 1});
    EXPECT_THAT(technology.sent, IsEmpty()) << "sent on the thread that told";
    sip::test::settle(shard);
    std::vector<std::string> out;
    for (const auto& message : technology.sent) out.emplace_back(message->body());
    return out;
  }
  std::string told_one(State state, int code = 0, std::string_view text = {}) {
    const auto all = told(state, code, text);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? "" : all[0];
  }
  void use_cpim(std::string_view asked) {
    body = cpim(asked);
    variables = {{"X-A", "b"}, {"content-type", "Message/CPIM"}};
    draft.body = body;
    draft.variables = variables;
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  MessageEvents events;
  Sender sender{events};
  FakeTechnology technology;
  Notify notify = Notify::all;
  Draft draft;
  std::string body;
  std::vector<Variable> variables;
};

constexpr std::array good{State::sent, State::delivered, State::displayed};
constexpr std::array bad{State::failed, State::expired, State::cancelled};

TEST_F(OutcomeNotifierTest, Option) {  // 1
  for (const auto option : {Notify::no, Notify::failed, Notify::all}) {
    notify = option;
    for (const auto state : bad) EXPECT_EQ(told(state).size(), option == Notify::no ? 0u : 1u);
    for (const auto state : good) EXPECT_EQ(told(state).size(), option == Notify::all ? 1u : 0u);
    EXPECT_EQ(OutcomeNotifier(shard, sender, option).wants_message_status(), option != Notify::no);
  }
}

TEST_F(OutcomeNotifierTest, Never) {  // 2
  EXPECT_THAT(told(State::queued), IsEmpty());
  EXPECT_THAT(told(State::sending), IsEmpty());
  const auto asked = cpim("negative-delivery", "message/imdn+xml");
  variables = {{"Content-Type", "message/cpim"}};
  draft.variables = variables;
  draft.body = asked;
  EXPECT_THAT(told(State::failed), IsEmpty());
  variables = {{"Content-Type", "message/imdn+xml;charset=utf-8"}};
  EXPECT_THAT(told(State::failed), IsEmpty());
  draft.variables = {};
  EXPECT_EQ(told(State::failed).size(), 1u);
  draft.origin = {};
  EXPECT_THAT(told(State::failed), IsEmpty());
}

TEST_F(OutcomeNotifierTest, TheMessage) {  // 3
  told_one(State::failed, 404, "Not Found");
  const auto first = technology.sent.at(0);
  EXPECT_EQ(first->destination(), "pjsip:alice");
  EXPECT_EQ(first->from(), "sip:bob@example.com");
  EXPECT_EQ(first->to(), "");
  EXPECT_EQ(first->origin(), "");
  EXPECT_EQ(first->id().size(), 36u);
  EXPECT_FALSE(first->wants_receipt());
  EXPECT_FALSE(first->keyed());
  EXPECT_THAT(first->variables(), IsEmpty());
  draft.to = "";
  draft.destination = "pjsip:bob/home";
  told_one(State::failed);
  EXPECT_EQ(technology.sent.at(0)->from(), "bob");
  EXPECT_NE(technology.sent.at(0)->id(), first->id());
}

TEST_F(OutcomeNotifierTest, Sentences) {  // 4
  EXPECT_EQ(told_one(State::failed, 404, "Not Found"),
            "Your message to bob was not delivered: 404 Not Found");
  EXPECT_EQ(told_one(State::failed, 404), "Your message to bob was not delivered: 404");
  EXPECT_EQ(told_one(State::failed, 0, "no route"),
            "Your message to bob was not delivered: no route");
  EXPECT_EQ(told_one(State::failed), "Your message to bob was not delivered");
  EXPECT_EQ(told_one(State::expired, 480, "Away"), "Your message to bob was not delivered in time");
  EXPECT_EQ(told_one(State::cancelled), "Your message to bob was cancelled");
  EXPECT_EQ(told_one(State::sent, 202), "Your message to bob was sent");
  EXPECT_EQ(told_one(State::delivered, 200), "Your message to bob was delivered");
  EXPECT_EQ(told_one(State::displayed), "Your message to bob was displayed");
  for (const auto& [to, whom] : std::vector<std::pair<std::string, std::string>>{
           {"bob@example.com", "bob"},
           {"\"Bob @ home\" <sips:b%6Fb@example.com:5061;a=b>", "bob"},
           {"tel:+1555;x=y", "+1555"},
           {"bob", "bob"},
           {"sip:example.com", "example.com"}}) {
    draft.to = to;
    EXPECT_EQ(told_one(State::delivered), "Your message to " + whom + " was delivered");
  }
  const auto longest = std::string(5000, 'x') + "\r\n";
  draft.to = longest;
  EXPECT_LT(told_one(State::failed, 500, longest).size(), 400u);
}

TEST_F(OutcomeNotifierTest, Imdn) {  // 5
  const std::vector<std::tuple<State, std::string, std::string, std::string>> all{
      {State::sent, "processing", "processing-notification", "processed"},
      {State::delivered, "positive-delivery", "delivery-notification", "delivered"},
      {State::displayed, "display", "display-notification", "displayed"},
      {State::failed, "negative-delivery", "delivery-notification", "failed"},
      {State::expired, "negative-delivery", "delivery-notification", "failed"},
      {State::cancelled, "negative-delivery", "delivery-notification", "failed"}};
  for (const auto& [state, asked, notification, disposition] : all) {
    use_cpim("x-other, " + asked + ";x=y");
    const auto text = told_one(state);
    const auto& sent = *technology.sent.at(0);
    ASSERT_EQ(sent.variables().size(), 1u);
    EXPECT_EQ(sent.variables()[0].name, "Content-Type");
    EXPECT_EQ(sent.variables()[0].value, "message/cpim");
    const auto outer = parse_cpim(text);
    ASSERT_TRUE(outer) << text;
    EXPECT_EQ(outer->header("From"), "<sip:bob@example.com>");
    EXPECT_EQ(outer->header("To"), "\"Alice\" <sip:alice@example.com>");
    EXPECT_EQ(outer->header("DateTime"), "2026-01-02T00:00:00Z");
    EXPECT_EQ(outer->imdn_header("Message-ID"), sent.id());
    EXPECT_EQ(outer->imdn_header("Disposition-Notification"), "");
    EXPECT_EQ(outer->content_type(), "message/imdn+xml");
    EXPECT_EQ(outer->content_header("Content-Disposition"), "notification");
    const auto imdn = parse_imdn(outer->body);
    ASSERT_TRUE(imdn) << text;
    EXPECT_EQ(imdn->message_id, "abc\\1");
    EXPECT_EQ(imdn->datetime, "2026-01-01T10:00:00Z");
    EXPECT_EQ(imdn->recipient_uri, "sip:bob@example.com");
    EXPECT_EQ(imdn->original_recipient_uri, "sip:bob@example.com");
    EXPECT_EQ(name_of(imdn->notification), notification);
    EXPECT_EQ(name_of(imdn->disposition), disposition);
  }
}

TEST_F(OutcomeNotifierTest, SentenceInstead) {  // 6
  const auto expect_sentence = [this] {
    EXPECT_EQ(told_one(State::delivered), "Your message to bob was delivered");
    EXPECT_THAT(technology.sent.at(0)->variables(), IsEmpty());
  };
  use_cpim("negative-delivery, display");
  expect_sentence();
  use_cpim("positive-delivery");
  EXPECT_THAT(told_one(State::delivered), HasSubstr("<delivered/>"));
  draft.body = "";  // no longer kept
  expect_sentence();
  draft.body = "no message/cpim\r\n";
  expect_sentence();
  use_cpim("positive-delivery");
  body.replace(body.find("i.Message-ID"), 12, "i.Other-Name");
  draft.body = body;
  expect_sentence();
  use_cpim("positive-delivery");
  draft.variables = {};
  expect_sentence();
}

TEST_F(OutcomeNotifierTest, Refused) {  // 7
  technology.refusal = Refusal{Refusal::Kind::failure, "no contact"};
  EXPECT_EQ(told(State::failed).size(), 1u);
  technology.sent.clear();
  sip::test::settle(shard);
  EXPECT_THAT(technology.sent, IsEmpty());
}

TEST_F(OutcomeNotifierTest, FailsAfterItWasSent) {  // 8
  constexpr int each = 200;
  OutcomeNotifier notifier(shard, sender, Notify::failed);
  const auto tell = [&notifier](int first) {
    for (int i = first; i < first + each; ++i) {
      const auto id = fmt::format("id-{}", i);
      Draft sent{.id = id, .destination = "pjsip:bob", .to = "sip:bob@example.com"};
      sent.origin = "pjsip:alice";
      notifier.on_message_status(*Message::create(sent), {State::sent, 202, "", "", 1});
      sent.origin = {};
      notifier.on_message_status(*Message::create(sent), {State::failed, 404, "", "", 1});
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(tell, i * each);
  for (auto& thread : threads) thread.join();
  sip::test::settle(shard);
  ASSERT_EQ(technology.sent.size(), 4U * each);
  EXPECT_EQ(technology.sent[0]->body(), "Your message to bob was not delivered: 404");
}

}  // namespace
}  // namespace missive::message
