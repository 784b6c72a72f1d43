// The commands on pjsip.conf and sip.conf, in the columns that Asterisk prints.
//
// 1. pjsip show endpoints: a row and what hangs on it; sorted; none
// 2. pjsip show endpoint: its parameters; no secret; none of that name
// 3. aors, aor, auths, auth, identifies, transports
// 4. contacts, contact: status and time; long URIs are cut
// 5. registrations, registration, settings
// 6. qualify, send register, unregister, notify
// 7. set logger, set history, show history
// 8. sip show peers, peer, registry
#include <gmock/gmock.h>

#include "unit/console/lab.h"

namespace missive::console {
namespace {

using test::Lab;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view pjsip_conf = R"([udp]
type = transport
protocol = udp
bind = 127.0.0.1:5060
[alice]
type = aor
max_contacts = 3
contact = sip:alice@192.0.2.1:5062
contact = sip:someone-with-quite-a-long-name@phones.example.com:5062
qualify_frequency = 60
[alice]
type = auth
auth_type = userpass
username = al
password = t0p-s3cret
[alice]
type = endpoint
aors = alice
auth = alice
transport = udp
callerid = Alice <100>
[bob]
type = endpoint
[alice-ip]
type = identify
endpoint = alice
match = 192.0.2.0/24
[trunk]
type = registration
server_uri = sip:registrar.example.com
client_uri = sip:me@example.com
outbound_auth = alice
)";

struct PjsipCommands : testing::Test {
  PjsipCommands() {
    lab.pjsip.location_service.set_status(
        "alice", "sip:alice@192.0.2.1:5062",
        {pjsip::Reachability::reachable, std::chrono::microseconds{12'345}});
  }
  Lab lab{pjsip_conf, true};
};

TEST_F(PjsipCommands, ShowEndpoints) {
  const auto text = lab.text("pjsip show endpoints");
  EXPECT_THAT(text, StartsWith("\n Endpoint:  <Endpoint/CID....................................."
                               ">  <State.....>  <Channels.>\n    I/OAuth:  <AuthId/UserName"));
  EXPECT_THAT(text, HasSubstr("\n==========================================================="
                              "===============================\n\n Endpoint:  alice/100 "));
  EXPECT_THAT(text, HasSubstr(" Endpoint:  alice/100                                            "
                              "Not in use    0 of inf\n     InAuth:  alice/al\n"
                              "        Aor:  alice                                              3\n"
                              "      Contact:  alice/sip:alice@192.0.2.1:5062             "));
  EXPECT_THAT(text, HasSubstr(" Avail        12.345\n"));
  EXPECT_THAT(text, HasSubstr("\n  Transport:  udp                       udp      0      0  "
                              "127.0.0.1:5060\n   Identify:  alice-ip/alice\n"
                              "        Match: 192.0.2.0/24\n\n Endpoint:  bob  "));
  EXPECT_THAT(text, EndsWith("\n\nObjects found: 2\n\n"));
  Lab empty;
  EXPECT_EQ(empty.text("pjsip show endpoints"), "No objects found.\n\n");
}

TEST_F(PjsipCommands, ShowAnEndpoint) {
  const auto text = lab.text("pjsip show endpoint alice");
  EXPECT_THAT(text, HasSubstr("\n ParameterName "));
  EXPECT_THAT(text, HasSubstr(" : ParameterValue\n ====="));
  EXPECT_THAT(text, testing::ContainsRegex("\n aors +: alice\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\n transport +: udp\n"));
  EXPECT_EQ(lab.error("pjsip show endpoint nosuch"), "Unable to find object nosuch.\n\n");
}

TEST_F(PjsipCommands, ShowNoSecret) {
  for (const auto* line :
       {"pjsip show endpoint alice", "pjsip show auth alice", "pjsip show auths",
        "pjsip show registration trunk", "pjsip show settings", "sip show peer alice"}) {
    EXPECT_THAT(lab.text(line), Not(HasSubstr("t0p-s3cret"))) << line;
  }
}

TEST_F(PjsipCommands, ShowObjects) {
  EXPECT_THAT(lab.text("pjsip show aors"),
              HasSubstr("\n      Aor:  alice                                                3\n"
                        "    Contact:  alice/sip:alice@192.0.2.1:5062               "));
  EXPECT_THAT(lab.text("pjsip show aor alice"), testing::ContainsRegex("\n max_contacts +: 3\n"));
  EXPECT_THAT(lab.text("pjsip show auths"), HasSubstr("\n     Auth:  alice/al\n"));
  EXPECT_THAT(lab.text("pjsip show auth alice"), testing::ContainsRegex("\n username +: al\n"));
  EXPECT_THAT(lab.text("pjsip show identifies"),
              HasSubstr("\n Identify:  alice-ip/alice\n      Match: 192.0.2.0/24\n"));
  EXPECT_THAT(
      lab.text("pjsip show transports"),
      HasSubstr("\nTransport:  udp                       udp      0      0  127.0.0.1:5060\n"));
}

TEST_F(PjsipCommands, ShowContacts) {
  const auto text = lab.text("pjsip show contacts");
  EXPECT_THAT(text, HasSubstr("\n  Contact:  alice/sip:alice@192.0.2.1:5062                 "));
  EXPECT_THAT(text,
              testing::ContainsRegex("\n  Contact:  alice/sip:someone-with-quite-a-long-name@phone "
                                     "[0-9a-f]{10} Unknown         nan\n"));
  EXPECT_THAT(text, EndsWith("\nObjects found: 2\n\n"));
  const auto one = lab.text("pjsip show contact alice/sip:alice@192.0.2.1:5062");
  EXPECT_THAT(one, HasSubstr("Avail        12.345\n"));
  EXPECT_THAT(one, HasSubstr(" : ParameterValue\n"));
  EXPECT_FALSE(lab.run("pjsip show contact nosuch").ok);
  ASSERT_EQ(lab.registry.complete("pjsip show contact ").size(), 2u);
  EXPECT_TRUE(lab.run("pjsip show contact " + lab.registry.complete("pjsip show contact ")[0]).ok);
}

TEST_F(PjsipCommands, ShowRegistrations) {
  EXPECT_EQ(lab.text("pjsip show registrations"), "No objects found.\n\n");
  pjsip::RegistrationStatus status;
  status.name = "trunk";
  status.server_uri = "sip:registrar.example.com";
  status.client_uri = "sip:me@example.com";
  status.state = pjsip::RegistrationStatus::State::registered;
  status.expires_in = std::chrono::seconds{56};
  lab.pjsip.statuses = {status};
  const std::string row =
      "\n trunk/sip:registrar.example.com                         alice                       "
      "Registered        (exp. 56s)\n";
  EXPECT_THAT(lab.text("pjsip show registrations"), HasSubstr(row));
  EXPECT_THAT(lab.text("pjsip show registration trunk"), HasSubstr(row));
  EXPECT_THAT(lab.text("pjsip show settings"),
              testing::ContainsRegex("\nGlobal Settings:\n\n ParameterName +: ParameterValue\n"));
  const auto registry = lab.text("sip show registry");
  EXPECT_THAT(registry, StartsWith("Host                                    dnsmgr Username      "
                                   "Refresh State                Reg.Time "));
  EXPECT_THAT(registry, HasSubstr("\nregistrar.example.com:5060              N      me            "
                                  "      0 Registered "));
  EXPECT_THAT(registry, EndsWith("\n1 SIP registrations.\n"));
}

TEST_F(PjsipCommands, GiveOrders) {
  lab.text("pjsip qualify alice");
  EXPECT_EQ(lab.error("pjsip qualify nosuch"), "Unable to retrieve endpoint nosuch\n");
  lab.text("pjsip send register trunk");
  lab.text("pjsip send unregister *all");
  EXPECT_EQ(lab.error("pjsip send register nosuch"), "registration 'nosuch' not found");
  EXPECT_EQ(lab.error("pjsip send notify reboot endpoint alice"),
            "Unable to find notify type 'reboot'\n");
  EXPECT_THAT(lab.pjsip.orders, ElementsAre("qualify alice", "register trunk", "unregister *all"));
  EXPECT_THAT(lab.registry.complete("pjsip send register t"), ElementsAre("trunk"));
}

TEST_F(PjsipCommands, TraceThePackets) {
  EXPECT_EQ(lab.text("pjsip set logger on"), "PJSIP Logging enabled\n");
  EXPECT_EQ(lab.text("pjsip set logger host 192.0.2.1"),
            "PJSIP Logging Enabled for host: 192.0.2.1\n");
  EXPECT_FALSE(lab.run("pjsip set logger host nowhere").ok);
  EXPECT_EQ(lab.text("pjsip set logger off"), "PJSIP Logging disabled\n");
  EXPECT_FALSE(lab.run("pjsip set logger perhaps").ok);
  EXPECT_EQ(lab.text("pjsip set history on"), "PJSIP History enabled\n");
  EXPECT_EQ(
      lab.text("pjsip show history"),
      "No.   Timestamp  (Dir) Address                  SIP Message                        \n"
      "===== ========== ============================== ===================================\n");
  EXPECT_FALSE(lab.run("pjsip show history entry 5").ok);
  EXPECT_EQ(lab.text("pjsip set history clear"), "PJSIP History cleared\n");
}

TEST_F(PjsipCommands, ShowPeers) {
  const auto text = lab.text("sip show peers");
  EXPECT_THAT(text, StartsWith("Name/username             Host                                    "
                               "Dyn Forcerport Comedia     ACL      Port        Status      "));
  EXPECT_THAT(text, HasSubstr("\nalice/alice               192.0.2.1                               "
                              "D   Yes        No                   5062        OK (12 ms)"));
  EXPECT_THAT(text, EndsWith("\n1 sip peers [Monitored: 1 online, 0 offline Unmonitored: 0 online, "
                             "0 offline]\n"));
  const auto one = lab.text("sip show peer alice");
  EXPECT_THAT(one, HasSubstr("\n  * Name       : alice\n"));
  EXPECT_THAT(one, HasSubstr("\n  Secret       : <Set>\n"));
  EXPECT_THAT(one, HasSubstr("\n  Addr->IP     : 192.0.2.1:5062\n"));
  EXPECT_EQ(lab.error("sip show peer nosuch"), "Peer nosuch not found.\n");
  Lab without;
  EXPECT_FALSE(without.run("sip show peers").ok) << "there is no sip.conf";
}

}  // namespace
}  // namespace missive::console
