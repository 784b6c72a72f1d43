// The actions about kept messages and the action Command, with a real outbox in a database in
// memory. A message to "away" waits.
//
// Without an outbox
//  1. every action, and the commands, say that there is none and why
// Actions
//  2. what waits: the reply of MessageSend, with and without Wait; the same MessageID twice
//  3. MessageStatus: every field; no such message; no MessageID
//  4. MessageList: entries, figures, ActionID on each packet; by State, Recipient, Limit; empty
//  5. MessageList with a wrong State or Limit is refused
//  6. MessageCancel: it is cancelled; a second time, or for no message, it is refused
//  7. MessageRetry: by MessageID, Recipient, All; not by two of them, or none
//  8. replies keep their order; the session is gone when the answer comes
//  9. another class than message is refused
// Command
// 10. message show outbox, with and without recipient; message show status; core show help
// 11. unknown commands, too few and too many arguments, none at all; words without case
// Replies
// 12. the store's error is a Reason
#include <gmock/gmock.h>

#include "ami/message_replies.h"
#include "message/outbox_shard.h"
#include "store/database.h"
#include "unit/ami/harness.h"
#include "unit/console/lab.h"

namespace missive::ami {
namespace {

using std::chrono_literals::operator""s;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

struct WithOutbox : testing::Test {
  WithOutbox() {
    outbox.know({&home});
    EXPECT_TRUE(outbox.open());
    world.sender.use(home);
    world.environment.outbox = &outbox;
    commands.outbox = &outbox;
    console::add_all_commands(service.registry(), commands);
    world.shared.console = &service;
    client.login("admin", "s3cret-AMI");
  }
  ~WithOutbox() override {
    client.leave();
    settle();
  }

  static std::unique_ptr<store::Database> open_database() {
    auto opened = store::Database::open(":memory:");
    EXPECT_TRUE(opened) << opened.error().text;
    return std::move(*opened);
  }
  // Until the shard and the database have nothing more to do.
  void settle() {
    for (int quiet = 0; quiet < 3; ++quiet) {
      while (world.shard.run_once()) quiet = 0;
      database->flush();
    }
    world.pump();
  }
  std::string ask(std::string_view action, std::string_view headers = "") {
    client.read();
    client.send(fmt::format("Action: {}\r\nActionID: a\r\n{}\r\n", action, headers));
    settle();
    return client.read();
  }
  std::string command(std::string_view line) {
    return ask("Command", fmt::format("Command: {}\r\n", line));
  }
  // One that waits.
  std::string keep(std::string_view id, std::string_view headers = "") {
    return ask("MessageSend", fmt::format("To: pjsip:away\r\nFrom: sip:crm@example.net\r\n"
                                          "Body: hello\r\nMessageID: {}\r\n{}",
                                          id, headers));
  }

  World world;
  std::unique_ptr<store::Database> database = open_database();
  store::OutboxStore store{*database};
  message::Outbox outbox{store, world.clock, world.message_events, {}};
  message::OutboxShard home{world.shard, outbox, world.sender};
  // What Command asks, on the same shard.
  console::Service service{world.shard};
  console::test::FakeHost host{world.clock};
  console::test::FakeOperations pjsip{""};
  store::AstDb astdb;
  console::SipTrace trace{world.clock, nullptr};
  dialplan::Shared dialplan{world.clock, {}, astdb};
  dialplan::InForce in_force{host.plan};
  console::Environment commands{.clock = world.clock,
                                .shard = world.shard,
                                .host = host,
                                .database = astdb,
                                .trace = trace,
                                .version = "20",
                                .dialplan = dialplan,
                                .in_force = in_force,
                                .pjsip = &pjsip};
  Client client{world};
};

const std::string refused = "Response: Error\r\nActionID: a\r\nMessage: ";

TEST_F(WithOutbox, IsNotThere) {
  world.environment.outbox = nullptr;
  commands.outbox = nullptr;
  const auto none =
      refused + "There is no outbox (missive.conf, [outbox] durability = off)\r\n\r\n";
  EXPECT_EQ(ask("MessageStatus", "MessageID: x\r\n"), none);
  EXPECT_EQ(ask("MessageList"), none);
  EXPECT_EQ(ask("MessageCancel", "MessageID: x\r\n"), none);
  EXPECT_EQ(ask("MessageRetry", "All: yes\r\n"), none);
  EXPECT_THAT(command("message show outbox"), HasSubstr("Output: There is no outbox"));
  EXPECT_THAT(command("message show status x"), HasSubstr("Output: There is no outbox"));
}

TEST_F(WithOutbox, SaysThatAMessageWaits) {
  EXPECT_EQ(keep("m-1"),
            "Response: Success\r\nActionID: a\r\nMessage: Message queued\r\nMessageID: m-1\r\n"
            "Status: queued\r\n\r\n");
  EXPECT_EQ(keep("m-1"),
            "Response: Success\r\nActionID: a\r\nMessage: Message queued\r\nMessageID: m-1\r\n"
            "Status: queued\r\nDuplicate: yes\r\n\r\n");
  EXPECT_THAT(keep("m-2", "Wait: yes\r\n"),
              StartsWith("Response: Success\r\nActionID: a\r\nMessage: Message queued\r\n"
                         "MessageID: m-2\r\nStatus: queued\r\nResponseCode: "));
  EXPECT_THAT(ask("MessageList"), HasSubstr("ListItems: 2\r\n"));
  EXPECT_TRUE(world.technology.sent.empty());
}

TEST_F(WithOutbox, WaitGoesOnWhileItIsQueued) {
  EXPECT_EQ(keep("m-1", "Wait: 20\r\n"), "");
  client.advance(19s);
  EXPECT_EQ(client.read(), "");
  client.advance(1s);
  EXPECT_THAT(client.read(), HasSubstr("Message: Message queued\r\nMessageID: m-1\r\n"));
}

TEST_F(WithOutbox, WaitHearsOfACancellation) {
  EXPECT_EQ(keep("m-1", "Wait: 20\r\n"), "");
  Client operator_(world);
  operator_.login("admin", "s3cret-AMI");
  operator_.send("Action: MessageCancel\r\nMessageID: m-1\r\n\r\n");
  settle();
  EXPECT_THAT(operator_.read(), HasSubstr("Message: Message cancelled\r\nMessages: 1\r\n"));
  const auto said = client.read();
  EXPECT_THAT(said, StartsWith(refused + "Message failed to send.\r\nReason: "));
  EXPECT_THAT(said, HasSubstr("MessageID: m-1\r\nStatus: cancelled\r\n"));
}

TEST_F(WithOutbox, ShowsAMessage) {
  keep("m-1", "Expiry: 60\r\n");
  const auto said = ask("MessageStatus", "MessageID: m-1\r\n");
  EXPECT_THAT(
      said,
      MatchesRegex("Response: Success\r\nActionID: a\r\nMessageID: m-1\r\nOriginalActionID: a\r\n"
                   "Destination: pjsip:away\r\nRecipient: pjsip:away\r\n"
                   "From: sip:crm@example.net\r\nStatus: queued\r\nResponseCode: [0-9]+\r\n"
                   "ResponseText: [^\r]*\r\nContact: \r\nAttempt: [0-9]+\r\nSize: [0-9]+\r\n"
                   "Accepted: 2026-01-02T00:00:00.000Z\r\nExpires: 2026-01-02T00:01:00.000Z\r\n"
                   "Updated: 2026-01-02T00:00:00.000Z\r\n\r\n"));
  EXPECT_EQ(ask("MessageStatus", "MessageID: m-2\r\n"), refused + "No such message\r\n\r\n");
  EXPECT_EQ(ask("MessageStatus"), refused + "No 'MessageID' specified.\r\n\r\n");
}

TEST_F(WithOutbox, ListsMessages) {
  EXPECT_EQ(ask("MessageList"),
            "Response: Success\r\nActionID: a\r\nEventList: start\r\n"
            "Message: A listing of messages follows, as MessageListEntry events\r\n\r\n"
            "Event: MessageListComplete\r\nActionID: a\r\nEventList: Complete\r\nListItems: 0\r\n"
            "Messages: 0\r\nWaiting: 0\r\nOctets: 0\r\nRecipients: 0\r\nOldestAge: 0\r\n\r\n");
  keep("m-1");
  world.clock.advance(5s);
  keep("m-2");
  const auto all = ask("MessageList");
  const auto first = all.find("Event: MessageListEntry\r\nActionID: a\r\nMessageID: m-1\r\n");
  const auto second = all.find("Event: MessageListEntry\r\nActionID: a\r\nMessageID: m-2\r\n");
  EXPECT_NE(first, std::string::npos);
  EXPECT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
  EXPECT_THAT(all, HasSubstr("ListItems: 2\r\nMessages: 2\r\nWaiting: 2\r\nOctets: "));
  EXPECT_THAT(all, EndsWith("Recipients: 1\r\nOldestAge: 5\r\n\r\n"));

  EXPECT_THAT(ask("MessageList", "Limit: 1\r\n"), HasSubstr("ListItems: 1\r\nMessages: 2\r\n"));
  EXPECT_THAT(ask("MessageList", "State: Queued\r\n"), HasSubstr("ListItems: 2\r\n"));
  EXPECT_THAT(ask("MessageList", "State: failed\r\n"), HasSubstr("ListItems: 0\r\n"));
  EXPECT_THAT(ask("MessageList", "Recipient: away\r\n"), HasSubstr("ListItems: 2\r\n"));
  EXPECT_THAT(ask("MessageList", "Recipient: pjsip:bob\r\n"), HasSubstr("ListItems: 0\r\n"));
}

TEST_F(WithOutbox, RefusesWrongFilters) {
  EXPECT_EQ(ask("MessageList", "State: asleep\r\n"),
            refused +
                "No such list\r\nReason: State 'asleep' is none of queued, sending, sent, "
                "delivered, displayed, failed, expired, cancelled\r\n\r\n");
  for (const auto* limit : {"0", "10001", "many", "-1"}) {
    EXPECT_EQ(ask("MessageList", fmt::format("Limit: {}\r\n", limit)),
              refused + fmt::format("No such list\r\nReason: Limit '{}' is no number from 1 to "
                                    "10000\r\n\r\n",
                                    limit));
  }
}

TEST_F(WithOutbox, CancelsWhatWaits) {
  keep("m-1");
  EXPECT_EQ(ask("MessageCancel", "MessageID: m-1\r\n"),
            "Response: Success\r\nActionID: a\r\nMessage: Message cancelled\r\nMessages: 1\r\n"
            "\r\n");
  EXPECT_THAT(ask("MessageStatus", "MessageID: m-1\r\n"), HasSubstr("Status: cancelled\r\n"));
  EXPECT_THAT(ask("MessageCancel", "MessageID: m-1\r\n"),
              StartsWith(refused + "Message not cancelled\r\nReason: "));
  EXPECT_THAT(ask("MessageCancel", "MessageID: nosuch\r\n"),
              StartsWith(refused + "Message not cancelled\r\nReason: "));
  EXPECT_EQ(ask("MessageCancel"), refused + "No 'MessageID' specified.\r\n\r\n");
}

TEST_F(WithOutbox, TriesAgain) {
  keep("m-1");
  keep("m-2");
  const auto done = [](int messages) {
    return fmt::format(
        "Response: Success\r\nActionID: a\r\nMessage: Messages are tried again\r\n"
        "Messages: {}\r\n\r\n",
        messages);
  };
  EXPECT_EQ(ask("MessageRetry", "MessageID: m-1\r\n"), done(2));
  EXPECT_EQ(ask("MessageRetry", "Recipient: away\r\n"), done(2));
  EXPECT_EQ(ask("MessageRetry", "All: yes\r\n"), done(2));
  EXPECT_EQ(ask("MessageRetry", "Recipient: pjsip:bob\r\n"), done(0));
  EXPECT_THAT(ask("MessageRetry", "MessageID: nosuch\r\n"),
              StartsWith(refused + "Messages not tried again\r\nReason: "));
  const auto which =
      refused + "One of MessageID, Recipient and 'All: yes' says what to retry\r\n\r\n";
  EXPECT_EQ(ask("MessageRetry"), which);
  EXPECT_EQ(ask("MessageRetry", "All: no\r\n"), which);
  EXPECT_EQ(ask("MessageRetry", "All: yes\r\nRecipient: away\r\n"), which);
}

TEST_F(WithOutbox, AnswersInOrder) {
  client.read();
  client.send(
      "Action: MessageList\r\nActionID: 1\r\n\r\nAction: Nosuch\r\nActionID: 2\r\n\r\n"
      "Action: MessageStatus\r\nMessageID: x\r\nActionID: 3\r\n\r\n");
  EXPECT_EQ(client.read(), "");
  EXPECT_EQ(world.environment.sessions.pending(), 2);
  settle();
  const auto said = client.read();
  EXPECT_LT(said.find("ActionID: 1\r\nEventList: Complete"), said.find("ActionID: 2\r\n"));
  EXPECT_LT(said.find("ActionID: 2\r\n"), said.find("ActionID: 3\r\n"));
  EXPECT_EQ(world.environment.sessions.pending(), 0);

  Client leaving(world);
  leaving.login("admin", "s3cret-AMI");
  leaving.send("Action: MessageList\r\n\r\n");
  leaving.leave();
  EXPECT_EQ(world.environment.sessions.pending(), 0);
  settle();
}

TEST_F(WithOutbox, IsForThoseWhoMay) {
  Client reader(world);
  reader.login("reader", "readonly");
  for (const auto* action :
       {"MessageStatus", "MessageList", "MessageCancel", "MessageRetry", "Command"}) {
    EXPECT_THAT(reader.ask(fmt::format("Action: {}\r\n\r\n", action)),
                HasSubstr("Permission denied"));
  }
}

const std::string output =
    "Response: Success\r\nActionID: a\r\nMessage: Command output follows\r\n";
const std::string bad_output =
    "Response: Error\r\nActionID: a\r\nMessage: Command output follows\r\n";

TEST_F(WithOutbox, CommandsShowIt) {
  EXPECT_EQ(command("message show outbox"),
            output + "Output: no messages\r\nOutput: the outbox is empty\r\n\r\n");
  keep("m-1");
  const auto list = command("message show outbox");
  EXPECT_THAT(list, StartsWith(output + "Output: MESSAGE  STATUS  RECIPIENT   ATTEMPTS  ACCEPTED"));
  EXPECT_THAT(list, HasSubstr("\r\nOutput: m-1      queued  pjsip:away  "));
  EXPECT_THAT(list, HasSubstr("1 of them waits for 1 recipient; the oldest is 0 s old\r\n\r\n"));
  EXPECT_THAT(command("MESSAGE  Show outbox AWAY"), HasSubstr("Output: no messages\r\n"));
  EXPECT_THAT(command("message show outbox away"), HasSubstr("Output: m-1"));

  const auto one = command("message show status m-1");
  EXPECT_THAT(one, StartsWith(output + "Output: MessageID    m-1\r\nOutput: ActionID     a\r\n"));
  EXPECT_THAT(one, HasSubstr("Output: Status       queued\r\n"));
  EXPECT_EQ(command("message show status nosuch"), bad_output + "Output: No such message\r\n\r\n");
}

TEST_F(WithOutbox, CommandsAreExplained) {
  const auto help = command("core show help");
  EXPECT_THAT(help,
              StartsWith(output + "Output:                    core reload  Global reload\r\n"));
  EXPECT_THAT(help, HasSubstr("\r\nOutput:            message show status  Show what is known"));
  const auto part = command("core show help message show");
  EXPECT_THAT(part, Not(HasSubstr("core show help")));
  EXPECT_THAT(part, HasSubstr("Output:            message show outbox  Show messages"));
  EXPECT_EQ(command("core show help message show status"),
            output +
                "Output: Usage: message show status ID\r\nOutput:        Show what is known of "
                "one message.\r\n\r\n");
  const auto unknown =
      bad_output +
      "Output: No such command 'no such' (type 'core show help no such' for other possible "
      "commands)\r\n\r\n";
  EXPECT_EQ(command("no such"), unknown);
  EXPECT_EQ(command("core show help no such"), unknown);
  EXPECT_EQ(command("message show status"),
            bad_output + "Output: Usage: message show status ID\r\n\r\n");
  EXPECT_EQ(command("message show outbox a b"),
            bad_output + "Output: Usage: message show outbox [RECIPIENT]\r\n\r\n");
  EXPECT_EQ(command("core reload"), output + "Output: \r\n\r\n");
  EXPECT_EQ(ask("Command"), refused + "No command provided\r\n\r\n");
  world.shared.console = nullptr;
  EXPECT_EQ(command("core show help"), refused + "There is no console\r\n\r\n");
}

TEST(OutboxReplies, SayWhatTheStoreSays) {
  std::string out;
  const Records broken = base::fail("the disk is gone");
  write_record_reply(out, "a", broken);
  const auto said = refused + "The outbox could not be used\r\nReason: the disk is gone\r\n\r\n";
  EXPECT_EQ(out, said);
  out.clear();
  write_listing(out, "a", Listing{{}, broken, {}, {}});
  EXPECT_EQ(out, said);
}

}  // namespace
}  // namespace missive::ami
