// Who a message is from: the From that passes, and what stands in for one that does not.
//
//  1. the form: "Name" <sip:user@host> without port, parameters and tag; IPv6; no user; tel:
//  2. display names: tokens and quoted ones are quoted, escapes kept, control characters are spaces
//  3. the endpoint's own users: name, aors, from_user, contact_user, callerid number, user names of
//     its auths, the authenticated user; with escapes; nobody else's
//  4. own hosts: of the Request-URI, the address it came to, transports' addresses and domains,
//     domain aliases and what they stand for, from_domain
//  5. any other From is replaced, with the name of callerid unless that is private
//  6. trust_id_inbound lets everything pass
//  7. an endpoint of a domain: alice@example.com
#include "pjsip/sender_identity.h"

#include <gtest/gtest.h>

#include "unit/pjsip/configured.h"

namespace missive::pjsip {
namespace {

using test::configured;

struct Asked {
  std::string request_uri = "sip:bob@example.com";
  std::string authenticated_as = {};
  std::string local = "10.0.0.9";
};

// MESSAGE(from) with the first endpoint of the configuration; '!' in front when replaced.
std::string sender(std::string_view text, const std::string& from, const Asked& asked = {}) {
  const auto c = configured(text);
  const auto request_uri = sip::parse_uri(asked.request_uri);
  const auto address = sip::parse_name_addr(from);
  if (!request_uri || !address) return "unreadable";
  const auto uri = sip::parse_uri(address->uri);
  if (!uri) return "unreadable";
  const auto local = *net::Address::from_ip(asked.local, 5060);
  std::string out;
  const bool own =
      append_sender(out, {*c, c->endpoints().front(), asked.authenticated_as, *request_uri, local},
                    *address, *uri);
  return own ? out : "!" + out;
}

constexpr std::string_view alice = "[alice]\ntype=endpoint\n";

TEST(SenderIdentity, Form) {  // 1
  EXPECT_EQ(sender(alice, "<sip:alice@example.com:5070;x=y>;tag=1"), "<sip:alice@example.com>");
  EXPECT_EQ(sender(alice, "sip:alice@example.com;tag=1"), "<sip:alice@example.com>");
  EXPECT_EQ(sender(alice, "<sips:alice@example.com>"), "<sips:alice@example.com>");
  EXPECT_EQ(sender(alice, "<sip:alice@[2001:DB8::1]:5060>", {.request_uri = "sip:[2001:db8:0::1]"}),
            "<sip:alice@[2001:DB8::1]>");
  EXPECT_EQ(sender("[t]\ntype=endpoint\ntrust_id_inbound=yes\n", "<sip:example.com>"),
            "<sip:example.com>");
  EXPECT_EQ(sender("[t]\ntype=endpoint\ntrust_id_inbound=yes\n", "<tel:+49-30;phone-context=x>"),
            "<tel:+49-30>");
  EXPECT_EQ(sender("[+4930]\ntype=endpoint\n", "<tel:+4930>"), "<tel:+4930>");
}

TEST(SenderIdentity, DisplayNames) {  // 2
  const auto name = [](const std::string& display) {
    return sender(alice, display + "<sip:alice@example.com>");
  };
  EXPECT_EQ(name("Alice "), "\"Alice\" <sip:alice@example.com>");
  EXPECT_EQ(name("Alice B "), "\"Alice B\" <sip:alice@example.com>");
  EXPECT_EQ(name("\"\" "), "<sip:alice@example.com>");
  EXPECT_EQ(name("\"A; <b>, \xC3\xA9\" "), "\"A; <b>, \xC3\xA9\" <sip:alice@example.com>");
  EXPECT_EQ(name("\"A \\\"B\\\" \\\\ \\C\" "), "\"A \\\"B\\\" \\\\ C\" <sip:alice@example.com>");
  EXPECT_EQ(name("\"A\tB\x01\x7F\" "), "\"A B  \" <sip:alice@example.com>");
}

constexpr std::string_view known_by_many =
    "[alice]\ntype=endpoint\naors=line1,line2\nfrom_user=fu\ncontact_user=cu\n"
    "callerid=\"A\" <1234>\nauth=a\n[line1]\ntype=aor\n[line2]\ntype=aor\n"
    "[a]\ntype=auth\nusername=login\npassword=p\n[bob]\ntype=endpoint\n[b]\ntype=auth\n"
    "username=blogin\npassword=p\n";

TEST(SenderIdentity, OwnUsers) {  // 3
  for (const std::string user :
       {"alice", "line1", "line2", "fu", "cu", "1234", "login", "%61lice"}) {
    const auto from = "<sip:" + user + "@example.com>";
    EXPECT_EQ(sender(known_by_many, from), from);
  }
  for (const std::string user : {"bob", "blogin", "Alice", "alice%00", "alice;x", "A", "line"}) {
    EXPECT_EQ(sender(known_by_many, "<sip:" + user + "@example.com>"),
              "!\"A\" <sip:alice@example.com>")
        << user;
  }
  EXPECT_EQ(sender(known_by_many, "<sip:who@example.com>", {.authenticated_as = "who"}),
            "<sip:who@example.com>");
  EXPECT_EQ(sender(alice, "<sip:example.com>"), "!<sip:alice@example.com>");
}

TEST(SenderIdentity, OwnHosts) {  // 4
  const auto* text =
      "[alice]\ntype=endpoint\nfrom_domain=from.example\n"
      "[u]\ntype=transport\nbind=10.0.0.1\nexternal_signaling_address=ext.example\n"
      "domain=dom.example\n[any]\ntype=transport\nprotocol=tcp\nbind=0.0.0.0\n"
      "[alias.example]\ntype=domain_alias\ndomain=real.example\n";
  for (const std::string host :
       {"example.com", "EXAMPLE.com", "from.example", "10.0.0.1", "ext.example", "dom.example",
        "alias.example", "real.example", "10.0.0.9"}) {
    const auto from = "<sip:alice@" + host + ">";
    EXPECT_EQ(sender(text, from), from);
  }
  for (const std::string host : {"evil.example", "10.0.0.2", "0.0.0.0", "sub.example.com"}) {
    EXPECT_EQ(sender(text, "<sip:alice@" + host + ">"), "!<sip:alice@example.com>") << host;
  }
}

TEST(SenderIdentity, Replaced) {  // 5
  EXPECT_EQ(sender(known_by_many, "\"Bob\" <sip:bob@example.com>"),
            "!\"A\" <sip:alice@example.com>");
  EXPECT_EQ(sender("[a b]\ntype=endpoint\ncallerid_privacy=prohib\ncallerid=\"A\" <1>\n",
                   "<sip:bob@example.com>"),
            "!<sip:a%20b@example.com>");
  EXPECT_EQ(sender(alice, "<sip:bob@example.com>", {.request_uri = "sip:bob@[::1]:5070"}),
            "!<sip:alice@[::1]>");
  EXPECT_EQ(sender(alice, "<sip:bob@example.com>", {.request_uri = "tel:+49"}),
            "!<sip:alice@10.0.0.9>");
}

TEST(SenderIdentity, Trusted) {  // 6
  EXPECT_EQ(sender("[trunk]\ntype=endpoint\ntrust_id_inbound=yes\n",
                   "\"Any\" <sip:+4930@carrier.example>"),
            "\"Any\" <sip:+4930@carrier.example>");
}

TEST(SenderIdentity, EndpointOfADomain) {  // 7
  const auto* text = "[alice@one.example]\ntype=endpoint\n";
  EXPECT_EQ(sender(text, "<sip:alice@one.example>"), "<sip:alice@one.example>");
  EXPECT_EQ(sender(text, "<sip:alice@two.example>"), "!<sip:alice@one.example>");
  EXPECT_EQ(sender(text, "<sip:bob@one.example>"), "!<sip:alice@one.example>");
}

}  // namespace
}  // namespace missive::pjsip
