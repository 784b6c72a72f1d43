// What becomes of a sip.conf.
//
//  1. Defaults: one UDP transport, guests, nobody else.
//  2. Transports: addresses, ports, TLS, external addresses, `::`, WebSockets where they are
//  wanted.
//  3. Global and System.
//  4. A static friend: contact, context, who it is from, without a password.
//  5. A dynamic friend: its Aor, its secret both ways, options of [general] as its defaults.
//  6. A peer is known by its address and port, a friend by name first, a user by name only.
//  7. insecure, and the ports of connections.
//  8. nat.
//  9. Secrets: md5secret, remotesecret, auth=, [authentication].
// 10. MESSAGE without password: auth_message_requests and insecure=invite.
// 11. register => and callbackextension.
// 12. deny and permit, in [general], of peers, by acl.conf.
// 13. Templates, deprecated names, options of calls.
// 14. Whatever is wrong is told with its line.
// 15. Warnings.
#include "chan_sip/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chan_sip/sip_dialect.h"
#include "pjsip/identifier.h"
#include "unit/chan_sip/configured.h"

namespace missive::chan_sip {
namespace {

using namespace std::chrono_literals;
using pjsip::IdentifyBy;
using test::configured;
using test::problems_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string transports_text(const test::Configured& configuration) {
  std::string out;
  for (const auto& each : configuration->transports()) {
    if (!out.empty()) out += ' ';
    out += each.has_own_socket() ? fmt::format("{}={}", each.name, each.bind.str()) : each.name;
  }
  return out;
}

// Who a MESSAGE from that address with that From is from.
std::string who(const test::Configured& configuration, std::string_view from,
                std::string_view source, std::string_view transport = "sip-udp") {
  const pjsip::Identifier identifier(configuration, nullptr);
  auto text = fmt::format(
      "MESSAGE sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9;branch=z9hG4bK1\r\n"
      "From: {};tag=1\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n"
      "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
      from);
  sip::Packet packet;
  EXPECT_TRUE(packet.parse(text));
  const auto address = *net::Address::parse(source, 5060);
  const auto found = identifier.identify({packet, address, transport});
  return found ? found.endpoint->name : "nobody";
}

TEST(Definition, Defaults) {  // 1
  const auto c = configured("[general]\n");
  EXPECT_EQ(c->technology(), "sip");
  EXPECT_EQ(transports_text(c), "sip-udp=0.0.0.0:5060");
  EXPECT_EQ(c->global().default_realm, "asterisk");
  EXPECT_EQ(c->global().max_forwards, 70U);
  EXPECT_EQ(c->system().timer_b, 32s);
  EXPECT_EQ(who(c, "<sip:eve@x>", "192.0.2.1:5060"), "anonymous");
  EXPECT_EQ(c->endpoint("anonymous")->context, "default");
  EXPECT_EQ(configured("[general]\nallowguest=no\n")->endpoint("anonymous"), nullptr);
  EXPECT_EQ(who(configured("[general]\nallowguest=no\n"), "<sip:eve@x>", "192.0.2.1:5060"),
            "nobody");
  // Nobody is the endpoint of [general] itself.
  EXPECT_EQ(who(configured("[general]\nallowguest=no\n"), "<sip:general@x>", "192.0.2.1:5060"),
            "nobody");
}

TEST(Definition, Transports) {  // 2
  EXPECT_EQ(transports_text(configured("[general]\nbindaddr=127.0.0.1\nbindport=5070\n"
                                       "tcpenable=yes\ntlsenable=yes\ntlscertfile=c.pem\n")),
            "sip-udp=127.0.0.1:5070 sip-tcp=127.0.0.1:5070 sip-tls=127.0.0.1:5061");
  EXPECT_EQ(transports_text(configured(
                "[general]\nudpbindaddr=127.0.0.1:5080\ntcpenable=yes\ntcpbindaddr=127.0.0.2\n"
                "tlsenable=yes\ntlscertfile=c.pem\ntlsbindaddr=127.0.0.3:5071\n")),
            "sip-udp=127.0.0.1:5080 sip-tcp=127.0.0.2:5060 sip-tls=127.0.0.3:5071");
  EXPECT_EQ(transports_text(configured("[general]\nudpenable=no\ntcpenable=yes\n")),
            "sip-tcp=0.0.0.0:5060");
  EXPECT_EQ(transports_text(configured("[general]\nbindaddr=::\n")),
            "sip-udp=[::]:5060 sip-udp4=0.0.0.0:5060");
  EXPECT_EQ(transports_text(configured(
                "[general]\n[w]\ntype=friend\nhost=dynamic\nsecret=x\ntransport=ws,wss,udp\n")),
            "sip-udp=0.0.0.0:5060 sip-ws sip-wss");
  EXPECT_EQ(transports_text(configured("[general]\nwebsocket_enabled=no\ntransport=udp,ws\n")),
            "sip-udp=0.0.0.0:5060");
  const auto c = configured(
      "[general]\ntlsenable=yes\ntlscertfile=c.pem\ntlsdontverifyserver=yes\ntlscapath=/ca\n"
      "tlscipher=HIGH\nexternaddr=sip.example.com:5999\nlocalnet=10.0.0.0/8\ntos_sip=cs3\n"
      "cos_sip=3\n");
  const auto& udp = *c->transport("sip-udp");
  EXPECT_EQ(udp.external_signaling_address, "sip.example.com");
  EXPECT_EQ(udp.external_signaling_port, 5999);
  EXPECT_EQ(udp.local_net.size(), 1U);
  EXPECT_EQ(udp.tos, 0x60);
  EXPECT_EQ(udp.cos, 3);
  const auto& tls = *c->transport("sip-tls");
  EXPECT_EQ(tls.tls.cert_file, "c.pem");
  EXPECT_EQ(tls.tls.priv_key_file, "c.pem");
  EXPECT_EQ(tls.tls.ca_list_path, "/ca");
  EXPECT_EQ(tls.tls.cipher, "HIGH");
  EXPECT_FALSE(tls.tls.verify_server);
  EXPECT_EQ(tls.external_signaling_port, 5061);
  EXPECT_TRUE(configured("[general]\ntlsenable=yes\ntlscertfile=c\n")
                  ->transport("sip-tls")
                  ->tls.verify_server);
}

TEST(Definition, GlobalAndSystem) {  // 3
  const auto c = configured(
      "[general]\nuseragent=me\nmaxforwards=20\nrealm=phones\ntimert1=200\ncompactheaders=yes\n"
      "accept_outofcall_message=no\nlegacy_useroption_parsing=yes\nmatch_auth_username=yes\n"
      "domain=example.com,incoming\ndomain=example.org\n");
  EXPECT_EQ(c->global().user_agent, "me");
  EXPECT_EQ(c->global().max_forwards, 20U);
  EXPECT_EQ(c->global().default_realm, "phones");
  EXPECT_FALSE(c->global().accept_messages);
  EXPECT_TRUE(c->global().ignore_uri_user_options);
  EXPECT_EQ(c->global().endpoint_identifier_order.front(), IdentifyBy::auth_username);
  EXPECT_EQ(c->system().timer_t1, 200ms);
  EXPECT_EQ(c->system().timer_b, 12'800ms);
  EXPECT_TRUE(c->system().compact_headers);
  EXPECT_EQ(c->domain_aliases().size(), 2U);
  EXPECT_EQ(configured("[general]\ntimerb=5000\n")->system().timer_b, 5s);
  EXPECT_EQ(
      configured("[general]\ndomainsasrealm=yes\ndomain=example.com\n")->global().default_realm,
      "example.com");
}

TEST(Definition, StaticFriend) {  // 4
  const auto c = configured(test::observed);
  const auto& legacy = *c->endpoint("legacy");
  EXPECT_EQ(legacy.context_of_messages(), "messages");
  EXPECT_THAT(legacy.auth, IsEmpty());
  EXPECT_TRUE(legacy.trust_id_inbound);
  EXPECT_EQ(legacy.where.str(), "sip.conf:4");
  EXPECT_THAT(c->aor("legacy")->contacts, ElementsAre("sip:127.0.0.2:5063"));
  EXPECT_EQ(c->aor("legacy")->max_contacts, 0U);
  const auto named = configured(
      "[general]\ntcpenable=yes\n[p]\ntype=peer\nhost=sip.example.com\ndefaultuser=me you\n"
      "transport=tcp,udp\n");
  EXPECT_THAT(named->aor("p")->contacts, ElementsAre("sip:me%20you@sip.example.com;transport=tcp"));
  EXPECT_EQ(named->endpoint("p")->transport, "sip-tcp");
  EXPECT_THAT(configured("[general]\n[p]\ntype=peer\nhost=2001:db8::1\n")->aor("p")->contacts,
              ElementsAre("sip:[2001:db8::1]"));
}

TEST(Definition, DynamicFriend) {  // 5
  const auto c = configured(
      "[general]\noutofcall_message_context=texts\nqualify=yes\nmaxexpiry=600\nminexpiry=30\n"
      "outboundproxy=tcp://proxy.example.com:5070\nfromdomain=example.com\nmessage_expiry=2d\n"
      "[bob]\ntype=friend\nhost=dynamic\nsecret=geheim\ncallerid=\"Bob B\" <2001>\ncontext=in\n"
      "setvar=A=1\nqualifyfreq=20\nmessage_fork=all\nmax_contacts=3\nusereqphone=yes\n"
      "sendrpid=pai\n[carl]\ntype=friend\nhost=dynamic\nsecret=x\n"
      "qualify=no\noutofcall_message_context=mine\ndefaultip=192.0.2.5\nport=5077\n");
  const auto& bob = *c->endpoint("bob");
  EXPECT_EQ(bob.context, "in");
  EXPECT_EQ(bob.context_of_messages(), "texts");
  EXPECT_THAT(bob.auth, ElementsAre("bob"));
  EXPECT_EQ(c->auth("bob")->username, "bob");
  EXPECT_EQ(c->auth("bob")->password, "geheim");
  EXPECT_THAT(bob.outbound_auth, ElementsAre("bob/outbound"));
  EXPECT_EQ(bob.callerid, (pjsip::CallerId{"Bob B", "2001"}));
  EXPECT_EQ(bob.outbound_proxy, "sip:proxy.example.com:5070;transport=tcp;lr");
  EXPECT_EQ(bob.from_domain, "example.com");
  EXPECT_EQ(bob.message_expiry, 48h);
  EXPECT_EQ(bob.message_fork, pjsip::Endpoint::Fork::all);
  EXPECT_THAT(bob.set_var, ElementsAre("A=1"));
  EXPECT_TRUE(bob.user_eq_phone);
  EXPECT_TRUE(bob.send_pai);
  EXPECT_FALSE(bob.trust_id_inbound);
  const auto& aor = *c->aor("bob");
  EXPECT_THAT(aor.contacts, IsEmpty());
  EXPECT_EQ(aor.max_contacts, 3U);
  EXPECT_TRUE(aor.remove_existing);
  EXPECT_EQ(aor.minimum_expiration, 30s);
  EXPECT_EQ(aor.maximum_expiration, 600s);
  EXPECT_EQ(aor.default_expiration, 120s);
  EXPECT_EQ(aor.qualify_frequency, 20s);
  EXPECT_EQ(aor.qualify_timeout, 2s);
  EXPECT_EQ(c->endpoint("carl")->context_of_messages(), "mine");
  EXPECT_EQ(c->aor("carl")->qualify_frequency, 0s);
  EXPECT_EQ(c->aor("carl")->max_contacts, 1U);
  EXPECT_THAT(c->aor("carl")->contacts, ElementsAre("sip:192.0.2.5:5077"));
  EXPECT_EQ(
      configured("[general]\n[p]\ntype=peer\nhost=h\nqualify=1500\n")->aor("p")->qualify_timeout,
      1500ms);
}

TEST(Definition, WhoItIs) {  // 6
  const auto c = configured(
      "[general]\n"
      "[trunk]\ntype=peer\nhost=192.0.2.1\n"
      "[other]\ntype=friend\nhost=192.0.2.1\nport=5070\n"
      "[sales]\ntype=user\nsecret=x\n"
      "[phone]\ntype=peer\nhost=dynamic\nsecret=x\n");
  EXPECT_EQ(who(c, "<sip:+1555@provider>", "192.0.2.1:5060"), "trunk");
  EXPECT_EQ(who(c, "<sip:+1555@provider>", "192.0.2.1:5070"), "other");
  EXPECT_EQ(who(c, "<sip:+1555@provider>", "192.0.2.1:5071"), "anonymous");
  // A peer is nobody by its name, a friend by name before all.
  EXPECT_EQ(who(c, "<sip:trunk@x>", "192.0.2.9:5060"), "anonymous");
  EXPECT_EQ(who(c, "<sip:other@x>", "192.0.2.9:1"), "other");
  EXPECT_EQ(who(c, "<sip:sales@x>", "192.0.2.1:5060"), "sales");
  EXPECT_EQ(who(c, "<sip:phone@x>", "192.0.2.9:5060"), "phone");
  EXPECT_EQ(c->aor("sales"), nullptr);
}

TEST(Definition, Ports) {  // 7
  const auto c = configured(
      "[general]\ntcpenable=yes\n"
      "[strict]\ntype=peer\nhost=192.0.2.1\n"
      "[any]\ntype=peer\nhost=192.0.2.2\ninsecure=port\n"
      "[very]\ntype=peer\nhost=192.0.2.3\ninsecure=very\nsecret=x\n");
  EXPECT_EQ(who(c, "<sip:1@x>", "192.0.2.1:4000"), "anonymous");
  EXPECT_EQ(who(c, "<sip:1@x>", "192.0.2.1:4000", "sip-tcp"), "strict");
  EXPECT_EQ(who(c, "<sip:1@x>", "192.0.2.2:4000"), "any");
  EXPECT_EQ(who(c, "<sip:1@x>", "192.0.2.3:4000"), "very");
  EXPECT_FALSE(c->endpoint("very")->message_auth);
}

TEST(Definition, Nat) {  // 8
  const auto nat = [](std::string_view value) {
    const auto c = configured(fmt::format("[general]\nnat={}\n[p]\ntype=peer\nhost=h\n", value));
    const auto& p = *c->endpoint("p");
    return fmt::format("{:d}{:d}{:d}", p.force_rport, p.rewrite_contact, p.send_rport);
  };
  EXPECT_EQ(nat("no"), "000");
  EXPECT_EQ(nat("never"), "000");
  EXPECT_EQ(nat("force_rport,comedia"), "111");
  EXPECT_EQ(nat("yes"), "111");
  EXPECT_EQ(nat("route"), "111");
  EXPECT_EQ(nat("comedia"), "000");
  EXPECT_EQ(nat("auto_force_rport,auto_comedia"), "110");
  EXPECT_EQ(nat("force_rport,no"), "000");
  EXPECT_TRUE(configured(test::observed)->endpoint("legacy")->rewrite_contact);
  EXPECT_FALSE(configured(test::observed)->endpoint("legacy")->send_rport);
}

TEST(Definition, Secrets) {  // 9
  const auto c = configured(
      "[general]\n[authentication]\nauth=me:all@everywhere.example\n"
      "[a]\ntype=friend\nhost=dynamic\nmd5secret=0123456789ABCDEF0123456789abcdef\n"
      "[b]\ntype=peer\nhost=h\nsecret=in\nremotesecret=out\nfromuser=4711\n"
      "auth=b1:own@realm.example\n"
      "[c]\ntype=peer\nhost=h\nremotesecret=out\ndefaultuser=joe\n");
  ASSERT_NE(c->auth("a"), nullptr);
  EXPECT_EQ(c->auth("a")->auth_type, pjsip::Auth::Type::md5);
  EXPECT_EQ(c->auth("a")->hash(pjsip::DigestAlgorithm::md5)->hex,
            "0123456789abcdef0123456789abcdef");
  EXPECT_THAT(c->endpoint("b")->outbound_auth,
              ElementsAre("b/auth1", "authentication/1", "b/outbound"));
  EXPECT_EQ(c->auth("b")->password, "in");
  EXPECT_EQ(c->auth("b/outbound")->password, "out");
  EXPECT_EQ(c->auth("b/outbound")->username, "4711");
  EXPECT_EQ(c->auth("b/auth1")->realm, "realm.example");
  EXPECT_EQ(c->auth("authentication/1")->username, "me");
  EXPECT_THAT(c->endpoint("c")->auth, IsEmpty());
  EXPECT_EQ(c->auth("c/outbound")->username, "joe");
  EXPECT_THAT(c->endpoint("general")->outbound_auth, ElementsAre("authentication/1"));
}

TEST(Definition, MessagesWithoutPassword) {  // 10
  const std::string_view peers =
      "[a]\ntype=friend\nhost=dynamic\nsecret=x\n"
      "[b]\ntype=friend\nhost=dynamic\nsecret=x\ninsecure=invite\n";
  const auto asked = configured(std::string("[general]\n").append(peers));
  EXPECT_TRUE(asked->endpoint("a")->message_auth);
  EXPECT_FALSE(asked->endpoint("b")->message_auth);
  EXPECT_THAT(asked->endpoint("b")->auth, ElementsAre("b"));
  const auto open = configured(std::string("[general]\nauth_message_requests=no\n").append(peers));
  EXPECT_FALSE(open->endpoint("a")->message_auth);
}

TEST(Definition, Registrations) {  // 11
  const auto c = configured(
      "[general]\ntcpenable=yes\ndefaultexpiry=300\nregistertimeout=7\nregisterattempts=4\n"
      "register => 1234:pw@provider.example.com/500~600\n"
      "register => tcp://77@dom.example:pw:auth@192.0.2.1:5070\n"
      "register => trunk?88@trunk\n"
      "[trunk]\ntype=peer\nhost=192.0.2.8\nport=5099\nremotesecret=ours\n"
      "outboundproxy=192.0.2.9\n"
      "[back]\ntype=peer\nhost=192.0.2.7\nfromuser=4015552299\nremotesecret=guess\n"
      "callbackextension=123\n");
  ASSERT_EQ(c->registrations().size(), 4U);
  const auto& first = *c->registration("1234@provider.example.com");
  EXPECT_EQ(first.server_uri, "sip:provider.example.com");
  EXPECT_EQ(first.client_uri, "sip:1234@provider.example.com");
  EXPECT_EQ(first.contact_user, "500");
  EXPECT_EQ(first.expiration, 600s);
  EXPECT_EQ(first.retry_interval, 7s);
  EXPECT_EQ(first.max_retries, 4U);
  EXPECT_EQ(first.transport, "sip-udp");
  EXPECT_EQ(first.where.str(), "sip.conf:6");
  EXPECT_EQ(c->auth("register/1234@provider.example.com")->password, "pw");
  const auto& second = *c->registration("77@dom.example");
  EXPECT_EQ(second.server_uri, "sip:192.0.2.1:5070;transport=tcp");
  EXPECT_EQ(second.contact_user, "s");
  EXPECT_EQ(second.expiration, 300s);
  EXPECT_EQ(c->auth("register/77@dom.example")->username, "auth");
  const auto& third = *c->registration("88@192.0.2.8");
  EXPECT_EQ(third.server_uri, "sip:192.0.2.8:5099");
  EXPECT_EQ(third.endpoint, "trunk");
  EXPECT_EQ(third.outbound_proxy, "sip:192.0.2.9;lr");
  EXPECT_EQ(c->auth("register/88@192.0.2.8")->password, "ours");
  const auto& fourth = *c->registration("4015552299@192.0.2.7");
  EXPECT_EQ(fourth.contact_user, "123");
  EXPECT_EQ(fourth.endpoint, "back");
  const auto plain = configured("[general]\nsrvlookup=no\nregister => 1@h.example\n");
  EXPECT_EQ(plain->registration("1@h.example")->server_uri, "sip:h.example:5060");
  EXPECT_GT(plain->registration("1@h.example")->max_retries, 1'000'000U);
  EXPECT_EQ(&plain->dialect(), &dialect(false));
}

TEST(Definition, Access) {  // 12
  conf::Problems problems;
  const auto c = *parse(
      "[general]\ncontactdeny=0.0.0.0/0\ncontactpermit=10.0.0.0/8\n"
      "[p]\ntype=friend\nhost=dynamic\nsecret=x\ndeny=0.0.0.0/0\npermit=127.0.0.0/8\nacl=lan\n",
      problems, "[lan]\ndeny=127.0.0.9\n");
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_EQ(c->acls().size(), 1U);
  EXPECT_FALSE(c->acls()[0].rules.permits_contact(*net::Address::from_ip("192.0.2.1", 0)));
  const auto& rules = c->endpoint("p")->access;
  EXPECT_TRUE(rules.permits(*net::Address::from_ip("127.0.0.1", 0)));
  EXPECT_FALSE(rules.permits(*net::Address::from_ip("127.0.0.9", 0)));
  EXPECT_FALSE(rules.permits(*net::Address::from_ip("10.0.0.1", 0)));
  EXPECT_THAT(problems_of("[general]\n[p]\ntype=peer\nhost=h\ncontactacl=gone\n"),
              ElementsAre(HasSubstr("sip.conf:5: error: [p] contactacl: ")));
  EXPECT_THAT(configured("[general]\n")->acls(), IsEmpty());
}

TEST(Definition, TakenOver) {  // 13
  EXPECT_THAT(problems_of("[general]\nallowoverlap=no\nrtptimeout=60\nmatchexternaddrlocally=yes\n"
                          "[phone](!)\ntype=friend\nhost=dynamic\ndtmfmode=rfc2833\n"
                          "disallow=all\nallow=ulaw\ncanreinvite=no\nmailbox=1@default\n"
                          "[2133](phone)\nsecret=peekaboo\ncall-limit=2\nregexten=2133\n"),
              IsEmpty());
  EXPECT_THAT(problems_of("[general]\n[p]\ntype=peer\nhost=h\nusername=joe\n"),
              ElementsAre("sip.conf:5: warning: [p] option 'username' is now called "
                          "'defaultuser'"));
}

TEST(Definition, Wrong) {  // 14
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"[general]\nudpbindadr=127.0.0.1\n",
            "sip.conf:2: error: [general] unknown sip.conf [general] option 'udpbindadr'; did you "
            "mean 'udpbindaddr'?"},
           {"[general]\nudpbindaddr=home\n", "sip.conf:2: error: [general] udpbindaddr: "},
           {"[general]\nnat=sometimes\n",
            "sip.conf:2: error: [general] nat: 'sometimes' is none of"},
           {"[general]\nqualify=often\n", "none of yes (2000 ms), no and a number"},
           {"[general]\ntransport=\n", "transport: names no transport"},
           {"[general]\ntransport=sctp\n", "'sctp' is none of udp, tcp, tls, ws, wss"},
           {"[general]\noutboundproxy=a b\n", "'a b' is not [transport://]host[:port]"},
           {"[general]\nregister => 7@h:5060:1\n", "sip.conf:2: error: [general] register: "},
           {"[general]\nregister => tcp://7@h\n",
            "sip.conf:2: error: register: goes by tcp, which is not enabled (tcpenable=yes"},
           {"[general]\nregister => trnk?7@h\n[trunk]\ntype=peer\nhost=h\n",
            "sip.conf:2: error: register: names the peer 'trnk', which is not defined; did you "
            "mean "
            "'trunk'?"},
           {"[general]\nregister => 7@h\nregister => 7@h\n",
            "sip.conf:3: error: register: registers 7@h a second time"},
           {"[general]\ntlsenable=yes\n",
            "sip.conf:2: error: [general] tlsenable needs tlscertfile"},
           {"[general]\nminexpiry=100\nmaxexpiry=50\n", "minexpiry 100 is more than maxexpiry 50"},
           {"[general]\n[general]\n", "one section [general] only; the first is at sip.conf:1"},
           {"[general]\n[p]\nhost=dynamic\nsecret=x\n",
            "sip.conf:2: error: [p] has no type; type=friend, peer or user would be right"},
           {"[general]\n[p]\ntype=buddy\nhost=h\n", "type: 'buddy' is none of peer, user, friend"},
           {"[general]\n[p]\ntype=peer\n", "sip.conf:2: error: [p] has no host"},
           {"[general]\n[p]\ntype=peer\nhost=1.2.3.4:5060\n", "host: '1.2.3.4:5060' is no host"},
           {"[general]\n[p]\ntype=peer\nhost=h\nport=sip\n", "[p] port: 'sip'"},
           {"[general]\n[p]\ntype=peer\nhost=h\nmd5secret=abc\n", "32 hexadecimal digits"},
           {"[general]\n[p]\ntype=peer\nhost=h\n[p]\ntype=user\n",
            "sip.conf:5: error: [p] is defined twice; the first is at sip.conf:2"},
           {"[general]\n[anonymous]\ntype=peer\nhost=h\n", "is the name of guests"},
           {"[general]\n[p]\ntype=peer\nhost=h\nsetvar=A\n", "'A' is not NAME=value"},
           {"[general]\n[authentication]\nauth=x\n", "needs user:secret@realm"}}) {
    EXPECT_THAT(problems_of(text), Contains(HasSubstr(expected))) << text;
    conf::Problems problems;
    EXPECT_FALSE(parse(text, problems)) << text;
  }
}

TEST(Definition, Warnings) {  // 15
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"[general]\nalwaysauthreject=no\n", "sip.conf:2: warning: [general] alwaysauthreject"},
           {"[general]\nautocreatepeer=yes\n", "sip.conf:2: warning: [general] autocreatepeer"},
           {"[general]\ndomainsasrealm=yes\ndomain=a.b\ndomain=c.d\n", "there is one realm, 'a.b'"},
           {"[general]\n[p]\ntype=peer\nhost=h\ntransport=tcp\n",
            "[p] transport=tcp, which [general] does not enable; it is sent to by udp"},
           {"[general]\n[p]\ntype=friend\nhost=dynamic\n",
            "sip.conf:2: warning: [p] has no secret"}}) {
    EXPECT_THAT(problems_of(text), ElementsAre(HasSubstr(expected))) << text;
    conf::Problems problems;
    EXPECT_TRUE(parse(text, problems)) << text;
  }
  EXPECT_THAT(problems_of("[general]\nalwaysauthreject=yes\nautocreatepeer=no\n"), IsEmpty());
}

}  // namespace
}  // namespace missive::chan_sip
