// A web session without HTTP, its shard turned by hand.
//
// 1. No banner; Login keeps the session, a failed one is answered a second later and ends it.
// 2. An answer that leaves neither a login nor a challenge ends the session; a challenge keeps it
//    for five seconds, a login for httptimeout after each request.
// 3. Logoff ends it; requests behind it are answered with nothing.
// 4. Events wait for WaitEvent, in their order, filtered and masked; FullyBooted does not come by
//    itself; with Events: off they begin with the first WaitEvent.
// 5. WaitEvent: at once when there is something, with the first event, at its time-out; never
// longer
//    than httptimeout allows; the next request ends it and is answered after it.
// 6. A reply that comes later holds up the requests behind it; too many are not taken.
// 7. The oldest events make room for new ones.
// 8. The session's end answers what waits.
#include <gmock/gmock.h>

#include "ami/web/session.h"
#include "unit/ami/harness.h"

namespace missive::ami::web {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view manager = R"(
[general]
displayconnects = no
httptimeout = 60
[admin]
secret = secret
read = all
write = all
)";

struct Web : testing::Test {
  void begin() {
    const auto remote = *net::Address::from_ip("127.0.0.1", 40000);
    session = std::make_unique<WebSession>(
        world.environment, *net::Address::from_ip("127.0.0.1", 8088), remote,
        admission(world, remote), Road::http, [this](WebSession&) { session.reset(); });
  }
  // Each answer goes to `answers`, with its number in front.
  bool ask(std::string_view action) {
    WebSession::Answer answer = [this, number = ++asked](const Reply& reply) {
      answers.push_back(fmt::format("{}:{}", number, reply.packets));
      kept = reply.kept;
    };
    const bool taken = session->ask(fmt::format("{}\r\n\r\n", action), answer);
    turn();
    return taken;
  }
  void turn() {
    world.shard.run_once();
    world.pump();
  }
  void advance(base::Duration by) {
    world.clock.advance(by);
    turn();
    turn();
  }
  void log_in(std::string_view more = "") {
    begin();
    ask(fmt::format("Action: Login\r\nUsername: admin\r\nSecret: secret{}", more));
    ASSERT_EQ(take(), "1:Response: Success\r\nMessage: Authentication accepted\r\n\r\n");
    ASSERT_TRUE(kept);
  }
  void publish(std::string_view name) {
    world.shared.events.publish(Class::user, name, [](EventText&) {});
    world.pump();
  }
  std::string take() {
    std::string out;
    for (const auto& answer : answers) out += answer;
    answers.clear();
    return out;
  }

  World world{conf::MissiveConf::Ami{}, manager};
  std::unique_ptr<WebSession> session;
  std::vector<std::string> answers;
  int asked = 0;
  bool kept = false;
};

const std::string waited = "Response: Success\r\nMessage: Waiting for Event completed.\r\n";
const std::string complete = "Event: WaitEventComplete\r\n\r\n";

TEST_F(Web, LogsIn) {
  log_in();
  EXPECT_EQ(world.shared.gatekeeper.sessions(), 1u);
  session.reset();
  begin();
  ask("Action: Login\r\nUsername: admin\r\nSecret: wrong");
  advance(999ms);
  EXPECT_EQ(take(), "");
  advance(6ms);
  EXPECT_EQ(take(), "2:Response: Error\r\nMessage: Authentication failed\r\n\r\n");
  EXPECT_FALSE(kept);
  EXPECT_EQ(session, nullptr);
  EXPECT_EQ(world.shared.gatekeeper.sessions(), 0u);
}

TEST_F(Web, LivesAsLongAsItIsAsked) {
  begin();
  ask("Action: Ping");
  EXPECT_EQ(take(), "1:Response: Error\r\nMessage: Permission denied\r\n\r\n");
  EXPECT_EQ(session, nullptr);

  begin();
  ask("Action: Challenge\r\nAuthType: MD5");
  EXPECT_THAT(take(), StartsWith("2:Response: Success\r\nChallenge: "));
  EXPECT_TRUE(kept);
  advance(4s);
  EXPECT_NE(session, nullptr);
  advance(1001ms);
  EXPECT_EQ(session, nullptr);

  asked = 0;
  log_in();
  for (int i = 0; i < 3; ++i) {
    advance(59s);
    ASSERT_NE(session, nullptr);
    ask("Action: Ping");
  }
  advance(60005ms);
  EXPECT_EQ(session, nullptr);
  EXPECT_EQ(world.shared.logins.count("admin"), 0u);
}

TEST_F(Web, EndsWithLogoff) {
  log_in();
  ask("Action: Logoff");
  EXPECT_THAT(take(), HasSubstr("Thanks for all the fish"));
  EXPECT_FALSE(kept);
  EXPECT_EQ(session, nullptr);
}

TEST_F(Web, KeepsEventsForWaitEvent) {
  log_in();
  publish("One");
  publish("Two");
  ask("Action: Ping");
  EXPECT_THAT(take(), Not(HasSubstr("Event")));
  ask("Action: WaitEvent");
  const auto got = take();
  EXPECT_THAT(got, StartsWith("3:" + waited + "\r\nEvent: SuccessfulAuth\r\n"));
  EXPECT_LT(got.find("Event: One"), got.find("Event: Two"));
  EXPECT_THAT(got, testing::EndsWith(complete));
  EXPECT_THAT(got, Not(HasSubstr("FullyBooted")));
  ask("Action: Events\r\nEventMask: call");
  publish("Three");
  ask("Action: Events\r\nEventMask: user");
  ask("Action: Filter\r\nOperation: Add\r\nFilter: !Event: Four");
  publish("Four");
  publish("Five");
  take();
  ask("Action: WaitEvent");
  EXPECT_EQ(take(), "7:" + waited + "\r\nEvent: Five\r\nPrivilege: user,all\r\n\r\n" + complete);
}

TEST_F(Web, BeginsToListenWithWaitEvent) {
  log_in("\r\nEvents: off");
  publish("Lost");
  ask("Action: WaitEvent\r\nTimeout: 5");
  EXPECT_EQ(take(), "");
  publish("Heard");
  EXPECT_EQ(take(), "2:" + waited + "\r\nEvent: Heard\r\nPrivilege: user,all\r\n\r\n" + complete);
}

TEST_F(Web, WaitsForEvents) {
  log_in("\r\nEvents: user");
  ask("Action: WaitEvent\r\nTimeout: 5\r\nActionID: w");
  advance(4999ms);
  EXPECT_EQ(take(), "");
  advance(6ms);
  EXPECT_EQ(take(),
            "2:Response: Success\r\nActionID: w\r\nMessage: Waiting for Event completed.\r\n\r\n"
            "Event: WaitEventComplete\r\nActionID: w\r\n\r\n");
  ask("Action: WaitEvent\r\nTimeout: -1");
  advance(49s);
  EXPECT_EQ(take(), "");
  advance(1006ms);
  EXPECT_EQ(take(), "3:" + waited + "\r\n" + complete);

  ask("Action: WaitEvent");
  ask("Action: Ping");
  EXPECT_THAT(take(), testing::MatchesRegex("4:Response: Success\r\nMessage: Waiting for Event "
                                            "completed.\r\n\r\nEvent: WaitEventComplete\r\n\r\n"
                                            "5:Response: Success\r\nPing: Pong\r\n.*"));
}

TEST_F(Web, AnswersInOrder) {
  log_in("\r\nEvents: off");
  world.technology.delayed = true;
  ask("Action: MessageSend\r\nTo: pjsip:x");
  for (std::size_t i = 1; i < WebSession::max_waiting; ++i) EXPECT_TRUE(ask("Action: Ping"));
  EXPECT_FALSE(ask("Action: Ping"));
  EXPECT_EQ(take(), "");
  world.technology.hand_over(0);
  turn();
  const auto got = take();
  EXPECT_THAT(got, StartsWith("2:Response: Success\r\nMessage: Message successfully sent\r\n"));
  EXPECT_THAT(got, HasSubstr("17:Response: Success\r\nPing: Pong\r\n"));
}

TEST_F(Web, DropsTheOldestEvents) {
  EventBacklog backlog(200);
  EXPECT_TRUE(backlog.add(std::make_shared<Event>(Event{Class::user, "a", std::string(120, 'a')})));
  EXPECT_TRUE(backlog.add(std::make_shared<Event>(Event{Class::user, "b", std::string(80, 'b')})));
  EXPECT_FALSE(backlog.add(std::make_shared<Event>(Event{Class::user, "c", std::string(80, 'c')})));
  EXPECT_FALSE(
      backlog.add(std::make_shared<Event>(Event{Class::user, "d", std::string(201, 'd')})));
  std::string out;
  backlog.append_to(out);
  EXPECT_EQ(out, std::string(80, 'b') + std::string(80, 'c'));
  EXPECT_TRUE(backlog.empty());
  EXPECT_TRUE(backlog.add(std::make_shared<Event>(Event{Class::user, "e", std::string(200, 'e')})));
}

TEST_F(Web, AnswersAtTheEnd) {
  log_in("\r\nEvents: off");
  ask("Action: WaitEvent");
  session->end();
  EXPECT_EQ(take(), "2:" + waited + "\r\n" + complete);
  EXPECT_EQ(session, nullptr);
}

}  // namespace
}  // namespace missive::ami::web
