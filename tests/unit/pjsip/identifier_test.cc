// Which endpoint a request is from.
//
//  1. username: the user of From, whatever its domain; escapes and user options; tel: URIs
//  2. username with domains: user@domain first, then the alias's and the transport's domain,
//     then the user alone; disable_multi_domain
//  3. ip: address, network, port, the most specific one; IPv4 in IPv6; a transport; host names
//     known only when they are asked for
//  4. header: literal and regular expression, any of several headers, names in any form
//  5. request_uri
//  6. auth_username: the user of Authorization; malformed ones name nobody
//  7. anonymous: by domain, then for all; only as the last resort
//  8. endpoint_identifier_order decides; what it leaves out comes after it
//  9. a user name finds only an endpoint whose identify_by names it; an identify always counts
// 10. an identify without an endpoint, and no configuration at all, find nobody
// 11. each method tried is told to the Trace
// 12. line: the token of a registration with line=yes and an endpoint, in the Request-URI or To,
//     goes before all methods; a wrong one, and one of a registration without them, says nothing
#include "pjsip/identifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pjsip/line_token.h"
#include "unit/pjsip/incoming_lab.h"

namespace missive::pjsip {
namespace {

using test::configured;
using test::Parsed;
using test::RequestText;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Question {
  RequestText request = {};
  std::string source = "192.0.2.1:5060";
  std::string transport = "udp";
};

// The name of the endpoint, "" for nobody.
std::string who(std::string_view configuration, const Question& question) {
  const auto c = configured(configuration);
  const Parsed parsed(question.request);
  const auto source = sip::test::address(question.source);
  const auto found = Identifier(c, nullptr).identify({*parsed, source, question.transport});
  return found ? found.endpoint->name : "";
}

std::string by_from(std::string_view configuration, const std::string& from) {
  return who(configuration, {.request = {.from = from}});
}

std::string by_source(std::string_view configuration, const std::string& source,
                      const std::string& transport = "udp") {
  return who(configuration,
             {.request = {.from = "<sip:x@x>"}, .source = source, .transport = transport});
}

std::string with_headers(std::string_view configuration, const std::string& headers) {
  return who(configuration, {.request = {.from = "<sip:x@x>", .headers = headers, .body = ""}});
}

TEST(Identifier, ByUsername) {  // 1
  const auto* text = "[alice]\ntype=endpoint\n[+49 30]\ntype=endpoint\n[+4930]\ntype=endpoint\n";
  EXPECT_EQ(by_from(text, "<sip:alice@anywhere.example>"), "alice");
  EXPECT_EQ(by_from(text, "sip:alice@10.0.0.1:5071;transport=tcp"), "alice");
  EXPECT_EQ(by_from(text, "<sip:%61lice@example.com>"), "alice");
  EXPECT_EQ(by_from(text, "<sip:+49%2030@example.com>"), "+49 30");
  EXPECT_EQ(by_from(text, "<tel:+4930;phone-context=x>"), "+4930");
  EXPECT_EQ(by_from(text, "<sip:Alice@example.com>"), "");
  EXPECT_EQ(by_from(text, "<sip:example.com>"), "");
  EXPECT_EQ(by_from(text, "<sip:alice;isub=1@example.com>"), "");
  EXPECT_EQ(by_from("[global]\nignore_uri_user_options=yes\n[alice]\ntype=endpoint\n",
                    "<sip:alice;isub=1@example.com>"),
            "alice");
}

TEST(Identifier, ByUsernameAndDomain) {  // 2
  const std::string text =
      "[alice@one.example]\ntype=endpoint\n[alice@two.example]\ntype=endpoint\n"
      "[alice]\ntype=endpoint\n[uno.example]\ntype=domain_alias\ndomain=one.example\n"
      "[udp]\ntype=transport\ndomain=two.example\n[tcp]\ntype=transport\nprotocol=tcp\n";
  const auto at = [&text](const std::string& domain, const std::string& transport) {
    return who(text, {.request = {.from = "<sip:alice@" + domain + ">"}, .transport = transport});
  };
  EXPECT_EQ(at("one.example", "tcp"), "alice@one.example");
  EXPECT_EQ(at("UNO.example", "tcp"), "alice@one.example");
  EXPECT_EQ(at("other.example", "udp"), "alice@two.example");
  EXPECT_EQ(at("other.example", "tcp"), "alice");
  EXPECT_EQ(by_from(text, "<sip:alice%40one.example@other.example>"), "");
  EXPECT_EQ(by_from("[global]\ndisable_multi_domain=yes\n" + text, "<sip:alice@one.example>"),
            "alice");
}

constexpr auto* networks =
    "[global]\nendpoint_identifier_order=ip\n"
    "[wide]\ntype=endpoint\n[narrow]\ntype=endpoint\n[one]\ntype=endpoint\n[port]\ntype=endpoint\n"
    "[t]\ntype=endpoint\n[udp]\ntype=transport\n[tcp]\ntype=transport\nprotocol=tcp\n"
    "[w]\ntype=identify\nendpoint=wide\nmatch=10.0.0.0/8,!10.9.0.0/16,2001:db8::/32\n"
    "[n]\ntype=identify\nendpoint=narrow\nmatch=10.1.0.0/16\n"
    "[o]\ntype=identify\nendpoint=one\nmatch=10.1.1.1,192.0.2.5,2001:db8::5\n"
    "[p]\ntype=identify\nendpoint=port\nmatch=10.1.1.1:5090,sip.example.com\n"
    "[tr]\ntype=identify\nendpoint=t\nmatch=203.0.113.1\ntransport=tcp\n";

TEST(Identifier, ByAddress) {  // 3
  EXPECT_EQ(by_source(networks, "10.2.3.4"), "wide");
  EXPECT_EQ(by_source(networks, "10.1.3.4"), "narrow");
  EXPECT_EQ(by_source(networks, "10.1.1.1"), "one");
  EXPECT_EQ(by_source(networks, "10.1.1.1:5090"), "port");
  EXPECT_EQ(by_source(networks, "192.0.2.5:49152"), "one");
  EXPECT_EQ(by_source(networks, "10.9.0.1"), "");
  EXPECT_EQ(by_source(networks, "11.0.0.1"), "");
  EXPECT_EQ(by_source(networks, "[2001:db8::7]:5060"), "wide");
  EXPECT_EQ(by_source(networks, "[2001:db8::5]:5060"), "one");
  EXPECT_EQ(by_source(networks, "[2001:db9::5]:5060"), "");
  EXPECT_EQ(by_source(networks, "[::ffff:192.0.2.5]:5060"), "one");
  EXPECT_EQ(by_source(networks, "[::ffff:10.1.3.4]:5060"), "narrow");
  EXPECT_EQ(by_source(networks, "203.0.113.1", "tcp"), "t");
  EXPECT_EQ(by_source(networks, "203.0.113.1", "udp"), "");
}

TEST(Identifier, ByHostName) {  // 3
  const auto c =
      configured("[e]\ntype=endpoint\n[i]\ntype=identify\nendpoint=e\nmatch=localhost\n");
  base::ManualClock clock;
  net::Shard shard(0, clock);
  net::Resolver resolver(shard);
  HostAddresses hosts(shard, resolver);
  const Identifier identifier(c, &hosts);
  const Parsed parsed(RequestText{.from = "<sip:x@x>"});
  const auto from = [&](std::string_view source) {
    const auto address = sip::test::address(source);
    return static_cast<bool>(identifier.identify({*parsed, address, "udp"}));
  };
  EXPECT_FALSE(from("127.0.0.1"));  // nothing is known before it is asked
  hosts.watch(*c);                  // localhost is in /etc/hosts: the answer is there at once
  EXPECT_TRUE(from("127.0.0.1"));
  EXPECT_FALSE(from("127.0.0.3"));
}

TEST(Identifier, ByHeader) {  // 4
  const auto* text =
      "[global]\nendpoint_identifier_order=header\n"
      "[a]\ntype=endpoint\nidentify_by=header\n[b]\ntype=endpoint\nidentify_by=header\n"
      "[i]\ntype=identify\nendpoint=a\nmatch_header=X-Trunk: one two\n"
      "[j]\ntype=identify\nendpoint=b\nmatch_header=Subject: /^sec[re]+t$/\n";
  EXPECT_EQ(with_headers(text, "X-Trunk: one two\r\n"), "a");
  EXPECT_EQ(with_headers(text, "x-trunk:   one two  \r\n"), "a");
  EXPECT_EQ(with_headers(text, "X-Trunk: none\r\nX-Trunk: one two\r\n"), "a");
  EXPECT_EQ(with_headers(text, "X-Trunk: One two\r\n"), "");
  EXPECT_EQ(with_headers(text, "X-Trunk: one two three\r\n"), "");
  EXPECT_EQ(with_headers(text, "X-Trunk:\r\n"), "");
  EXPECT_EQ(with_headers(text, "Subject: secret\r\n"), "b");
  EXPECT_EQ(with_headers(text, "s: secret\r\n"), "b");
  EXPECT_EQ(with_headers(text, "Subject: a secret\r\n"), "");
  EXPECT_EQ(with_headers(text, ""), "");
}

TEST(Identifier, ByRequestUri) {  // 5
  const auto* text =
      "[global]\nendpoint_identifier_order=request_uri\n"
      "[a]\ntype=endpoint\nidentify_by=request_uri\n[b]\ntype=endpoint\nidentify_by=request_uri\n"
      "[i]\ntype=identify\nendpoint=a\nmatch_request_uri=sip:x@example.com\n"
      "[j]\ntype=identify\nendpoint=b\nmatch_request_uri=/^sip:y[0-9]@/\n";
  const auto to = [text](const std::string& uri) {
    return who(text, {.request = {.uri = uri, .from = "<sip:z@x>"}});
  };
  EXPECT_EQ(to("sip:x@example.com"), "a");
  EXPECT_EQ(to("sip:x@example.com:5060"), "");
  EXPECT_EQ(to("sip:y1@host"), "b");
  EXPECT_EQ(to("sip:y@host"), "");
}

TEST(Identifier, ByCredentials) {  // 6
  const auto* text =
      "[global]\nendpoint_identifier_order=auth_username\n"
      "[alice]\ntype=endpoint\nidentify_by=auth_username\n"
      "[bob@realm.example]\ntype=endpoint\nidentify_by=auth_username\n";
  const auto with = [text](const std::string& value) {
    return with_headers(text, "Authorization: " + value + "\r\n");
  };
  const std::string rest = ", nonce=\"n\", uri=\"sip:x\", response=\"r\"";
  EXPECT_EQ(with("Digest username=\"alice\", realm=\"any\"" + rest), "alice");
  EXPECT_EQ(with("Digest username=\"al\\ice\", realm=\"any\"" + rest), "alice");
  EXPECT_EQ(with("Digest username=\"bob\", realm=\"realm.example\"" + rest), "bob@realm.example");
  EXPECT_EQ(with("Digest username=\"bob\", realm=\"other\"" + rest), "");
  for (const auto* bad :
       {"", "Digest", "Digest ", "Basic YTpi", "Digest username=\"alice", "Digest username=alice,",
        "Digest username=\"alice\", username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"u\", "
        "response=\"r\"",
        "Digest username=\"alice\", realm=\"r\""}) {
    EXPECT_EQ(with(bad), "") << bad;
  }
}

TEST(Identifier, Anonymous) {  // 7
  const std::string some = "[alice]\ntype=endpoint\n[anonymous@guests.example]\ntype=endpoint\n";
  const auto all = some + "[anonymous]\ntype=endpoint\n";
  EXPECT_EQ(by_from(all, "<sip:alice@guests.example>"), "alice");
  EXPECT_EQ(by_from(all, "<sip:eve@guests.example>"), "anonymous@guests.example");
  EXPECT_EQ(by_from(all, "<sip:eve@else.example>"), "anonymous");
  EXPECT_EQ(by_from(all, "<sip:else.example>"), "anonymous");
  EXPECT_EQ(by_from(some, "<sip:eve@else.example>"), "");
}

TEST(Identifier, TheOrderDecides) {  // 8
  const std::string text =
      "[alice]\ntype=endpoint\n[trunk]\ntype=endpoint\nidentify_by=header,ip\n"
      "[anonymous]\ntype=endpoint\n"
      "[i]\ntype=identify\nendpoint=trunk\nmatch=192.0.2.1\nmatch_header=X-T: 1\n";
  const Question alice{};  // comes from 192.0.2.1
  EXPECT_EQ(who(text, alice), "trunk");
  EXPECT_EQ(who("[global]\nendpoint_identifier_order=username,ip\n" + text, alice), "alice");
  EXPECT_EQ(who("[global]\nendpoint_identifier_order=anonymous,ip\n" + text, alice), "anonymous");
  const Question marked{.request = {.from = "<sip:x@x>", .headers = "X-T: 1\r\n", .body = ""},
                        .source = "198.51.100.1:5060"};
  EXPECT_EQ(who("[global]\nendpoint_identifier_order=username\n" + text, marked), "trunk");
}

TEST(Identifier, IdentifyByAllows) {  // 9
  const std::string text =
      "[alice]\ntype=endpoint\nidentify_by=ip\n[trunk]\ntype=endpoint\nidentify_by=username\n"
      "[i]\ntype=identify\nendpoint=trunk\nmatch=192.0.2.1\nmatch_header=X-T: 1\n"
      "match_request_uri=sip:bob@example.com\n";
  EXPECT_EQ(who("[alice]\ntype=endpoint\nidentify_by=ip\n", {}), "");
  EXPECT_EQ(who(text, {}), "trunk");
}

TEST(Identifier, FindsNobodyInNothing) {  // 10
  EXPECT_EQ(who("", {}), "");
  EXPECT_EQ(who("[i]\ntype=identify\nendpoint=gone\nmatch=0.0.0.0/0\n", {}), "");
}

class Steps final : public Trace {
 public:
  void step(std::string_view what, std::string_view found) override {
    told.push_back(fmt::format("{}: {}", what, found));
  }
  std::vector<std::string> told;
};

TEST(Identifier, TellsEachStep) {  // 11
  const auto c = configured(
      "[x]\ntype=identify\nendpoint=e\nmatch=10.0.0.0/8\n"
      "[e]\ntype=endpoint\n[alice]\ntype=endpoint\n");
  const Identifier identifier(c, nullptr);
  const Parsed parsed(RequestText{});
  const auto source = sip::test::address("192.0.2.1");
  Steps steps;
  identifier.identify({*parsed, source, "udp"}, &steps);
  EXPECT_THAT(steps.told,
              ElementsAre("ip: no endpoint", "username: endpoint 'alice' (pjsip.conf:7)"));
  steps.told.clear();
  const auto inside = sip::test::address("10.0.0.1");
  identifier.identify({*parsed, inside, "udp"}, &steps);
  EXPECT_THAT(steps.told,
              ElementsAre(HasSubstr("ip: endpoint 'e' by identify 'x' (pjsip.conf:1)")));
}

TEST(Identifier, ByLine) {  // 12
  const std::string registration =
      "type=registration\nserver_uri=sip:192.0.2.9\nclient_uri=sip:me@192.0.2.9\n";
  const std::string text = "[alice]\ntype=endpoint\n[in]\ntype=endpoint\nidentify_by=ip\n[one]\n" +
                           registration + "line=yes\nendpoint=in\n[two]\n" + registration +
                           "line=yes\n[three]\n" + registration + "line=yes\nendpoint=gone\n";
  const auto one = line_token("one");
  const auto by_uri = [&text](const std::string& uri) {
    return who(text, {.request = {.uri = uri}});
  };
  EXPECT_EQ(by_uri("sip:s@127.0.0.1;line=" + one), "in");
  EXPECT_EQ(by_uri("sip:s@127.0.0.1:5060;transport=tcp;LINE=" + one + ";ob"), "in");
  EXPECT_EQ(who(text, {.request = {.to = "<sip:s@127.0.0.1;line=" + one + ">"}}), "in");
  EXPECT_EQ(by_uri("sip:s@127.0.0.1;line=0123456789abcdef"), "alice");
  EXPECT_EQ(by_uri("sip:s@127.0.0.1;line"), "alice");
  EXPECT_EQ(by_uri("sip:s@127.0.0.1;line=" + line_token("two")), "alice");
  EXPECT_EQ(by_uri("sip:s@127.0.0.1;line=" + line_token("three")), "alice");
  EXPECT_EQ(who(text, {.request = {.to = "<sip:s@127.0.0.1>;line=" + one}}), "alice");
}

TEST(Identifier, TellsTheLine) {  // 12
  const auto c = configured(
      "[e]\ntype=endpoint\n[r]\ntype=registration\nserver_uri=sip:192.0.2.9\n"
      "client_uri=sip:me@192.0.2.9\nline=yes\nendpoint=e\n");
  RequestText request;
  request.uri = "sip:s@127.0.0.1;line=" + line_token("r");
  const Parsed parsed(request);
  const auto source = sip::test::address("192.0.2.1");
  Steps steps;
  const auto found = Identifier(c, nullptr).identify({*parsed, source, "udp"}, &steps);
  EXPECT_EQ(found.line, c->registration("r"));
  EXPECT_THAT(steps.told, ElementsAre("line: endpoint 'e' by registration 'r' (pjsip.conf:3)"));
}

}  // namespace
}  // namespace missive::pjsip
