// The message/cpim that asks a recipient for receipts.
//
//  1. a whole one, octet by octet; what was in the string before is gone
//  2. From and To as the request has them: defaults, display names
//  3. the body is octets of any kind; its type as given; UTF-8 text says so
//  4. an id of any characters comes back as it was
//  5. who asks: wants_receipt, and no message/cpim or receipt as a body
//  6. a From or To that is none is an error
#include "pjsip/receipt_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/configured.h"
#include "unit/sip/sip_text.h"

namespace missive::pjsip {
namespace {

using sip::test::crlf;
using ::testing::HasSubstr;

class ReceiptRequestTest : public testing::Test {
 protected:
  // "error: ..." where there is none.
  std::string write(const message::Draft& draft) {
    const auto message = message::Message::create(draft);
    Resolution resolution;
    LocationService locations;
    locations.configure(*configuration);
    EXPECT_FALSE(resolve(*configuration, locations, "alice", resolution));
    OutgoingHeaders headers;
    EXPECT_TRUE(sort_variables(message->variables(), 70, headers));
    const message::Dispatch dispatch;
    const MessageRequest what{*configuration, *message, resolution, headers, dispatch, true};
    std::string out = "what was there before";
    const auto written = write_receipt_request(what, "127.0.0.1", clock.wall(), out);
    return written ? out : "error: " + written.error().text;
  }
  message::Cpim parsed(const message::Draft& draft) {
    text_ = write(draft);
    const auto cpim = message::parse_cpim(text_);
    EXPECT_TRUE(cpim) << text_;
    return cpim ? *cpim : message::Cpim{};
  }

  base::ManualClock clock;
  std::shared_ptr<const Configuration> configuration = test::configured(
      "[udp]\ntype=transport\nbind=127.0.0.1:5070\n"
      "[alice]\ntype=aor\ncontact=sip:alice@127.0.0.2:5060\n"
      "[alice]\ntype=endpoint\naors=alice\n");

 private:
  std::string text_;
};

TEST_F(ReceiptRequestTest, Whole) {  // 1
  EXPECT_EQ(write({.id = "id-1", .from = "sip:crm@example.net", .body = "Test"}),
            crlf("From: <sip:crm@example.net>\n"
                 "To: <sip:alice@127.0.0.2>\n"
                 "DateTime: 2026-01-02T00:00:00Z\n"
                 "NS: imdn <urn:ietf:params:imdn>\n"
                 "imdn.Message-ID: id-1\n"
                 "imdn.Disposition-Notification: positive-delivery, negative-delivery, display\n"
                 "\n"
                 "Content-Type: text/plain\n"
                 "Content-Length: 4\n"
                 "\n"
                 "Test"));
}

TEST_F(ReceiptRequestTest, Addresses) {  // 2
  EXPECT_EQ(parsed({.id = "1"}).header("From"), "<sip:alice@127.0.0.1>");
  EXPECT_EQ(parsed({.id = "1", .from = "crm"}).header("From"), "<sip:crm@127.0.0.1>");
  const auto named = parsed(
      {.id = "1", .to = "\"A \\\"b\\\"\" <sip:a@example.net:5070;x=y>", .from = "C D <sip:c@d>"});
  EXPECT_EQ(named.header("From"), "\"C D\" <sip:c@d>");
  EXPECT_EQ(named.header("To"), "\"A \\\"b\\\"\" <sip:a@example.net>");
}

TEST_F(ReceiptRequestTest, Body) {  // 3
  const std::string octets("\0\r\n\r\n\xff.\n", 8);
  const auto type_of = [this](std::string_view body, std::string_view type) {
    const message::Variable variable{"Content-Type", type};
    const auto cpim = parsed({.id = "1", .body = body, .variables = {&variable, 1}});
    EXPECT_EQ(cpim.body, body);
    EXPECT_EQ(cpim.content_header("Content-Length"), std::to_string(body.size()));
    return std::string(cpim.content_type());
  };
  EXPECT_EQ(type_of("", "text/plain"), "text/plain");
  EXPECT_EQ(type_of("a", "text/html"), "text/html");
  EXPECT_EQ(type_of(octets, "application/octet-stream;a=b"), "application/octet-stream;a=b");
  EXPECT_EQ(type_of(octets, "text/plain"), "text/plain");
  EXPECT_EQ(type_of("Gr\xc3\xbc\xc3\x9f", "text/plain"), "text/plain;charset=utf-8");
  EXPECT_EQ(type_of("Gr\xc3\xbc\xc3\x9f", "text/plain;charset=UTF-8"), "text/plain;charset=UTF-8");
  EXPECT_EQ(type_of("Gr\xc3\xbc\xc3\x9f", "text/html"), "text/html");
}

TEST_F(ReceiptRequestTest, Id) {  // 4
  for (const std::string_view id : {"order 17", "a\\u0041b", "x\ry\nTo: z", "\xc3\xa4"}) {
    const auto cpim = parsed({.id = id, .body = "Test"});
    EXPECT_EQ(message::unescape_cpim(cpim.imdn_header("Message-ID")), id);
    EXPECT_EQ(cpim.header("To"), "<sip:alice@127.0.0.2>");
    EXPECT_EQ(cpim.headers.size(), 5u);
  }
}

TEST_F(ReceiptRequestTest, WhoAsks) {  // 5
  const auto wanted = message::Message::create({.wants_receipt = true});
  EXPECT_TRUE(asks_for_receipt(*wanted, "text/plain"));
  EXPECT_TRUE(asks_for_receipt(*wanted, "application/xml"));
  EXPECT_FALSE(asks_for_receipt(*wanted, "Message/CPIM; charset=utf-8"));
  EXPECT_FALSE(asks_for_receipt(*wanted, "message/imdn+xml"));
  EXPECT_FALSE(asks_for_receipt(*message::Message::create({}), "text/plain"));
}

TEST_F(ReceiptRequestTest, Defects) {  // 6
  EXPECT_THAT(write({.id = "1", .from = "sip:a b@c"}), HasSubstr("error: From"));
  EXPECT_THAT(write({.id = "1", .to = "sip:@@"}), HasSubstr("error: To"));
}

}  // namespace
}  // namespace missive::pjsip
