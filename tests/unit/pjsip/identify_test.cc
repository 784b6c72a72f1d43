// type=identify and the access rules of pjsip.conf.
//
//  1. acl and contact_acl are lists of acl.conf: all must permit; an unknown one is an error
//  2. an error in acl.conf is one of pjsip.conf
//  3. match: addresses, networks, ports, exclusions and host names; match_header; match_request_uri
//  4. what matches nothing or is unclear is an error; what matches everybody is warned of
#include "pjsip/identify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pjsip/configuration.h"

namespace missive::pjsip {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view acl_conf =
    "[a]\ndeny=10.2.9.0/24\n[b]\n[c]\ndeny=198.51.100.0/24\n[x]\n";

std::vector<std::string> texts(const conf::Problems& problems) {
  std::vector<std::string> out;
  for (const auto& problem : problems) out.push_back(problem.str());
  return out;
}

std::vector<std::string> problems_of(std::string_view text) {
  conf::Problems problems;
  const auto configuration = Configuration::parse(text, problems, acl_conf);
  EXPECT_EQ(configuration.has_value(), !conf::has_errors(problems));
  return texts(problems);
}

std::shared_ptr<const Configuration> parsed(std::string_view text) {
  conf::Problems problems;
  auto configuration = Configuration::parse(text, problems, acl_conf);
  EXPECT_THAT(texts(problems), ElementsAre());
  if (!configuration) throw std::runtime_error(configuration.error().text);
  return *configuration;
}

TEST(AccessRules, NamesListsOfAclConf) {  // 1
  const auto c = parsed(
      "[e]\ntype=endpoint\npermit=10.2.0.0/16\nacl=a,B\ncontact_acl=c\n"
      "[all]\ntype=acl\nacl=a\n");
  const auto ip = [](std::string_view text) { return *net::Address::from_ip(text, 5060); };
  const auto& access = c->endpoint("e")->access;
  EXPECT_TRUE(access.permits(ip("10.2.0.1")));
  EXPECT_FALSE(access.permits(ip("10.2.9.1")));
  EXPECT_TRUE(access.checks_contacts());
  EXPECT_TRUE(access.permits_contact(ip("10.2.9.1")));
  EXPECT_FALSE(access.permits_contact(ip("198.51.100.1")));
  EXPECT_FALSE(c->acls()[0].rules.permits(ip("10.2.9.1")));
  EXPECT_FALSE(c->acls()[0].rules.checks_contacts());
  EXPECT_THAT(problems_of("[e]\ntype=endpoint\ncontact_acl=c,gone\n"
                          "[all]\ntype=acl\nacl=office\n"),
              ElementsAre("pjsip.conf:3: error: [e] contact_acl: there is no list 'gone' in "
                          "acl.conf; there are a, b, c, x",
                          "pjsip.conf:6: error: [all] acl: there is no list 'office' in acl.conf; "
                          "there are a, b, c, x"));
}

TEST(AccessRules, AnErrorInAclConfIsAnError) {  // 2
  conf::Problems problems;
  EXPECT_FALSE(Configuration::parse("", problems, "[a]\ndeny=1.2.3\n"));
  EXPECT_THAT(texts(problems), ElementsAre(HasSubstr("acl.conf:2: error: [a] deny: ")));
}

TEST(Identify, TakesMatchesApart) {  // 3
  const auto c = parsed(
      "[e]\ntype=endpoint\nidentify_by=ip,header,request_uri\n"
      "[i]\ntype=identify\nendpoint=e\n"
      "match=10.0.0.0/8,!10.1.0.0/16,192.0.2.1:5061,[2001:db8::1]:5062,2001:db8::/32\n"
      "match=sip.example.com,trunk:5070,192.0.2.0/255.255.255.0:5080\n"
      "match_header=X-Id: /^a[0-9]$/\nmatch_request_uri=/^sip:x/\n");
  const auto& identify = c->identifies()[0];
  const auto from = [&identify](std::string_view text) {
    return identify.matches(*net::Address::parse(text, 5060));
  };
  EXPECT_TRUE(from("10.2.0.1") && from("192.0.2.1:5061") && from("[2001:db8::1]:5062"));
  EXPECT_TRUE(from("192.0.2.7:5080"));
  EXPECT_FALSE(from("10.1.0.1") || from("192.0.2.1") || from("192.0.2.7") || from("127.0.0.1"));
  ASSERT_EQ(identify.hosts.size(), 2U);
  EXPECT_EQ(identify.hosts[0].name, "sip.example.com");
  EXPECT_EQ(identify.hosts[1].port, 5070);
  EXPECT_EQ(identify.header_name, "X-Id");
  EXPECT_TRUE(identify.header_value.matches("a1"));
  EXPECT_FALSE(identify.header_value.matches("a1b"));
  EXPECT_TRUE(identify.request_uri.matches("sip:xyz@host"));
}

TEST(Identify, NeverMatchesByMistake) {  // 4
  const auto with = [](std::string_view line) {
    return problems_of(
        fmt::format("[e]\ntype=endpoint\nidentify_by=ip,header,request_uri\n"
                    "[i]\ntype=identify\nendpoint=e\n{}\n",
                    line));
  };
  EXPECT_THAT(with(""), ElementsAre("pjsip.conf:4: error: identify 'i' matches nothing; it needs "
                                    "match, match_header or match_request_uri"));
  EXPECT_THAT(with("match="), ElementsAre(HasSubstr("matches nothing")));
  EXPECT_THAT(with("match=,"), ElementsAre(HasSubstr("matches nothing")));
  for (const auto* bad : {"1.2.3", ".1", "[.1]", "10.0.0.0/33", "!", "!host", "a b", "1.2.3.4:x",
                          "2001:db8::1:70000", "[::1", "*", "300.1.1.1"}) {
    EXPECT_THAT(with(fmt::format("match={}", bad)),
                ElementsAre(HasSubstr("is no address, network or host name; 203.0.113.7")))
        << bad;
  }
  for (const auto* bad : {"X-Id", ": x", "X Id: 1", "X-Id:", "X-Id: //", "X-Id: /(/"}) {
    EXPECT_THAT(with(fmt::format("match_header={}", bad)),
                ElementsAre(HasSubstr("pjsip.conf:7: error: [i] match_header: ")))
        << bad;
  }
  EXPECT_THAT(with("match_request_uri=//"), ElementsAre(HasSubstr("there is nothing to match")));
  EXPECT_THAT(with("match=0.0.0.0/0"),
              ElementsAre(HasSubstr("warning: identify 'i' takes requests from every address")));
}

}  // namespace
}  // namespace missive::pjsip
