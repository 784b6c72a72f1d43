// PJSIPQualify, PJSIPNotify, PJSIPHangup over a technology that is made up, and who may use any
// PJSIP* action.
//
//  1. PJSIPQualify: asked, and what is refused
//  2. PJSIPNotify: Variables, an Option, both; to a URI; to an endpoint by PJSIP/ and SIP/
//  3. PJSIPNotify: what is refused, with the reason
//  4. PJSIPHangup
//  5. no action without its class
#include <gmock/gmock.h>

#include "unit/ami/pjsip_lab.h"

namespace missive::ami {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST_F(PjsipActions, Qualify) {  // 1
  EXPECT_EQ(ask("PJSIPQualify", "Endpoint: alice\r\n"),
            "Response: Success\r\nActionID: a\r\nMessage: Endpoint found, will qualify\r\n\r\n");
  EXPECT_THAT(operations.qualified, ElementsAre("alice"));
  EXPECT_THAT(ask("PJSIPQualify"), HasSubstr("Message: Endpoint parameter missing.\r\n"));
  EXPECT_THAT(ask("PJSIPQualify", "Endpoint: lonely\r\n"),
              HasSubstr("Message: No AoRs configured for endpoint\r\n"));
  operations.answer = base::fail("the server ends");
  EXPECT_THAT(ask("PJSIPQualify", "Endpoint: alice\r\n"), HasSubstr("Reason: the server ends\r\n"));
}

struct Notify : PjsipActions {
  Notify()
      : PjsipActions(full_conf,
                     "[reboot]\nEvent=>check-sync\nContent-Type=>text/plain\n"
                     "Content=>now\n") {}
  const pjsip::NotifyOrder& order() { return operations.notified.back(); }
};

TEST_F(Notify, IsOrdered) {  // 2
  const std::string sent = "Response: Success\r\nActionID: a\r\nMessage: NOTIFY sent\r\n\r\n";
  EXPECT_EQ(ask("PJSIPNotify", "Endpoint: alice\r\nVariable: Event=x\r\nVariable: X-A=1,X-B=2\r\n"),
            sent);
  EXPECT_EQ(order().endpoint, "alice");
  EXPECT_EQ(order().uri, "");
  EXPECT_THAT(order().headers, ElementsAre(Pair("Event", "x"), Pair("X-A", "1"), Pair("X-B", "2")));
  EXPECT_EQ(ask("PJSIPNotify", "Endpoint: pjsip/alice\r\nOption: reboot\r\nVariable: X-A=1\r\n"),
            sent);
  EXPECT_EQ(order().endpoint, "alice");
  EXPECT_THAT(order().headers,
              ElementsAre(Pair("Event", "check-sync"), Pair("Content-Type", "text/plain"),
                          Pair("Content", "now"), Pair("X-A", "1")));
  EXPECT_EQ(ask("PJSIPNotify", "URI: sip:bob@192.0.2.1\r\nOption: reboot\r\n"), sent);
  EXPECT_EQ(order().endpoint, "");
  EXPECT_EQ(order().uri, "sip:bob@192.0.2.1");
  EXPECT_EQ(ask("PJSIPNotify", "Endpoint: SIP/alice\r\nOption: reboot\r\n"), sent);
  EXPECT_EQ(ask("PJSIPNotify", "Endpoint: alice\r\nVariable: Event=x,Content=1,Content=2\r\n"),
            sent);
  EXPECT_THAT(order().headers,
              ElementsAre(Pair("Event", "x"), Pair("Content", "1"), Pair("Content", "2")));
}

TEST_F(Notify, IsRefused) {  // 3
  const std::string one =
      "Message: PJSIPNotify requires either an endpoint name, a SIP URI, or a channel.  You must "
      "use only one of them.\r\n";
  EXPECT_THAT(ask("PJSIPNotify", "Option: reboot\r\n"), HasSubstr(one));
  EXPECT_THAT(ask("PJSIPNotify", "Endpoint: alice\r\nURI: sip:x@y\r\nOption: reboot\r\n"),
              HasSubstr(one));
  EXPECT_THAT(ask("PJSIPNotify", "Channel: PJSIP/alice-1\r\nOption: reboot\r\n"),
              HasSubstr("Message: Channel not found\r\n"));
  EXPECT_THAT(ask("PJSIPNotify", "Endpoint: nosuch\r\nOption: reboot\r\n"),
              HasSubstr("Message: Unable to retrieve endpoint nosuch\r\n"));
  EXPECT_THAT(ask("PJSIPNotify", "Endpoint: alice\r\n"),
              HasSubstr("Reason: neither Option nor Variable says what to send\r\n"));
  EXPECT_THAT(ask("PJSIPNotify", "Endpoint: alice\r\nOption: party\r\n"),
              HasSubstr("Reason: pjsip_notify.conf has no section [party]\r\n"));
  EXPECT_THAT(ask("PJSIPNotify", "Endpoint: alice\r\nVariable: nonsense\r\n"),
              HasSubstr("Message: NOTIFY not sent\r\nReason: "));
  operations.answer = base::fail("endpoint 'alice' has no contact");
  EXPECT_THAT(ask("PJSIPNotify", "Endpoint: alice\r\nOption: reboot\r\n"),
              HasSubstr("Reason: endpoint 'alice' has no contact\r\n"));
}

TEST_F(PjsipActions, HangUpNothing) {  // 4
  EXPECT_THAT(ask("PJSIPHangup", "Channel: PJSIP/alice-00000001\r\nCause: 486\r\n"),
              HasSubstr("Response: Error\r\nActionID: a\r\nMessage: No such channel\r\n"));
  EXPECT_THAT(ask("PJSIPHangup"), HasSubstr("Message: No channel specified\r\n"));
}

TEST(PjsipPrivileges, AreAsked) {  // 5
  World world({},
              "[general]\nenabled = yes\n[texts]\nsecret = s\nread = all\nwrite = message\n"
              "[reports]\nsecret = s\nwrite = reporting\n[calls]\nsecret = s\nwrite = call\n");
  FakeOperations operations(full_conf);
  world.shared.pjsip = &operations;
  const auto denied = [&world](std::string_view user, std::string_view action) {
    Client client(world);
    client.login(user, "s");
    return client.ask(fmt::format("Action: {}\r\n\r\n", action))
               .find("Message: Permission denied") != std::string::npos;
  };
  const std::vector<std::string> of_system{"PJSIPShowEndpoints",
                                           "PJSIPShowEndpoint",
                                           "PJSIPShowAors",
                                           "PJSIPShowAuths",
                                           "PJSIPShowContacts",
                                           "PJSIPShowRegistrationsInbound",
                                           "PJSIPShowRegistrationInboundContactStatuses",
                                           "PJSIPShowSubscriptionsInbound",
                                           "PJSIPShowSubscriptionsOutbound",
                                           "PJSIPShowResourceLists",
                                           "PJSIPNotify"};
  for (const auto& action : of_system) {
    for (const auto* user : {"texts", "reports", "calls"}) EXPECT_TRUE(denied(user, action));
  }
  EXPECT_TRUE(denied("texts", "PJSIPQualify"));
  EXPECT_FALSE(denied("reports", "PJSIPQualify"));
  EXPECT_TRUE(denied("reports", "PJSIPHangup"));
  EXPECT_FALSE(denied("calls", "PJSIPHangup"));
}

}  // namespace
}  // namespace missive::ami
