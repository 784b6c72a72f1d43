// The action JabberSend, the event JabberStatus and the xmpp commands, over accounts that are made
// up.
//
// JabberSend
//  1. j1 and j2 as Asterisk was recorded: a message that cannot be sent, an account that is not
//     there; without XMPP there is no account at all.
//  2. A message in safe hands: two replies, the second with its MessageID; what was sent.
//  3. JID or ScreenName; the account as xmpp:NAME; what is missing.
//  4. The second reply comes when it is known; the replies of later actions wait behind it.
//  5. Another class than system is refused.
// JabberStatus
//  6. Connected, lost, refused at the login with its reason; attempts say nothing; to whom reads
//     system.
#include <gmock/gmock.h>

#include "ami/xmpp_events.h"
#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using xmpp::AccountStatus;
using Show = xmpp::Resource::Show;
using State = AccountStatus::State;

class FakeXmpp final : public xmpp::Operations {
 public:
  std::shared_ptr<const xmpp::Configuration> configuration() const override { return current; }
  std::vector<AccountStatus> accounts() const override { return statuses; }
  std::optional<AccountStatus> account(std::string_view) const override { return std::nullopt; }
  std::vector<xmpp::Buddy> buddies(std::string_view account) const override {
    const auto found = known.find(std::string(account));
    return found == known.end() ? std::vector<xmpp::Buddy>() : found->second;
  }
  std::optional<Show> presence(std::string_view, std::string_view) const override {
    return std::nullopt;
  }
  base::Result<void> join(std::string_view, std::string_view, std::string_view) override {
    return base::fail("not here");
  }
  base::Result<void> leave(std::string_view, std::string_view) override {
    return base::fail("not here");
  }
  base::Result<void> reconnect(std::string_view) override { return base::fail("not here"); }
  base::Result<void> receive(std::string_view, std::string_view, std::chrono::milliseconds,
                             net::Shard&, Received) override {
    return base::fail("not here");
  }

  std::shared_ptr<const xmpp::Configuration> current = configured();
  std::vector<AccountStatus> statuses;
  std::map<std::string, std::vector<xmpp::Buddy>> known;

 private:
  static std::shared_ptr<const xmpp::Configuration> configured() {
    conf::Problems problems;
    auto made = xmpp::Configuration::parse(
        "[general]\n[asterisk]\ntype = client\nusername = texts@xmpp.test/missive\nsecret = s\n",
        problems);
    for (const auto& problem : problems) ADD_FAILURE() << problem.str();
    return made;
  }
};

// "xmpp:": takes everything, or refuses it, at once or when told to.
class FakeAccounts final : public message::Technology {
 public:
  std::string_view name() const override { return "xmpp"; }
  std::optional<message::Refusal> check(const message::Message&, message::Terms&) override {
    return std::nullopt;
  }
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch&,
            message::HandedOver handed_over, message::Finished) override {
    sent.push_back(std::move(message));
    if (delayed) return waiting.push_back(std::move(handed_over));
    handed_over(refusal);
  }

  std::vector<std::shared_ptr<const message::Message>> sent;
  std::vector<message::HandedOver> waiting;
  std::optional<message::Refusal> refusal;
  bool delayed = false;
};

struct JabberTest : testing::Test {
  JabberTest() {
    world.shared.xmpp = &xmpp;
    world.sender.add(accounts);
    client.login("admin", "s3cret-AMI", "on");
  }
  // JabberSend with these headers.
  std::string send(std::string_view headers) {
    return client.ask(fmt::format("Action: JabberSend\r\nActionID: j1\r\n{}\r\n", headers));
  }
  std::string command(std::string_view line) {
    return client.ask(fmt::format("Action: Command\r\nCommand: {}\r\n\r\n", line));
  }
  std::string told(const AccountStatus& status, bool failed_login = false) {
    client.read();
    events.on_account(status, failed_login);
    world.pump();
    return client.read();
  }

  World world;
  FakeXmpp xmpp;
  FakeAccounts accounts;
  XmppEvents events{world.shared.events};
  Client client{world};
};

constexpr std::string_view trying =
    "Response: Success\r\nActionID: j1\r\nMessage: Attempting to send Jabber Message\r\n\r\n";
constexpr std::string_view to_human = "Jabber: asterisk\r\nScreenName: human@xmpp.test\r\n";

std::string error(std::string_view message) {
  return fmt::format("Response: Error\r\nActionID: j1\r\nMessage: {}\r\n\r\n", message);
}

TEST_F(JabberTest, AsRecorded) {  // 1
  accounts.refusal = message::Refusal{message::Refusal::Kind::unreachable, "not connected"};
  EXPECT_EQ(
      send(fmt::format("{}Message: x\r\n", to_human)),
      fmt::format("{}Response: Error\r\nActionID: j1\r\nReason: not connected\r\n\r\n", trying));
  const auto unknown = [](std::string_view name) {
    return fmt::format(
        "{}Response: Error\r\nActionID: j1\r\nMessage: Could not find Sender\r\n"
        "Reason: xmpp.conf has no account '{}'\r\n\r\n",
        trying, name);
  };
  EXPECT_EQ(send("Jabber: nosuch\r\nScreenName: human@xmpp.test\r\nMessage: x\r\n"),
            unknown("nosuch"));
  EXPECT_EQ(accounts.sent.size(), 1U);
  world.shared.xmpp = nullptr;
  EXPECT_EQ(send(fmt::format("{}Message: x\r\n", to_human)), unknown("asterisk"));
}

TEST_F(JabberTest, Sends) {  // 2
  const auto said = send(fmt::format("{}Message: Are you there, human?\r\n", to_human));
  ASSERT_EQ(accounts.sent.size(), 1U);
  const auto& sent = *accounts.sent[0];
  EXPECT_EQ(said, fmt::format("{}Response: Success\r\nActionID: j1\r\nMessageID: {}\r\n\r\n",
                              trying, sent.id()));
  EXPECT_EQ(sent.destination(), "xmpp:human@xmpp.test");
  EXPECT_EQ(sent.from(), "asterisk");
  EXPECT_EQ(sent.body(), "Are you there, human?");
  EXPECT_EQ(sent.action_id(), "j1");
  EXPECT_THAT(sent.variables(), IsEmpty());
}

TEST_F(JabberTest, Headers) {  // 3
  send("Jabber: xmpp:asterisk\r\nJID: a@xmpp.test\r\nScreenName: b@xmpp.test\r\nMessage: x\r\n");
  ASSERT_EQ(accounts.sent.size(), 1U);
  EXPECT_EQ(accounts.sent[0]->destination(), "xmpp:a@xmpp.test");
  EXPECT_EQ(send("JID: a@xmpp.test\r\nMessage: x\r\n"), error("No transport specified"));
  EXPECT_EQ(send("Jabber: asterisk\r\nMessage: x\r\n"), error("No ScreenName specified"));
  EXPECT_EQ(send(to_human), error("No Message specified"));
  EXPECT_EQ(accounts.sent.size(), 1U);
}

TEST_F(JabberTest, AnswersLater) {  // 4
  accounts.delayed = true;
  EXPECT_EQ(send(fmt::format("{}Message: x\r\n", to_human)), trying);
  EXPECT_EQ(client.ask("Action: Ping\r\nActionID: p\r\n\r\n"), "");
  ASSERT_EQ(accounts.waiting.size(), 1U);
  accounts.waiting[0](std::nullopt);
  EXPECT_THAT(client.read(),
              AllOf(StartsWith("Response: Success\r\nActionID: j1\r\nMessageID: "),
                    HasSubstr("\r\n\r\nResponse: Success\r\nActionID: p\r\nPing: Pong\r\n")));
}

TEST(JabberClasses, AnotherClassIsRefused) {  // 5
  World world({}, "[general]\nenabled = yes\n[texts]\nsecret = s\nread = all\nwrite = message\n");
  Client client(world);
  client.login("texts", "s");
  EXPECT_THAT(client.ask("Action: JabberSend\r\nJabber: a\r\n\r\n"),
              HasSubstr("Message: Permission denied"));
}

TEST_F(JabberTest, Events) {  // 6
  AccountStatus status;
  status.name = "asterisk";
  status.jid = "texts@xmpp.test/missive";
  status.state = State::connected;
  EXPECT_EQ(told(status),
            "Event: JabberStatus\r\nPrivilege: system,all\r\nAccount: asterisk\r\n"
            "JID: texts@xmpp.test/missive\r\nStatus: Connected\r\n\r\n");
  status.state = State::disconnected;
  status.reason = "the server closed the stream:\r\nX: y";
  EXPECT_THAT(told(status),
              HasSubstr("Status: Disconnected\r\n"
                        "Reason: the server closed the stream:\\x0d\\x0aX: y\r\n\r\n"));
  status.reason = "not-authorized";
  EXPECT_THAT(told(status, true), HasSubstr("Status: Rejected\r\nReason: not-authorized\r\n\r\n"));
  status.state = State::connecting;
  EXPECT_EQ(told(status), "");
  Client filtered(world);
  filtered.login("filtered", "filtered", "on");  // reads user events only
  filtered.read();
  status.state = State::connected;
  events.on_account(status, false);
  world.pump();
  EXPECT_EQ(filtered.read(), "");
}

}  // namespace
}  // namespace missive::ami
