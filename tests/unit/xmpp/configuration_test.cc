// xmpp/configuration: xmpp.conf.
//
//  1. The defaults of a client; of a component.
//  2. Every option that has a meaning.
//  3. Asterisk's options without one are taken, with a warning where they were set to something.
//  4. A bare user is completed with serverhost, a resource is added.
//  5. What is wrong, each with its line: no username, no secret, a bad JID, a component with a
//  user,
//     without serverhost, an unknown option, a bad value, an account defined twice, a room without
//     a name, a file that is not there.
//  6. Templates; the old port of TLS from the first octet.
//  7. An account is found by its name, and by "xmpp:NAME"; case counts.
//  8. Accounts are equal when nothing but their place in the file differs.
#include "xmpp/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using std::chrono_literals::operator""s;
using testing::HasSubstr;

std::shared_ptr<const Configuration> good(std::string_view text) {
  conf::Problems problems;
  auto made = Configuration::parse(text, problems);
  for (const auto& problem : problems) ADD_FAILURE() << problem.str();
  return made;
}

std::string problem_of(std::string_view text) {
  conf::Problems problems;
  Configuration::parse(text, problems);
  return problems.empty() ? "no problem" : problems.front().str();
}

TEST(XmppConf, Defaults) {
  const auto made = good("[gw]\nusername=a@example.com/home\nsecret=s\n");
  ASSERT_EQ(made->accounts().size(), 1u);
  const auto& account = made->accounts().front();
  EXPECT_EQ(account.type, Account::Type::client);
  EXPECT_EQ(account.jid.full(), "a@example.com/home");
  EXPECT_EQ(account.server_host, "");
  EXPECT_EQ(account.port, 5222);
  EXPECT_TRUE(account.use_tls);
  EXPECT_TRUE(account.verify_server);
  EXPECT_TRUE(account.keep_alive);
  EXPECT_EQ(account.ping_interval, 60s);
  EXPECT_FALSE(account.send_to_dialplan);
  EXPECT_EQ(account.context, "default");
  EXPECT_TRUE(made->general().accept_buddies);

  const auto component =
      good("[gw]\ntype=component\nserverhost=127.0.0.1\nusername=gw.example.com\nsecret=s\n");
  EXPECT_EQ(component->accounts().front().port, 5347);
  EXPECT_EQ(component->accounts().front().jid.full(), "gw.example.com");
}

TEST(XmppConf, TakesEveryOption) {
  const auto made = good(R"(
[general]
debug = yes
autoprune = yes
autoregister = no
auth_policy = deny
[gw]
type = client
serverhost = 127.0.0.1
username = a@example.com/r
secret = s
port = 15222
usetls = yes
usesasl = yes
forceoldssl = no
verify_server = no
keepalive = no
ping_interval = 5
buddy = bob@example.com
buddy = carol@example.com
room = lobby@rooms.example.com/gate
status = xaway
statusmessage = Gone
priority = -3
timeout = 12
sendtodialplan = yes
context = texts
)");
  EXPECT_TRUE(made->general().debug);
  EXPECT_TRUE(made->general().auto_prune);
  EXPECT_FALSE(made->general().auto_register);
  EXPECT_FALSE(made->general().accept_buddies);
  const auto& account = made->accounts().front();
  EXPECT_EQ(account.port, 15222);
  EXPECT_FALSE(account.verify_server);
  EXPECT_FALSE(account.keep_alive);
  EXPECT_EQ(account.ping_interval, 5s);
  ASSERT_EQ(account.buddies.size(), 2u);
  EXPECT_EQ(account.buddies[1].bare(), "carol@example.com");
  ASSERT_EQ(account.rooms.size(), 1u);
  EXPECT_EQ(account.rooms[0].room.full(), "lobby@rooms.example.com");
  EXPECT_EQ(account.rooms[0].nickname, "gate");
  EXPECT_EQ(account.status, Account::Presence::xa);
  EXPECT_EQ(account.status_message, "Gone");
  EXPECT_EQ(account.priority, -3);
  EXPECT_EQ(account.timeout, 12s);
  EXPECT_TRUE(account.send_to_dialplan);
  EXPECT_EQ(account.context, "texts");
}

TEST(XmppConf, TakesWhatMeansNothingHere) {
  conf::Problems problems;
  const auto made = Configuration::parse(R"([general]
collection_nodes = no
pubsub_autocreate = yes
[gw]
username = a@example.com
secret = s
distribute_events = yes
pubsub_node = pubsub.example.com
refresh_token = 1/abc
oauth_clientid = id
oauth_secret = os
)",
                                         problems);
  EXPECT_EQ(made->accounts().size(), 1u);
  ASSERT_EQ(problems.size(), 3u);
  for (const auto& problem : problems) {
    EXPECT_EQ(problem.severity, conf::Problem::Severity::warning);
    EXPECT_THAT(problem.text, HasSubstr("has no effect"));
  }
  EXPECT_EQ(problems[0].where.line, 3);
}

TEST(XmppConf, CompletesAUser) {
  const auto made = good("[gw]\nserverhost=example.com\nusername=alice\nsecret=s\n");
  // A name without '@' is a domain to an XMPP address; with a server it is a user.
  EXPECT_EQ(made->accounts().front().jid.full(), "alice@example.com/missive");
}

TEST(XmppConf, SaysWhatIsWrong) {
  EXPECT_THAT(problem_of("[gw]\nsecret=s\n"), HasSubstr("xmpp.conf:1: error: [gw]: a username"));
  EXPECT_THAT(problem_of("[gw]\nusername=a@b\n"), HasSubstr("a secret is needed"));
  EXPECT_THAT(problem_of("[gw]\nusername=a b@c\nsecret=s\n"), HasSubstr("no XMPP address"));
  EXPECT_THAT(problem_of("[gw]\nusername=only.a.domain\nsecret=s\n"),
              HasSubstr("user@domain/resource is meant"));
  EXPECT_THAT(
      problem_of("[gw]\ntype=component\nserverhost=h\nusername=a@gw.example.com\nsecret=s\n"),
      HasSubstr("its domain alone"));
  EXPECT_THAT(problem_of("[gw]\ntype=component\nusername=gw.example.com\nsecret=s\n"),
              HasSubstr("needs serverhost"));
  EXPECT_THAT(problem_of("[gw]\nusername=a@b\nsecret=s\nusetsl=yes\n"),
              HasSubstr("xmpp.conf:4: error"));
  EXPECT_THAT(problem_of("[gw]\nusername=a@b\nsecret=s\nport=99999\n"), HasSubstr("port"));
  EXPECT_THAT(problem_of("[gw]\nusername=a@b\nsecret=s\n[gw]\nusername=a@b\nsecret=s\n"),
              HasSubstr("defined at xmpp.conf:1 already"));
  EXPECT_THAT(problem_of("[gw]\nusername=a@b\nsecret=s\nroom=rooms.example.com\n"),
              HasSubstr("is no room"));
  EXPECT_THAT(problem_of("[gw]\nusername=a@b\nsecret=s\nca_list_file=/nowhere/ca.pem\n"),
              HasSubstr("there is no file '/nowhere/ca.pem'"));
  EXPECT_THAT(problem_of("[gw]\nusername=a@b\nsecret=s\nusesasl=no\n"), HasSubstr("usesasl"));
}

TEST(XmppConf, KnowsTemplatesAndOldPorts) {
  const auto made = good(
      "[common](!)\nsecret=s\nforceoldssl=yes\n[one](common)\nusername=a@b\n"
      "[two](common)\nusername=c@d\nport=443\n");
  ASSERT_EQ(made->accounts().size(), 2u);
  EXPECT_EQ(made->accounts()[0].port, 5223);
  EXPECT_EQ(made->accounts()[1].port, 443);
}

TEST(XmppConf, FindsAnAccount) {
  const auto made = good("[gw]\nusername=a@b\nsecret=s\n");
  EXPECT_NE(made->account("gw"), nullptr);
  EXPECT_EQ(made->account("gw"), made->account("xmpp:gw"));
  EXPECT_EQ(made->account("GW"), nullptr);
  EXPECT_EQ(made->account(""), nullptr);
}

TEST(XmppConf, ComparesAccounts) {
  const auto one = good("[gw]\nusername=a@b\nsecret=s\n");
  const auto same = good("; a comment\n[gw]\nusername=a@b\nsecret=s\n");
  const auto other = good("[gw]\nusername=a@b\nsecret=t\n");
  EXPECT_EQ(one->accounts().front(), same->accounts().front());
  EXPECT_FALSE(one->accounts().front() == other->accounts().front());
}

}  // namespace
}  // namespace missive::xmpp
