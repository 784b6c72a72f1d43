// The outbox between AMI and SIP, on a manual clock.
//
//  1. A message is written before it leaves, and what becomes of it is found by its id.
//  2. Nobody is there: Success says queued, and the message leaves when the phone registers, with
//     Date and Expires, its text untouched.
//  3. What could not be delivered is tried again after growing gaps.
//  4. Order: what comes while others wait goes behind them, whoever registers when.
//  5. One sender has one message under way to one recipient; another sender does not wait for it.
//  6. A recipient that is dead holds up nobody else.
//  7. What lasts is not tried again: 404 fails at once, 480 waits.
//  8. Time is over: expired, also while nobody asks.
//  9. The id of the sender: once sent, twice answered.
// 10. Full: max_per_recipient, max_messages; what is done makes room.
// 11. A server that starts finds what waits and what was under way, and sends it.
// 12. Cancelled is not sent; what is done cannot be cancelled.
// 13. durability = offline: what is delivered at once is not written.
// 14. message_store = no: as without an outbox.
// 15. Retry-After is waited for.
// 16. A registration that comes while an attempt runs into the void is not lost.
// 17. What waits goes out at flush_rate first, and twice as fast each second.
// 18. A phone that comes and goes for an hour has every message once and in order.
// 19. A contact that is removed has two seconds to answer; then its messages go to the one that is
//     there in its place, or wait for the next.
#include <gmock/gmock.h>

#include <map>
#include <random>

#include "flow/flow_server.h"

namespace missive::flow {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Options = conf::MissiveConf::Outbox;

constexpr std::string_view users_conf = R"(
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:5060
[alice]
type = endpoint
aors = alice
[alice]
type = aor
max_contacts = 5
[bob]
type = endpoint
aors = bob
[bob]
type = aor
contact = sip:bob@127.0.0.3:5060
[carol]
type = endpoint
aors = carol
message_store = no
[carol]
type = aor
max_contacts = 5
)";

Options options() {
  Options out;
  out.retry = {seconds{10}, seconds{100}};
  out.flush_rate = 100'000;
  return out;
}

class OutboxFlow : public testing::Test {
 protected:
  void start(Options with = options()) { server.emplace(users_conf, FlowServer::kept(with)); }

  // The phone of `aor` is at 127.0.0.2:port from now on, and nowhere else, or where it was as well.
  void register_at(const std::string& aor, std::uint16_t port, bool beside = false) {
    server->locations.change(aor, [&](pjsip::LocationService::Contacts& contacts) {
      pjsip::Contact contact;
      contact.aor = aor;
      contact.uri = fmt::format("sip:{}@127.0.0.2:{}", aor, port);
      contact.transport = "udp";
      contact.endpoint = aor;
      contact.expires = server->clock.now() + hours{1};
      contact.updated = server->clock.now();
      if (!beside) contacts.clear();
      contacts.push_back({std::make_shared<const pjsip::Contact>(contact), {}});
      return 0;
    });
    server->turn();
  }
  void unregister(const std::string& aor) {
    server->locations.change(aor, [](pjsip::LocationService::Contacts& contacts) {
      contacts.clear();
      return 0;
    });
    server->turn();
  }
  std::string send(std::string_view destination, std::string_view body,
                   std::string_view more = {}) {
    return server->ask(
        fmt::format("Action: MessageSend\r\nActionID: m\r\nDestination: {}\r\nBody: {}\r\n{}",
                    destination, body, more));
  }
  static std::string body_of(const sip::LoopTransport::Sent& packet) {
    return packet.text.substr(packet.text.find("\r\n\r\n") + 4);
  }
  std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const auto& packet : server->loop->sent) out.push_back(body_of(packet));
    return out;
  }
  // Answers the last packet and forgets all.
  void answer_last(std::string_view status_line, std::string_view headers = {}) {
    const auto packet = server->last_sent();
    server->loop->sent.clear();
    server->answer(packet, status_line, headers);
  }
  std::string status_of(std::string_view id) {
    return server->ask(fmt::format("Action: MessageStatus\r\nMessageID: {}\r\n", id));
  }

  std::optional<FlowServer> server;
};

TEST_F(OutboxFlow, WritesBeforeItSends) {  // 1
  start();
  EXPECT_THAT(send("pjsip:bob", "hi", "MessageID: one\r\n"),
              HasSubstr("Message: Message successfully sent\r\nMessageID: one\r\n"));
  EXPECT_THAT(status_of("one"), HasSubstr("Status: sending\r\n"));
  EXPECT_EQ(server->outbox->figures().messages, 1u);
  server->answer(server->last_sent(), "200 OK");
  EXPECT_THAT(status_of("one"), HasSubstr("Status: delivered\r\nResponseCode: 200\r\n"));
  EXPECT_THAT(server->outcomes, ElementsAre(HasSubstr("sending"), "bob delivered 200 OK"));
  EXPECT_EQ(server->outbox->figures().messages, 0u);
  EXPECT_THAT(status_of("two"), HasSubstr("Message: No such message\r\n"));
}

TEST_F(OutboxFlow, WaitsForTheRegistration) {  // 2
  start();
  EXPECT_THAT(send("pjsip:alice", "are you there?"),
              HasSubstr("Response: Success\r\nActionID: m\r\nMessage: Message queued\r\n"));
  EXPECT_THAT(server->loop->sent, IsEmpty());
  EXPECT_EQ(server->outbox->figures().waiting, 1u);
  server->leap(minutes{3});
  EXPECT_THAT(server->loop->sent, IsEmpty());
  register_at("alice", 7000);
  ASSERT_THAT(server->loop->sent, SizeIs(1));
  EXPECT_EQ(server->last_sent().to.str(), "127.0.0.2:7000");
  EXPECT_THAT(server->last_sent().text, HasSubstr("Date: Fri, 02 Jan 2026 "));
  EXPECT_THAT(server->last_sent().text, HasSubstr("Expires: 604620\r\n"));
  EXPECT_THAT(server->last_sent().text, testing::EndsWith("\r\n\r\nare you there?"));
  answer_last("200 OK");
  server->leap(hours{2});
  EXPECT_THAT(server->loop->sent, IsEmpty());
  EXPECT_EQ(server->outbox->figures().messages, 0u);
}

TEST_F(OutboxFlow, TriesAgainAfterGrowingGaps) {  // 3
  start();
  send("pjsip:bob", "hi");
  answer_last("480 Temporarily Unavailable");
  EXPECT_EQ(server->outcomes.back(), "bob queued 480 Temporarily Unavailable");
  server->leap(seconds{7});
  EXPECT_THAT(server->loop->sent, IsEmpty());
  server->leap(seconds{6});
  ASSERT_THAT(server->loop->sent, SizeIs(1));
  answer_last("503 Service Unavailable");
  server->leap(seconds{70});
  EXPECT_THAT(server->loop->sent, IsEmpty());
  server->leap(seconds{60});
  ASSERT_THAT(server->loop->sent, SizeIs(1));
  answer_last("200 OK");
  EXPECT_EQ(server->outcomes.back(), "bob delivered 200 OK");
}

TEST_F(OutboxFlow, KeepsTheOrder) {  // 4
  start();
  for (const char* body : {"1", "2", "3"}) send("pjsip:alice", body);
  register_at("alice", 7000);
  EXPECT_THAT(bodies(), ElementsAre("1"));
  EXPECT_THAT(send("pjsip:alice", "4"), HasSubstr("Message: Message queued"));
  unregister("alice");
  register_at("alice", 7001);
  std::vector<std::string> arrived;
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(server->loop->sent, SizeIs(1)) << i;
    arrived.push_back(body_of(server->last_sent()));
    answer_last("200 OK");
    server->leap(milliseconds{10});  // flush_rate
  }
  EXPECT_THAT(arrived, ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(send("pjsip:alice", "5"), HasSubstr("Message: Message successfully sent"));
}

TEST_F(OutboxFlow, HasOneOfASenderUnderWay) {  // 5
  start();
  const std::string two_of_one_and_one_of_another =
      "Action: MessageSend\r\nDestination: pjsip:bob\r\nFrom: sip:a@x.org\r\nBody: a1\r\n\r\n"
      "Action: MessageSend\r\nDestination: pjsip:bob\r\nFrom: sip:b@x.org\r\nBody: b1\r\n\r\n"
      "Action: MessageSend\r\nDestination: pjsip:bob\r\nFrom: sip:a@x.org\r\nBody: a2\r\n";
  server->ask(two_of_one_and_one_of_another);
  EXPECT_THAT(bodies(), ElementsAre("a1", "b1"));
  EXPECT_THAT(server->ask("Action: Ping\r\n"), HasSubstr("Ping: Pong"));  // nobody waits for a1
  server->answer(server->loop->sent[0], "200 OK");
  EXPECT_THAT(bodies(), ElementsAre("a1", "b1", "a2"));
}

TEST_F(OutboxFlow, ADeadRecipientHoldsUpNobody) {  // 6
  start();
  register_at("alice", 7000);
  send("pjsip:alice", "into the void");
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(send("pjsip:bob", fmt::to_string(i)), HasSubstr("successfully sent"));
    answer_last("200 OK");
  }
  EXPECT_EQ(server->outbox->figures().messages, 1u);
}

TEST_F(OutboxFlow, GivesUpWhereThereIsNoHope) {  // 7
  start();
  send("pjsip:bob", "hi");
  answer_last("404 Not Found");
  EXPECT_EQ(server->outcomes.back(), "bob failed 404 Not Found");
  server->leap(hours{1});
  EXPECT_THAT(server->loop->sent, IsEmpty());
  EXPECT_THAT(send("pjsip:nobody", "hi"), HasSubstr("Reason: endpoint 'nobody' not found"));
  EXPECT_EQ(server->outbox->figures().messages, 0u);
}

TEST_F(OutboxFlow, Expires) {  // 8
  start();
  EXPECT_THAT(send("pjsip:alice", "hi", "Expiry: 60\r\n"), HasSubstr("Message queued"));
  server->leap(seconds{58});
  EXPECT_THAT(server->outcomes.back(), HasSubstr("queued"));
  server->leap(seconds{3});
  server->leap(seconds{1});
  EXPECT_THAT(server->outcomes.back(), HasSubstr("alice expired"));
  EXPECT_EQ(server->outbox->figures().messages, 0u);
  register_at("alice", 7000);
  EXPECT_THAT(server->loop->sent, IsEmpty());
}

TEST_F(OutboxFlow, SendsAnIdOnce) {  // 9
  start();
  EXPECT_THAT(send("pjsip:bob", "hi", "MessageID: x-1\r\n"), HasSubstr("MessageID: x-1"));
  EXPECT_THAT(send("pjsip:bob", "hi", "MessageID: x-1\r\n"),
              HasSubstr("Message: Message successfully sent\r\nMessageID: x-1"));
  EXPECT_THAT(server->loop->sent, SizeIs(1));
  answer_last("200 OK");
  EXPECT_THAT(send("pjsip:bob", "hi", "MessageID: x-1\r\n"), HasSubstr("Response: Success"));
  EXPECT_THAT(server->loop->sent, IsEmpty());
  EXPECT_EQ(server->outbox->figures().messages, 0u);
  // One that was refused was never accepted: it may come again.
  EXPECT_THAT(send("pjsip:nobody", "hi", "MessageID: x-2\r\n"), HasSubstr("Response: Error"));
  EXPECT_THAT(send("pjsip:bob", "hi", "MessageID: x-2\r\n"), HasSubstr("Response: Success"));
  EXPECT_THAT(server->loop->sent, SizeIs(1));
  answer_last("200 OK");
  // So with one that was refused when it had been written down already.
  EXPECT_THAT(send("pjsip:bob", "hi", "MessageID: x-3\r\nFrom: sip:a@b@c\r\n"),
              HasSubstr("Response: Error"));
  EXPECT_THAT(send("pjsip:bob", "hi", "MessageID: x-3\r\n"), HasSubstr("Response: Success"));
  EXPECT_THAT(server->loop->sent, SizeIs(1));
}

TEST_F(OutboxFlow, IsFullAtItsLimits) {  // 10
  auto limited = options();
  limited.max_per_recipient = 2;
  limited.max_messages = 3;
  start(limited);
  send("pjsip:alice", "1");
  send("pjsip:alice", "2");
  EXPECT_THAT(send("pjsip:alice", "3"), HasSubstr("Reason: outbox full: 2 messages wait for "
                                                  "pjsip:alice"));
  EXPECT_THAT(send("pjsip:bob", "4"), HasSubstr("Response: Success"));
  EXPECT_THAT(send("pjsip:bob", "5"), HasSubstr("Reason: outbox full: 3 messages"));
  answer_last("200 OK");
  EXPECT_THAT(send("pjsip:bob", "6"), HasSubstr("Response: Success"));
}

TEST_F(OutboxFlow, GoesOnAfterARestart) {  // 11
  const auto kept = FlowServer::kept(options());
  server.emplace(users_conf, kept);
  send("pjsip:alice", "waited", "MessageID: w\r\n");
  send("pjsip:bob", "under way", "MessageID: u\r\n");
  const auto time = server->clock.now();
  server.reset();
  server.emplace(users_conf, kept);
  server->clock.advance(time - server->clock.now());
  EXPECT_EQ(server->outbox->figures().waiting, 2u);
  server->leap(seconds{3});
  ASSERT_THAT(bodies(), ElementsAre("under way"));
  answer_last("200 OK");
  register_at("alice", 7000);
  ASSERT_THAT(bodies(), ElementsAre("waited"));
  answer_last("200 OK");
  EXPECT_THAT(status_of("w"), HasSubstr("Status: delivered"));
  EXPECT_EQ(server->outbox->figures().messages, 0u);
}

TEST_F(OutboxFlow, CancelsWhatWaits) {  // 12
  start();
  send("pjsip:alice", "1", "MessageID: one\r\n");
  send("pjsip:alice", "2", "MessageID: two\r\n");
  const auto cancel = [this](std::string_view id) {
    return server->ask(fmt::format("Action: MessageCancel\r\nMessageID: {}\r\n", id));
  };
  EXPECT_THAT(cancel("one"), HasSubstr("Response: Success"));
  EXPECT_THAT(cancel("one"), HasSubstr("cancelled already"));
  EXPECT_THAT(cancel("none"), HasSubstr("No such message"));
  register_at("alice", 7000);
  ASSERT_THAT(bodies(), ElementsAre("2"));
  EXPECT_THAT(cancel("two"), HasSubstr("being sent"));
  answer_last("200 OK");
  EXPECT_THAT(cancel("two"), HasSubstr("delivered already"));
}

TEST_F(OutboxFlow, OfflineWritesOnlyWhatWaits) {  // 13
  auto offline = options();
  offline.durability = Options::Durability::offline;
  start(offline);
  EXPECT_THAT(send("pjsip:bob", "hi"), HasSubstr("successfully sent"));
  answer_last("200 OK");
  const auto listed = [this] { return server->ask("Action: MessageList\r\n"); };
  EXPECT_THAT(listed(), HasSubstr("ListItems: 0\r\n"));
  EXPECT_THAT(send("pjsip:bob", "hi"), HasSubstr("successfully sent"));
  answer_last("480 Away");
  EXPECT_THAT(listed(), HasSubstr("ListItems: 1\r\n"));
  EXPECT_THAT(send("pjsip:alice", "hi"), HasSubstr("queued"));
  EXPECT_THAT(listed(), HasSubstr("ListItems: 2\r\n"));
  server->leap(seconds{13});
  ASSERT_THAT(server->loop->sent, SizeIs(1));
  answer_last("200 OK");
  EXPECT_EQ(server->outbox->figures().messages, 1u);
}

TEST_F(OutboxFlow, KeepsNothingForWhoWantsNothingKept) {  // 14
  start();
  EXPECT_THAT(send("pjsip:carol", "hi"), HasSubstr("Reason: endpoint 'carol' has no contact"));
  register_at("carol", 7000);
  EXPECT_THAT(send("pjsip:carol", "hi"), HasSubstr("successfully sent"));
  answer_last("480 Away");
  EXPECT_EQ(server->outcomes.back(), "carol failed 480 Away");
  EXPECT_EQ(server->outbox->figures().messages, 0u);
}

TEST_F(OutboxFlow, WaitsAsLongAsItIsAskedTo) {  // 15
  start();
  send("pjsip:bob", "hi");
  answer_last("503 Service Unavailable", "Retry-After: 200 (overload)\r\n");
  server->leap(seconds{150});
  EXPECT_THAT(server->loop->sent, IsEmpty());
  server->leap(seconds{100});
  EXPECT_THAT(server->loop->sent, SizeIs(1));
}

TEST_F(OutboxFlow, HearsOfARegistrationInTheMiddleOfAnAttempt) {  // 16
  start();
  register_at("alice", 7000);
  send("pjsip:alice", "hi");
  register_at("alice", 7001, true);
  server->loop->sent.clear();
  for (int i = 0; i < 33; ++i) server->leap(seconds{1});
  ASSERT_THAT(server->loop->sent, Not(IsEmpty()));
  EXPECT_EQ(server->last_sent().to.port(), 7001);
  answer_last("200 OK");
  EXPECT_EQ(server->outcomes.back(), "alice delivered 200 OK");
}

TEST_F(OutboxFlow, FlushesFasterAndFaster) {  // 17
  auto slow = options();
  slow.flush_rate = 1;
  start(slow);
  for (int i = 0; i < 200; ++i) send("pjsip:alice", fmt::to_string(i));
  register_at("alice", 7000);
  std::size_t arrived = 0, after_three_seconds = 0;
  for (int i = 0; i < 180; ++i) {
    while (!server->loop->sent.empty()) {
      EXPECT_EQ(body_of(server->last_sent()), fmt::to_string(arrived++));
      answer_last("200 OK");
    }
    server->leap(milliseconds{50});
    if (i == 60) after_three_seconds = arrived;
  }
  EXPECT_GE(after_three_seconds, 6u);
  EXPECT_LE(after_three_seconds, 12u);
  EXPECT_EQ(arrived, 200u);
}

TEST_F(OutboxFlow, APhoneThatComesAndGoesHasEveryMessageOnce) {  // 18
  start();
  std::mt19937 random(20261122);
  const auto below = [&random](unsigned limit) { return random() % limit; };
  std::vector<std::string> arrived;
  std::map<std::string, std::string> answers;  // by Call-ID: a retransmission gets the same
  std::uint16_t port = 7000;
  bool up = false;
  std::size_t seen = 0;
  const auto play_the_phone = [&] {
    for (; seen < server->loop->sent.size(); ++seen) {
      const auto packet = server->loop->sent[seen];
      if (!up || packet.to.port() != port) continue;
      const bool takes = below(10) != 0;  // or is there, and does not want to
      const auto [answer, first] = answers.try_emplace(
          header_of(packet.text, "Call-ID"), takes ? "200 OK" : "480 Temporarily Unavailable");
      if (first && takes) arrived.push_back(body_of(packet));
      server->answer(packet, answer->second);
    }
  };
  unsigned sent = 0;
  const auto end = server->clock.now() + hours{1};
  while (server->clock.now() < end) {
    server->leap(milliseconds{200 + below(400)});
    if (below(60) == 0) {
      up = !up;
      if (up) register_at("alice", ++port);
      if (!up && below(2) == 0) unregister("alice");  // or it is gone without a word
    }
    if (below(12) == 0) {
      EXPECT_THAT(send("pjsip:alice", fmt::to_string(sent++)), HasSubstr("Response: Success"));
    }
    play_the_phone();
  }
  up = true;
  register_at("alice", ++port);
  for (int i = 0; i < 2000 && arrived.size() < sent; ++i) {
    server->leap(milliseconds{500});
    play_the_phone();
  }
  EXPECT_GT(sent, 500u);
  ASSERT_EQ(arrived.size(), sent);
  for (unsigned i = 0; i < sent; ++i) EXPECT_EQ(arrived[i], fmt::to_string(i));
  server->leap(minutes{1});
  EXPECT_EQ(server->outbox->figures().messages, 0u);
}

TEST_F(OutboxFlow, DoesNotWaitLongForAContactThatIsGone) {  // 19
  start();
  register_at("alice", 7000);
  send("pjsip:alice", "first");
  register_at("alice", 7001);
  server->leap(milliseconds{1800});
  EXPECT_EQ(server->last_sent().to.port(), 7000);
  send("pjsip:alice", "of another sender", "From: sip:other@example.com\r\n");
  EXPECT_EQ(server->last_sent().to.port(), 7001);
  answer_last("200 OK");
  send("pjsip:alice", "second");
  EXPECT_THAT(bodies(), IsEmpty());
  server->leap(milliseconds{300});
  ASSERT_THAT(bodies(), ElementsAre("first"));
  EXPECT_EQ(server->last_sent().to.port(), 7001);
  answer_last("200 OK");
  ASSERT_THAT(bodies(), ElementsAre("second"));

  unregister("alice");
  server->leap(milliseconds{1900});
  answer_last("200 OK");  // in time
  EXPECT_EQ(server->outcomes.back(), "alice delivered 200 OK");
  register_at("alice", 7001);
  EXPECT_THAT(bodies(), IsEmpty());

  send("pjsip:alice", "third");
  unregister("alice");
  server->leap(milliseconds{2100});
  EXPECT_THAT(server->outcomes.back(), HasSubstr("queued"));
  server->loop->sent.clear();
  server->leap(minutes{5});
  EXPECT_THAT(bodies(), IsEmpty());
  register_at("alice", 7002);
  ASSERT_THAT(bodies(), ElementsAre("third"));
  EXPECT_EQ(server->last_sent().to.port(), 7002);
}

}  // namespace
}  // namespace missive::flow
