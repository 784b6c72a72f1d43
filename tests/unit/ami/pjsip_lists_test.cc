// The lists of the PJSIP* actions, over a technology that is made up.
//
//  1. PJSIPShowEndpoints and PJSIPShowEndpoint say what Asterisk 20.7 was observed to say, line by
//     line
//  2. the fields of every event, in order, of every list; each counts its items
//  3. the values of a phone that registered; unreachable, reachable, not asked yet
//  4. an endpoint with everything: transport, auths, identify, AORs, contacts, and their order
//  5. options of calls are shown as the file has them, in Asterisk's spelling
//  6. no password, hash or token anywhere in any of them
//  7. of what there is none; without a pjsip.conf
//  8. a list ends at three quarters of max_unsent and says how many are left out
//  9. 10,000 endpoints in one list
#include <gmock/gmock.h>

#include <fstream>
#include <regex>

#include "support/source_file.h"
#include "unit/ami/pjsip_lab.h"

namespace missive::ami {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// As tests/data/ami/pjsip_show_endpoint*.txt were recorded with, in their order.
constexpr std::string_view recorded_conf = R"(
[plain](!)
type = endpoint
context = messages
allow = ulaw
[bob]
type = aor
[bob]
type = auth
username = x
[bob](plain)
aors = bob
auth = bob
[webalice]
type = aor
[webalice]
type = auth
username = x
[webalice](plain)
aors = webalice
auth = webalice
[mctx](plain)
[absent]
type = aor
[absent]
type = auth
username = x
[absent](plain)
aors = absent
auth = absent
[alice]
type = aor
[alice]
type = auth
username = x
[alice](plain)
aors = alice
auth = alice
[sink]
type = aor
contact = sip:sink@127.0.0.1:5099
max_contacts = 2
remove_existing = yes
[sink](plain)
aors = sink
[outbound](plain)
[webbob]
type = aor
[webbob]
type = auth
username = x
[webbob](plain)
aors = webbob
auth = webbob
)";

std::string file(std::string_view name) {
  std::ifstream stream(source_file("tests/data/ami") / name);
  std::string text;
  for (std::string line; std::getline(stream, line);) text += line + "\r\n";
  return text;
}

struct RecordedPjsip : PjsipActions {
  RecordedPjsip() : PjsipActions(recorded_conf) {}
};

TEST_F(RecordedPjsip, IsReproduced) {  // 1
  EXPECT_EQ(client.ask("Action: PJSIPShowEndpoints\r\nActionID: e1\r\n\r\n"),
            file("pjsip_show_endpoints.txt"));
  const auto said =
      client.ask("Action: PJSIPShowEndpoint\r\nActionID: pe3\r\nEndpoint: sink\r\n\r\n");
  // An option that came after 20.7.
  const std::string newer = "Qualify2xxOnly: false\r\n";
  auto known = said;
  ASSERT_NE(known.find(newer), known.npos);
  known.erase(known.find(newer), newer.size());
  EXPECT_EQ(known, file("pjsip_show_endpoint.txt"));
}

using Names = std::vector<std::string>;

const Names aor_fields{"ObjectType",        "ObjectName",          "MinimumExpiration",
                       "DefaultExpiration", "QualifyTimeout",      "Mailboxes",
                       "SupportPath",       "RemoveUnavailable",   "VoicemailExtension",
                       "MaxContacts",       "AuthenticateQualify", "Contacts",
                       "MaximumExpiration", "QualifyFrequency",    "RemoveExisting",
                       "OutboundProxy",     "Qualify2xxOnly"};
const Names auth_fields{"ObjectType", "ObjectName", "Username",      "Password",
                        "Md5Cred",    "Realm",      "NonceLifetime", "AuthType"};
const Names transport_fields{"ObjectType",
                             "ObjectName",
                             "Protocol",
                             "Bind",
                             "AsyncOperations",
                             "CaListFile",
                             "CaListPath",
                             "CertFile",
                             "PrivKeyFile",
                             "Password",
                             "ExternalSignalingAddress",
                             "ExternalSignalingPort",
                             "ExternalMediaAddress",
                             "Domain",
                             "VerifyServer",
                             "VerifyClient",
                             "RequireClientCert",
                             "Method",
                             "Cipher",
                             "LocalNet",
                             "Tos",
                             "Cos",
                             "WebsocketWriteTimeout",
                             "AllowReload",
                             "SymmetricTransport",
                             "AllowWildcardCerts",
                             "TcpKeepaliveEnable",
                             "TcpKeepaliveIdleTime",
                             "TcpKeepaliveIntervalTime",
                             "TcpKeepaliveProbeCount"};
const Names identify_fields{"ObjectType", "ObjectName",  "Endpoint",        "SrvLookups",
                            "Match",      "MatchHeader", "MatchRequestUri", "Transport"};
const Names contact_fields{"ObjectType",
                           "ObjectName",
                           "ViaAddr",
                           "ViaPort",
                           "QualifyTimeout",
                           "CallId",
                           "RegServer",
                           "PruneOnBoot",
                           "Path",
                           "Endpoint",
                           "AuthenticateQualify",
                           "Uri",
                           "QualifyFrequency",
                           "UserAgent",
                           "ExpirationTime",
                           "OutboundProxy",
                           "Status",
                           "RoundtripUsec",
                           "Qualify2xxOnly"};
const Names contact_status_fields{"AOR",
                                  "URI",
                                  "UserAgent",
                                  "RegExpire",
                                  "ViaAddress",
                                  "CallID",
                                  "Status",
                                  "RoundtripUsec",
                                  "EndpointName",
                                  "ID",
                                  "AuthenticateQualify",
                                  "OutboundProxy",
                                  "Path",
                                  "QualifyFrequency",
                                  "QualifyTimeout"};

Names with(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

struct ListCase {
  std::string_view action, message, event, complete;
  std::size_t items;
  Names fields;
};

TEST_F(PjsipActions, ListsHaveAsterisksFields) {  // 2
  register_alice();
  const std::vector<ListCase> cases{
      {"PJSIPShowEndpoints",
       "A listing of Endpoints follows, presented as EndpointList events",
       "EndpointList",
       "EndpointListComplete",
       2,
       {"ObjectType", "ObjectName", "Transport", "Aor", "Auths", "OutboundAuths", "Contacts",
        "DeviceState", "ActiveChannels"}},
      {"PJSIPShowAors", "A listing of AORs follows, presented as AorList events", "AorList",
       "AorListComplete", 2, with(aor_fields, {"TotalContacts", "ContactsRegistered"})},
      {"PJSIPShowAuths", "A listing of Auths follows, presented as AuthList events", "AuthList",
       "AuthListComplete", 3, auth_fields},
      {"PJSIPShowContacts", "A listing of Contacts follows, presented as ContactList events",
       "ContactList", "ContactListComplete", 2, contact_fields},
      {"PJSIPShowRegistrationsInbound", "Following are Events for each Inbound registration",
       "InboundRegistrationDetail", "InboundRegistrationDetailComplete", 2, aor_fields},
      {"PJSIPShowRegistrationInboundContactStatuses",
       "Following are ContactStatusEvents for each Inbound registration", "ContactStatusDetail",
       "ContactStatusDetailComplete", 1, contact_status_fields},
      {"PJSIPShowSubscriptionsInbound",
       "Following are Events for each inbound Subscription",
       "InboundSubscriptionDetail",
       "InboundSubscriptionDetailComplete",
       0,
       {}},
      {"PJSIPShowSubscriptionsOutbound",
       "Following are Events for each outbound Subscription",
       "OutboundSubscriptionDetail",
       "OutboundSubscriptionDetailComplete",
       0,
       {}}};
  for (const auto& expected : cases) {
    const auto said = ask(expected.action);
    EXPECT_THAT(said, testing::StartsWith(fmt::format(
                          "Response: Success\r\nActionID: a\r\nEventList: start\r\nMessage: {}\r\n"
                          "\r\n",
                          expected.message)));
    EXPECT_THAT(said, testing::EndsWith(fmt::format(
                          "Event: {}\r\nActionID: a\r\nEventList: Complete\r\nListItems: {}\r\n"
                          "\r\n",
                          expected.complete, expected.items)));
    const auto found = events(said, expected.event);
    ASSERT_THAT(found, SizeIs(expected.items)) << said;
    if (expected.items == 0) continue;
    EXPECT_EQ(fields(found.front()), with({"Event", "ActionID"}, expected.fields));
  }
}

TEST_F(PjsipActions, ContactsSayHowTheyAre) {  // 3
  register_alice();
  const auto contact = [this] { return events(ask("PJSIPShowContacts"), "ContactList").at(0); };
  EXPECT_THAT(value(contact(), "ObjectName"), testing::MatchesRegex("alice;@[0-9a-f]{32}"));
  EXPECT_EQ(value(contact(), "ViaAddr"), "192.0.2.7");
  EXPECT_EQ(value(contact(), "ViaPort"), "5062");
  EXPECT_EQ(value(contact(), "CallId"), "call-1");
  EXPECT_EQ(value(contact(), "Path"), "<sip:proxy;lr>");
  EXPECT_EQ(value(contact(), "QualifyTimeout"), "2.500000");
  EXPECT_EQ(value(contact(), "QualifyFrequency"), "60");
  EXPECT_EQ(value(contact(), "AuthenticateQualify"), "yes");
  EXPECT_EQ(value(contact(), "OutboundProxy"), "sip:192.0.2.99");
  const auto expires = std::chrono::system_clock::to_time_t(world.clock.wall() + 100s);
  EXPECT_EQ(value(contact(), "ExpirationTime"), std::to_string(expires));
  EXPECT_EQ(value(contact(), "Status"), "Unknown");
  EXPECT_EQ(value(contact(), "RoundtripUsec"), "N/A");
  alice_is(pjsip::Reachability::reachable, 5871us);
  EXPECT_EQ(value(contact(), "Status"), "Reachable");
  EXPECT_EQ(value(contact(), "RoundtripUsec"), "5871");
  alice_is(pjsip::Reachability::unreachable, 0us);
  EXPECT_EQ(value(contact(), "Status"), "Unreachable");
  const auto status =
      events(ask("PJSIPShowRegistrationInboundContactStatuses"), "ContactStatusDetail").at(0);
  EXPECT_EQ(value(status, "RegExpire"), std::to_string(expires));
  EXPECT_EQ(value(status, "ViaAddress"), "192.0.2.7:5062");
  EXPECT_EQ(value(status, "ID"), value(contact(), "ObjectName"));
  EXPECT_EQ(value(status, "QualifyTimeout"), "2.500");
  // One of pjsip.conf never registered.
  const auto fixed = events(ask("PJSIPShowContacts"), "ContactList").at(1);
  EXPECT_EQ(value(fixed, "ObjectName"), "extra@@64722c44fafe4a9829c367d380b5fab5");
  EXPECT_EQ(value(fixed, "ExpirationTime"), "0");
  EXPECT_EQ(value(fixed, "Status"), "NonQualified");
  EXPECT_EQ(value(fixed, "CallId"), "nothing");
}

TEST_F(PjsipActions, OneEndpointHasAllOfItsParts) {  // 4
  register_alice();
  const auto said = ask("PJSIPShowEndpoint", "Endpoint: PJSIP/alice\r\n");
  std::vector<std::string> names;
  static const std::regex event("Event: (\\w+)");
  for (std::sregex_iterator at(said.begin(), said.end(), event), end; at != end; ++at) {
    names.push_back((*at)[1]);
  }
  EXPECT_THAT(names,
              ElementsAre("EndpointDetail", "TransportDetail", "AorDetail", "AorDetail",
                          "AuthDetail", "AuthDetail", "IdentifyDetail", "ContactStatusDetail",
                          "ContactStatusDetail", "EndpointDetailComplete"));
  EXPECT_THAT(said, testing::EndsWith("ListItems: 9\r\n\r\n"));
  const std::vector<std::pair<std::string_view, Names>> parts{
      {"TransportDetail", transport_fields},
      {"AorDetail", with(aor_fields, {"TotalContacts", "ContactsRegistered"})},
      {"AuthDetail", auth_fields},
      {"IdentifyDetail", identify_fields}};
  for (const auto& [name, expected] : parts) {
    const auto packet = events(said, name).at(0);
    EXPECT_EQ(fields(packet), with(with({"Event", "ActionID"}, expected), {"EndpointName"}));
    EXPECT_EQ(value(packet, "EndpointName"), "alice");
  }
  const auto transport = events(said, "TransportDetail").at(0);
  EXPECT_EQ(value(transport, "Bind"), "127.0.0.1:5070");
  EXPECT_EQ(value(transport, "LocalNet"), "10.0.0.0/8,192.168.0.0/16");
  EXPECT_EQ(value(transport, "Tos"), "96");
  const auto identify = events(said, "IdentifyDetail").at(0);
  EXPECT_EQ(value(identify, "Match"), "192.0.2.0/24,198.51.100.7");
  EXPECT_EQ(value(identify, "SrvLookups"), "false");
  const auto aor = events(said, "AorDetail").at(0);
  EXPECT_EQ(value(aor, "Contacts"), "alice/sip:alice@192.0.2.7:5062");
  EXPECT_EQ(value(aor, "TotalContacts"), "1");
  EXPECT_EQ(value(aor, "ContactsRegistered"), "1");
}

TEST_F(PjsipActions, OptionsAreSpelledAsAsteriskDoes) {  // 5
  const auto endpoint =
      events(ask("PJSIPShowEndpoint", "Endpoint: alice\r\n"), "EndpointDetail").at(0);
  const std::vector<std::pair<std::string_view, std::string_view>> expected{
      {"100rel", "peer_supported"},
      {"Allow", "(ulaw|alaw)"},
      {"DirectMedia", "false"},
      {"Timers", "no"},
      {"DtlsVerify", "Yes"},
      {"RtpTimeout", "30"},
      {"SendDiversion", "false"},
      {"DeviceStateBusyAt", "2"},
      {"IdentifyBy", "ip,username"},
      {"Callerid", "\"Alice\" <100>"},
      {"SetVar", "A=1"},
      {"Aors", "alice,extra"},
      {"MessageContext", "messages"},
      {"DtmfMode", "rfc4733"}};
  for (const auto& [name, wanted] : expected) EXPECT_EQ(value(endpoint, name), wanted) << name;
  EXPECT_EQ(value(events(ask("PJSIPShowEndpoint", "Endpoint: lonely\r\n"), "EndpointDetail").at(0),
                  "Allow"),
            "(nothing)");
}

TEST_F(PjsipActions, TellNoSecret) {  // 6
  const auto everything = ask("PJSIPShowEndpoint", "Endpoint: alice\r\n") + ask("PJSIPShowAuths") +
                          ask("PJSIPShowEndpoints") + ask("PJSIPShowAors");
  EXPECT_THAT(everything, HasSubstr("Password: \r\nMd5Cred: \r\n"));
  for (const auto* secret : {"s3cr3t", "0123456789abcdef0123456789abcdef"}) {
    EXPECT_THAT(everything, Not(HasSubstr(secret)));
  }
}

struct EmptyPjsip : PjsipActions {
  EmptyPjsip() : PjsipActions("") {}
};

TEST_F(EmptyPjsip, SaysSo) {  // 7
  for (const bool without : {false, true}) {
    if (without) world.shared.pjsip = nullptr;
    const std::vector<std::pair<std::string_view, std::string_view>> refusals{
        {"PJSIPShowEndpoints", "No endpoints found"},
        {"PJSIPShowAors", "No AORs found"},
        {"PJSIPShowAuths", "No Auths found"},
        {"PJSIPShowContacts", "No Contacts found"},
        {"PJSIPShowResourceLists", "No resource lists found"},
        {"PJSIPShowEndpoint\r\nEndpoint: nosuch", "Unable to retrieve endpoint nosuch"},
        {"PJSIPShowEndpoint", "PJSIPShowEndpoint requires an endpoint name"},
        {"PJSIPQualify\r\nEndpoint: nosuch", "Unable to retrieve endpoint"}};
    for (const auto& [action, text] : refusals) {
      EXPECT_EQ(ask(action),
                fmt::format("Response: Error\r\nActionID: a\r\nMessage: {}\r\n\r\n", text));
    }
    EXPECT_THAT(ask("PJSIPShowRegistrationsInbound"), HasSubstr("ListItems: 0\r\n"));
    EXPECT_THAT(ask("PJSIPShowRegistrationInboundContactStatuses"), HasSubstr("ListItems: 0\r\n"));
  }
  EXPECT_THAT(ask("PJSIPNotify", "Endpoint: alice\r\nVariable: Event=x\r\n"),
              HasSubstr("Message: NOTIFY not sent\r\nReason: there is no pjsip.conf in force\r\n"));
}

std::string many_endpoints(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format(
        "[u{0}]\ntype=aor\ncontact=sip:u{0}@192.0.2.1\n[u{0}]\ntype=endpoint\naors=u{0}\n", i);
  }
  return text;
}

TEST(PjsipLists, EndAtALimit) {  // 8
  conf::MissiveConf::Ami limits;
  limits.max_unsent = 4000;  // the list: 3000 and the item it is at
  World world(limits);
  FakeOperations operations(many_endpoints(40));
  world.shared.pjsip = &operations;
  Client client(world);
  client.login("admin", "s3cret-AMI");
  const auto said = client.ask("Action: PJSIPShowEndpoints\r\n\r\n");
  EXPECT_LT(said.size(), 3600u);
  static const std::regex last("ListItems: (\\d+)\r\nOmitted: (\\d+)\r\n\r\n$");
  std::smatch numbers;
  ASSERT_TRUE(std::regex_search(said, numbers, last)) << said;
  EXPECT_EQ(std::stoi(numbers[1]) + std::stoi(numbers[2]), 40);
}

TEST(PjsipLists, TakeTenThousand) {  // 9
  World world;
  FakeOperations operations(many_endpoints(10'000));
  world.shared.pjsip = &operations;
  Client client(world);
  client.login("admin", "s3cret-AMI");
  EXPECT_THAT(client.ask("Action: PJSIPShowEndpoints\r\n\r\n"),
              testing::EndsWith("ListItems: 10000\r\n\r\n"));
}

}  // namespace
}  // namespace missive::ami
