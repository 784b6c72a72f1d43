// What MessageSend has beside Asterisk's headers, without an outbox: the fake technology says
// what becomes of a message, the clock is turned by hand.
//
// Options
//  1. MessageID, Expiry, Receipt and the ActionID reach the message; without them it has none
//  2. wrong values are refused with a Reason that names value and limits; nothing is sent
//  3. what waits and what is known already is told in the reply
// Wait
//  4. the reply comes with the outcome: delivered, sent, failed; with code, text, contact
//  5. a refusal is answered as without Wait; an outcome before the hand-over is one all the same
//  6. `yes`: at once when the message goes to waiting, with why; after 60 s with what is known
//  7. SECONDS: goes on while it waits; when the time is up, what is known then
//  8. no Success before it is accepted, however late; then at once when the time was up
//  9. standing in line before the first attempt is no waiting for the recipient
// 10. later replies of the session keep their place behind it; Logoff waits for it
// 11. hurry(): what is queued is answered now, what is being sent goes on
// 12. the session is gone when the outcome comes, or the outcome comes twice: nothing happens
#include <gmock/gmock.h>

#include "ami/message_replies.h"
#include "ami/outcome_waits.h"
#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

using message::Acceptance;
using message::Status;
using State = message::Status::State;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::Not;

struct MessageOptions : testing::Test {
  MessageOptions() { client.login("admin", "s3cret-AMI"); }

  std::string send_message(std::string_view headers) {
    return client.ask(
        fmt::format("Action: MessageSend\r\nActionID: m\r\nTo: pjsip:bob\r\n{}\r\n", headers));
  }
  std::string reply(std::string_view response, std::string_view message,
                    std::string_view rest) const {
    return fmt::format("Response: {}\r\nActionID: m\r\nMessage: {}\r\n{}\r\n", response, message,
                       rest);
  }
  // With the MessageID of the last message.
  std::string success(std::string_view message, std::string_view rest) const {
    return reply("Success", message,
                 fmt::format("MessageID: {}\r\n{}", world.technology.sent.back()->id(), rest));
  }

  World world;
  Client client{world};
};

TEST_F(MessageOptions, ReachTheMessage) {
  EXPECT_THAT(send_message("MessageID: ticket-4711\r\nExpiry: 31536000\r\nReceipt: yes\r\n"),
              HasSubstr("MessageID: ticket-4711\r\n\r\n"));
  ASSERT_EQ(world.technology.sent.size(), 1u);
  const auto& given = *world.technology.sent[0];
  EXPECT_EQ(given.id(), "ticket-4711");
  EXPECT_TRUE(given.keyed());
  EXPECT_EQ(given.expiry(), 31536000s);
  EXPECT_TRUE(given.wants_receipt());
  EXPECT_EQ(given.action_id(), "m");

  EXPECT_THAT(send_message("Receipt: no\r\nWait: no\r\n"), HasSubstr("successfully sent"));
  const auto& plain = *world.technology.sent[1];
  EXPECT_EQ(plain.id().size(), 36u);
  EXPECT_FALSE(plain.keyed());
  EXPECT_EQ(plain.expiry(), 0s);
  EXPECT_FALSE(plain.wants_receipt());
}

TEST_F(MessageOptions, AreRefusedWhenWrong) {
  const std::string long_id(129, 'x');
  for (const auto& [header, reason] : std::initializer_list<std::pair<std::string, std::string>>{
           {"MessageID: a b", "MessageID 'a b' is not 1 to 128 visible ASCII characters"},
           {"MessageID:", "MessageID '' is not"},
           {"MessageID: \x01", "MessageID '\\x01' is not"},
           {"MessageID: gr\xC3\xBC\xC3\x9F", "is not 1 to 128 visible ASCII"},
           {"MessageID: " + long_id, "is not 1 to 128"},
           {"Expiry: 0", "Expiry '0' is no number of seconds from 1 to 31536000"},
           {"Expiry: 31536001", "Expiry '31536001' is no number"},
           {"Expiry: 1h", "Expiry '1h' is no number"},
           {"Expiry:", "Expiry '' is no number"},
           {"Wait: 0", "Wait '0' is neither yes nor no nor a number of seconds from 1 to 300"},
           {"Wait: 301", "Wait '301' is neither"},
           {"Wait: forever", "Wait 'forever' is neither"},
           {"Receipt: perhaps", "Receipt 'perhaps' is neither yes nor no"}}) {
    const auto said = send_message(header + "\r\n");
    EXPECT_THAT(said, testing::StartsWith("Response: Error\r\nActionID: m\r\n"
                                          "Message: Message failed to send.\r\nReason: "));
    EXPECT_THAT(said, HasSubstr(reason)) << header;
  }
  EXPECT_TRUE(world.technology.sent.empty());
  EXPECT_THAT(send_message("MessageID: " + long_id.substr(1) + "\r\n"), HasSubstr("Success"));
}

TEST_F(MessageOptions, RepliesSayWhatWaitsAndWhatIsKnown) {
  world.technology.delayed = true;
  Acceptance acceptance;
  acceptance.waits = true;
  send_message("");
  world.technology.hand_over(0, acceptance);
  EXPECT_EQ(client.read(), success("Message queued", "Status: queued\r\n"));
  acceptance.known = true;
  send_message("");
  world.technology.hand_over(1, acceptance);
  EXPECT_EQ(client.read(), success("Message queued", "Status: queued\r\nDuplicate: yes\r\n"));
  acceptance.waits = false;
  send_message("");
  world.technology.hand_over(2, acceptance);
  EXPECT_EQ(client.read(), success("Message successfully sent", "Duplicate: yes\r\n"));
  send_message("");
  world.technology.hand_over(
      3, message::Refusal{message::Refusal::Kind::full, "outbox full: 10 messages are kept"});
  EXPECT_EQ(client.read(), reply("Error", "Message failed to send.",
                                 "Reason: outbox full: 10 messages are kept\r\n"));
}

TEST_F(MessageOptions, WaitAnswersAtTheOutcome) {
  EXPECT_EQ(send_message("Wait: yes\r\n"), "");
  world.technology.finish(0, {State::delivered, 200, "OK", "sip:bob@127.0.0.1", 1});
  EXPECT_EQ(client.read(), success("Message delivered",
                                   "Status: delivered\r\nResponseCode: 200\r\nResponseText: OK\r\n"
                                   "Contact: sip:bob@127.0.0.1\r\nAttempt: 1\r\n"));
  EXPECT_EQ(send_message("Wait: 5\r\n"), "");
  world.technology.finish(1, {State::sent, 202, "Accepted", "sip:bob@127.0.0.1", 1});
  EXPECT_THAT(client.read(), HasSubstr("Message: Message delivered\r\nMessageID: "));
  EXPECT_EQ(send_message("Wait: yes\r\n"), "");
  world.technology.finish(2, {State::failed, 403, "Forbidden", "sip:bob@127.0.0.1", 1});
  EXPECT_EQ(client.read(),
            reply("Error", "Message failed to send.",
                  fmt::format("Reason: Forbidden\r\nMessageID: {}\r\nStatus: failed\r\n"
                              "ResponseCode: 403\r\nResponseText: Forbidden\r\n"
                              "Contact: sip:bob@127.0.0.1\r\nAttempt: 1\r\n",
                              world.technology.sent[2]->id())));
  EXPECT_EQ(world.environment.sessions.pending(), 0);
}

TEST_F(MessageOptions, WaitAnswersARefusalAtOnce) {
  EXPECT_EQ(client.ask("Action: MessageSend\r\nActionID: m\r\nTo: nosuch:x\r\nWait: 9\r\n\r\n"),
            reply("Error", "Message technology not found.",
                  "Reason: technology 'nosuch:' is not known; known: pjsip:\r\n"));
  EXPECT_EQ(client.session().deadline(), base::TimePoint::max());
}

// The rules of one wait, without a session.
struct Rules : testing::Test {
  bool due(base::Duration after = {}) { return wait.is_due(base::TimePoint{} + after); }
  std::string said() {
    std::string out;
    wait.write(out, {"", "id"});
    return out;
  }
  void accept(bool waits = false) {
    Acceptance acceptance;
    acceptance.waits = waits;
    wait.accept(acceptance, base::TimePoint{});
  }

  OutcomeWait wait{Patience{}, base::TimePoint{}};
};

TEST_F(Rules, AnOutcomeBeforeTheHandOverCounts) {
  wait.hear({State::expired, 0, "", "", 0});
  EXPECT_TRUE(due());
  EXPECT_THAT(said(), HasSubstr("Message failed to send.\r\nReason: expired\r\n"));
}

TEST_F(Rules, YesEndsWhenTheMessageGoesToWaiting) {
  wait.hear({State::queued, 480, "Temporarily Unavailable", "sip:bob@127.0.0.1", 1});
  EXPECT_FALSE(due());
  accept(true);
  EXPECT_TRUE(due());
  EXPECT_EQ(said(),
            "Response: Success\r\nMessage: Message queued\r\nMessageID: id\r\nStatus: queued\r\n"
            "ResponseCode: 480\r\nResponseText: Temporarily Unavailable\r\n"
            "Contact: sip:bob@127.0.0.1\r\nAttempt: 1\r\n\r\n");
}

TEST_F(Rules, YesGivesTheNewsASecond) {
  accept(true);
  EXPECT_FALSE(due(999ms));
  EXPECT_EQ(wait.deadline(), base::TimePoint{} + 1s);
  EXPECT_TRUE(due(1s));
  EXPECT_THAT(said(), HasSubstr("Message: Message queued\r\nMessageID: id\r\nStatus: queued\r\n"));
}

TEST_F(Rules, YesEndsAfterAMinute) {
  accept();
  wait.hear({State::sending, 0, "", "", 2});
  EXPECT_FALSE(due(60s - 1ms));
  EXPECT_TRUE(due(60s));
  EXPECT_THAT(said(), HasSubstr("Message: Message successfully sent\r\nMessageID: id\r\n"
                                "Status: sending\r\n"));
}

TEST_F(Rules, SecondsGoOnWhileItWaits) {
  wait = OutcomeWait{Patience{5s, true}, base::TimePoint{}};
  accept(true);
  wait.hear({State::queued, 480, "Gone", "", 1});
  EXPECT_FALSE(due(5s - 1ms));
  EXPECT_TRUE(due(5s));
  EXPECT_THAT(said(), HasSubstr("Message: Message queued\r\n"));
  wait.hear({State::delivered, 200, "OK", "", 2});
  EXPECT_TRUE(due());
  EXPECT_THAT(said(), HasSubstr("Message: Message delivered\r\n"));
}

TEST_F(Rules, NothingIsSaidBeforeItIsAccepted) {
  wait.hear({State::sending, 0, "", "", 1});
  EXPECT_FALSE(due(1000s));
  EXPECT_EQ(wait.deadline(), base::TimePoint::max());
  wait.accept({}, base::TimePoint{} + 1000s);
  EXPECT_TRUE(due(1000s));
}

TEST_F(Rules, StandingInLineIsNotWaiting) {
  accept();
  wait.hear({State::queued, 0, "", "", 0});
  EXPECT_FALSE(due());
  wait.hear({State::queued, 480, "Gone", "", 1});
  EXPECT_TRUE(due());
}

TEST_F(MessageOptions, WaitEndsByTheClockOfTheSession) {
  EXPECT_EQ(send_message("Wait: 300\r\n"), "");
  EXPECT_EQ(client.session().deadline(), world.clock.now() + 300s);
  client.advance(299s);
  EXPECT_EQ(client.read(), "");
  client.advance(1s);
  EXPECT_EQ(client.read(), success("Message successfully sent", "Status: sending\r\n"));
  EXPECT_EQ(client.session().deadline(), base::TimePoint::max());
  world.technology.finish(0, {State::delivered, 200, "OK", "", 1});
  EXPECT_EQ(client.read(), "");
}

TEST_F(MessageOptions, TheTimeBeginsToCountOnceItIsAccepted) {
  world.technology.delayed = true;
  EXPECT_EQ(send_message("Wait: 2\r\n"), "");
  EXPECT_EQ(client.session().deadline(), base::TimePoint::max());
  client.advance(10s);
  EXPECT_EQ(client.read(), "");
  client.notified = 0;
  world.technology.hand_over(0);
  EXPECT_EQ(client.read(), success("Message successfully sent", "Status: sending\r\n"));
  EXPECT_EQ(client.notified, 1);
}

TEST_F(MessageOptions, LaterRepliesWaitBehindIt) {
  EXPECT_EQ(send_message("Wait: 10\r\n"), "");
  EXPECT_EQ(client.ask("Action: Nosuch\r\n\r\nAction: Logoff\r\n\r\n"), "");
  EXPECT_FALSE(client.session().finished());
  client.advance(10s);
  const auto said = client.read();
  EXPECT_THAT(said, testing::StartsWith("Response: Success\r\nActionID: m\r\n"));
  EXPECT_THAT(said, testing::EndsWith("Message: Thanks for all the fish.\r\n\r\n"));
  EXPECT_TRUE(client.session().finished());
}

TEST_F(MessageOptions, HurryAnswersOnlyWhatIsQueued) {
  world.technology.delayed = true;
  Acceptance waits;
  waits.waits = true;
  send_message("Wait: 300\r\n");
  send_message("Wait: 300\r\n");
  world.technology.hand_over(0, waits);
  world.technology.hand_over(1);
  world.technology.finish(0, {State::queued, 480, "Gone", "", 1});
  EXPECT_EQ(client.read(), "");
  client.session().hurry();
  EXPECT_THAT(client.read(), HasSubstr("Message: Message queued\r\n"));
  EXPECT_EQ(world.environment.sessions.pending(), 1);
  world.technology.finish(1, {State::delivered, 200, "OK", "", 1});
  EXPECT_THAT(client.read(), HasSubstr("Message: Message delivered\r\n"));
}

TEST_F(MessageOptions, OutcomesForNobodyHarmNobody) {
  send_message("Wait: yes\r\n");
  send_message("Wait: yes\r\n");
  world.technology.finish(0, {State::delivered, 200, "OK", "", 1});
  client.read();
  world.technology.finish(0, {State::failed, 500, "No", "", 1});
  EXPECT_EQ(client.read(), "");
  client.leave();
  EXPECT_EQ(world.environment.sessions.pending(), 0);
  Client next(world);  // takes the same place in the table
  next.login("admin", "s3cret-AMI");
  world.technology.finish(1, {State::delivered, 200, "OK", "", 1});
  EXPECT_EQ(next.read(), "");
}

}  // namespace
}  // namespace missive::ami
