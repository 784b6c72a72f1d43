// The MESSAGE request, octet by octet.
//
//  1. A whole one, in Asterisk's order, with random From tag and Call-ID and a CSeq of five digits.
//  2. Route, the message's own headers, their Max-Forwards, Content-Type and User-Agent in their
//  places.
//  3. Without Contact, without User-Agent.
//  4. The body is octets of any kind and length.
//  5. A From or To that is none is an error.
//  6. Two requests share no Call-ID, no tag.
//  7. What was written is good SIP.
//  8. The identity decides Call-ID, From tag and CSeq; after a redirect To stays.
#include "pjsip/message_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "sip/parser.h"
#include "unit/pjsip/configured.h"
#include "unit/sip/sip_text.h"

namespace missive::pjsip {
namespace {

using sip::test::crlf;
using ::testing::HasSubstr;
using ::testing::Not;

class MessageRequestTest : public testing::Test {
 protected:
  void configure(std::string_view more = "") {
    configuration = test::configured(
        "[global]\ntype=global\nuser_agent=test\n[udp]\ntype=transport\nbind=127.0.0.1:5070\n"
        "[alice]\ntype=aor\ncontact=sip:alice@127.0.0.2:5060\n"
        "[alice]\ntype=endpoint\naors=alice\n" +
        std::string(more));
  }
  // The request for a message to alice, "error: ..." without one.
  std::string write(const message::Draft& draft, bool contact_header = true) {
    const auto message = message::Message::create(draft);
    Resolution resolution;
    LocationService locations;
    locations.configure(*configuration);
    EXPECT_FALSE(resolve(*configuration, locations, "alice", resolution));
    OutgoingHeaders headers;
    EXPECT_TRUE(sort_variables(message->variables(), 70, headers));
    const auto written =
        write_message({*configuration, *message, resolution, headers, dispatch, contact_header},
                      "UDP", own, RequestIdentity::make(random), request);
    return written ? std::string(request.text()) : "error: " + written.error().text;
  }
  // With what is random replaced by '*'.
  static std::string masked(const std::string& text) {
    auto out = std::regex_replace(text, std::regex("tag=[0-9a-v]{12}\r"), "tag=*\r");
    out = std::regex_replace(out, std::regex("Call-ID: [0-9a-v]{24}\r"), "Call-ID: *\r");
    return std::regex_replace(out, std::regex("CSeq: [1-9][0-9]{4} "), "CSeq: * ");
  }

  message::Dispatch dispatch;
  std::shared_ptr<const Configuration> configuration;
  const sip::SentBy own{"127.0.0.1", "127.0.0.1:5070"};
  base::RandomSource random;
  sip::OutgoingRequest request;
};

TEST_F(MessageRequestTest, Whole) {  // 1
  configure();
  EXPECT_EQ(masked(write({.from = "sip:crm@example.net", .body = "Test"})),
            crlf("MESSAGE sip:alice@127.0.0.2:5060 SIP/2.0\n"
                 "Via: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=000000000000000000000000000\n"
                 "From: <sip:crm@example.net>;tag=*\n"
                 "To: <sip:alice@127.0.0.2>\n"
                 "Contact: <sip:alice@127.0.0.1:5070>\n"
                 "Call-ID: *\n"
                 "CSeq: * MESSAGE\n"
                 "Max-Forwards: 70\n"
                 "User-Agent: test\n"
                 "Content-Type: text/plain\n"
                 "Content-Length: 4\n\nTest"));
  EXPECT_EQ(request.body(), "Test");
  EXPECT_EQ(request.request_uri(), "sip:alice@127.0.0.2:5060");
}

TEST_F(MessageRequestTest, AllHeaders) {  // 2
  configure("outbound_proxy=sip:127.0.0.9\\;lr\n");
  const std::vector<message::Variable> variables{{"X-One", "1"},
                                                 {"User-Agent", "mine"},
                                                 {"Content-Type", "text/html"},
                                                 {"Max-Forwards", "10"},
                                                 {"X-One", "2"}};
  EXPECT_EQ(masked(write({.to = "sip:r@somewhere.com", .body = "", .variables = variables})),
            crlf("MESSAGE sip:alice@127.0.0.2:5060 SIP/2.0\n"
                 "Via: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=000000000000000000000000000\n"
                 "From: <sip:alice@127.0.0.1>;tag=*\n"
                 "To: <sip:r@somewhere.com>\n"
                 "Contact: <sip:alice@127.0.0.1:5070>\n"
                 "Call-ID: *\n"
                 "CSeq: * MESSAGE\n"
                 "Route: <sip:127.0.0.9;lr>\n"
                 "X-One: 1\n"
                 "User-Agent: mine\n"
                 "X-One: 2\n"
                 "Max-Forwards: 9\n"
                 "Content-Type: text/html\n"
                 "Content-Length: 0\n\n"));
}

TEST_F(MessageRequestTest, LeftOut) {  // 3
  configure();
  EXPECT_THAT(write({.body = "x"}, false), Not(HasSubstr("Contact:")));
  configuration = test::configured(
      "[global]\ntype=global\nuser_agent=\n[udp]\ntype=transport\n"
      "[alice]\ntype=aor\ncontact=sip:127.0.0.2\n[alice]\ntype=endpoint\naors=alice\n");
  EXPECT_THAT(write({.body = "x"}), Not(HasSubstr("User-Agent")));
}

TEST_F(MessageRequestTest, Octets) {  // 4
  configure();
  for (const auto& body : {std::string("a\0b\r\n\r\n\xff", 9), std::string(100'000, 'x')}) {
    const auto text = write({.body = body});
    EXPECT_EQ(request.body(), body);
    EXPECT_TRUE(text.ends_with("\r\n\r\n" + body));
    EXPECT_THAT(text, HasSubstr("Content-Length: " + std::to_string(body.size()) + "\r\n"));
  }
}

TEST_F(MessageRequestTest, BadAddresses) {  // 5
  configure();
  EXPECT_THAT(write({.from = "sip:a@b@c"}), HasSubstr("error: From 'sip:a@b@c': "));
  EXPECT_THAT(write({.to = "sip:"}), HasSubstr("error: To 'sip:': "));
}

TEST_F(MessageRequestTest, Unique) {  // 6
  configure();
  const auto ids = [this] {
    auto text = write({.body = "x"});
    sip::Packet packet;
    EXPECT_TRUE(packet.parse(text));
    return std::pair(std::string(packet.call_id()), std::string(packet.from()->tag()));
  };
  const auto first = ids(), second = ids();
  EXPECT_NE(first.first, second.first);
  EXPECT_NE(first.second, second.second);
  EXPECT_EQ(first.first.find(first.second), std::string::npos);
}

TEST_F(MessageRequestTest, GoodSip) {  // 7
  configure();
  auto text = write({.to = "\"R\" <sip:r@h>", .from = "Jo X <sip:j@h>", .body = "hi"});
  sip::Packet packet;
  ASSERT_TRUE(packet.parse(text));
  const auto error = sip::validate_request(packet);
  EXPECT_FALSE(error) << error->reason;
  EXPECT_EQ(packet.from()->display_name, "Jo X");
  EXPECT_EQ(packet.body(), "hi");
}

TEST_F(MessageRequestTest, IdentityAndRedirect) {  // 8
  configure();
  const auto message = message::Message::create({.body = "x"});
  Resolution resolution;
  LocationService locations;
  locations.configure(*configuration);
  ASSERT_FALSE(resolve(*configuration, locations, "alice", resolution));
  auto identity = RequestIdentity::make(random);
  identity.cseq = 54'321;
  const auto text = [&] {
    const OutgoingHeaders headers;
    EXPECT_TRUE(write_message({*configuration, *message, resolution, headers, dispatch, true},
                              "TCP", own, identity, request));
    return std::string(request.text());
  };
  const auto first = text();
  EXPECT_THAT(first, HasSubstr(fmt::format(";tag={}\r\n", identity.from_tag())));
  EXPECT_THAT(first, HasSubstr(fmt::format("Call-ID: {}\r\n", identity.call_id())));
  EXPECT_THAT(first, HasSubstr("CSeq: 54321 MESSAGE\r\n"));
  EXPECT_EQ(identity.from_tag().size(), 12u);
  EXPECT_EQ(identity.call_id().size(), 24u);

  for (const auto* uri : {"sip:other@127.0.0.7:5077", "sip:third@127.0.0.8"}) {
    ASSERT_FALSE(redirect(*configuration, uri, resolution));
    const auto redirected = text();
    EXPECT_TRUE(redirected.starts_with(fmt::format("MESSAGE {} SIP/2.0\r\n", uri)));
    EXPECT_THAT(redirected, HasSubstr("\r\nTo: <sip:alice@127.0.0.2>\r\n"));
  }
}

}  // namespace
}  // namespace missive::pjsip
