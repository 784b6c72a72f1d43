// The actions about registrations of ours and the event Registry, with operations that the test
// answers for.
//
// Actions
//  1. PJSIPRegister and PJSIPUnregister: one, *all, none named, one that is not there
//  2. PJSIPShowRegistrationsOutbound: every field in order, AuthDetail without secrets, the
//  figures,
//     ActionID on each packet; what is not configured any more is left out; none at all
//  3. without pjsip each is refused
//  4. another class than system or reporting is refused
// Events
//  5. Registry: Registered without a Cause, Rejected with one, what was taken back as Unregistered;
//     the channel type of each technology; to whom reads system
#include <gmock/gmock.h>

#include "ami/registry_events.h"
#include "pjsip/operations.h"
#include "unit/ami/harness.h"
#include "unit/pjsip/configured.h"

namespace missive::ami {
namespace {

using std::chrono_literals::operator""s;
using pjsip::RegistrationStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using State = RegistrationStatus::State;

constexpr std::string_view pjsip_conf = R"([a]
type = auth
username = me
password = t0p-s3cret
realm = example.com
[b]
type = auth
username = other
password = t0p-s3cret
[udp]
type = transport
bind = 127.0.0.1
[in]
type = endpoint
[trunk]
type = registration
server_uri = sip:registrar.example.com
client_uri = sip:me@example.com
contact_user = inbound
contact_header_params = q=1
outbound_auth = a,b
outbound_proxy = sip:192.0.2.9\;lr
transport = udp
endpoint = in
line = yes
expiration = 600
max_retries = 3
retry_interval = 5
forbidden_retry_interval = 6
fatal_retry_interval = 7
max_random_initial_delay = 8
auth_rejection_permanent = no
support_path = yes
[plain]
type = registration
server_uri = sip:192.0.2.1
client_uri = sip:plain@192.0.2.1
)";

class FakeOperations final : public pjsip::Operations {
 public:
  std::shared_ptr<const pjsip::Configuration> configuration() const override { return current; }
  const pjsip::LocationService& locations() const override { return location_service; }
  std::vector<RegistrationStatus> registrations() const override { return statuses; }
  base::Result<void> register_now(std::string_view name) override { return note("+", name); }
  base::Result<void> unregister(std::string_view name) override { return note("-", name); }
  base::Result<void> qualify(std::string_view) override { return base::fail("not here"); }
  base::Result<void> notify(pjsip::NotifyOrder) override { return base::fail("not here"); }

  std::shared_ptr<const pjsip::Configuration> current = pjsip::test::configured(pjsip_conf);
  pjsip::LocationService location_service;
  std::vector<RegistrationStatus> statuses;
  std::vector<std::string> asked;

 private:
  base::Result<void> note(std::string_view sign, std::string_view name) {
    if (name != "*all" && current->registration(name) == nullptr) {
      return base::fail("registration '{}' not found", name);
    }
    asked.push_back(std::string(sign).append(name));
    return {};
  }
};

RegistrationStatus status_of(std::string_view name, State state, std::string_view reason = {}) {
  RegistrationStatus status;
  status.name = name;
  status.server_uri = "sip:registrar.example.com";
  status.client_uri = "sip:me@example.com";
  status.state = state;
  status.reason = reason;
  return status;
}

struct RegistrationActions : testing::Test {
  RegistrationActions() {
    world.shared.pjsip = &operations;
    client.login("admin", "s3cret-AMI", "on");
  }
  std::string ask(std::string_view action, std::string_view headers = "") {
    return client.ask(fmt::format("Action: {}\r\nActionID: 7\r\n{}\r\n", action, headers));
  }
  std::string told(std::string_view technology, const RegistrationStatus& status) {
    client.read();
    registry.on_registration(technology, status);
    world.pump();
    return client.read();
  }

  World world;
  FakeOperations operations;
  RegistryEvents registry{world.shared.events};
  Client client{world};
};

std::string success(std::string_view message) {
  return fmt::format("Response: Success\r\nActionID: 7\r\nMessage: {}\r\n\r\n", message);
}

TEST_F(RegistrationActions, Register) {  // 1
  EXPECT_EQ(ask("PJSIPRegister", "Registration: trunk\r\n"), success("Reregistration sent"));
  EXPECT_EQ(ask("PJSIPRegister", "Registration: *all\r\n"), success("Reregistrations queued."));
  EXPECT_EQ(ask("PJSIPUnregister", "Registration: trunk\r\n"), success("Unregistration sent"));
  EXPECT_EQ(ask("PJSIPUnregister", "Registration: *all\r\n"), success("Unregistrations queued."));
  EXPECT_THAT(operations.asked, ElementsAre("+trunk", "+*all", "-trunk", "-*all"));
}

TEST_F(RegistrationActions, NoSuchRegistration) {  // 1
  for (const auto* action : {"PJSIPRegister", "PJSIPUnregister"}) {
    EXPECT_EQ(ask(action),
              "Response: Error\r\nActionID: 7\r\nMessage: Registration parameter missing.\r\n\r\n");
    EXPECT_EQ(ask(action, "Registration: gone\r\n"),
              "Response: Error\r\nActionID: 7\r\nMessage: Unable to retrieve registration entry\r\n"
              "Reason: registration 'gone' not found\r\n\r\n");
  }
  EXPECT_THAT(operations.asked, ElementsAre());
}

TEST_F(RegistrationActions, Show) {  // 2
  operations.statuses = {status_of("gone", State::stopped),
                         status_of("plain", State::rejected, "403 Forbidden"),
                         status_of("trunk", State::registered)};
  operations.statuses[2].next_in = 540s;
  const auto said = ask("PJSIPShowRegistrationsOutbound");
  EXPECT_THAT(said, testing::StartsWith(
                        "Response: Success\r\nActionID: 7\r\nEventList: start\r\n"
                        "Message: Following are Events for each Outbound registration\r\n\r\n"
                        "Event: OutboundRegistrationDetail\r\nActionID: 7\r\n"
                        "ObjectType: registration\r\nObjectName: plain\r\n"));
  EXPECT_THAT(said, HasSubstr("Status: Rejected\r\nNextReg: 0\r\nReason: 403 Forbidden\r\n\r\n"));
  EXPECT_THAT(said,
              HasSubstr("Event: OutboundRegistrationDetail\r\nActionID: 7\r\n"
                        "ObjectType: registration\r\nObjectName: trunk\r\nMaxRetries: 3\r\n"
                        "ClientUri: sip:me@example.com\r\nSecurityNegotiation: no\r\n"
                        "AuthRejectionPermanent: false\r\nServerUri: sip:registrar.example.com\r\n"
                        "MaxRandomInitialDelay: 8\r\nSupportPath: true\r\nRetryInterval: 5\r\n"
                        "ContactHeaderParams: q=1\r\nExpiration: 600\r\nTransport: udp\r\n"
                        "Line: true\r\nContactUser: inbound\r\nEndpoint: in\r\n"
                        "ForbiddenRetryInterval: 6\r\nOutboundAuth: a,b\r\n"
                        "OutboundProxy: sip:192.0.2.9;lr\r\nFatalRetryInterval: 7\r\n"
                        "SupportOutbound: false\r\nStatus: Registered\r\nNextReg: 540\r\n\r\n"
                        "Event: AuthDetail\r\nActionID: 7\r\nObjectType: auth\r\nObjectName: a\r\n"
                        "Username: me\r\nPassword: \r\nMd5Cred: \r\nRealm: example.com\r\n"));
  EXPECT_THAT(said, testing::EndsWith("Event: OutboundRegistrationDetailComplete\r\nActionID: 7\r\n"
                                      "EventList: Complete\r\nListItems: 2\r\nRegistered: 1\r\n"
                                      "NotRegistered: 1\r\n\r\n"));
  EXPECT_THAT(said, Not(HasSubstr("t0p-s3cret")));
  EXPECT_THAT(said, Not(HasSubstr("ObjectName: gone")));
}

TEST_F(RegistrationActions, ShowNone) {  // 2
  EXPECT_THAT(ask("PJSIPShowRegistrationsOutbound"),
              HasSubstr("ListItems: 0\r\nRegistered: 0\r\nNotRegistered: 0\r\n\r\n"));
}

TEST_F(RegistrationActions, WithoutPjsip) {  // 3
  world.shared.pjsip = nullptr;
  EXPECT_THAT(ask("PJSIPRegister", "Registration: *all\r\n"),
              HasSubstr("Response: Error\r\nActionID: 7\r\n"));
  EXPECT_THAT(ask("PJSIPShowRegistrationsOutbound"),
              HasSubstr("Message: Unable to retrieve outbound registrations\r\n"));
}

TEST(RegistrationActionsClasses, AnotherClassIsRefused) {  // 4
  World world({}, "[general]\nenabled = yes\n[texts]\nsecret = s\nread = all\nwrite = message\n");
  FakeOperations operations;
  world.shared.pjsip = &operations;
  Client client(world);
  client.login("texts", "s");
  for (const auto* action :
       {"PJSIPRegister", "PJSIPUnregister", "PJSIPShowRegistrationsOutbound"}) {
    EXPECT_THAT(client.ask(fmt::format("Action: {}\r\nRegistration: trunk\r\n\r\n", action)),
                HasSubstr("Message: Permission denied"));
  }
  EXPECT_THAT(operations.asked, ElementsAre());
}

TEST_F(RegistrationActions, RegistryEvents) {  // 5
  EXPECT_EQ(told("pjsip", status_of("trunk", State::registered)),
            "Event: Registry\r\nPrivilege: system,all\r\nChannelType: PJSIP\r\n"
            "Username: sip:me@example.com\r\nDomain: sip:registrar.example.com\r\n"
            "Status: Registered\r\n\r\n");
  EXPECT_THAT(told("sip", status_of("trunk", State::rejected, "403 Forbidden")),
              testing::AllOf(HasSubstr("ChannelType: SIP\r\nUsername: me\r\n"
                                       "Domain: registrar.example.com\r\n"),
                             HasSubstr("Status: Rejected\r\nCause: 403 Forbidden\r\n\r\n")));
  EXPECT_THAT(told("pjsip", status_of("trunk", State::stopped, "taken back")),
              HasSubstr("Status: Unregistered\r\nCause: taken back\r\n\r\n"));
  EXPECT_THAT(told("pjsip", status_of("trunk", State::unregistered)),
              HasSubstr("Status: Unregistered\r\n\r\n"));
  Client filtered(world);
  filtered.login("filtered", "filtered", "on");  // reads user events only
  filtered.read();
  registry.on_registration("pjsip", status_of("trunk", State::registered));
  world.pump();
  EXPECT_EQ(filtered.read(), "");
}

}  // namespace
}  // namespace missive::ami
