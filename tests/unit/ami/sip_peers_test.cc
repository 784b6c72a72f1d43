// The SIP* actions over a technology that is made up, and the event PeerStatus of its peers.
//
// Without sip.conf
//  1. every action is one that does not exist
// SIPpeers
//  2. every field, of a peer that is there, one that is away and one at a fixed place; the end
//  3. what Status says: unmonitored, unknown, reachable, lagged, unreachable
//  4. where a peer is: its URI, the connection, or where a name that nobody knows came from
// SIPshowpeer
//  5. every field in order, of a peer that has them all; of one that has nothing; away; at its
//     defaultip
//  6. no Peer, no such peer; who only sends is none
// SIPpeerstatus
//  7. one, all, none of that name
// SIPqualifypeer
//  8. it is asked for, answered and told; the errors, with the reason
// SIPshowregistry
//  9. every state; none
// SIPnotify
// 10. to a peer or a host, with its variables in order; contents that repeat
// 11. what is refused
// Privileges
// 12. reporting is enough for what shows, system is needed for the rest
// PeerStatus
// 13. registered, again, removed, expired; permanent contacts say nothing
// 14. reachable, lagged, unreachable with the time; a peer by its AOR and by its name
#include <gmock/gmock.h>

#include "ami/peer_events.h"
#include "unit/ami/fake_operations.h"
#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

using namespace std::chrono_literals;
using pjsip::Reachability;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::string_view peers = R"(
[alice]
type = aor
max_contacts = 1
qualify_frequency = 60
qualify_timeout = 2.0
mailboxes = 100@device
[alice]
type = auth
username = alice-user
password = secret
[alice-out]
type = auth
username = alice
password = another
[alice]
type = endpoint
aors = alice
auth = alice
outbound_auth = alice-out
context = calls
message_context = messages
subscribe_context = hints
language = de
accountcode = 42
callerid = Alice A <100>
callerid_privacy = prohib
from_user = fu
from_domain = fd.example
user_eq_phone = yes
follow_redirect_methods = message
permit = 192.0.2.0/24
set_var = COLOUR=red
[trunk]
type = aor
contact = sip:192.0.2.9
[trunk]
type = endpoint
aors = trunk
force_rport = no
[only-sends]
type = endpoint
)";

pjsip::Contact contact_of(std::string_view uri, base::TimePoint expires) {
  pjsip::Contact contact;
  contact.aor = "alice";
  contact.uri = contact.given = uri;
  contact.endpoint = "alice";
  contact.user_agent = "Phone/1.0";
  contact.source = *net::Address::from_ip("198.51.100.7", 40000);
  contact.expires = expires;
  return contact;
}

struct SipActions : testing::Test {
  SipActions() {
    world.shared.chan_sip = &sip;
    client.login("admin", "s3cret-AMI");
  }

  std::string ask(std::string_view action, std::string_view headers = "") {
    return client.ask(fmt::format("Action: {}\r\nActionID: a\r\n{}\r\n", action, headers));
  }
  void add(pjsip::Contact contact) {
    sip.service.change("alice", [&contact](auto& contacts) {
      contacts.assign(1, {std::make_shared<const pjsip::Contact>(std::move(contact)), {}});
      return 0;
    });
  }
  void register_alice(std::string_view uri = "sip:alice@192.0.2.7:5062") {
    add(contact_of(uri, world.clock.now() + 100s));
  }
  void found(Reachability reachability, std::chrono::milliseconds took = 5ms,
             std::string_view uri = "sip:alice@192.0.2.7:5062") {
    sip.service.set_status("alice", uri, {reachability, took});
  }
  // The value of a field of alice's, in whatever SIPpeers says.
  std::string of_alice(std::string_view field) {
    const auto all = ask("SIPpeers");
    const auto mark = fmt::format("\r\n{}: ", field);
    const auto at = all.find(mark, all.find("ObjectName: alice"));
    if (at == all.npos) return "nothing";
    const auto begin = at + mark.size();
    return all.substr(begin, all.find("\r\n", begin) - begin);
  }

  World world;
  FakeOperations sip{peers};
  Client client{world};
};

const std::string refused = "Response: Error\r\nActionID: a\r\nMessage: ";

TEST_F(SipActions, AreUnknownWithoutSipConf) {
  world.shared.chan_sip = nullptr;
  for (const auto* name : {"SIPpeers", "SIPshowpeer", "SIPpeerstatus", "SIPqualifypeer",
                           "SIPshowregistry", "SIPnotify"}) {
    EXPECT_EQ(ask(name, "Peer: alice\r\n"),
              refused + fmt::format("Invalid/unknown command: {}. Use Action: ListCommands to show "
                                    "available commands.\r\n\r\n",
                                    name));
  }
}

TEST_F(SipActions, PeersAreListed) {
  const std::string start =
      "Response: Success\r\nActionID: a\r\nEventList: start\r\n"
      "Message: Peer status list will follow\r\n\r\n";
  const std::string rest =
      "Event: PeerEntry\r\nActionID: a\r\nChanneltype: SIP\r\nObjectName: trunk\r\n"
      "ChanObjectType: peer\r\nIPaddress: 192.0.2.9\r\nIPport: 5060\r\nDynamic: no\r\n"
      "AutoForcerport: no\r\nForcerport: no\r\nAutoComedia: no\r\nComedia: no\r\n"
      "VideoSupport: no\r\nTextSupport: no\r\nACL: no\r\nStatus: Unmonitored\r\n"
      "RealtimeDevice: no\r\nDescription: \r\nAccountcode: \r\n\r\n"
      "Event: PeerlistComplete\r\nActionID: a\r\nEventList: Complete\r\nListItems: 2\r\n\r\n";
  const auto alice = [](std::string_view place, std::string_view status) {
    return fmt::format(
        "Event: PeerEntry\r\nActionID: a\r\nChanneltype: SIP\r\nObjectName: alice\r\n"
        "ChanObjectType: peer\r\n{}Dynamic: yes\r\nAutoForcerport: no\r\nForcerport: yes\r\n"
        "AutoComedia: no\r\nComedia: no\r\nVideoSupport: no\r\nTextSupport: no\r\nACL: yes\r\n"
        "Status: {}\r\nRealtimeDevice: no\r\nDescription: \r\nAccountcode: 42\r\n\r\n",
        place, status);
  };
  EXPECT_EQ(ask("SIPpeers"), start + alice("IPaddress: -none-\r\nIPport: 0\r\n", "UNKNOWN") + rest);
  register_alice();
  found(Reachability::reachable, 19ms);
  EXPECT_EQ(ask("SIPpeers"),
            start + alice("IPaddress: 192.0.2.7\r\nIPport: 5062\r\n", "OK (19 ms)") + rest);
  EXPECT_THAT(client.ask("Action: SIPpeers\r\n\r\n"), Not(HasSubstr("ActionID")));
}

TEST_F(SipActions, PeersSayHowTheyAre) {
  register_alice();
  EXPECT_EQ(of_alice("Status"), "UNKNOWN");
  found(Reachability::reachable, 2000ms);
  EXPECT_EQ(of_alice("Status"), "OK (2000 ms)");
  found(Reachability::reachable, 2001ms);
  EXPECT_EQ(of_alice("Status"), "LAGGED (2001 ms)");
  found(Reachability::unreachable, 0ms);
  EXPECT_EQ(of_alice("Status"), "UNREACHABLE");
}

TEST_F(SipActions, PeersSayWhereTheyAre) {
  register_alice("sip:alice@[2001:db8::7]");
  EXPECT_EQ(of_alice("IPaddress"), "2001:db8::7");
  EXPECT_EQ(of_alice("IPport"), "5060");
  register_alice("sip:alice@192.0.2.7;transport=tls");
  EXPECT_EQ(of_alice("IPport"), "5061");
  register_alice("sip:alice@df7jal23ls0d.invalid;transport=ws");
  EXPECT_EQ(of_alice("IPaddress"), "198.51.100.7");
  EXPECT_EQ(of_alice("IPport"), "40000");
  auto contact = contact_of("sip:alice@10.0.0.1", world.clock.now() + 100s);
  contact.flow = pjsip::Flow{0, *net::Address::from_ip("203.0.113.4", 51000)};
  add(std::move(contact));
  EXPECT_EQ(of_alice("IPaddress"), "203.0.113.4");
  EXPECT_EQ(of_alice("IPport"), "51000");
}

TEST_F(SipActions, OnePeerIsShown) {
  register_alice();
  found(Reachability::reachable, 19ms);
  EXPECT_EQ(ask("SIPshowpeer", "Peer: alice\r\n"),
            "Response: Success\r\nActionID: a\r\n"
            "Channeltype: SIP\r\nObjectName: alice\r\nChanObjectType: peer\r\n"
            "SecretExist: Y\r\nRemoteSecretExist: Y\r\nMD5SecretExist: N\r\n"
            "Context: calls\r\nSubscontext: hints\r\nLanguage: de\r\nToneZone: <Not set>\r\n"
            "Accountcode: 42\r\nAMAflags: Unknown\r\n"
            "CID-CallingPres: Presentation Prohibited, Network Number\r\n"
            "FromUser: fu\r\nFromDomain: fd.example\r\nCallgroup: \r\nPickupgroup: \r\n"
            "Named Callgroup: \r\nNamed Pickupgroup: \r\nMOHSuggest: \r\n"
            "VoiceMailbox: 100@device\r\nTransferMode: closed\r\nLastMsgsSent: 0\r\n"
            "Maxforwards: 70\r\nCall-limit: 0\r\nBusy-level: 0\r\nMaxCallBR: 0 kbps\r\n"
            "Dynamic: Y\r\nCallerid: \"Alice A\" <100>\r\nRegExpire: 100 seconds\r\n"
            "SIP-AuthInsecure: no\r\nSIP-Forcerport: Y\r\nSIP-Comedia: N\r\nACL: Y\r\n"
            "SIP-CanReinvite: N\r\nSIP-DirectMedia: N\r\nSIP-PromiscRedir: Y\r\n"
            "SIP-UserPhone: Y\r\nSIP-VideoSupport: N\r\nSIP-TextSupport: N\r\n"
            "SIP-T.38Support: N\r\nSIP-T.38EC: Unknown\r\nSIP-T.38MaxDtgrm: 0\r\n"
            "SIP-Sess-Timers: Refuse\r\nSIP-Sess-Refresh: uas\r\nSIP-Sess-Expires: 0\r\n"
            "SIP-Sess-Min: 0\r\nSIP-RTP-Engine: none\r\nSIP-Encryption: N\r\n"
            "SIP-RTCP-Mux: N\r\nSIP-DTMFmode: none\r\nToHost: \r\nAddress-IP: 192.0.2.7\r\n"
            "Address-Port: 5062\r\nDefault-addr-IP: (null)\r\nDefault-addr-port: 0\r\n"
            "Default-Username: alice\r\nCodecs: (nothing)\r\nStatus: OK (19 ms)\r\n"
            "SIP-Useragent: Phone/1.0\r\nReg-Contact: sip:alice@192.0.2.7:5062\r\n"
            "QualifyFreq: 60000 ms\r\nParkinglot: \r\nSIP-Use-Reason-Header: N\r\n"
            "ChanVariable: COLOUR=red\r\nDescription: \r\n\r\n");
  const auto trunk = ask("SIPshowpeer", "Peer: trunk\r\n");
  for (const auto* line :
       {"SecretExist: N\r\n", "RemoteSecretExist: N\r\n", "Dynamic: N\r\n", "Callerid: \"\" <>\r\n",
        "RegExpire: -1 seconds\r\n", "ToHost: 192.0.2.9\r\n", "Address-IP: 192.0.2.9\r\n",
        "Status: Unmonitored\r\n", "Reg-Contact: \r\n", "SIP-Forcerport: N\r\n", "ACL: N\r\n"}) {
    EXPECT_THAT(trunk, HasSubstr(line));
  }
  for (const auto* name : {"Subscontext", "Accountcode", "FromUser", "FromDomain",
                           "Default-Username", "ChanVariable"}) {
    EXPECT_THAT(trunk, Not(HasSubstr(name)));
  }
  sip.service.change("alice", [](auto& contacts) {
    contacts.clear();
    return 0;
  });
  const auto away = ask("SIPshowpeer", "Peer: alice\r\n");
  EXPECT_THAT(away, HasSubstr("Address-IP: (null)\r\nAddress-Port: 0\r\n"));
  EXPECT_THAT(away, HasSubstr("RegExpire: -1 seconds\r\n"));
  conf::Problems problems;
  sip.current = *pjsip::Configuration::parse(
      "[d]\ntype=aor\nmax_contacts=1\ncontact=sip:192.0.2.4:5064\n[d]\ntype=endpoint\naors=d\n",
      problems);
  sip.service.configure(*sip.current);
  const auto fallback = ask("SIPshowpeer", "Peer: d\r\n");
  EXPECT_THAT(fallback, HasSubstr("ToHost: \r\nAddress-IP: 192.0.2.4\r\nAddress-Port: 5064\r\n"
                                  "Default-addr-IP: 192.0.2.4\r\nDefault-addr-port: 5064\r\n"));
  EXPECT_THAT(fallback, HasSubstr("Dynamic: Y\r\n"));
  EXPECT_THAT(fallback, HasSubstr("Reg-Contact: \r\n"));
}

TEST_F(SipActions, OnePeerIsAskedForByName) {
  EXPECT_EQ(ask("SIPshowpeer"), refused + "Peer: <name> missing.\r\n\r\n");
  EXPECT_EQ(ask("SIPshowpeer", "Peer: nobody\r\n"), refused + "Peer nobody not found.\r\n\r\n");
  EXPECT_EQ(ask("SIPshowpeer", "Peer: only-sends\r\n"),
            refused + "Peer only-sends not found.\r\n\r\n");
}

TEST_F(SipActions, StatusOfPeersIsListed) {
  const std::string start =
      "Response: Success\r\nActionID: a\r\nEventList: start\r\nMessage: Peer status will "
      "follow\r\n\r\n";
  const auto entry = [](std::string_view peer, std::string_view rest) {
    return fmt::format(
        "Event: PeerStatus\r\nPrivilege: System\r\nChannelType: SIP\r\nPeer: SIP/{}\r\n{}"
        "ActionID: a\r\n\r\n",
        peer, rest);
  };
  const auto end = [](int items) {
    return fmt::format(
        "Event: SIPpeerstatusComplete\r\nActionID: a\r\nEventList: Complete\r\nListItems: {}"
        "\r\n\r\n",
        items);
  };
  EXPECT_EQ(ask("SIPpeerstatus"), start + entry("alice", "PeerStatus: Unknown\r\n") +
                                      entry("trunk", "PeerStatus: Unmonitored\r\n") + end(2));
  register_alice();
  found(Reachability::reachable, 7ms);
  EXPECT_EQ(ask("SIPpeerstatus", "Peer: alice\r\n"),
            start + entry("alice", "PeerStatus: Reachable\r\nTime: 7\r\n") + end(1));
  found(Reachability::unreachable, 0ms);
  EXPECT_EQ(ask("SIPpeerstatus", "Peer: alice\r\n"),
            start + entry("alice", "PeerStatus: Unreachable\r\nTime: -1\r\n") + end(1));
  EXPECT_EQ(ask("SIPpeerstatus", "Peer: nobody\r\n"), refused + "No such peer\r\n\r\n");
}

TEST_F(SipActions, PeersAreQualified) {
  client.ask("Action: Events\r\nEventMask: on\r\n\r\n");
  EXPECT_THAT(ask("SIPqualifypeer", "Peer: alice\r\n"),
              testing::MatchesRegex(
                  "Response: Success\r\nActionID: a\r\nMessage: SIP peer found - will qualify\r\n"
                  "\r\nEvent: SIPQualifyPeerDone\r\nPrivilege: call,all\r\n(Timestamp: .*\r\n)?"
                  "Peer: alice\r\nActionID: a\r\n\r\n"));
  EXPECT_THAT(sip.qualified, ElementsAre("alice"));
  EXPECT_EQ(ask("SIPqualifypeer"), refused + "Peer: <name> missing.\r\n\r\n");
  EXPECT_EQ(ask("SIPqualifypeer", "Peer: nobody\r\n"), refused + "Peer not found\r\n\r\n");
  EXPECT_THAT(sip.qualified, SizeIs(1));
  sip.answer = base::fail("endpoint 'alice' has no contact");
  EXPECT_EQ(ask("SIPqualifypeer", "Peer: alice\r\n"),
            refused + "Peer not qualified\r\nReason: endpoint 'alice' has no contact\r\n\r\n");
}

TEST_F(SipActions, RegistrationsAreListed) {
  using State = pjsip::RegistrationStatus::State;
  const std::string start =
      "Response: Success\r\nActionID: a\r\nEventList: start\r\nMessage: Registrations will "
      "follow\r\n\r\n";
  const auto end = [](int items) {
    return fmt::format(
        "Event: RegistrationsComplete\r\nActionID: a\r\nEventList: Complete\r\nListItems: {}"
        "\r\n\r\n",
        items);
  };
  EXPECT_EQ(ask("SIPshowregistry"), start + end(0));
  pjsip::RegistrationStatus one;
  one.server_uri = "sip:reg.example.net";
  one.client_uri = "sip:office@example.net:5070";
  one.state = State::registered;
  one.next_in = 105s;
  one.registered_at = base::WallTime(std::chrono::seconds(1401282865));
  pjsip::RegistrationStatus two;
  two.server_uri = "sips:192.0.2.1:5071";
  two.client_uri = "sips:office@192.0.2.1";
  two.state = State::rejected;
  sip.registered = {one, two};
  EXPECT_EQ(ask("SIPshowregistry"),
            start +
                "Event: RegistryEntry\r\nActionID: a\r\nHost: reg.example.net\r\nPort: 5060\r\n"
                "Username: office\r\nDomain: example.net\r\nDomainPort: 5070\r\nRefresh: 105\r\n"
                "State: Registered\r\nRegistrationTime: 1401282865\r\n\r\n"
                "Event: RegistryEntry\r\nActionID: a\r\nHost: 192.0.2.1\r\nPort: 5071\r\n"
                "Username: office\r\nDomain: 192.0.2.1\r\nDomainPort: 5061\r\nRefresh: 0\r\n"
                "State: Rejected\r\nRegistrationTime: 0\r\n\r\n" +
                end(2));
  for (const auto state : {State::unregistered, State::stopped}) {
    sip.registered[0].state = state;
    EXPECT_THAT(ask("SIPshowregistry"), HasSubstr("State: Unregistered\r\n"));
  }
}

TEST_F(SipActions, NotifyIsOrdered) {
  const std::string sent = "Response: Success\r\nActionID: a\r\nMessage: Notify Sent\r\n\r\n";
  EXPECT_EQ(ask("SIPnotify",
                "Channel: sip/alice\r\nVariable: Event=check-sync,X-One=1\r\n"
                "Variable: Content=first\r\nVariable: Content=second\r\n"),
            sent);
  ASSERT_THAT(sip.notified, SizeIs(1));
  EXPECT_EQ(sip.notified[0].endpoint, "alice");
  EXPECT_EQ(sip.notified[0].uri, "");
  EXPECT_THAT(sip.notified[0].headers,
              ElementsAre(Pair("Event", "check-sync"), Pair("X-One", "1"), Pair("Content", "first"),
                          Pair("Content", "second")));
  EXPECT_EQ(ask("SIPnotify", "Channel: trunk\r\nVariable: Event=reboot\r\n"), sent);
  EXPECT_EQ(sip.notified[1].endpoint, "trunk");
  EXPECT_EQ(ask("SIPnotify", "Channel: SIP/192.0.2.5:5070\r\nVariable: Event=reboot\r\n"), sent);
  EXPECT_EQ(sip.notified[2].endpoint, "");
  EXPECT_EQ(sip.notified[2].uri, "sip:192.0.2.5:5070");
}

TEST_F(SipActions, NotifyIsRefused) {
  EXPECT_EQ(ask("SIPnotify", "Variable: Event=x\r\n"),
            refused + "SIPNotify requires a channel name\r\n\r\n");
  EXPECT_THAT(ask("SIPnotify", "Channel: alice\r\n"),
              StartsWith(refused + "SIPNotify requires at least one variable"));
  EXPECT_EQ(ask("SIPnotify", "Channel: nobody\r\nVariable: Event=x\r\n"),
            refused + "Could not create address\r\n\r\n");
  EXPECT_THAT(ask("SIPnotify", "Channel: alice\r\nVariable: Event\r\n"),
              StartsWith(refused + "Notify not sent\r\nReason: "));
  EXPECT_THAT(sip.notified, IsEmpty());
  sip.answer = base::fail("endpoint 'alice' has no contact to send to");
  EXPECT_EQ(ask("SIPnotify", "Channel: alice\r\nVariable: Event=x\r\n"),
            refused +
                "Notify not sent\r\nReason: endpoint 'alice' has no contact to send to"
                "\r\n\r\n");
}

TEST(SipActionClasses, AreAsterisks) {
  constexpr std::string_view manager =
      "[general]\nenabled = yes\n[show]\nsecret = x\nread = all\nwrite = reporting\n";
  World world({}, manager);
  FakeOperations sip{peers};
  world.shared.chan_sip = &sip;
  Client client(world);
  client.login("show", "x");
  for (const auto* name : {"SIPpeers", "SIPshowregistry"}) {
    EXPECT_THAT(client.ask(fmt::format("Action: {}\r\n\r\n", name)),
                StartsWith("Response: Success\r\n"));
  }
  for (const auto* name : {"SIPpeerstatus", "SIPnotify"}) {
    EXPECT_EQ(client.ask(fmt::format("Action: {}\r\n\r\n", name)),
              "Response: Error\r\nMessage: Permission denied\r\n\r\n");
  }
}

struct PeerStatusEvents : SipActions {
  PeerStatusEvents() {
    client.ask("Action: Events\r\nEventMask: system\r\n\r\n");
    sip.service.add(events);
  }
  // What has been told since the last time.
  std::string told() {
    world.pump();
    return client.read();
  }
  static std::string event(std::string_view status, std::string_view rest) {
    return fmt::format(
        "Event: PeerStatus\r\nPrivilege: system,all\r\nChannelType: SIP\r\nPeer: SIP/alice\r\n"
        "PeerStatus: {}\r\n{}\r\n",
        status, rest);
  }

  PeerEvents events{world.shared.events, sip.current};
};

TEST_F(PeerStatusEvents, TellOfRegistrations) {
  register_alice();
  EXPECT_EQ(told(), event("Registered", "Address: 192.0.2.7:5062\r\n"));
  register_alice();
  EXPECT_EQ(told(), event("Registered", "Address: 192.0.2.7:5062\r\n"));
  sip.service.change("alice", [](auto& contacts) {
    contacts.clear();
    return 0;
  });
  EXPECT_EQ(told(), event("Unregistered", ""));
  register_alice("sip:alice@[2001:db8::7]:5062");
  EXPECT_EQ(told(), event("Registered", "Address: [2001:db8::7]:5062\r\n"));
  sip.service.expire(*sip.service.choose("alice"));
  EXPECT_EQ(told(), event("Unregistered", "Cause: Expired\r\n"));
  conf::Problems problems;
  sip.service.configure(**pjsip::Configuration::parse(
      "[x]\ntype=aor\ncontact=sip:192.0.2.8\n[x]\ntype=endpoint\naors=x\n", problems));
  EXPECT_EQ(told(), "");
}

TEST_F(PeerStatusEvents, TellWhoAnswers) {
  register_alice();
  told();
  found(Reachability::reachable, 5ms);
  EXPECT_EQ(told(), event("Reachable", "Time: 5\r\n"));
  found(Reachability::unreachable, 0ms);
  EXPECT_EQ(told(), event("Unreachable", "Time: -1\r\n"));
  found(Reachability::reachable, 2500ms);
  EXPECT_EQ(told(), event("Lagged", "Time: 2500\r\n"));
  // Of a contact that names no peer, all those of its AOR are told.
  auto contact = contact_of("sip:alice@192.0.2.7:5062", world.clock.now() + 100s);
  contact.endpoint.clear();
  add(std::move(contact));
  EXPECT_EQ(told(), event("Registered", "Address: 192.0.2.7:5062\r\n"));
  conf::Problems problems;
  events.use(*pjsip::Configuration::parse("[x]\ntype=endpoint\n", problems));
  found(Reachability::unreachable, 0ms);
  EXPECT_EQ(told(), "");
}

}  // namespace
}  // namespace missive::ami
