// What is answered to requests this server has no use for.
//
//  1. OPTIONS: 200 with Allow, Accept and Supported; 420 where an extension is required.
//  2. INVITE: 488 with a Warning a person understands, in or out of a dialog.
//  3. CANCEL: 481.
//  4. Methods that RFCs define: 405 with Allow, inside a dialog 481.
//  5. Unknown methods are not taken.
//  6. All of it through the transaction layer, as it goes over the wire.
#include "pjsip/request_refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/sip/loop_lab.h"
#include "unit/sip/sip_text.h"

namespace missive::pjsip {
namespace {

using sip::test::replaced;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string of_method(const std::string& method, bool in_dialog = false) {
  const auto text = replaced(replaced(sip::test::message_request, "MESSAGE sip", method + " sip"),
                             "7 MESSAGE", "7 " + method);
  return in_dialog ? replaced(text, "bob@example.com>\r\n", "bob@example.com>;tag=x\r\n") : text;
}

class RequestRefusalsTest : public testing::Test {
 protected:
  // The response to a request; nothing when it was not taken.
  std::optional<sip::Response> ask(std::string text) {
    sip::Packet packet;
    EXPECT_TRUE(packet.parse(text));
    sip::Response response;
    const auto from = sip::test::address("192.0.2.1:5060");
    if (!refusals.on_request({packet, lab.udp, from}, response)) return std::nullopt;
    return response;
  }

  sip::test::Lab lab;
  RequestRefusals refusals;
};

TEST_F(RequestRefusalsTest, Options) {  // 1
  const auto response = ask(of_method("OPTIONS"));
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->headers, HasSubstr("Allow: OPTIONS, REGISTER, MESSAGE\r\n"));
  EXPECT_THAT(response->headers, HasSubstr("Accept: text/plain\r\n"));
  EXPECT_THAT(response->headers, HasSubstr("Supported:"));
  const auto required =
      ask(replaced(of_method("OPTIONS"), "Content-Type:", "Require: 100rel, foo\r\nContent-Type:"));
  EXPECT_EQ(required->status, 420);
  EXPECT_EQ(required->headers, "Unsupported: 100rel, foo\r\n");
}

TEST_F(RequestRefusalsTest, OptionsListsTheContentTypes) {  // 1
  auto text = of_method("OPTIONS");
  sip::Packet packet;
  ASSERT_TRUE(packet.parse(text));
  RequestRefusals of_several({"text/plain", "message/cpim"});
  sip::Response response;
  const auto from = sip::test::address("192.0.2.1:5060");
  EXPECT_TRUE(of_several.on_request({packet, lab.udp, from}, response));
  EXPECT_THAT(response.headers, HasSubstr("Accept: text/plain, message/cpim\r\n"));
}

TEST_F(RequestRefusalsTest, Invite) {  // 2
  for (const bool in_dialog : {false, true}) {
    const auto response = ask(of_method("INVITE", in_dialog));
    EXPECT_EQ(response->status, 488);
    EXPECT_THAT(response->headers, StartsWith("Warning: 399 "));
  }
}

TEST_F(RequestRefusalsTest, Cancel) {  // 3
  EXPECT_EQ(ask(of_method("CANCEL"))->status, 481);
  EXPECT_EQ(ask(of_method("CANCEL", true))->status, 481);
}

TEST_F(RequestRefusalsTest, KnownMethods) {  // 4
  for (const auto* method : {"BYE", "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO",
                             "PRACK", "UPDATE", "REFER"}) {
    const auto response = ask(of_method(method));
    EXPECT_EQ(response->status, 405) << method;
    EXPECT_THAT(response->headers, HasSubstr("Allow: OPTIONS, REGISTER, MESSAGE\r\n"));
    EXPECT_EQ(ask(of_method(method, true))->status, 481) << method;
  }
}

TEST_F(RequestRefusalsTest, UnknownMethods) {  // 5
  for (const auto* method : {"FOO", "options", "Invite"}) {
    EXPECT_FALSE(ask(of_method(method))) << method;
    EXPECT_FALSE(ask(of_method(method, true))) << method;
  }
}

TEST_F(RequestRefusalsTest, OverTheWire) {  // 6
  lab.layer.add(refusals);
  for (const auto& [method, line] : std::vector<std::pair<std::string, std::string>>{
           {"OPTIONS", "SIP/2.0 200 OK\r\n"},
           {"INVITE", "SIP/2.0 488 Not Acceptable Here\r\n"},
           {"CANCEL", "SIP/2.0 481 "},
           {"REGISTER", "SIP/2.0 405 Method Not Allowed\r\n"},
           {"FOO", "SIP/2.0 501 Not Implemented\r\n"}}) {
    lab.udp.sent.clear();
    lab.udp.deliver(of_method(method), sip::test::address("192.0.2.1:5060"));
    sip::test::settle(lab.shard);
    ASSERT_EQ(lab.udp.sent.size(), 1u) << method;
    EXPECT_THAT(lab.udp.sent[0].text, StartsWith(line));
    auto text = lab.udp.sent[0].text;
    sip::Packet packet;
    EXPECT_TRUE(packet.parse(text)) << text;
  }
  lab.udp.sent.clear();
  lab.udp.deliver(of_method("ACK"), sip::test::address("192.0.2.1:5060"));
  sip::test::settle(lab.shard);
  EXPECT_TRUE(lab.udp.sent.empty());
}

}  // namespace
}  // namespace missive::pjsip
