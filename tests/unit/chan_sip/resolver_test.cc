// From a destination of `sip:` to Request-URI and next hop.
//
//  1. The grammar alone.
//  2. Every form on a configuration, with peers before hosts.
//  3. Refused: what is no destination, users, who has not registered.
//  4. A peer that registers: before, with defaultip, after; down its connection.
//  5. outboundproxy, of [general] and of the peer; srvlookup=no.
//  6. The variable Request-URI.
//  7. usereqphone.
//  8. find_recipient() knows the peer without a way to it.
//  9. The trace.
#include "chan_sip/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chan_sip/destination.h"
#include "pjsip/dialect.h"
#include "unit/chan_sip/configured.h"
#include "unit/pjsip/location_lab.h"

namespace missive::chan_sip {
namespace {

using message::Refusal;
using test::configured;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Steps final : pjsip::Trace {
  void step(std::string_view what, std::string_view found) override {
    log.push_back(std::string(what) + ": " + std::string(found));
  }
  std::vector<std::string> log;
};

class SipResolver : public testing::Test {
 protected:
  void configure(std::string_view text) {
    configuration = configured(text);
    locations.configure(*configuration);
  }
  std::optional<Refusal> resolve(std::string_view destination,
                                 std::span<const message::Variable> variables = {},
                                 pjsip::Trace* trace = nullptr) {
    const auto whole = "sip:" + std::string(destination);
    const auto message =
        message::Message::create({.destination = whole, .body = "x", .variables = variables});
    return configuration->dialect().resolve(*configuration, locations, *message, out, trace);
  }
  // "Request-URI -> next hop", or "kind: reason".
  std::string outcome(std::string_view destination,
                      std::span<const message::Variable> variables = {}) {
    if (const auto refusal = resolve(destination, variables)) {
      return (refusal->kind == Refusal::Kind::invalid_uri ? "invalid: "
              : refusal->passing()                        ? "unreachable: "
                                                          : "failure: ") +
             refusal->reason;
    }
    EXPECT_EQ(out.uri.str(), out.request_uri);
    const auto& hop = out.hop;
    return out.request_uri + " -> " +
           (hop.address ? hop.address->str()
            : hop.port  ? fmt::format("{}:{}", hop.host, *hop.port)
                        : hop.host);
  }

  test::Configured configuration;
  pjsip::LocationService locations;
  pjsip::Resolution out;
};

TEST(SipDestination, Grammar) {  // 1
  const auto parts = [](std::string_view text) {
    const auto d = parse_destination(text);
    if (!d) return "error: " + d.error().text;
    return fmt::format("{}|{}|{}|{}|{}", d->display_name,
                       d->sips  ? "sips"
                       : d->uri ? "sip"
                                : "",
                       d->address, d->user, d->peer);
  };
  EXPECT_EQ(parts("bob"), "||bob||bob");
  EXPECT_EQ(parts(" bob "), "||bob||bob");
  EXPECT_EQ(parts("100@bob"), "||100@bob|100|bob");
  EXPECT_EQ(parts("100@h:5070"), "||100@h:5070|100|");
  EXPECT_EQ(parts("h:5070"), "||h:5070||");
  EXPECT_EQ(parts("h;transport=tcp"), "||h;transport=tcp||");
  EXPECT_EQ(parts("sip:a@h?x=y"), "|sip|a@h|a|h");
  EXPECT_EQ(parts("<sips:a@h>"), "|sips|a@h|a|");
  EXPECT_EQ(parts("\"A \\\"B\\\"\" <sip:a@h;x=1>"), "A \\\"B\\\"|sip|a@h;x=1|a|");
  EXPECT_EQ(parts("A B <a@h>"), "A B||a@h|a|h");
  EXPECT_THAT(parts(""), HasSubstr("error: the destination is empty"));
  EXPECT_THAT(parts("<>"), HasSubstr("error: "));
  EXPECT_THAT(parts("@h"), HasSubstr("error: there is no user in front of '@'"));
  EXPECT_THAT(parts("a@"), HasSubstr("error: it names nobody"));
  EXPECT_THAT(parts("xmpp:a@h"), HasSubstr("error: it is no SIP URI"));
  EXPECT_THAT(parts("\"A <sip:a@h>"), HasSubstr("error: "));
}

TEST_F(SipResolver, EveryForm) {  // 2
  configure(std::string(test::observed) + "[4711]\ntype=peer\nhost=127.0.0.3\ndefaultuser=me\n");
  for (const auto& [destination, expected] :
       std::vector<std::pair<std::string_view, std::string_view>>{
           {"legacy", "sip:127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"carl@legacy", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"4711", "sip:me@127.0.0.3 -> 127.0.0.3:5060"},
           {"1@4711", "sip:1@127.0.0.3 -> 127.0.0.3:5060"},
           {"<sip:carl@legacy>", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"sip:legacy", "sip:127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"carl@127.0.0.2:5063", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"<sip:carl@127.0.0.2:5063>", "sip:carl@127.0.0.2:5063 -> 127.0.0.2:5063"},
           {"\"Carl C\" <sip:carl@127.0.0.2>", "sip:carl@127.0.0.2 -> 127.0.0.2:5060"},
           {"127.0.0.2", "sip:127.0.0.2 -> 127.0.0.2:5060"},
           {"127.0.0.2:5063", "sip:127.0.0.2:5063 -> 127.0.0.2:5063"},
           // A name with a port is a host.
           {"legacy:5099", "sip:legacy:5099 -> legacy:5099"},
           {"nobody", "sip:nobody -> nobody"},
           {"LEGACY", "sip:LEGACY -> LEGACY"},
           {"general", "sip:general -> general"},
           {"anonymous", "sip:anonymous -> anonymous"},
           {"carl@example.com", "sip:carl@example.com -> example.com"}}) {
    EXPECT_EQ(outcome(destination), expected) << destination;
  }
  EXPECT_FALSE(resolve("\"Carl C\" <sip:carl@127.0.0.2>"));
  EXPECT_EQ(out.display_name, "Carl C");
  EXPECT_EQ(out.endpoint->name, "general");
  EXPECT_FALSE(out.by_aors);
  EXPECT_FALSE(resolve("legacy"));
  EXPECT_EQ(out.display_name, "");
  EXPECT_EQ(out.endpoint->name, "legacy");
  EXPECT_TRUE(out.by_aors);
}

TEST_F(SipResolver, Refused) {  // 3
  configure(
      "[general]\nbindaddr=127.0.0.1\n[sales]\ntype=user\nsecret=x\n"
      "[bob]\ntype=friend\nhost=dynamic\nsecret=x\n[4711]\ntype=peer\nhost=127.0.0.3\n");
  EXPECT_THAT(outcome(""), HasSubstr("invalid: destination '': the destination is empty"));
  EXPECT_THAT(outcome("4712"), HasSubstr("invalid: '4712' is neither a peer of sip.conf (did you "
                                         "mean '4711'?) nor a host: "));
  EXPECT_THAT(outcome("a b"), HasSubstr("invalid: 'a b' is neither a peer of sip.conf nor a host"));
  EXPECT_THAT(outcome("a@h:x"), HasSubstr("invalid: "));
  EXPECT_EQ(outcome("sales"),
            "failure: 'sales' is a user: it sends and cannot be sent to; type=friend would be "
            "right");
  EXPECT_EQ(outcome("bob"), "unreachable: peer 'bob' (host=dynamic) has not registered");
  EXPECT_EQ(outcome("1@bob"), "unreachable: peer 'bob' (host=dynamic) has not registered");
  EXPECT_THAT(outcome("sips:a@127.0.0.2"), HasSubstr("failure: "));
  EXPECT_THAT(outcome("a@127.0.0.2;transport=tcp"), HasSubstr("failure: "));
  EXPECT_THAT(outcome("a@127.0.0.2;transport=sctp"), HasSubstr("failure: "));
}

TEST_F(SipResolver, Registered) {  // 4
  configure(
      "[general]\nbindaddr=127.0.0.1\ntcpenable=yes\n[bob]\ntype=friend\nhost=dynamic\nsecret=x\n"
      "defaultip=127.0.0.5\ndefaultuser=bobby\n");
  EXPECT_EQ(outcome("bob"), "sip:bobby@127.0.0.5 -> 127.0.0.5:5060");
  const auto put = [this](std::string_view uri, bool flow) {
    const auto contact = pjsip::test::some_contact("bob", uri);
    contact->transport = flow ? "sip-tcp" : "sip-udp";
    contact->source = *net::Address::parse("127.0.0.6:4000", 0);
    if (flow) contact->flow = pjsip::Flow{0, contact->source};
    pjsip::test::put(locations, contact);
  };
  put("sip:b@127.0.0.6:5070;x=1", false);
  EXPECT_EQ(outcome("bob"), "sip:b@127.0.0.6:5070;x=1 -> 127.0.0.6:5070");
  EXPECT_EQ(outcome("100@bob"), "sip:100@127.0.0.6:5070;x=1 -> 127.0.0.6:5070");
  put("sip:b@127.0.0.6:5070;x=1", true);
  EXPECT_EQ(outcome("bob"), "sip:b@127.0.0.6:5070;x=1 -> 127.0.0.6:4000");
  EXPECT_TRUE(out.hop.flow);
}

TEST_F(SipResolver, ProxyAndDns) {  // 5
  configure(
      "[general]\nbindaddr=127.0.0.1\noutboundproxy=127.0.0.8\nsrvlookup=no\n"
      "[p]\ntype=peer\nhost=p.example.com\noutboundproxy=p-proxy.example.com\n");
  EXPECT_EQ(outcome("a@example.com"), "sip:a@example.com -> 127.0.0.8:5060");
  EXPECT_EQ(out.route, "<sip:127.0.0.8;lr>");
  EXPECT_EQ(outcome("p"), "sip:p.example.com -> p-proxy.example.com:5060");
  configure("[general]\nbindaddr=127.0.0.1\nsrvlookup=no\n[p]\ntype=peer\nhost=p.example.com\n");
  EXPECT_EQ(outcome("p"), "sip:p.example.com -> p.example.com:5060");
  EXPECT_EQ(out.route, "");
  configure("[general]\nbindaddr=127.0.0.1\n[p]\ntype=peer\nhost=p.example.com\n");
  EXPECT_EQ(outcome("p"), "sip:p.example.com -> p.example.com");
}

TEST_F(SipResolver, RequestUri) {  // 6
  configure(test::observed);
  const auto with = [this](std::string_view value) {
    const std::vector<message::Variable> variables{{"X-One", "1"}, {"request-uri", value}};
    return outcome("legacy", variables);
  };
  EXPECT_EQ(with("sip:+1555@example.com"), "sip:+1555@example.com -> 127.0.0.2:5063");
  EXPECT_THAT(with("+1555"), HasSubstr("invalid: Variable Request-URI: '+1555' is no SIP URI"));
  EXPECT_THAT(with("tel:+1555"), HasSubstr("invalid: Variable Request-URI: "));
  EXPECT_THAT(with("sip:a@h?Subject=x"), HasSubstr("invalid: Variable Request-URI: "));
  EXPECT_THAT(with("sips:a@h"), HasSubstr("failure: Variable Request-URI: sips: asks for TLS"));
}

TEST_F(SipResolver, UserPhone) {  // 7
  configure("[general]\nbindaddr=127.0.0.1\n[p]\ntype=peer\nhost=127.0.0.3\nusereqphone=yes\n");
  EXPECT_EQ(outcome("+1555@p"), "sip:+1555@127.0.0.3;user=phone -> 127.0.0.3:5060");
  EXPECT_EQ(outcome("bob@p"), "sip:bob@127.0.0.3 -> 127.0.0.3:5060");
}

TEST_F(SipResolver, Recipient) {  // 8
  configure("[general]\nbindaddr=127.0.0.1\n[bob]\ntype=friend\nhost=dynamic\nsecret=x\n");
  const auto message = message::Message::create({.destination = "sip:bob", .body = "x"});
  const auto refused =
      configuration->dialect().find_recipient(*configuration, locations, *message, out);
  ASSERT_TRUE(refused);
  EXPECT_TRUE(refused->passing());
  EXPECT_EQ(out.endpoint->name, "bob");
  EXPECT_TRUE(out.by_aors);
}

TEST_F(SipResolver, Trace) {  // 9
  configure(test::observed);
  Steps steps;
  EXPECT_FALSE(resolve("carl@legacy", {}, &steps));
  EXPECT_THAT(steps.log, ElementsAre("form: user@peer", "peer: legacy (sip.conf:4)",
                                     "contact: sip:127.0.0.2:5063", "next hop: 127.0.0.2:5063",
                                     "Request-URI: sip:carl@127.0.0.2:5063"));
}

}  // namespace
}  // namespace missive::chan_sip
