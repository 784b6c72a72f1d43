// A session without a socket, beside what the transcripts show.
//
// Login
// 1. A wrong secret is answered exactly one second later, what is sent meanwhile is dropped;
//    wrong, unknown and forbidden clients get the same octets.
// 2. Nobody logs in with an empty secret, with a challenge used twice or never given; a key
//    may be in upper case.
// 3. Without login in time the session ends.
// 4. allowmultiplelogin=no: the second login fails, after the first has left it works.
// 5. Limits are small before login, and large for what follows the login in one segment.
// MessageSend
// 6. Every parameter reaches the technology; To alone is the destination; Base64Body wins.
// 7. Refusals: technology, failure (with a Reason that stays on its line), Base64, Variable.
// 8. Success carries the MessageID of the message.
// 9. Delayed hand-over: pipelined Ping waits, replies keep their order.
// 10. Too many outstanding replies: the session stops taking input and goes on later.
// 11. A session that is gone, or a second completion, harms nobody.
// Events
// 12. An event comes after the reply of the action that caused it, also behind pending ones.
// 13. read classes, mask, filters of manager.conf and of Filter decide what is seen.
// 14. With nobody listening nothing is published; listeners are forgotten with the session.
// 15. WaitEvent: time-out, an event, the next action, a bad Timeout, the end of the session.
// 16. timestampevents adds Timestamp, before SystemName. 17. Security events for failures.
// Bad input
// 18. Limits and NUL are answered with the ActionID, the session goes on.
// 19. Control characters in a value or a name never leave their line. 20. Logoff waits for pending
// replies and drops what follows.
#include "ami/session.h"

#include <gmock/gmock.h>

#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

const std::string failed_login = "Response: Error\r\nMessage: Authentication failed\r\n\r\n";

// A logged-in admin without events.
struct Admin : testing::Test {
  Admin() { EXPECT_THAT(client.login("admin", "s3cret-AMI"), HasSubstr("accepted")); }

  std::string send_message(std::string_view headers) {
    return client.ask(fmt::format("Action: MessageSend\r\nActionID: m\r\n{}\r\n", headers));
  }

  World world;
  Client client{world};
};

TEST_F(Admin, IsAnsweredInTurns) {
  std::string actions;
  for (int i = 0; i < 2'000; ++i) actions += "Action: ListCommands\r\n\r\n";
  const auto first = client.ask(actions);
  EXPECT_GT(first.size(), Session::output_a_turn);
  EXPECT_LT(first.size(), Session::output_a_turn + (100U << 10));
  std::size_t all = first.size();
  while (client.unread_input() > 0) all += client.ask("").size();
  EXPECT_EQ(all, 2'000 * client.ask("Action: ListCommands\r\n\r\n").size());
}

TEST(Login, FailsAfterASecond) {
  World world;
  for (const auto& [user, secret] : {std::pair{"admin", "wrong"},
                                     {"nosuch", "x"},
                                     {"denied", "denied"},
                                     {"admin", ""},
                                     {"", ""}}) {
    Client client(world);
    EXPECT_EQ(client.login(user, secret), "");
    EXPECT_EQ(client.ask("Action: Ping\r\n\r\n"), "");
    EXPECT_EQ(client.unread_input(), 0u);
    client.advance(999ms);
    EXPECT_EQ(client.read(), "");
    EXPECT_FALSE(client.session().finished());
    client.advance(1ms);
    EXPECT_EQ(client.read(), failed_login);
    EXPECT_TRUE(client.session().finished());
  }
}

TEST(Login, NeedsAProofThatIsFresh) {
  World world(conf::MissiveConf::Ami{}, "[general]\n[admin]\nsecret=s3cret-AMI\nread=all\n");
  const auto key_login = [](Client& client, std::string_view key) {
    client.ask(
        fmt::format("Action: Login\r\nAuthType: md5\r\nUsername: ADMIN\r\nKey: {}\r\n\r\n", key));
    client.wait();
    return client.session().authenticated();
  };
  Client never(world);
  // md5 of the secret alone: what an empty challenge would ask for.
  EXPECT_FALSE(key_login(never, "92e26e9e925aad96418e7615925c8057"));
  Client empty(world);
  empty.ask("Action: Challenge\r\nAuthType: MD5\r\n\r\n");
  EXPECT_FALSE(key_login(empty, ""));
  Client good(world);
  good.ask("Action: Challenge\r\nAuthType: MD5\r\n\r\n");
  good.session().challenge() = "497405716";
  EXPECT_TRUE(key_login(good, "83645A43d26d1b5948005bc07b863e9d"));
  EXPECT_EQ(good.session().challenge(), "");

  conf::Problems problems;
  World open(conf::MissiveConf::Ami{}, "[general]\n");
  open.environment.configuration =
      Configuration::from(conf::parse("[a]\nread=all\n", "manager.conf", problems), {}, problems);
  Client nobody(open);
  nobody.login("a", "");
  nobody.wait();
  EXPECT_FALSE(nobody.session().authenticated());
}

TEST(Login, MustComeInTime) {
  World world;
  Client client(world);
  client.read();
  client.send("Action: Ping\r\n");
  client.advance(30s - 1ms);
  EXPECT_FALSE(client.session().finished());
  client.advance(1ms);
  EXPECT_TRUE(client.session().finished());
  EXPECT_EQ(client.read(), "Response: Error\r\nMessage: Not logged in in time\r\n\r\n");
  Client in_time(world);
  in_time.login("admin", "s3cret-AMI");
  EXPECT_EQ(in_time.session().deadline(), base::TimePoint::max());
}

TEST(Login, MayBeForbiddenTwice) {
  World world;
  Client watcher(world);
  watcher.login("admin", "s3cret-AMI", "security");
  Client first(world);
  EXPECT_THAT(first.login("once", "once"), HasSubstr("accepted"));
  Client second(world);
  EXPECT_EQ(second.login("Once", "once"), "");
  second.wait();
  EXPECT_EQ(second.read(), "Response: Error\r\nMessage: Login Already In Use\r\n\r\n");
  EXPECT_TRUE(second.session().finished());
  EXPECT_THAT(watcher.read(), HasSubstr("Event: SessionLimit\r\n"));
  second.leave();
  first.leave();
  Client third(world);
  EXPECT_THAT(third.login("once", "once"), HasSubstr("accepted"));
}

TEST(Login, RaisesTheLimits) {
  World world;
  Client client(world);
  const std::string large(100'000, 'b');
  const auto message =
      "Action: MessageSend\r\nActionID: L\r\nDestination: pjsip:x\r\nBody: " + large + "\r\n\r\n";
  EXPECT_THAT(client.ask(message), HasSubstr("Error\r\nActionID: L\r\nMessage: Failed to parse "
                                             "message: line too long\r\n"));
  EXPECT_THAT(client.ask(admin_login() + message),
              HasSubstr("ActionID: L\r\nMessage: Message success"));
  ASSERT_EQ(world.technology.sent.size(), 1u);
  EXPECT_EQ(world.technology.sent[0]->body(), large);
}

TEST_F(Admin, MessageSendPassesEveryParameterOn) {
  const auto reply = send_message(
      "Destination: pjsip:alice\r\nTo: Bob <sip:bob@example.net>\r\nFrom: sip:crm@example.net\r\n"
      "Body: hi: there  \r\nVariable: X-One=1,X-Two=\"a,b\"\r\nVariable: x-one=2\r\n");
  ASSERT_EQ(world.technology.sent.size(), 1u);
  const auto& message = *world.technology.sent[0];
  EXPECT_EQ(message.destination(), "pjsip:alice");
  EXPECT_EQ(message.to(), "Bob <sip:bob@example.net>");
  EXPECT_EQ(message.from(), "sip:crm@example.net");
  EXPECT_EQ(message.body(), "hi: there  ");
  ASSERT_EQ(message.variables().size(), 2u);
  EXPECT_EQ(message.variables()[0].name, "x-one");
  EXPECT_EQ(message.variables()[0].value, "2");
  EXPECT_EQ(message.variables()[1].value, "a,b");
  EXPECT_EQ(message.id().size(), 36u);
  EXPECT_EQ(reply,
            fmt::format("Response: Success\r\nActionID: m\r\nMessage: Message successfully sent\r\n"
                        "MessageID: {}\r\n\r\n",
                        message.id()));
}

TEST_F(Admin, MessageSendTakesToForDestinationAndBase64ForBody) {
  EXPECT_THAT(send_message("To: pjsip:alice\r\nBody: x\r\nBase64Body: YQBi\r\n"),
              HasSubstr("Success"));
  ASSERT_EQ(world.technology.sent.size(), 1u);
  EXPECT_EQ(world.technology.sent[0]->destination(), "pjsip:alice");
  EXPECT_EQ(world.technology.sent[0]->to(), "");
  EXPECT_EQ(world.technology.sent[0]->body(), std::string_view("a\0b", 3));
  EXPECT_THAT(send_message("Destination:\r\nTo: pjsip:bob\r\n"), HasSubstr("Success"));
  EXPECT_EQ(world.technology.sent[1]->destination(), "pjsip:bob");
  EXPECT_THAT(send_message("Body: x\r\n"),
              testing::StrEq(
                  "Response: Error\r\nActionID: m\r\nMessage: No 'To' address specified.\r\n\r\n"));
}

TEST_F(Admin, MessageSendSaysWhyItFails) {
  const std::string failed =
      "Response: Error\r\nActionID: m\r\nMessage: Message failed to send.\r\n";
  EXPECT_EQ(send_message("Destination: pjsip:absent\r\n"),
            failed + "Reason: endpoint 'absent' has no\\x0d\\x0aX\r\n\r\n");
  EXPECT_EQ(send_message("Destination: nosuch:x\r\n"),
            "Response: Error\r\nActionID: m\r\nMessage: Message technology not found.\r\n"
            "Reason: technology 'nosuch:' is not known; known: pjsip:\r\n\r\n");
  EXPECT_EQ(send_message("Destination: pjsip:x\r\nBase64Body: YWJj*GVm\r\n"),
            failed + "Reason: Base64Body: character 5 ('*') is not Base64\r\n\r\n");
  EXPECT_EQ(send_message(
                "Destination: pjsip:x\r\nVariable: A=1\r\nVariable: rubbish\r\nVariable: B=2\r\n"),
            failed + "Reason: Variable: 'rubbish' has no '='; write name=value\r\n\r\n");
  EXPECT_EQ(world.technology.sent.size(), 1u);
  EXPECT_THAT(send_message("Destination: pjsip:x\r\n"), HasSubstr("Success"));
  EXPECT_TRUE(world.technology.sent[1]->variables().empty());
}

TEST_F(Admin, RepliesKeepTheOrderOfActions) {
  world.technology.delayed = true;
  std::string actions;
  for (int i = 0; i < 3; ++i) {
    actions += fmt::format("Action: MessageSend\r\nActionID: m{}\r\nTo: pjsip:x\r\n\r\n", i);
    actions += fmt::format("Action: Nosuch\r\nActionID: n{}\r\n\r\n", i);
  }
  EXPECT_EQ(client.ask(actions), "");
  EXPECT_EQ(world.environment.sessions.pending(), 3);
  const auto reply = [this](int i) {
    return fmt::format(
        "Response: Success\r\nActionID: m{}\r\nMessage: Message successfully sent\r\nMessageID: "
        "{}\r\n\r\n"
        "Response: Error\r\nActionID: n{}\r\nMessage: Invalid/unknown command: Nosuch. Use Action: "
        "ListCommands to show available commands.\r\n\r\n",
        i, world.technology.sent[static_cast<std::size_t>(i)]->id(), i);
  };
  world.technology.hand_over(1);
  EXPECT_EQ(client.read(), "");
  world.technology.hand_over(0);
  EXPECT_EQ(client.read(), reply(0) + reply(1));
  EXPECT_EQ(client.notified, 2);
  EXPECT_EQ(world.environment.sessions.pending(), 1);
  world.technology.hand_over(2);
  EXPECT_EQ(client.read(), reply(2));
  EXPECT_EQ(world.environment.sessions.pending(), 0);
}

TEST_F(Admin, StopsTakingInputWhileTooMuchIsPending) {
  world.technology.delayed = true;
  const std::string one = "Action: MessageSend\r\nTo: pjsip:x\r\n\r\n";
  std::string many;
  for (std::size_t i = 0; i < Session::max_pending + 10; ++i) many += one;
  client.send(many);
  EXPECT_EQ(world.technology.sent.size(), Session::max_pending);
  EXPECT_EQ(client.unread_input(), one.size() * 10);
  EXPECT_FALSE(client.session().wants_input());
  for (std::size_t i = 0; i < Session::max_pending / 2 - 1; ++i) world.technology.hand_over(i);
  EXPECT_FALSE(client.session().wants_input());
  world.technology.hand_over(Session::max_pending / 2 - 1);
  EXPECT_TRUE(client.session().wants_input());
  client.send("");
  EXPECT_EQ(client.unread_input(), 0u);
  EXPECT_EQ(world.technology.sent.size(), Session::max_pending + 10);
}

TEST_F(Admin, CompletionsSurviveTheirSession) {
  world.technology.delayed = true;
  client.send(
      "Action: MessageSend\r\nTo: pjsip:x\r\n\r\nAction: MessageSend\r\nTo: pjsip:x\r\n\r\n");
  world.technology.hand_over(0);
  client.read();
  world.technology.hand_over(0);
  EXPECT_EQ(client.read(), "");
  client.leave();
  EXPECT_EQ(world.environment.sessions.pending(), 0);
  Client next(world);  // takes the same place in the table
  next.login("admin", "s3cret-AMI");
  world.technology.hand_over(1);
  EXPECT_EQ(next.read(), "");
}

TEST_F(Admin, EventsFollowTheReplyOfTheirAction) {
  client.ask("Action: Events\r\nEventMask: user\r\n\r\n");
  world.technology.delayed = true;
  EXPECT_EQ(client.ask("Action: MessageSend\r\nActionID: m\r\nTo: pjsip:x\r\n\r\n"
                       "Action: UserEvent\r\nUserEvent: E\r\nActionID: u\r\nKey: v\r\n\r\n"),
            "");
  EXPECT_GT(client.session().held(), 0u);
  world.technology.hand_over(0);
  EXPECT_EQ(client.session().held(), 0u);
  EXPECT_EQ(client.read(),
            fmt::format("Response: Success\r\nActionID: m\r\nMessage: Message successfully sent\r\n"
                        "MessageID: {}\r\n\r\n"
                        "Response: Success\r\nActionID: u\r\nMessage: Event Sent\r\n\r\n"
                        "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: E\r\nActionID: u\r\n"
                        "Key: v\r\n\r\n",
                        world.technology.sent[0]->id()));
}

TEST_F(Admin, EventsAreForThoseWhoMayAndWantToSeeThem) {
  Client reader(world), filtered(world), once(world);
  reader.login("reader", "readonly", "on");
  filtered.login("filtered", "filtered", "on");
  once.login("once", "once", "on");  // reads system only
  client.ask("Action: Events\r\nEventMask: call\r\n\r\n");
  const auto publish = [&](std::string_view key) {
    for (auto* each : {&reader, &filtered, &once, &client}) each->read();
    client.send(fmt::format("Action: UserEvent\r\nUserEvent: E\r\nKey: {}\r\n\r\n", key));
    std::string who;
    if (reader.read().find("E\r\n") != std::string::npos) who += "reader ";
    if (filtered.read().find("E\r\n") != std::string::npos) who += "filtered ";
    if (once.read().find("E\r\n") != std::string::npos) who += "once ";
    if (client.read().find("Event: UserEvent") != std::string::npos) who += "admin ";
    return who;
  };
  EXPECT_EQ(publish("open"), "reader filtered ");
  EXPECT_EQ(publish("secret"), "reader ");
  client.ask("Action: Events\r\nEventMask: on\r\n\r\n");
  client.ask(
      "Action: Filter\r\nOperation: add\r\nMatchCriteria: action(exclude),header(Key),"
      "method(starts_with)\r\nFilter: op\r\n\r\n");
  EXPECT_EQ(publish("open"), "reader filtered ");
  EXPECT_EQ(publish("other"), "reader filtered admin ");
  EXPECT_THAT(client.ask("Action: Filter\r\nOperation: Add\r\nMatchCriteria: nonsense\r\n\r\n"),
              HasSubstr("Reason: 'nonsense' is no criterion"));
}

TEST_F(Admin, FiltersAreRefused) {
  const auto add = [this](std::string_view headers) {
    return client.ask(fmt::format("Action: Filter\r\nOperation: Add\r\n{}\r\n", headers));
  };
  EXPECT_THAT(
      add("MatchCriteria: name(X)\r\nFilter: y\r\n"),
      HasSubstr("Message: Filter was formatted incorrectly.  Check the syntax of the filter "
                "given.\r\nReason: "));
  EXPECT_THAT(add("Filter: bad(\r\n"),
              HasSubstr("Message: Filter did not compile.  Check the syntax of the filter "
                        "given.\r\nReason: "));
  for (std::size_t i = 0; i < EventFilters::max_filters; ++i) {
    ASSERT_EQ(add("Filter: x\r\n"), "Response: Success\r\nMessage: Success\r\n\r\n");
  }
  EXPECT_EQ(add("Filter: x\r\n"),
            "Response: Error\r\nMessage: Too many filters\r\nReason: a session has 100 at "
            "most\r\n\r\n");
}

TEST_F(Admin, NobodyListeningCostsNothing) {
  client.ask("Action: UserEvent\r\nUserEvent: E\r\n\r\n");
  EXPECT_FALSE(world.shared.events.wanted(Class::user));
  Client other(world);
  other.login("reader", "readonly", "user");
  EXPECT_TRUE(world.shared.events.wanted(Class::user));
  EXPECT_FALSE(world.shared.events.wanted(Class::message));
  other.leave();
  EXPECT_FALSE(world.shared.events.wanted(Class::user));
}

TEST_F(Admin, WaitEventWaitsForTimeOrEvent) {
  const std::string waited =
      "Response: Success\r\nActionID: w\r\nMessage: Waiting for Event completed.\r\n\r\n";
  const std::string complete = "Event: WaitEventComplete\r\nActionID: w\r\n\r\n";
  const std::string wait = "Action: WaitEvent\r\nActionID: w\r\nTimeout: 3\r\n\r\n";
  EXPECT_EQ(client.ask(wait), "");
  client.advance(3s - 1ms);
  EXPECT_EQ(client.read(), "");
  client.advance(1ms);
  EXPECT_EQ(client.read(), waited + complete);

  client.ask("Action: Events\r\nEventMask: user\r\n\r\n");
  client.ask("Action: WaitEvent\r\nActionID: w\r\n\r\n");
  EXPECT_EQ(client.session().deadline(), base::TimePoint::max());
  Client other(world);
  other.login("admin", "s3cret-AMI");
  other.ask("Action: UserEvent\r\nUserEvent: E\r\n\r\n");
  EXPECT_EQ(client.read(),
            waited + "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: E\r\n\r\n" + complete);

  client.ask(wait);
  EXPECT_EQ(client.ask("Action: Nosuch"), "");
  EXPECT_THAT(client.ask("\r\nActionID: n\r\n\r\n"),
              testing::StartsWith(waited + complete + "Response: Error\r\nActionID: n\r\n"));
  EXPECT_THAT(client.ask("Action: WaitEvent\r\nTimeout: soon\r\n\r\n"),
              HasSubstr("Timeout must be"));
  client.ask(wait);
  client.session().end();
  EXPECT_EQ(client.read(), waited + complete);
  EXPECT_TRUE(client.session().finished());
}

TEST(Events, CarryATimestampWhereConfigured) {
  World world(conf::MissiveConf::Ami{},
              "[general]\ntimestampevents=yes\n[a]\nsecret=a\nread=system\nwrite=all\n");
  Client client(world);
  EXPECT_THAT(client.login("a", "a", "on"),
              HasSubstr("Event: FullyBooted\r\nPrivilege: system,all\r\nTimestamp: " +
                        epoch_text(world.clock.wall()) + "\r\nUptime: 0\r\n"));
}

TEST(Events, TellTheTimeBeforeTheSystem) {
  std::string out;
  EventText(out, Class::system, "E", "texts", "1.5");
  EXPECT_EQ(out, "Event: E\r\nPrivilege: system,all\r\nTimestamp: 1.5\r\nSystemName: texts\r\n");
}

TEST(Events, TellOfFailedLogins) {
  World world;
  Client watcher(world);
  watcher.login("admin", "s3cret-AMI", "security");
  const auto after = [&](std::string_view octets) {
    watcher.read();
    Client client(world, "10.0.0.9");
    client.send(octets);
    return watcher.read();
  };
  const std::string common =
      "\r\nPrivilege: security,all\r\nEventTV: [^\r]*\r\nSeverity: Error\r\nService: AMI\r\n"
      "EventVersion: 1\r\n";
  const std::string where =
      "SessionID: 0x[0-9a-f]+\r\nLocalAddress: IPV4/TCP/127.0.0.1/5038\r\n"
      "RemoteAddress: IPV4/TCP/10.0.0.9/38262\r\n";
  const std::string end = "SessionTV: [^\r]*\r\n\r\n";
  EXPECT_THAT(
      after("Action: Login\r\nUsername: admin\r\nSecret: x\r\n\r\n"),
      MatchesRegex("Event: InvalidPassword" + common + "AccountID: admin\r\n" + where + end));
  EXPECT_THAT(
      after("Action: Login\r\nUsername: eve\r\nSecret: x\r\n\r\n"),
      MatchesRegex("Event: InvalidAccountID" + common + "AccountID: eve\r\n" + where + end));
  EXPECT_THAT(after("Action: Login\r\nUsername: denied\r\nSecret: denied\r\n\r\n"),
              MatchesRegex("Event: FailedACL" + common + "AccountID: denied\r\n" + where + end));
  EXPECT_THAT(after("Action: Login\r\nAuthType: MD5\r\nUsername: admin\r\nKey: ab\r\n\r\n"),
              MatchesRegex("Event: ChallengeResponseFailed" + common + "AccountID: admin\r\n" +
                           where + "Challenge: \r\nResponse: ab\r\nExpectedResponse: \r\n" + end));
  EXPECT_THAT(after("Action: Originate\r\n\r\n"),
              MatchesRegex("Event: RequestNotAllowed" + common + "AccountID: \r\n" + where +
                           "RequestType: Action: Originate\r\n" + end));
}

TEST_F(Admin, AnswersMalformedActionsAndGoesOn) {
  const std::string ping = "Action: Ping\r\n\r\n";
  const std::string huge(2 << 20, 'x');
  EXPECT_THAT(
      client.ask("ActionID: big\r\nBody: " + huge + "\r\n\r\n" + ping),
      MatchesRegex("Response: Error\r\nActionID: big\r\nMessage: Failed to parse message: line "
                   "too long\r\n\r\nResponse: Success\r\nPing: Pong\r\nTimestamp: [^\r]*\r\n\r\n"));
  std::string headers;
  for (int i = 0; i < 1000; ++i) headers += "a: b\r\n";
  EXPECT_THAT(
      client.ask(headers + "ActionID: many\r\n\r\n"),
      HasSubstr("ActionID: many\r\nMessage: Failed to parse message: too many headers\r\n"));
  EXPECT_THAT(
      client.ask(std::string("ActionID: a\0b\r\n\r\n", 17)),
      HasSubstr("ActionID: a\\x00b\r\nMessage: Failed to parse message: NUL in a header\r\n"));
  std::string rubbish;
  for (int i = 0; i < 256; ++i) rubbish += static_cast<char>(i);
  EXPECT_THAT(client.ask(rubbish + rubbish + "\n\n" + ping), HasSubstr("Ping: Pong"));
}

TEST_F(Admin, KeepsValuesOnTheirLines) {
  EXPECT_THAT(
      client.ask("Action: No\rsuch\r\nActionID: a\rb\x1b[0m\r\n\r\n"),
      HasSubstr("ActionID: a\\x0db\\x1b[0m\r\nMessage: Invalid/unknown command: No\\x0dsuch. "));
  EXPECT_THAT(client.ask("Action: Ping\r\nActionID: tab\there é\r\n\r\n"),
              HasSubstr("ActionID: tab\there é\r\n"));
  Client watcher(world);
  watcher.login("admin", "s3cret-AMI", "user");
  client.ask("Action: UserEvent\r\nUserEvent: X\r\nK\rEvent: forged\r\n\r\n");
  EXPECT_THAT(watcher.read(), HasSubstr("UserEvent: X\r\nK\\x0dEvent: forged\r\n\r\n"));
}

TEST_F(Admin, LogoffWaitsForPendingReplies) {
  world.technology.delayed = true;
  EXPECT_EQ(client.ask("Action: MessageSend\r\nActionID: m\r\nTo: pjsip:x\r\n\r\n"
                       "Action: Logoff\r\nActionID: b\r\n\r\nAction: Ping\r\n\r\n"),
            "");
  EXPECT_FALSE(client.session().finished());
  world.technology.hand_over(0);
  EXPECT_THAT(client.read(),
              MatchesRegex("Response: Success\r\nActionID: m\r\n.*\r\n\r\n"
                           "Response: Goodbye\r\nActionID: b\r\nMessage: Thanks for all "
                           "the fish.\r\n\r\n"));
  EXPECT_TRUE(client.session().finished());
  EXPECT_EQ(client.ask("Action: Ping\r\n\r\n"), "");
}

}  // namespace
}  // namespace missive::ami
