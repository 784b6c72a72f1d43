// The MESSAGE of the `sip:` technology.
//
// 1. From and Contact as Asterisk was observed to write them, for every recorded From.
// 2. A peer's name as From; fromuser, fromdomain and callerid of [general].
// 3. Ports: none where it is the protocol's own, that of the URI before ours; other protocols.
// 4. A From that is none.
// 5. The whole request, octet by octet.
// 6. With everything: Route, headers of the message, Content-Type, Max-Forwards, rport, delay.
// 7. To shows the display name of the destination and nothing of the message's To.
// 8. Without Contact; good SIP.
#include "chan_sip/sip_dialect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "chan_sip/from_identity.h"
#include "sip/parser.h"
#include "sip/validate.h"
#include "unit/chan_sip/configured.h"
#include "unit/sip/sip_text.h"

namespace missive::chan_sip {
namespace {

using sip::test::crlf;
using test::configured;
using ::testing::HasSubstr;
using ::testing::Not;

class SipDialectTest : public testing::Test {
 protected:
  SipDialectTest() { identity.token.fill('t'), identity.cseq = 12345; }

  void configure(std::string_view text) {
    configuration = configured(text);
    locations.configure(*configuration);
  }
  // "From, Contact"
  std::string from(std::string_view text, std::string_view endpoint = "legacy",
                   std::string_view protocol = "UDP") {
    FromIdentity identity_of;
    const auto read = identity_of.read(*configuration, *configuration->endpoint(endpoint), text);
    if (!read) return "error: " + read.error().text;
    std::string out;
    identity_of.append_from(out, protocol, own);
    out += ", ";
    identity_of.append_contact(out, protocol, own);
    return out;
  }
  std::string write(const message::Draft& draft, bool contact = true) {
    const auto message = message::Message::create(draft);
    const auto& dialect = configuration->dialect();
    pjsip::Resolution resolution;
    const auto refused = dialect.resolve(*configuration, locations, *message, resolution, nullptr);
    if (refused) return "refused: " + refused->reason;
    pjsip::OutgoingHeaders headers;
    if (auto sorted = dialect.sort_variables(*configuration, *message, headers); !sorted) {
      return "error: " + sorted.error().text;
    }
    const auto written =
        dialect.write({*configuration, *message, resolution, headers, dispatch, contact}, "UDP",
                      own, identity, request);
    return written ? std::string(request.text()) : "error: " + written.error().text;
  }

  test::Configured configuration;
  pjsip::LocationService locations;
  message::Dispatch dispatch;
  pjsip::RequestIdentity identity;
  sip::SentBy own{"127.0.0.1", "127.0.0.1:5080"};
  sip::OutgoingRequest request;
};

TEST_F(SipDialectTest, RecordedFrom) {  // 1
  configure(test::observed);
  const std::string ours = "<sip:asterisk@127.0.0.1:5080>, <sip:asterisk@127.0.0.1:5080>";
  for (const auto* text : {"sip:crm@example.net", "crm@example.net", "crm", "sips:crm@example.net",
                           "CRM C", "bob", "sip:crm@example.net;x=1"}) {
    EXPECT_EQ(from(text), fmt::format("\"{}\" {}", text, ours));
  }
  EXPECT_EQ(from(""), "\"asterisk\" " + ours);
  const std::string crm = "<sip:crm@example.net:5080>, <sip:crm@127.0.0.1:5080>";
  EXPECT_EQ(from("\"CRM C\" <sip:crm@example.net>"), "\"CRM C\" " + crm);
  EXPECT_EQ(from("CRM <sip:crm@example.net>"), "\"CRM\" " + crm);
  EXPECT_EQ(from("<sip:crm@example.net>"), "\"asterisk\" " + crm);
  EXPECT_EQ(from("\"José\" <sip:jose@example.net>"),
            "\"José\" <sip:jose@example.net:5080>, <sip:jose@127.0.0.1:5080>");
}

TEST_F(SipDialectTest, Ours) {  // 2
  configure(std::string(test::observed) +
            "[bob]\ntype=friend\nhost=dynamic\nsecret=x\ncallerid=\"Bob B\" <2001>\n"
            "[carl]\ntype=friend\nhost=dynamic\nsecret=x\n"
            "[shy]\ntype=friend\nhost=dynamic\nsecret=x\ncallerid=9\ncallingpres=prohib\n"
            "[trunk]\ntype=peer\nhost=h\nfromuser=4711\nfromdomain=example.org\n");
  EXPECT_EQ(from("bob"), "\"Bob B\" <sip:2001@127.0.0.1:5080>, <sip:2001@127.0.0.1:5080>");
  EXPECT_EQ(from("carl"), "\"carl\" <sip:carl@127.0.0.1:5080>, <sip:carl@127.0.0.1:5080>");
  EXPECT_EQ(from("shy"),
            "\"asterisk\" <sip:asterisk@127.0.0.1:5080>, <sip:asterisk@127.0.0.1:5080>");
  EXPECT_EQ(from("general"),
            "\"general\" <sip:asterisk@127.0.0.1:5080>, <sip:asterisk@127.0.0.1:5080>");
  EXPECT_EQ(from("CRM", "trunk"), "\"CRM\" <sip:4711@example.org:5080>, <sip:4711@127.0.0.1:5080>");
  EXPECT_EQ(from("bob", "trunk"),
            "\"Bob B\" <sip:2001@example.org:5080>, <sip:2001@127.0.0.1:5080>");
  EXPECT_EQ(from("<sip:a@b.example>", "trunk"),
            "\"asterisk\" <sip:a@b.example:5080>, <sip:a@127.0.0.1:5080>");
  configure(std::string("[general]\ncallerid=Sales <100>\nfromdomain=example.com:5070\n") +
            "[legacy]\ntype=peer\nhost=h\n");
  EXPECT_EQ(from(""), "\"Sales\" <sip:100@example.com:5070>, <sip:100@127.0.0.1:5080>");
  EXPECT_EQ(from("x", "general"), "\"x\" <sip:100@example.com:5070>, <sip:100@127.0.0.1:5080>");
}

TEST_F(SipDialectTest, Ports) {  // 3
  configure(test::observed);
  own = {"127.0.0.1", "127.0.0.1:5060"};
  EXPECT_EQ(from("<sip:a@h>"), "\"asterisk\" <sip:a@h>, <sip:a@127.0.0.1:5060>");
  EXPECT_EQ(from("<sip:a@h:5099>"), "\"asterisk\" <sip:a@h:5099>, <sip:a@127.0.0.1:5060>");
  EXPECT_EQ(from("<sip:a@h:5060;x=1>"), "\"asterisk\" <sip:a@h>, <sip:a@127.0.0.1:5060>");
  EXPECT_EQ(from("<sip:a@[::1]>"), "\"asterisk\" <sip:a@[::1]>, <sip:a@127.0.0.1:5060>");
  EXPECT_EQ(from("<sip:a@[::1]:5070>"), "\"asterisk\" <sip:a@[::1]:5070>, <sip:a@127.0.0.1:5060>");
  EXPECT_EQ(from("<sip:a@h>", "legacy", "TCP"),
            "\"asterisk\" <sip:a@h>, <sip:a@127.0.0.1:5060;transport=tcp>");
  own = {"[::1]", "[::1]:5061"};
  EXPECT_EQ(from("", "legacy", "TLS"),
            "\"asterisk\" <sip:asterisk@[::1]>, <sip:asterisk@[::1]:5061;transport=tls>");
}

TEST_F(SipDialectTest, BadFrom) {  // 4
  configure(test::observed);
  EXPECT_THAT(from("<sip:a@b@c>"), HasSubstr("error: From '<sip:a@b@c>': "));
  EXPECT_THAT(from("<>"), HasSubstr("error: From '<>': "));
  EXPECT_THAT(from("\"x <sip:a@b>"), HasSubstr("error: From '"));
  EXPECT_THAT(from("<xmpp:a>"), HasSubstr("it is no SIP URI"));
  EXPECT_THAT(from("<tel:>"), HasSubstr("there is no number behind tel:"));
  EXPECT_EQ(from("\"T\" <tel:+1555;phone-context=x>"),
            "\"T\" <sip:+1555@127.0.0.1:5080>, <sip:+1555@127.0.0.1:5080>");
  EXPECT_EQ(from("<a@h>"), "\"asterisk\" <sip:a@h:5080>, <sip:a@127.0.0.1:5080>");
  EXPECT_THAT(from("<a b>"), HasSubstr("error: From '<a b>': "));
  EXPECT_EQ(from("\"A \\\"B\\\"\" <a@h>"),
            "\"A \\\"B\\\"\" <sip:a@h:5080>, <sip:a@127.0.0.1:5080>");
  EXPECT_EQ(from("a\r\nX: 1"),
            "\"a  X: 1\" <sip:asterisk@127.0.0.1:5080>, <sip:asterisk@127.0.0.1:5080>");
}

TEST_F(SipDialectTest, Whole) {  // 5
  configure(test::observed);
  EXPECT_EQ(write({.destination = "sip:legacy", .from = "sip:crm@example.net", .body = "Test"}),
            crlf("MESSAGE sip:127.0.0.2:5063 SIP/2.0\n"
                 "Via: SIP/2.0/UDP 127.0.0.1:5080;branch=000000000000000000000000000\n"
                 "Max-Forwards: 70\n"
                 "From: \"sip:crm@example.net\" <sip:asterisk@127.0.0.1:5080>;tag=tttttttttttt\n"
                 "To: <sip:127.0.0.2:5063>\n"
                 "Contact: <sip:asterisk@127.0.0.1:5080>\n"
                 "Call-ID: tttttttttttttttttttttttt\n"
                 "CSeq: 12345 MESSAGE\n"
                 "User-Agent: test\n"
                 "Content-Type: text/plain;charset=UTF-8\n"
                 "Content-Length: 4\n\nTest"));
  EXPECT_EQ(request.body(), "Test");
  EXPECT_EQ(request.request_uri(), "sip:127.0.0.2:5063");
}

TEST_F(SipDialectTest, Everything) {  // 6
  configure(
      "[general]\nudpbindaddr=127.0.0.1:5080\nuseragent=test\nnat=force_rport\nmaxforwards=30\n"
      "outboundproxy=127.0.0.8\n[p]\ntype=peer\nhost=127.0.0.2\n");
  const std::vector<message::Variable> variables{{"X-One", "1"},
                                                 {"Request-URI", "sip:u@h.example"},
                                                 {"Content-Type", "text/plain"},
                                                 {"Contact", "<sip:evil@h>"}};
  dispatch.delayed = true;
  dispatch.accepted = base::WallTime{std::chrono::seconds{784111777}};
  dispatch.now = dispatch.accepted + std::chrono::seconds{10};
  dispatch.expires = dispatch.accepted + std::chrono::seconds{70};
  EXPECT_EQ(write({.destination = "sip:p", .body = "", .variables = variables}),
            crlf("MESSAGE sip:u@h.example SIP/2.0\n"
                 "Via: SIP/2.0/UDP 127.0.0.1:5080;rport;branch=000000000000000000000000000\n"
                 "Max-Forwards: 30\n"
                 "Route: <sip:127.0.0.8;lr>\n"
                 "From: \"asterisk\" <sip:asterisk@127.0.0.1:5080>;tag=tttttttttttt\n"
                 "To: <sip:u@h.example>\n"
                 "Contact: <sip:asterisk@127.0.0.1:5080>\n"
                 "Call-ID: tttttttttttttttttttttttt\n"
                 "CSeq: 12345 MESSAGE\n"
                 "User-Agent: test\n"
                 "Date: Sun, 06 Nov 1994 08:49:37 GMT\n"
                 "Expires: 60\n"
                 "X-One: 1\n"
                 "Content-Type: text/plain\n"
                 "Content-Length: 0\n\n"));
  const std::vector<message::Variable> hops{{"Max-Forwards", "1"}, {"User-Agent", "mine"}};
  const auto text = write({.destination = "sip:p", .body = "x", .variables = hops});
  EXPECT_THAT(text, HasSubstr("\r\nMax-Forwards: 0\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nUser-Agent: mine\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("User-Agent: test")));
}

TEST_F(SipDialectTest, To) {  // 7
  configure(test::observed);
  EXPECT_THAT(write({.destination = "sip:\"Carl \\\"C\\\"\" <sip:carl@127.0.0.2:5063;x=1>",
                     .to = "sip:other@example.com",
                     .body = "x"}),
              HasSubstr("\r\nTo: \"Carl \\\"C\\\"\" <sip:carl@127.0.0.2:5063>\r\n"));
  EXPECT_THAT(write({.destination = "sip:legacy", .to = "<<<", .body = "x"}),
              HasSubstr("\r\nTo: <sip:127.0.0.2:5063>\r\n"));
}

TEST_F(SipDialectTest, GoodSip) {  // 8
  configure(test::observed);
  auto text = write({.destination = "sip:carl@legacy", .from = "a \"b\" \\", .body = "hi"}, false);
  EXPECT_THAT(text, Not(HasSubstr("Contact:")));
  sip::Packet packet;
  ASSERT_TRUE(packet.parse(text));
  const auto error = sip::validate_request(packet);
  EXPECT_FALSE(error) << error->reason;
  EXPECT_EQ(packet.from()->unquoted_display(), "a \"b\" \\");
  EXPECT_EQ(packet.body(), "hi");
}

}  // namespace
}  // namespace missive::chan_sip
