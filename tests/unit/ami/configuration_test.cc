// manager.conf.
//
// 1. Every option, with defaults for what is not given; user names without case.
// 2. bindaddr: IPv4, IPv6, with a port of its own.
// 3. permit, deny and lists of acl.conf: all must let an address in.
// 4. Event filters of both syntaxes.
// 5. Templates are no users; a user with options of a template has them.
// 6. Each mistake is one problem with its line and says what would be right; a user without a
//    secret is a warning.
// 7. Loading from a folder: acl.conf is optional, manager.conf is not.
// 8. Classes: lists, masks of EventMask, the text of Privilege.
#include "ami/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace missive::ami {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Loaded {
  std::shared_ptr<const Configuration> configuration;
  std::vector<std::string> problems;
};

Loaded load(std::string_view manager, std::string_view acl = "") {
  conf::Problems problems;
  const auto acls = net::AclFile::from(conf::parse(acl, "acl.conf", problems), problems);
  Loaded loaded;
  loaded.configuration =
      Configuration::from(conf::parse(manager, "manager.conf", problems), acls, problems);
  for (const auto& problem : problems) loaded.problems.push_back(problem.str());
  return loaded;
}

net::Address ip(std::string_view text) { return *net::Address::from_ip(text, 1000); }

TEST(ManagerConf, HasDefaults) {
  const auto [configuration, problems] = load("[general]\n");
  EXPECT_THAT(problems, ElementsAre());
  EXPECT_FALSE(configuration->enabled);
  EXPECT_EQ(configuration->bind.str(), "0.0.0.0:5038");
  EXPECT_TRUE(configuration->allow_multiple_login);
  EXPECT_TRUE(configuration->display_connects);
  EXPECT_FALSE(configuration->timestamp_events);
  EXPECT_EQ(configuration->auth_timeout, std::chrono::seconds{30});
  EXPECT_EQ(configuration->auth_limit, 50u);
}

TEST(ManagerConf, ReadsEveryOption) {
  const auto [configuration, problems] = load(R"(
[general]
enabled = yes
port = 5039
bindaddr = 127.0.0.1
allowmultiplelogin = no
displayconnects = no
timestampevents = yes
authtimeout = 10
authlimit = 7
webenabled = yes
httptimeout = 60
brokeneventsaction = yes
channelvars = a,b
debug = on
tlsenable = no
tlscertfile = /etc/x.pem
disabledevents = Hangup,Newchannel
[Alice]
secret = pässword
read = system,call,user
write = all
writetimeout = 100
setvar = A=1,2
setvar = B=2
allowmultiplelogin = yes
displayconnects = yes
)");
  EXPECT_THAT(problems, ElementsAre());
  EXPECT_TRUE(configuration->enabled);
  EXPECT_EQ(configuration->bind.str(), "127.0.0.1:5039");
  EXPECT_FALSE(configuration->allow_multiple_login);
  EXPECT_FALSE(configuration->display_connects);
  EXPECT_TRUE(configuration->timestamp_events);
  EXPECT_EQ(configuration->auth_timeout, std::chrono::seconds{10});
  EXPECT_EQ(configuration->auth_limit, 7u);
  EXPECT_TRUE(configuration->is_disabled("hangup"));
  EXPECT_FALSE(configuration->is_disabled("UserEvent"));
  const auto* alice = configuration->find("alice");
  ASSERT_NE(alice, nullptr);
  EXPECT_EQ(alice->secret, "pässword");
  EXPECT_EQ(alice->read, Class::system | Class::call | Class::user);
  EXPECT_EQ(alice->write, Class::all);
  EXPECT_EQ(alice->write_timeout, std::chrono::milliseconds{100});
  EXPECT_THAT(alice->variables, ElementsAre("A=1,2", "B=2"));
  EXPECT_EQ(alice->allow_multiple_login, true);
  EXPECT_EQ(alice->display_connects, true);
  EXPECT_EQ(configuration->find("bob"), nullptr);
}

TEST(ManagerConf, ReadsAddresses) {
  EXPECT_EQ(load("[general]\nbindaddr = ::\nport=1\n").configuration->bind.str(), "[::]:1");
  EXPECT_EQ(load("[general]\nbindaddr = 127.0.0.1:99\n").configuration->bind.str(), "127.0.0.1:99");
}

TEST(ManagerConf, LetsInWhomEveryListPermits) {
  const auto [configuration, problems] = load(
      "[a]\nsecret=x\ndeny=0.0.0.0/0\npermit=10.0.0.0/8\nacl=office,more\n"
      "[b]\nsecret=x\n",
      "[office]\ndeny=10.1.0.0/16\n[more]\npermit=0.0.0.0/0\n");
  EXPECT_THAT(problems, ElementsAre());
  const auto& user = *configuration->find("a");
  EXPECT_TRUE(user.permits(ip("10.2.0.1")));
  EXPECT_FALSE(user.permits(ip("10.1.0.1")));
  EXPECT_FALSE(user.permits(ip("127.0.0.1")));
  EXPECT_TRUE(configuration->find("b")->permits(ip("127.0.0.1")));
}

TEST(ManagerConf, ReadsFilters) {
  const auto [configuration, problems] = load(
      "[a]\nsecret=x\neventfilter=Event: User\neventfilter = !Key: bad\n"
      "eventfilter(action(exclude),name(UserEvent),header(Key),method(starts_with)) = ug\n"
      "eventfilter(name(Other)) =\n");
  EXPECT_THAT(problems, ElementsAre());
  const auto& filters = configuration->find("a")->filters;
  const auto passes = [&filters](std::string_view name, std::string_view key) {
    const Event event{Class::user, std::string(name),
                      fmt::format("Event: {}\r\nKey: {}\r\n\r\n", name, key)};
    return filters.pass(event);
  };
  EXPECT_TRUE(passes("UserEvent", "good"));
  EXPECT_FALSE(passes("UserEvent", "bad"));
  EXPECT_FALSE(passes("UserEvent", "ugly"));
  EXPECT_TRUE(passes("Other", "x"));
  EXPECT_FALSE(passes("Hangup", "x"));
}

TEST(ManagerConf, KnowsTemplates) {
  const auto [configuration, problems] =
      load("[base](!)\nsecret=x\nread=user\n[a](base)\nwrite=user\n");
  EXPECT_THAT(problems, ElementsAre());
  ASSERT_EQ(configuration->users.size(), 1u);
  EXPECT_EQ(configuration->users[0].read, Class::user);
  EXPECT_EQ(configuration->users[0].secret, "x");
}

TEST(ManagerConf, ReportsEachMistakeWithItsLine) {
  const auto problems = load(
                            "[general]\nport = 70000\nbindaddr = somewhere\nauthlimt = 5\n"
                            "tlsenable = yes\n[a]\nread = user,sytem\npermit = 1.2.3\nacl = gone\n"
                            "eventfilter = a(\neventfilter(method(like)) = x\n"
                            "[A]\nsecret = x\n")
                            .problems;
  EXPECT_THAT(
      problems,
      testing::UnorderedElementsAre(
          HasSubstr("manager.conf:2: error: [general] port: "),
          HasSubstr("manager.conf:3: error: [general] bindaddr: 'somewhere' is no IP address"),
          AllOf(HasSubstr("manager.conf:4: error:"), HasSubstr("'authlimit'")),
          HasSubstr("manager.conf:5: error: [general] tlsenable: tlscertfile is missing"),
          HasSubstr("manager.conf:7: error: [a] read: 'sytem' is no class; accepted: system, call"),
          HasSubstr("manager.conf:8: error: [a] permit: '1.2.3'"),
          HasSubstr("manager.conf:9: error: [a] acl: there is no list 'gone' in acl.conf"),
          HasSubstr("manager.conf:10: error: [a] eventfilter: \"a(\" is no regular expression"),
          HasSubstr("manager.conf:11: error: [a] eventfilter: method(like) is none of"),
          HasSubstr("manager.conf:6: warning: [a] has no secret"),
          HasSubstr("manager.conf:12: error: there is a user [A] already")));
  EXPECT_THAT(load("[a]\nsecret=x\n", "[l]\nallow=1.2.3.4\n").problems,
              ElementsAre(HasSubstr("acl.conf:2: error:")));
}

TEST(ManagerConf, IsLoadedFromAFolder) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "missive_manager_conf";
  std::filesystem::create_directories(folder);
  std::filesystem::remove(folder / "acl.conf");
  std::filesystem::remove(folder / "manager.conf");
  conf::Problems problems;
  EXPECT_FALSE(Configuration::load(folder, problems));
  std::ofstream(folder / "manager.conf") << "[general]\nenabled=yes\n[a]\nsecret=x\nacl=l\n";
  EXPECT_TRUE(Configuration::load(folder, problems));
  EXPECT_EQ(problems.size(), 1u);  // no such list
  problems.clear();
  std::ofstream(folder / "acl.conf") << "[l]\ndeny=127.0.0.1\n";
  const auto loaded = Configuration::load(folder, problems);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(problems.empty());
  EXPECT_FALSE((*loaded)->find("a")->permits(ip("127.0.0.1")));
  std::filesystem::remove_all(folder);
}

TEST(Classes, AreReadAndWritten) {
  EXPECT_EQ(parse_classes("all"), Class::all);
  EXPECT_EQ(parse_classes("none"), Class::none);
  EXPECT_EQ(parse_classes(" system , Message"), Class::system | Class::message);
  EXPECT_FALSE(parse_classes("user,junk"));
  EXPECT_EQ(privilege_text(Class::system | Class::reporting), "system,reporting,all");
  EXPECT_EQ(privilege_text(Class::none), "<none>");
  EXPECT_EQ(parse_event_mask(""), std::nullopt);
  EXPECT_EQ(parse_event_mask("on"), Class::all);
  EXPECT_EQ(parse_event_mask("off"), Class::none);
  EXPECT_EQ(parse_event_mask("junk,user"), Class::user);
  EXPECT_EQ(parse_event_mask("3"), Class::system | Class::call);
}

}  // namespace
}  // namespace missive::ami
