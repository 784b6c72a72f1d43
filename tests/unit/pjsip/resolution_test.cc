// From a destination to endpoint, contact, Request-URI and next hop.
//
//  1. Every form of destination on the configuration Asterisk was observed with: Request-URI and
//  next hop.
//  2. An endpoint's name goes before a host's, an AOR's before a host's behind '/'.
//  3. Refused: unknown endpoint, no default endpoint, no AOR, AOR without contact, bad URI; each
//  with
//     its kind and a sentence.
//  4. The first contact of the first AOR that has one.
//  5. outbound_proxy of the endpoint and of the AOR: Route and next hop; the AOR's only for its
//  contact.
//  6. Next hop: maddr, ports by protocol, names are left to be resolved, IPv6.
//  7. The transport: by the URI, by the endpoint, the first of the family, TCP where there is no
//  UDP.
//  8. What cannot be reached: sips, tls, ws, unknown transport, IPv6 without IPv6.
//  9. A dial string puts its user into the contact, in place of user and password.
// 10. user_eq_phone.
// 11. URI headers are left out; a '?' in the user is none of them.
// 12. The trace: which steps, in which order, with file and line; up to the refusal.
// 14. sips: is TLS, on every hop.
// 15. A redirect: another Request-URI and next hop; To keeps the first; the endpoint's outbound
// proxy
//     stays, an AOR's does not.
// 16. A contact that is pinned is taken, also of the second AOR.
// 13. A Resolution used again holds nothing of the last one; the display name is that of the
// destination.
#include "pjsip/resolution.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/source_file.h"
#include "unit/pjsip/configured.h"

namespace missive::pjsip {
namespace {

using message::Refusal;
using test::configured;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Steps final : Trace {
  void step(std::string_view what, std::string_view found) override {
    log.push_back(std::string(what) + ": " + std::string(found));
  }
  std::vector<std::string> log;
};

// With nobody registered.
std::optional<Refusal> resolve(const Configuration& configuration, std::string_view destination,
                               Resolution& out, Trace* trace = nullptr) {
  LocationService locations;
  locations.configure(configuration);
  return resolve(configuration, locations, destination, out, trace);
}

// "127.0.0.2:5060"; "example.com", with its port where it has one.
std::string hop_of(const NextHop& hop) {
  if (hop.address) return hop.address->str();
  return hop.port ? fmt::format("{}:{}", hop.host, *hop.port) : hop.host;
}

// The transport a numeric hop is reached by, or else the first of the protocol.
std::string transport_of(const Configuration& configuration, const NextHop& hop) {
  const auto any = *net::Address::from_ip("127.0.0.1", 5060);
  const auto* transport = transport_for(
      configuration, hop, {protocol_to(configuration, hop), hop.address.value_or(any)});
  return transport != nullptr ? transport->name : "none";
}

// "Request-URI -> next hop", or "kind: reason".
std::string outcome(const Configuration& configuration, std::string_view destination,
                    Resolution& out) {
  if (const auto refusal = resolve(configuration, destination, out)) {
    return (refusal->kind == Refusal::Kind::invalid_uri ? "invalid: " : "failure: ") +
           refusal->reason;
  }
  EXPECT_EQ(out.uri.str(), out.request_uri);
  return out.request_uri + " -> " + hop_of(out.hop);
}

std::string outcome(const Configuration& configuration, std::string_view destination) {
  Resolution out;
  return outcome(configuration, destination, out);
}

constexpr std::string_view transports =
    "[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5070\n"
    "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5070\n";

std::shared_ptr<const Configuration> observed() {
  std::ifstream file(source_file("tests/data/observed/pjsip.conf"));
  return configured(std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(Resolution, EveryForm) {  // 1
  const auto c = observed();
  for (const auto& [destination, expected] :
       std::vector<std::pair<std::string_view, std::string_view>>{
           {"alice", "sip:alice@127.0.0.2:5060 -> 127.0.0.2:5060"},
           {"bob", "sip:127.0.0.2:5061 -> 127.0.0.2:5061"},
           {"bob/bob2", "sip:harry@127.0.0.2:5062 -> 127.0.0.2:5062"},
           {"bob@anything.example", "sip:127.0.0.2:5061 -> 127.0.0.2:5061"},
           {"bob/127.0.0.2", "sip:127.0.0.2 -> 127.0.0.2:5060"},
           {"bob/127.0.0.2:5062", "sip:127.0.0.2:5062 -> 127.0.0.2:5062"},
           {"bob/carl@127.0.0.2:5063", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"bob/sip:127.0.0.2:5062", "sip:127.0.0.2:5062 -> 127.0.0.2:5062"},
           {"bob/sip:carl@127.0.0.2:5063", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"bob/<sip:127.0.0.2:5062>", "sip:127.0.0.2:5062 -> 127.0.0.2:5062"},
           {"bob/<sip:carl@127.0.0.2:5063>", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"bob/\"Carl C\" <sip:127.0.0.2:5062>", "sip:127.0.0.2:5062 -> 127.0.0.2:5062"},
           {"bob/\"Carl C\" <sip:carl@127.0.0.2:5063>",
            "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"<sip:127.0.0.2:5062>", "sip:127.0.0.2:5062 -> 127.0.0.2:5062"},
           {"<sip:carl@127.0.0.2:5063>", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"\"Carl C\" <sip:carl@127.0.0.2:5063>", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"sip:127.0.0.2:5062", "sip:127.0.0.2:5062 -> 127.0.0.2:5062"},
           {"sip:carl@127.0.0.2:5063", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"sip:carl@127.0.0.2:5063;transport=udp",
            "sip:carl@127.0.0.2:5063;transport=udp -> 127.0.0.2:5063"},
           {"127.0.0.2", "sip:127.0.0.2 -> 127.0.0.2:5060"},
           {"127.0.0.2:5062", "sip:127.0.0.2:5062 -> 127.0.0.2:5062"},
           {"carl@127.0.0.2:5063", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"PJSIP/8005551212@alice", "sip:8005551212@127.0.0.2:5060 -> 127.0.0.2:5060"},
           {"PJSIP/8005551212@bob", "sip:8005551212@127.0.0.2:5061 -> 127.0.0.2:5061"},
           {"PJSIP/alice", "sip:alice@127.0.0.2:5060 -> 127.0.0.2:5060"},
           {"noaor/carl@127.0.0.2:5063", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"}}) {
    EXPECT_EQ(outcome(*c, destination), expected) << destination;
  }
}

TEST(Resolution, NamesBeforeHosts) {  // 2
  const auto c = configured(std::string(transports) +
                            "[global]\ntype=global\ndefault_outbound_endpoint=gw\n"
                            "[gw]\ntype=endpoint\n"
                            "[example.com]\ntype=endpoint\naors=example.com\n"
                            "[example.com]\ntype=aor\ncontact=sip:1@127.0.0.2\n");
  Resolution out;
  EXPECT_EQ(outcome(*c, "example.com", out), "sip:1@127.0.0.2 -> 127.0.0.2:5060");
  EXPECT_EQ(out.endpoint->name, "example.com");
  EXPECT_EQ(outcome(*c, "example.org", out), "sip:example.org -> example.org");
  EXPECT_EQ(out.endpoint->name, "gw");
  EXPECT_EQ(outcome(*c, "gw/example.com", out), "sip:1@127.0.0.2 -> 127.0.0.2:5060");
  EXPECT_EQ(out.endpoint->name, "gw");
  EXPECT_EQ(out.aor->name, "example.com");
  EXPECT_EQ(outcome(*c, "gw/example.org", out), "sip:example.org -> example.org");
  EXPECT_EQ(out.aor, nullptr);
  EXPECT_EQ(outcome(*c, "gw/sip:example.com", out), "sip:example.com -> example.com");
  // Names are compared with case.
  EXPECT_EQ(outcome(*c, "EXAMPLE.COM"), "sip:EXAMPLE.COM -> EXAMPLE.COM");
}

TEST(Resolution, Refused) {  // 3
  const auto c = configured(std::string(transports) +
                            "[alice]\ntype=endpoint\naors=alice\n[alice]\ntype=aor\n"
                            "[noaor]\ntype=endpoint\n"
                            "[lost]\ntype=endpoint\naors=nowhere,alice\n");
  for (const auto& [destination, expected] :
       std::vector<std::pair<std::string_view, std::string_view>>{
           {"", "invalid: destination '': the destination is empty"},
           {"/x", "invalid: destination '/x': there is no endpoint in front of '/'"},
           {"nobody",
            "failure: endpoint 'nobody' not found; to take 'nobody' for a host the endpoint "
            "'default_outbound_endpoint' would be needed (type=global, default_outbound_endpoint)"},
           {"nobody@h",
            "failure: endpoint 'nobody' not found; to take 'nobody@h' for a host the endpoint "
            "'default_outbound_endpoint' would be needed (type=global, default_outbound_endpoint)"},
           {"sip:bob@h",
            "failure: a destination without an endpoint needs the default endpoint "
            "'default_outbound_endpoint' (type=global, default_outbound_endpoint), which is not "
            "configured"},
           {"nobody/x@h", "failure: endpoint 'nobody' not found"},
           {"nobody/alice", "failure: endpoint 'nobody' not found"},
           {"PJSIP/1@nobody", "failure: endpoint 'nobody' not found"},
           {"noaor",
            "failure: endpoint 'noaor' has no AOR (aors=), so there is no contact to send to"},
           {"PJSIP/1@noaor",
            "failure: endpoint 'noaor' has no AOR (aors=), so there is no contact to send to"},
           {"alice", "failure: endpoint 'alice' has no contact: none of its AORs (alice) has one"},
           {"lost@x",
            "failure: endpoint 'lost' has no contact: none of its AORs (nowhere, alice) has one"},
           {"noaor/alice", "failure: AOR 'alice' has no contact"}}) {
    EXPECT_EQ(outcome(*c, destination), expected) << destination;
  }
  for (const auto* bad :
       {"noaor/a@", "noaor/sip:", "noaor/sip:a@b:0", "noaor/a b", "noaor/sip:a@b;",
        "noaor/<sip:a@@b>", "noaor/-x", "noaor/[::1", "noaor/a\nb"}) {
    EXPECT_THAT(outcome(*c, bad), testing::StartsWith("invalid: ")) << bad;
  }
}

TEST(Resolution, FirstContact) {  // 4
  const auto c = configured(std::string(transports) +
                            "[e]\ntype=endpoint\naors=missing,empty,second,third\n"
                            "[empty]\ntype=aor\n"
                            "[second]\ntype=aor\ncontact=sip:1@127.0.0.2\ncontact=sip:2@127.0.0.3\n"
                            "[third]\ntype=aor\ncontact=sip:3@127.0.0.4\n");
  Resolution out;
  EXPECT_EQ(outcome(*c, "e", out), "sip:1@127.0.0.2 -> 127.0.0.2:5060");
  EXPECT_EQ(out.aor->name, "second");
  EXPECT_EQ(outcome(*c, "e/third", out), "sip:3@127.0.0.4 -> 127.0.0.4:5060");
}

TEST(Resolution, OutboundProxy) {  // 5
  const auto c = configured(std::string(transports) +
                            "[e]\ntype=endpoint\naors=a,b\n"
                            "outbound_proxy=sip:proxy.example.com:5080\\;lr\n"
                            "[a]\ntype=aor\ncontact=sip:1@127.0.0.2\n"
                            "[b]\ntype=aor\ncontact=sip:2@127.0.0.2\n"
                            "outbound_proxy=sip:127.0.0.9\\;transport=tcp\n"
                            "[plain]\ntype=endpoint\naors=b\n");
  Resolution out;
  EXPECT_EQ(outcome(*c, "e", out), "sip:1@127.0.0.2 -> proxy.example.com:5080");
  EXPECT_EQ(out.route, "<sip:proxy.example.com:5080;lr>");
  EXPECT_FALSE(out.hop.address);
  EXPECT_FALSE(out.hop.protocol_of_uri);
  EXPECT_EQ(outcome(*c, "e/b", out), "sip:2@127.0.0.2 -> 127.0.0.9:5060");
  EXPECT_EQ(out.route, "<sip:127.0.0.9;transport=tcp>");
  EXPECT_EQ(transport_of(*c, out.hop), "tcp");
  EXPECT_TRUE(out.hop.protocol_of_uri);
  EXPECT_EQ(outcome(*c, "plain", out), "sip:2@127.0.0.2 -> 127.0.0.9:5060");
  EXPECT_EQ(outcome(*c, "e/sip:3@127.0.0.3", out), "sip:3@127.0.0.3 -> proxy.example.com:5080");
  EXPECT_EQ(outcome(*c, "plain/sip:3@127.0.0.3", out), "sip:3@127.0.0.3 -> 127.0.0.3:5060");
  EXPECT_EQ(out.route, "");
}

TEST(Resolution, NextHop) {  // 6
  const auto c = configured(std::string(transports) +
                            "[u6]\ntype=transport\nprotocol=udp\nbind=[::1]:5070\n"
                            "[e]\ntype=endpoint\n");
  Resolution out;
  EXPECT_EQ(outcome(*c, "e/sip:a@example.com;maddr=127.0.0.9", out),
            "sip:a@example.com;maddr=127.0.0.9 -> 127.0.0.9:5060");
  EXPECT_EQ(out.hop.address->str(), "127.0.0.9:5060");
  EXPECT_EQ(outcome(*c, "e/sip:a@127.0.0.2:5066;maddr=host.example.com", out),
            "sip:a@127.0.0.2:5066;maddr=host.example.com -> host.example.com:5066");
  EXPECT_FALSE(out.hop.address);
  EXPECT_EQ(outcome(*c, "e/sip:a@[::1]:5066", out), "sip:a@[::1]:5066 -> [::1]:5066");
  EXPECT_EQ(out.hop.address->str(), "[::1]:5066");
  EXPECT_EQ(transport_of(*c, out.hop), "u6");
  EXPECT_EQ(outcome(*c, "e/[::1]", out), "sip:[::1] -> [::1]:5060");
  EXPECT_EQ(outcome(*c, "e/sip:a@example.com;maddr=[::1]", out),
            "sip:a@example.com;maddr=[::1] -> [::1]:5060");
  EXPECT_EQ(out.hop.address->str(), "[::1]:5060");
  EXPECT_EQ(outcome(*c, "e/localhost", out), "sip:localhost -> localhost");
  EXPECT_FALSE(out.hop.address);
}

TEST(Resolution, WhichTransport) {  // 7
  const auto c = configured(
      "[u1]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5071\n"
      "[u2]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5072\n"
      "[u6]\ntype=transport\nprotocol=udp\nbind=[::1]:5070\n"
      "[t1]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5071\n"
      "[t2]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5072\n"
      "[any]\ntype=endpoint\n"
      "[on_u2]\ntype=endpoint\ntransport=u2\n"
      "[on_t2]\ntype=endpoint\ntransport=t2\n"
      "[on_u6]\ntype=endpoint\ntransport=u6\n");
  const auto transport = [&](std::string_view destination) {
    Resolution out;
    const auto refused = resolve(*c, destination, out);
    return refused ? refused->reason
                   : transport_of(*c, out.hop) + (out.hop.protocol_of_uri ? " by URI" : "");
  };
  EXPECT_EQ(transport("any/sip:a@127.0.0.2"), "u1");
  EXPECT_EQ(transport("any/sip:a@example.com"), "u1");
  EXPECT_EQ(transport("any/sip:a@[::1]"), "u6");
  EXPECT_EQ(transport("any/sip:a@127.0.0.2;transport=tcp"), "t1 by URI");
  EXPECT_EQ(transport("any/sip:a@127.0.0.2;TRANSPORT=UDP"), "u1 by URI");
  EXPECT_EQ(transport("on_u2/sip:a@127.0.0.2"), "u2");
  EXPECT_EQ(transport("on_u2/sip:a@127.0.0.2;transport=tcp"), "t1 by URI");
  EXPECT_EQ(transport("on_u2/sip:a@[::1]"), "u6");
  EXPECT_EQ(transport("on_t2/sip:a@127.0.0.2"), "t2");
  EXPECT_EQ(transport("on_t2/sip:a@127.0.0.2;transport=udp"), "u1 by URI");
  EXPECT_EQ(transport("on_u6/sip:a@127.0.0.2"), "u1");

  const auto only_tcp =
      configured("[t]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5071\n[any]\ntype=endpoint\n");
  Resolution out;
  EXPECT_EQ(outcome(*only_tcp, "any/sip:a@127.0.0.2", out), "sip:a@127.0.0.2 -> 127.0.0.2:5060");
  EXPECT_EQ(transport_of(*only_tcp, out.hop), "t");
  EXPECT_THAT(outcome(*only_tcp, "any/sip:a@127.0.0.2;transport=udp"),
              HasSubstr("no udp transport for IPv4 is configured"));
}

TEST(Resolution, Unreachable) {  // 8
  const auto c = configured(std::string(transports) + "[e]\ntype=endpoint\n");
  EXPECT_EQ(outcome(*c, "e/sips:a@127.0.0.2"),
            "failure: no tls transport for IPv4 is configured (pjsip.conf), and sips: may use no "
            "other");
  EXPECT_THAT(outcome(*c, "e/sips:a@127.0.0.2;transport=tcp"), HasSubstr("no tls transport"));
  EXPECT_EQ(outcome(*c, "e/sips:a@127.0.0.2;transport=udp"),
            "failure: sips: asks for TLS on every hop and transport=udp is none");
  EXPECT_EQ(outcome(*c, "e/sips:a@example.com"),
            "failure: no tls transport is configured (pjsip.conf), and sips: may use no other");
  EXPECT_EQ(outcome(*c, "e/sip:a@127.0.0.2;transport=sctp"),
            "failure: transport 'sctp' is not known");
  EXPECT_THAT(outcome(*c, "e/sip:a@127.0.0.2;transport=ws"),
              HasSubstr("no ws transport for IPv4 is configured"));
  EXPECT_EQ(outcome(*c, "e/sip:a@[::1]"),
            "failure: no udp transport for IPv6 is configured (pjsip.conf)");
  EXPECT_THAT(outcome(*configured("[e]\ntype=endpoint\n"), "e/sip:a@127.0.0.2"),
              HasSubstr("no udp transport for IPv4 is configured"));
}

TEST(Resolution, Sips) {  // 14
  const auto c = configured(std::string(transports) +
                            "[tls]\ntype=transport\nprotocol=tls\nbind=127.0.0.1:5071\n"
                            "cert_file=c\npriv_key_file=k\n"
                            "[e]\ntype=endpoint\n"
                            "[on_udp]\ntype=endpoint\ntransport=udp\n"
                            "[on_tls]\ntype=endpoint\ntransport=tls\n"
                            "[proxied]\ntype=endpoint\noutbound_proxy=sip:127.0.0.9\n");
  Resolution out;
  for (const auto* endpoint : {"e", "on_udp", "on_tls"}) {
    EXPECT_EQ(outcome(*c, fmt::format("{}/sips:a@127.0.0.2", endpoint), out),
              "sips:a@127.0.0.2 -> 127.0.0.2:5061");
    EXPECT_EQ(transport_of(*c, out.hop), "tls");
    EXPECT_EQ(outcome(*c, fmt::format("{}/sips:a@example.com", endpoint), out),
              "sips:a@example.com -> example.com");
    EXPECT_TRUE(question_of(*c, out.hop).sips);
    EXPECT_EQ(out.hop.protocol, sip::Protocol::tls);
  }
  EXPECT_EQ(outcome(*c, "e/sips:a@127.0.0.2:5999;transport=tcp", out),
            "sips:a@127.0.0.2:5999;transport=tcp -> 127.0.0.2:5999");
  EXPECT_EQ(out.hop.protocol, sip::Protocol::tls);
  EXPECT_EQ(outcome(*c, "on_tls/sip:a@127.0.0.2", out), "sip:a@127.0.0.2 -> 127.0.0.2:5061");
  EXPECT_EQ(outcome(*c, "on_tls/sip:a@127.0.0.2;transport=udp", out),
            "sip:a@127.0.0.2;transport=udp -> 127.0.0.2:5060");
  // Every hop, and the first one is the proxy.
  EXPECT_THAT(outcome(*c, "proxied/sips:a@127.0.0.2"),
              HasSubstr("sips: asks for TLS on every hop and the outbound proxy"));
}

TEST(Resolution, Redirected) {  // 15
  const auto c = configured(std::string(transports) +
                            "[e]\ntype=endpoint\naors=e\n[e]\ntype=aor\n"
                            "contact=sip:1@127.0.0.2\n"
                            "outbound_proxy=sip:127.0.0.8\n"
                            "[p]\ntype=endpoint\noutbound_proxy=sip:127.0.0.9\n");
  Resolution out;
  ASSERT_FALSE(resolve(*c, "e", out));
  EXPECT_EQ(out.to_uri().str(), "sip:1@127.0.0.2");
  EXPECT_FALSE(redirect(*c, "sip:2@127.0.0.3:5066;transport=tcp", out));
  EXPECT_EQ(out.request_uri, "sip:2@127.0.0.3:5066;transport=tcp");
  EXPECT_EQ(hop_of(out.hop), "127.0.0.3:5066");
  EXPECT_EQ(transport_of(*c, out.hop), "tcp");
  EXPECT_EQ(out.route, "") << "the AOR's proxy is for its contacts";
  EXPECT_EQ(out.to_uri().str(), "sip:1@127.0.0.2");
  EXPECT_FALSE(redirect(*c, "sip:3@127.0.0.4", out));
  EXPECT_EQ(out.to_uri().str(), "sip:1@127.0.0.2");
  EXPECT_EQ(redirect(*c, "sips:3@127.0.0.4", out)->reason,
            "no tls transport for IPv4 is configured (pjsip.conf), and sips: may use no other");

  ASSERT_FALSE(resolve(*c, "p/sip:1@127.0.0.2", out));
  EXPECT_EQ(out.to_uri().str(), "sip:1@127.0.0.2");
  EXPECT_FALSE(redirect(*c, "sip:2@127.0.0.3", out));
  EXPECT_EQ(hop_of(out.hop), "127.0.0.9:5060");
  EXPECT_EQ(out.route, "<sip:127.0.0.9>");
}

TEST(Resolution, PinnedContact) {  // 16
  const auto c = configured(std::string(transports) +
                            "[e]\ntype=endpoint\naors=a,b\n"
                            "[a]\ntype=aor\ncontact=sip:1@127.0.0.2\n"
                            "[b]\ntype=aor\ncontact=sip:2@127.0.0.3\ncontact=sip:3@127.0.0.4\n");
  LocationService locations;
  locations.configure(*c);
  for (const auto* uri : {"sip:3@127.0.0.4", "sip:2@127.0.0.3"}) {
    Resolution out;
    out.pinned = locations.find("b", uri);
    ASSERT_FALSE(resolve(*c, locations, "e", out));
    EXPECT_EQ(out.request_uri, uri);
  }
}

TEST(Resolution, DialString) {  // 9
  const auto c = configured(std::string(transports) +
                            "[gw]\ntype=endpoint\naors=gw\n[gw]\ntype=aor\n"
                            "contact=sip:old:secret@127.0.0.2:5066\\;transport=tcp?Subject=x\n");
  EXPECT_EQ(outcome(*c, "PJSIP/+1555@gw"),
            "sip:+1555@127.0.0.2:5066;transport=tcp -> 127.0.0.2:5066");
  EXPECT_EQ(outcome(*c, "PJSIP/gw"),
            "sip:old:secret@127.0.0.2:5066;transport=tcp -> 127.0.0.2:5066");
  EXPECT_THAT(outcome(*c, "PJSIP/a b@gw"), testing::StartsWith("invalid: "));
  EXPECT_THAT(outcome(*c, "PJSIP/a@b@gw"), testing::StartsWith("invalid: "));
}

TEST(Resolution, UserEqPhone) {  // 10
  const auto c = configured(std::string(transports) + "[e]\ntype=endpoint\nuser_eq_phone=yes\n");
  EXPECT_EQ(outcome(*c, "e/+1-555@127.0.0.2"), "sip:+1-555@127.0.0.2;user=phone -> 127.0.0.2:5060");
  EXPECT_EQ(outcome(*c, "e/1555@127.0.0.2;user=ip"),
            "sip:1555@127.0.0.2;user=ip -> 127.0.0.2:5060");
  EXPECT_EQ(outcome(*c, "e/alice@127.0.0.2"), "sip:alice@127.0.0.2 -> 127.0.0.2:5060");
  EXPECT_EQ(outcome(*c, "e/127.0.0.2"), "sip:127.0.0.2 -> 127.0.0.2:5060");
}

TEST(Resolution, UriHeaders) {  // 11
  const auto c = configured(std::string(transports) + "[e]\ntype=endpoint\n");
  EXPECT_EQ(outcome(*c, "e/sip:a@127.0.0.2?Subject=x"), "sip:a@127.0.0.2 -> 127.0.0.2:5060");
  EXPECT_EQ(outcome(*c, "e/sip:127.0.0.2;lr?Subject=x&Priority=urgent"),
            "sip:127.0.0.2;lr -> 127.0.0.2:5060");
  EXPECT_EQ(outcome(*c, "e/sip:what?@127.0.0.2"), "sip:what?@127.0.0.2 -> 127.0.0.2:5060");
  EXPECT_EQ(outcome(*c, "e/sip:127.0.0.9?x@127.0.0.2?Subject=x"),
            "sip:127.0.0.9?x@127.0.0.2 -> 127.0.0.2:5060")
      << "not to 127.0.0.9";
}

TEST(Resolution, TraceSteps) {  // 12
  const auto c = configured(
      "[udp]\n"
      "type=transport\n"
      "bind=127.0.0.1:5070\n"
      "[gw]\n"
      "type=endpoint\n"
      "aors=gw\n"
      "outbound_proxy=sip:127.0.0.9\n"
      "[gw]\n"
      "type=aor\n"
      "contact=sip:1@127.0.0.2\n"
      "[global]\n"
      "default_outbound_endpoint=gw\n");
  const auto steps = [&](std::string_view destination) {
    Steps trace;
    Resolution out;
    const auto refused = resolve(*c, destination, out, &trace);
    if (refused) trace.log.push_back("refused");
    return trace.log;
  };
  EXPECT_THAT(steps("gw"),
              ElementsAre("form: endpoint", "endpoint: gw (pjsip.conf:4)", "aor: gw (pjsip.conf:8)",
                          "contact: sip:1@127.0.0.2", "Request-URI: sip:1@127.0.0.2",
                          "outbound proxy: sip:127.0.0.9",
                          "transport: udp (pjsip.conf:1): udp on 127.0.0.1:5070"));
  EXPECT_THAT(steps("gw@x")[0], "form: endpoint@domain (the domain is discarded)");
  EXPECT_THAT(steps("x@127.0.0.2")[0], "form: user@host");
  EXPECT_THAT(
      steps("127.0.0.2"),
      ElementsAre("form: host", "endpoint: gw (pjsip.conf:4), the default_outbound_endpoint",
                  "Request-URI: sip:127.0.0.2", "outbound proxy: sip:127.0.0.9",
                  "transport: udp (pjsip.conf:1): udp on 127.0.0.1:5070"));
  EXPECT_THAT(steps("gw/gw")[0], "form: endpoint/aor");
  EXPECT_THAT(steps("gw/h")[0], "form: endpoint/host");
  EXPECT_THAT(steps("gw/u@h")[0], "form: endpoint/user@host");
  EXPECT_THAT(steps("gw/sip:h")[0], "form: endpoint/URI");
  EXPECT_THAT(steps("<sip:h>")[0], "form: URI");
  EXPECT_THAT(steps("PJSIP/1@gw")[0], "form: PJSIP/user@endpoint");
  EXPECT_THAT(steps("nobody/u@h"), ElementsAre("form: endpoint/user@host", "refused"));
  EXPECT_THAT(steps(""), ElementsAre("refused"));
}

TEST(Resolution, UsedAgain) {  // 13
  const auto c = configured(std::string(transports) +
                            "[e]\ntype=endpoint\naors=e\noutbound_proxy=sip:127.0.0.9\n"
                            "[e]\ntype=aor\ncontact=sip:1@127.0.0.2\\;transport=tcp\n"
                            "[f]\ntype=endpoint\n");
  Resolution out;
  EXPECT_FALSE(resolve(*c, "e/\"A \\\"B\\\"\" <sip:x@127.0.0.3>", out));
  EXPECT_EQ(out.display_name, "A \\\"B\\\"");
  EXPECT_FALSE(resolve(*c, "e", out));
  EXPECT_EQ(out.display_name, "");
  EXPECT_NE(out.aor, nullptr);
  EXPECT_FALSE(resolve(*c, "f/host.example.com", out));
  EXPECT_EQ(out.aor, nullptr);
  EXPECT_EQ(out.route, "");
  EXPECT_EQ(out.endpoint->name, "f");
  EXPECT_FALSE(out.hop.address);
  EXPECT_FALSE(out.hop.protocol_of_uri);
  EXPECT_EQ(out.form, Destination::Form::endpoint_name);
}

}  // namespace
}  // namespace missive::pjsip
