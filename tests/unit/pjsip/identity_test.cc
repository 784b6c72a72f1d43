// From, To and Contact.
//
//  1. From: a table of every form, for an endpoint without any option and for one with from_user,
//     from_domain and callerid.
//  2. From by default: from_user, callerid unless it is private, the endpoint's name; escaped.
//  3. To: a table of every form; what names nobody is that of the Request-URI.
//  4. To by the display name of the destination, with escapes.
//  5. What begins like a URI and is none is an error that names the header and the text.
//  6. Nothing given can break the line: control characters are escaped, refused or blanks.
//  7. Contact: contact_user, from_user, the endpoint's name.
//  8. The from and to cases of tests/data/observed/messagesend-observed.json, with the three where
//     Asterisk does what is plainly a defect.
#include "pjsip/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace missive::pjsip {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Endpoint plain() {
  Endpoint endpoint;
  endpoint.name = "alice";
  return endpoint;
}

Endpoint bob() {
  Endpoint endpoint;
  endpoint.name = "bob";
  endpoint.from_user = "bobby";
  endpoint.from_domain = "example.com";
  endpoint.callerid = {"Bob B", "1234"};
  return endpoint;
}

std::string from(std::string_view text, const Endpoint& endpoint,
                 std::string_view own_host = "127.0.0.1") {
  std::string out;
  const auto done = append_from(out, text, endpoint, own_host);
  return done ? out : "error: " + done.error().text;
}

std::string to(std::string_view text, std::string_view display = "",
               const std::string& request_uri = "sip:alice@127.0.0.2:5060;transport=udp") {
  std::string out;
  const auto uri = sip::parse_uri(request_uri);
  const auto done = append_to(out, text, display, *uri);
  return done ? out : "error: " + done.error().text;
}

TEST(Identity, From) {  // 1
  struct Case {
    std::string_view given, plain, bob;
  };
  const Case cases[] = {
      // A SIP URI: user and host, nothing else.
      {"sip:crm@example.net", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"sips:crm@example.net", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"SIP:crm@example.net", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"  sip:crm@example.net\t", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"sip:example.net", "<sip:example.net>", "<sip:example.net>"},
      {"sip:crm@example.net:5090", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"sip:crm@example.net;x=1", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"sip:crm:secret@example.net", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"sip:crm@[2001:db8::1]:5060", "<sip:crm@[2001:db8::1]>", "<sip:crm@[2001:db8::1]>"},
      {"sip:c%20m@example.net", "<sip:c%20m@example.net>", "<sip:c%20m@example.net>"},
      // The same in brackets, with a display name.
      {"<sip:crm@example.net>", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"<sip:crm@example.net;x=1>", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"<sip:crm@example.net>;tag=mine", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"\"CRM C\" <sip:crm@example.net>", "\"CRM C\" <sip:crm@example.net>",
       "\"CRM C\" <sip:crm@example.net>"},
      {"CRM C <sip:crm@example.net>", "\"CRM C\" <sip:crm@example.net>",
       "\"CRM C\" <sip:crm@example.net>"},
      {"\"Jos\xC3\xA9\" <sip:jose@example.net>", "\"Jos\xC3\xA9\" <sip:jose@example.net>",
       "\"Jos\xC3\xA9\" <sip:jose@example.net>"},
      {R"("a \"b\" \\ c" <sip:crm@example.net>)", R"("a \"b\" \\ c" <sip:crm@example.net>)",
       R"("a \"b\" \\ c" <sip:crm@example.net>)"},
      // user@host.
      {"crm@example.net", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"crm@example.net:5090", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"crm@[::1]:5090", "<sip:crm@[::1]>", "<sip:crm@[::1]>"},
      {"<crm@example.net>", "<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"\"CRM\" <crm@example.net>", "\"CRM\" <sip:crm@example.net>",
       "\"CRM\" <sip:crm@example.net>"},
      // A bare user.
      {"crm", "<sip:crm@127.0.0.1>", "<sip:crm@example.com>"},
      {"+15551212", "<sip:+15551212@127.0.0.1>", "<sip:+15551212@example.com>"},
      {"CRM C", "<sip:CRM%20C@127.0.0.1>", "<sip:CRM%20C@example.com>"},
      {"<crm>", "<sip:crm@127.0.0.1>", "<sip:crm@example.com>"},
      {"\"CRM C\" <crm>", "\"CRM C\" <sip:crm@127.0.0.1>", "\"CRM C\" <sip:crm@example.com>"},
      {"10.0.0.1", "<sip:10.0.0.1@127.0.0.1>", "<sip:10.0.0.1@example.com>"},
      // Nothing, or somebody who is not of SIP.
      {"", "<sip:alice@127.0.0.1>", "<sip:bobby@example.com>"},
      {"   ", "<sip:alice@127.0.0.1>", "<sip:bobby@example.com>"},
      {"tel:+15551212", "<sip:alice@127.0.0.1>", "<sip:bobby@example.com>"},
      {"tel:5551212", "<sip:alice@127.0.0.1>", "<sip:bobby@example.com>"},
      {"<tel:+15551212>", "<sip:alice@127.0.0.1>", "<sip:bobby@example.com>"},
      {"pjsip:alice", "<sip:alice@127.0.0.1>", "<sip:bobby@example.com>"},
      {"pjsip:1000", "<sip:alice@127.0.0.1>", "<sip:bobby@example.com>"},
      {"mailto:crm@example.net", "<sip:alice@127.0.0.1>", "<sip:bobby@example.com>"},
  };
  for (const auto& [given, as_plain, as_bob] : cases) {
    EXPECT_EQ(from(given, plain()), as_plain) << given;
    EXPECT_EQ(from(given, bob()), as_bob) << given;
  }
}

TEST(Identity, DefaultFrom) {  // 2
  auto endpoint = plain();
  EXPECT_EQ(from("", endpoint, "[::1]"), "<sip:alice@[::1]>");
  endpoint.callerid = {"", "+1555"};
  EXPECT_EQ(from("", endpoint), "<sip:+1555@127.0.0.1>");
  endpoint.callerid = {"Al \"x\" \\ Ice", "+1555"};
  EXPECT_EQ(from("", endpoint), R"("Al \"x\" \\ Ice" <sip:+1555@127.0.0.1>)");
  endpoint.callerid = {"only a name", ""};
  EXPECT_EQ(from("", endpoint), "<sip:alice@127.0.0.1>");
  endpoint.callerid = {"Alice", "a b"};
  EXPECT_EQ(from("", endpoint), "\"Alice\" <sip:a%20b@127.0.0.1>");
  endpoint.callerid_privacy = "prohib_not_screened";
  EXPECT_EQ(from("", endpoint), "<sip:alice@127.0.0.1>");
  endpoint.from_user = "a@b c";
  EXPECT_EQ(from("", endpoint), "<sip:a%40b%20c@127.0.0.1>");
  endpoint = plain();
  endpoint.name = "gw west";
  endpoint.from_domain = "example.org";
  EXPECT_EQ(from("", endpoint), "<sip:gw%20west@example.org>");
}

TEST(Identity, To) {  // 3
  const std::string_view of_request_uri = "<sip:alice@127.0.0.2>";
  for (const auto* nobody : {"", "  ", "ralph", "pjsip:alice", "pjsip:1000", "tel:+15551212",
                             "<ralph>", "mailto:ralph@somewhere.com"}) {
    EXPECT_EQ(to(nobody), of_request_uri) << nobody;
  }
  for (const auto& [given, expected] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"ralph@somewhere.com", "<sip:ralph@somewhere.com>"},
           {"ralph@somewhere.com:5090", "<sip:ralph@somewhere.com>"},
           {"sip:ralph@somewhere.com", "<sip:ralph@somewhere.com>"},
           {"sips:ralph@somewhere.com", "<sip:ralph@somewhere.com>"},
           {"sip:somewhere.com", "<sip:somewhere.com>"},
           {"sip:ralph@somewhere.com:5090;x=1", "<sip:ralph@somewhere.com>"},
           {"sip:ralph@[::1]", "<sip:ralph@[::1]>"},
           {"<sip:ralph@somewhere.com>", "<sip:ralph@somewhere.com>"},
           {"<ralph@somewhere.com>", "<sip:ralph@somewhere.com>"},
           {"<sip:ralph@somewhere.com>;tag=x", "<sip:ralph@somewhere.com>"},
           {"Ralph <sip:ralph@somewhere.com>", "\"Ralph\" <sip:ralph@somewhere.com>"},
           {"\"R, \\\"R\\\"\" <sip:ralph@somewhere.com>",
            "\"R, \\\"R\\\"\" <sip:ralph@somewhere.com>"}}) {
    EXPECT_EQ(to(given), expected) << given;
  }
  EXPECT_EQ(to("", "", "sip:[2001:db8::1]:5060"), "<sip:[2001:db8::1]>");
  EXPECT_EQ(to("", "", "sips:bob@example.com"), "<sip:bob@example.com>");
}

TEST(Identity, ToWithDisplayNameOfTheDestination) {  // 4
  EXPECT_EQ(to("", "Carl C"), "\"Carl C\" <sip:alice@127.0.0.2>");
  EXPECT_EQ(to("ralph", R"(Carl \"the\\ C\")"), R"("Carl \"the\\ C\"" <sip:alice@127.0.0.2>)");
  EXPECT_EQ(to("sip:ralph@somewhere.com", "Carl C"), "<sip:ralph@somewhere.com>");
}

TEST(Identity, Errors) {  // 5
  for (const auto* bad :
       {"sip:", "sip:crm@", "sip:@example.net", "sip:crm@exa mple.net", "sip:crm@example.net:0",
        "sip:crm@example.net:99999", "crm@exa$mple.net", "crm@", "@example.net", "<sip:crm@x",
        "\"CRM <sip:crm@x>", "\"CRM\"", "\"CRM\" crm", "a, b <sip:crm@x>", "<>", "a@b@c",
        "<sip:crm@example.net> x", "crm@[::1"}) {
    EXPECT_THAT(from(bad, plain()), StartsWith("error: From '")) << bad;
    EXPECT_THAT(to(bad), StartsWith("error: To '")) << bad;
    EXPECT_THAT(to(bad), HasSubstr("': ")) << bad;
  }
}

TEST(Identity, NothingBreaksTheLine) {  // 6
  const auto nul = std::string("a\0b", 3);
  for (const std::string& evil :
       {std::string("crm\r\nX: 1"), std::string("sip:crm@x\r\nX: 1"),
        std::string("\"a\r\nX: 1\" <sip:crm@x>"), std::string("<sip:crm@x\r\nX:1>"),
        std::string("crm@x\r\nX: 1"), std::string("a\r\nb <sip:crm@x>"), nul, nul + "@x",
        "sip:" + nul + "@x", "\"" + nul + "\" <sip:crm@x>", std::string("crm>;tag=evil"),
        std::string("crm\x7f")}) {
    for (const auto& line : {from(evil, plain()), from(evil, bob()), to(evil), to("", evil)}) {
      for (const char c : line) {
        EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f) << line;
      }
      if (!line.starts_with('"')) {
        EXPECT_EQ(line.find(">;"), std::string::npos) << line;
      }
    }
  }
  auto endpoint = plain();
  endpoint.name = "a\r\nb>";
  EXPECT_EQ(from("", endpoint), "<sip:a%0D%0Ab%3E@127.0.0.1>");
}

TEST(Identity, Contact) {  // 7
  const auto contact = [](const Endpoint& endpoint) {
    std::string out;
    append_contact(out, endpoint, "127.0.0.1:5070");
    return out;
  };
  auto endpoint = plain();
  EXPECT_EQ(contact(endpoint), "<sip:alice@127.0.0.1:5070>");
  endpoint.from_user = "bobby";
  EXPECT_EQ(contact(endpoint), "<sip:bobby@127.0.0.1:5070>");
  endpoint.contact_user = "c d";
  EXPECT_EQ(contact(endpoint), "<sip:c%20d@127.0.0.1:5070>");
}

// What messagesend-observed.json has; it says where each of them was seen on the wire.
TEST(Identity, Observed) {  // 8
  const std::map<std::string, std::string> from_alice = {
      {"sip:crm@example.net", "<sip:crm@example.net>"},
      {"\"CRM C\" <sip:crm@example.net>", "\"CRM C\" <sip:crm@example.net>"},
      {"CRM <sip:crm@example.net>", "\"CRM\" <sip:crm@example.net>"},
      {"crm", "<sip:crm@127.0.0.1>"},
      {"", "<sip:alice@127.0.0.1>"},
      {"<sip:crm@example.net>", "<sip:crm@example.net>"},
      {"sips:crm@example.net", "<sip:crm@example.net>"},
      {"sip:example.net", "<sip:example.net>"},
      {"bob", "<sip:bob@127.0.0.1>"},
      {"alice", "<sip:alice@127.0.0.1>"},
      {"\"Jos\xC3\xA9\" <sip:jose@example.net>", "\"Jos\xC3\xA9\" <sip:jose@example.net>"},
      {"sip:crm@example.net;x=1", "<sip:crm@example.net>"},
      {"tel:+15551212", "<sip:alice@127.0.0.1>"},
      {"<crm@example.net>", "<sip:crm@example.net>"},  // Asterisk: <sip:%3ccrm@example.net>>
  };
  const std::map<std::string, std::string> from_bob = {
      {"\"CRM C\" <sip:crm@example.net>", "\"CRM C\" <sip:crm@example.net>"},
      {"CRM <sip:crm@example.net>", "\"CRM\" <sip:crm@example.net>"},
      {"", "<sip:bobby@example.com>"},
      {"sip:example.net", "<sip:example.net>"},
      {"CRM C", "<sip:CRM%20C@example.com>"},
      {"sip:crm@example.net:5090", "<sip:crm@example.net>"},
      {"sip:crm@example.net;x=1", "<sip:crm@example.net>"},
      {"crm@example.net:5090", "<sip:crm@example.net>"},  // Asterisk: @[example.net:5090]
  };
  const std::map<std::string, std::string> to_alice = {
      {"Ralph <sip:ralph@somewhere.com>", "\"Ralph\" <sip:ralph@somewhere.com>"},
      {"pjsip:alice", "<sip:alice@127.0.0.2>"},
      {"ralph", "<sip:alice@127.0.0.2>"},
      {"", "<sip:alice@127.0.0.2>"},
      {"sips:ralph@somewhere.com", "<sip:ralph@somewhere.com>"},
      {"ralph@somewhere.com", "<sip:ralph@somewhere.com>"},  // Asterisk: that of the Request-URI
  };
  for (const auto& [given, expected] : from_alice) EXPECT_EQ(from(given, plain()), expected);
  for (const auto& [given, expected] : from_bob) EXPECT_EQ(from(given, bob()), expected);
  for (const auto& [given, expected] : to_alice) EXPECT_EQ(to(given), expected);
}

}  // namespace
}  // namespace missive::pjsip
