// pjsip_wizard.conf: what its sections stand for, and what is said of those that make no sense.
//
// What is made
//  1. The documented ITSP: the objects that the documentation writes in pjsip.conf for it.
//  2. The documented phone: endpoint, aor for registrations, auth; warnings for hint and phoneprov.
//  3. The documented trunk with two servers: two contacts, two matches, two registrations.
//  4. A trunk without registration; patterns; outbound_proxy and transport go to every object.
//  5. line and endpoint instead of an identify; a phone has no identify.
//  6. What has a prefix wins over what the wizard makes; explicit contacts and matches.
//  7. Templates; names and prefixes without regard to case.
//  8. Both files make one configuration; an object of one name in both is an error.
//  9. A folder: the file may be missing, and its includes work.
// What is refused, with file and line
// 10. What a wizard needs and has not.
// 11. Unknown options, prefixes, types; options of the objects that their readers refuse.
// 12. Hosts that are none; patterns that make no URI.
// 13. A wizard with an error makes nothing, the others are read.
// What is warned about
// 14. Options for objects that are not made; registrations without a password.
#include "pjsip/wizard.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "pjsip/configuration.h"
#include "unit/store/temporary_folder.h"

namespace missive::pjsip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The sections that are made, as text; problems that are found behind them.
std::string expanded(std::string_view text) {
  conf::Problems problems;
  conf::File pjsip{.name = "pjsip.conf", .sections = {}};
  expand_wizards(conf::parse(text, "pjsip_wizard.conf", problems), pjsip, problems);
  std::string out;
  for (const auto& section : pjsip.sections) {
    out += fmt::format("[{}]\n", section.name);
    for (const auto& option : section.options) {
      out += fmt::format("{} = {}\n", option.name, option.value);
    }
  }
  for (const auto& problem : problems) out += problem.str() + "\n";
  return out;
}

std::vector<std::string> problems_of(std::string_view wizards, std::string_view pjsip = {}) {
  conf::Problems problems;
  const auto configuration = Configuration::parse(pjsip, problems, {}, wizards);
  std::vector<std::string> out;
  for (const auto& problem : problems) out.push_back(problem.str());
  return out;
}

std::shared_ptr<const Configuration> configured(std::string_view wizards,
                                                std::string_view pjsip = {}) {
  conf::Problems problems;
  auto configuration = Configuration::parse(pjsip, problems, {}, wizards);
  for (const auto& problem : problems) {
    if (problem.severity == conf::Problem::Severity::error) ADD_FAILURE() << problem.str();
  }
  if (!configuration) throw std::runtime_error(configuration.error().text);
  return *configuration;
}

constexpr std::string_view itsp = R"([my-itsp]
type = wizard
sends_auth = yes
sends_registrations = yes
remote_hosts = sip.my-itsp.net
outbound_auth/username = my_username
outbound_auth/password = my_password
endpoint/context = default
aor/qualify_frequency = 15
)";

TEST(Wizard, MakesTheObjectsOfAnItsp) {
  EXPECT_EQ(expanded(itsp), R"([my-itsp-oauth]
type = auth
username = my_username
password = my_password
[my-itsp]
type = aor
contact = sip:sip.my-itsp.net
qualify_frequency = 15
[my-itsp]
type = endpoint
aors = my-itsp
outbound_auth = my-itsp-oauth
context = default
[my-itsp-identify]
type = identify
endpoint = my-itsp
match = sip.my-itsp.net
[my-itsp-reg-0]
type = registration
server_uri = sip:sip.my-itsp.net
client_uri = sip:my_username@sip.my-itsp.net
outbound_auth = my-itsp-oauth
)");
  const auto configuration = configured(itsp);
  const auto* endpoint = configuration->endpoint("my-itsp");
  ASSERT_NE(endpoint, nullptr);
  EXPECT_THAT(endpoint->configured_aors, ElementsAre(configuration->aor("my-itsp")));
  EXPECT_EQ(configuration->auth("my-itsp-oauth")->password, "my_password");
  EXPECT_EQ(configuration->registration("my-itsp-reg-0")->client_uri,
            "sip:my_username@sip.my-itsp.net");
  EXPECT_EQ(endpoint->where.str(), "pjsip_wizard.conf:1");
}

TEST(Wizard, MakesTheObjectsOfAPhone) {
  constexpr std::string_view phone = R"([myphone]
type = wizard
accepts_auth = yes
accepts_registrations = yes
has_phoneprov = yes
transport = ipv4
has_hint = yes
hint_exten = 1000
inbound_auth/username = testname
inbound_auth/password = test password
endpoint/allow = ulaw
endpoint/context = default
phoneprov/MAC = 001122aa4455
phoneprov/PROFILE = profile1
)";
  EXPECT_EQ(expanded(phone), R"([myphone-iauth]
type = auth
username = testname
password = test password
[myphone]
type = aor
max_contacts = 10
[myphone]
type = endpoint
aors = myphone
auth = myphone-iauth
transport = ipv4
allow = ulaw
context = default
pjsip_wizard.conf:7: warning: [myphone] has_hint has no effect: a messaging server has no hints
pjsip_wizard.conf:5: warning: [myphone] has_phoneprov has no effect: phones are not provisioned here
)");
  const auto configuration =
      configured(phone, "[ipv4]\ntype=transport\nprotocol=udp\nbind=127.0.0.1\n");
  EXPECT_THAT(configuration->endpoint("myphone")->auth, ElementsAre("myphone-iauth"));
  EXPECT_EQ(configuration->aor("myphone")->max_contacts, 10u);
  EXPECT_THAT(configuration->identifies(), IsEmpty());
}

TEST(Wizard, MakesOneOfEachForEveryHost) {
  const auto configuration = configured(R"([mytrunk]
type = wizard
sends_auth = yes
sends_registrations = yes
remote_hosts = sip1.myitsp.com:5060,sip2.myitsp.com:5062
outbound_auth/username = testname
outbound_auth/password = test password
)");
  EXPECT_THAT(configuration->aor("mytrunk")->contacts,
              ElementsAre("sip:sip1.myitsp.com:5060", "sip:sip2.myitsp.com:5062"));
  EXPECT_THAT(configuration->identifies().at(0).match,
              ElementsAre("sip1.myitsp.com:5060", "sip2.myitsp.com:5062"));
  ASSERT_THAT(configuration->registrations(), SizeIs(2));
  const auto& second = configuration->registrations().at(1);
  EXPECT_EQ(second.name, "mytrunk-reg-1");
  EXPECT_EQ(second.server_uri, "sip:sip2.myitsp.com:5062");
  EXPECT_EQ(second.client_uri, "sip:testname@sip2.myitsp.com:5062");
}

TEST(Wizard, HandsOnProxyTransportAndPatterns) {
  constexpr std::string_view trunk = R"([trunk]
type = wizard
sends_registrations = yes
remote_hosts = 203.0.113.7, [2001:db8::7]:5062
outbound_proxy = sip:proxy.example.com\;lr
transport = tcp
contact_pattern = sip:in@${REMOTE_HOST}\;transport=tcp
server_uri_pattern = sips:${REMOTE_HOST}
client_uri_pattern = sip:office@${REMOTE_HOST}
registration/expiration = 300
)";
  EXPECT_EQ(expanded(trunk), R"([trunk]
type = aor
contact = sip:in@203.0.113.7;transport=tcp
contact = sip:in@[2001:db8::7]:5062;transport=tcp
outbound_proxy = sip:proxy.example.com;lr
[trunk]
type = endpoint
aors = trunk
transport = tcp
outbound_proxy = sip:proxy.example.com;lr
[trunk-identify]
type = identify
endpoint = trunk
match = 203.0.113.7
match = [2001:db8::7]:5062
[trunk-reg-0]
type = registration
server_uri = sips:203.0.113.7
client_uri = sip:office@203.0.113.7
transport = tcp
outbound_proxy = sip:proxy.example.com;lr
expiration = 300
[trunk-reg-1]
type = registration
server_uri = sips:[2001:db8::7]:5062
client_uri = sip:office@[2001:db8::7]:5062
transport = tcp
outbound_proxy = sip:proxy.example.com;lr
expiration = 300
)");
  configured(trunk, "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1\n");
  // Without a registration there is neither that nor a password.
  EXPECT_EQ(expanded("[t]\ntype=wizard\nremote_hosts=192.0.2.1\n"),
            "[t]\ntype = aor\ncontact = sip:192.0.2.1\n[t]\ntype = endpoint\naors = t\n"
            "[t-identify]\ntype = identify\nendpoint = t\nmatch = 192.0.2.1\n");
}

TEST(Wizard, TellsByLineOrNameInsteadOfAddress) {
  const auto by_line = configured(std::string(itsp) + "sends_line_with_registrations = yes\n");
  EXPECT_THAT(by_line->identifies(), IsEmpty());
  EXPECT_TRUE(by_line->registrations().at(0).line);
  EXPECT_EQ(by_line->registrations().at(0).endpoint, "my-itsp");
  const auto phone = configured(
      "[p]\ntype=wizard\nremote_hosts=192.0.2.1\naccepts_auth=yes\naccepts_registrations=yes\n"
      "inbound_auth/username=p\ninbound_auth/password=x\n");
  EXPECT_THAT(phone->identifies(), IsEmpty());
  EXPECT_THAT(phone->aor("p")->contacts, ElementsAre("sip:192.0.2.1"));
}

TEST(Wizard, LetsExplicitOptionsWin) {
  const auto configuration = configured(R"([t]
type = wizard
remote_hosts = 192.0.2.1
accepts_auth = yes
accepts_registrations = yes
inbound_auth/username = somebody
inbound_auth/password = x
aor/contact = sip:t@192.0.2.9
aor/max_contacts = 2
identify/match = 192.0.2.0/24
endpoint/from_user = other
)");
  EXPECT_THAT(configuration->aor("t")->contacts, ElementsAre("sip:t@192.0.2.9"));
  EXPECT_EQ(configuration->aor("t")->max_contacts, 2u);
  ASSERT_THAT(configuration->identifies(), SizeIs(1));
  EXPECT_THAT(configuration->identifies().at(0).match, ElementsAre("192.0.2.0/24"));
  EXPECT_EQ(configuration->endpoint("t")->from_user, "other");
}

TEST(Wizard, KnowsTemplatesAndIgnoresCase) {
  const auto configuration = configured(R"([user_defaults](!)
TYPE = Wizard
Accepts_Auth = yes
accepts_registrations = yes
Endpoint/Context = messages
aor/max_contacts = 1
[alice](user_defaults)
inbound_auth/username = alice
inbound_auth/password = abc
[bob](user_defaults)
Inbound_Auth/Username = bob
inbound_auth/password = def
aor/max_contacts = 3
)");
  EXPECT_THAT(configuration->endpoints(), SizeIs(2));
  EXPECT_EQ(configuration->endpoint("alice")->context, "messages");
  EXPECT_EQ(configuration->auth("bob-iauth")->username, "bob");
  EXPECT_EQ(configuration->aor("alice")->max_contacts, 1u);
  EXPECT_EQ(configuration->aor("bob")->max_contacts, 3u);
}

TEST(Wizard, StandsBesidePjsipConf) {
  const auto configuration = configured(
      itsp, "[own]\ntype=aor\ncontact=sip:own@192.0.2.1\n[own]\ntype=endpoint\naors=own\n");
  EXPECT_NE(configuration->endpoint("own"), nullptr);
  EXPECT_NE(configuration->endpoint("my-itsp"), nullptr);
  EXPECT_THAT(problems_of(itsp, "[my-itsp]\ntype=endpoint\n"),
              ElementsAre("pjsip_wizard.conf:1: error: endpoint 'my-itsp' is defined twice; the "
                          "first is at pjsip.conf:1"));
}

TEST(Wizard, IsReadFromAFolder) {
  const store::test::TemporaryFolder folder;
  const std::filesystem::path path(folder.file(""));
  std::ofstream(path / "pjsip.conf") << "[global]\ntype=global\n";
  conf::Problems problems;
  auto configuration = Configuration::load(path, problems);
  ASSERT_TRUE(configuration) << configuration.error().text;
  EXPECT_THAT((*configuration)->endpoints(), IsEmpty());

  std::ofstream(path / "pjsip_wizard.conf") << "#include trunks.conf\n";
  std::ofstream(path / "trunks.conf") << "\n" << itsp;
  configuration = Configuration::load(path, problems);
  ASSERT_TRUE(configuration) << configuration.error().text;
  ASSERT_NE((*configuration)->endpoint("my-itsp"), nullptr);
  EXPECT_EQ((*configuration)->endpoint("my-itsp")->where.str(), "trunks.conf:2");
  EXPECT_THAT(problems, IsEmpty());

  std::filesystem::remove(path / "trunks.conf");
  EXPECT_FALSE(Configuration::load(path, problems));
}

TEST(Wizard, SaysWhatIsMissing) {
  EXPECT_THAT(problems_of("[t]\ntype=wizard\nsends_auth=yes\n"),
              ElementsAre("pjsip_wizard.conf:3: error: [t] sends_auth = yes needs "
                          "outbound_auth/username = ..."));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\n\naccepts_auth=yes\n"),
              ElementsAre("pjsip_wizard.conf:4: error: [t] accepts_auth = yes needs "
                          "inbound_auth/username = ..."));
  EXPECT_THAT(
      problems_of("[t]\ntype=wizard\nsends_registrations=yes\noutbound_auth/username=u\n"),
      ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: [t] sends_registrations = yes needs "
                            "remote_hosts = ")));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\nsends_registrations=yes\nremote_hosts=a.example\n"),
              ElementsAre(HasSubstr("needs outbound_auth/username = ... for its client_uri")));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\nsends_registrations=yes\nremote_hosts=a.example\n"
                          "registration/client_uri=sip:me@a.example\n"),
              IsEmpty());
}

TEST(Wizard, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(problems_of("[t]\ntype=wizard\nsend_auth=yes\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: [t] unknown wizard option "
                                    "'send_auth'; did you mean 'sends_auth'")));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\nendpont/context=x\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: [t] 'endpont/context' is for no "
                                    "object of a wizard; did you mean 'endpoint'")));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\naor/max_contact=1\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: [t] unknown aor option "
                                    "'max_contact'; did you mean 'max_contacts'")));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\naor/max_contacts=many\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: [t] max_contacts: 'many'")));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\nsends_auth=maybe\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: [t] sends_auth: 'maybe'")));
  EXPECT_THAT(problems_of("[t]\ntype=endpoint\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:2: error: [t] type=endpoint has no place "
                                    "here; there is type=wizard")));
  EXPECT_THAT(problems_of("[t]\nsends_auth=no\n"),
              ElementsAre("pjsip_wizard.conf:1: error: section [t] has no type; it needs "
                          "type=wizard"));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\ntransport=no-such\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: endpoint 't' names transport "
                                    "'no-such', which is not defined")));
}

TEST(Wizard, RefusesHostsAndUrisThatAreNone) {
  EXPECT_THAT(problems_of("[t]\ntype=wizard\nremote_hosts=sip.example.com:x\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: [t] remote_hosts: "
                                    "'sip.example.com:x' is no address or host name")));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\nremote_hosts=a.example\ncontact_pattern=tel:${X}\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:4: error: [t] contact: 'tel:${X}'")));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\noutbound_proxy=proxy\n"),
              ElementsAre(HasSubstr("pjsip_wizard.conf:3: error: [t] outbound_proxy: 'proxy'")));
}

TEST(Wizard, MakesNothingOfWhatIsWrong) {
  const auto out = expanded("[bad]\ntype=wizard\nsends_auth=yes\n[good]\ntype=wizard\n");
  EXPECT_THAT(out, testing::StartsWith("[good]\n"));
  EXPECT_THAT(out, testing::Not(HasSubstr("[bad]\n")));
}

TEST(Wizard, WarnsOfWhatHasNoEffect) {
  EXPECT_THAT(problems_of("[t]\ntype=wizard\ninbound_auth/username=x\noutbound_auth/username=y\n"
                          "registration/expiration=60\nidentify/srv_lookups=no\n"),
              ElementsAre("pjsip_wizard.conf:3: warning: [t] inbound_auth/username has no effect "
                          "without accepts_auth = yes",
                          "pjsip_wizard.conf:4: warning: [t] outbound_auth/username has no effect "
                          "without sends_auth = yes",
                          "pjsip_wizard.conf:5: warning: [t] registration/expiration has no "
                          "effect without sends_registrations = yes",
                          "pjsip_wizard.conf:6: warning: [t] identify/srv_lookups has no effect "
                          "without identify/match or, for what does not register, remote_hosts"));
  EXPECT_THAT(problems_of("[t]\ntype=wizard\naccepts_registrations=yes\n"),
              ElementsAre(HasSubstr("everybody may register as it")));
}

}  // namespace
}  // namespace missive::pjsip
