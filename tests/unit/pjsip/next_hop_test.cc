// The first hop of a request, from a configuration.
//
//  1. A URI: host or maddr, port or the protocol's, protocol by the URI, else by the endpoint's
//     transport, else open to DNS.
//  2. What a locator is asked: protocols that can be opened, not WebSocket; only the one that is
//     fixed.
//  3. A contact: its flow, its Path, the proxy of its AOR, that of the endpoint, its URI, in this
//     order; the Route that goes with each.
//  4. The transport: of the flow; the one it registered by, the endpoint's own, the first that
//     suits in protocol and family.
//  5. What cannot be sent: no transport of the kind, none for the family, a flow whose transport is
//     gone, a bad Path.
//  6. sips: over a flow, a Path or a proxy without TLS is refused.
//  7. transport=flow of an endpoint says nothing about the protocol.
#include "pjsip/next_hop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/configured.h"

namespace missive::pjsip {
namespace {

using sip::Protocol;
using ::testing::HasSubstr;

constexpr std::string_view sections =
    "[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5060\n"
    "[udp2]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5062\n"
    "[udp6]\ntype=transport\nprotocol=udp\nbind=[::1]:5060\n"
    "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5060\n"
    "[tls]\ntype=transport\nprotocol=tls\nbind=127.0.0.1:5061\ncert_file=c\npriv_key_file=k\n"
    "[ws]\ntype=transport\nprotocol=ws\n"
    "[flow]\ntype=transport\nprotocol=flow\n"
    "[plain]\ntype=endpoint\naors=a\n"
    "[on_udp2]\ntype=endpoint\naors=a\ntransport=udp2\n"
    "[on_flow]\ntype=endpoint\naors=a\ntransport=flow\n"
    "[proxied]\ntype=endpoint\naors=a,b\noutbound_proxy=sip:127.0.0.9\\;lr\n"
    "[a]\ntype=aor\nmax_contacts=1\n"
    "[b]\ntype=aor\nmax_contacts=1\noutbound_proxy=sip:127.0.0.8\\;transport=tcp\n";

net::Address address(std::string_view text) { return *net::Address::parse(text, 5060); }

class NextHopTest : public testing::Test {
 protected:
  const Endpoint& endpoint(std::string_view name) const { return *configuration->endpoint(name); }
  base::Result<void> to_uri(std::string_view text, std::string_view by = "plain") {
    const auto uri = sip::parse_uri(text);
    EXPECT_TRUE(uri) << text;
    return hop_to_uri(*configuration, *uri, endpoint(by), route, hop);
  }
  base::Result<void> to_contact(const Contact& contact, std::string_view by = "plain") {
    const auto uri = sip::parse_uri(contact.uri);
    EXPECT_TRUE(uri) << contact.uri;
    return hop_to_contact(*configuration, contact, *uri, endpoint(by), route, hop);
  }
  static Contact contact(std::string uri = "sip:x@127.0.0.2:5070") {
    Contact out;
    out.aor = "a";
    out.uri = std::move(uri);
    out.transport = "udp2";
    return out;
  }
  // "127.0.0.2:5060 udp", for a numeric hop.
  std::string numeric() const {
    if (!hop.address) return "a name";
    const auto protocol = protocol_to(*configuration, hop);
    const auto* transport = transport_for(*configuration, hop, {protocol, *hop.address});
    return fmt::format("{} {}", hop.address->str(), transport != nullptr ? transport->name : "?");
  }

  std::shared_ptr<const Configuration> configuration = test::configured(sections);
  NextHop hop;
  std::string route = "of the last one";
};

TEST_F(NextHopTest, Uris) {  // 1
  for (const auto& [uri, expected] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"sip:x@127.0.0.2", "127.0.0.2:5060 udp"},
           {"sip:x@127.0.0.2:5070", "127.0.0.2:5070 udp"},
           {"sip:x@example.com;maddr=127.0.0.3", "127.0.0.3:5060 udp"},
           {"sip:x@127.0.0.2;transport=TCP", "127.0.0.2:5060 tcp"},
           {"sip:x@127.0.0.2;transport=tls", "127.0.0.2:5061 tls"},
           {"sips:x@127.0.0.2", "127.0.0.2:5061 tls"},
           {"sips:x@127.0.0.2:5070;transport=tcp", "127.0.0.2:5070 tls"},
           {"sip:x@[::1]", "[::1]:5060 udp6"},
           {"sip:x@example.com", "a name"}}) {
    ASSERT_TRUE(to_uri(uri)) << uri;
    EXPECT_EQ(numeric(), expected) << uri;
    EXPECT_EQ(route, "");
  }
  ASSERT_TRUE(to_uri("sip:x@example.com"));
  EXPECT_FALSE(hop.protocol);
  EXPECT_FALSE(hop.port);
  EXPECT_FALSE(hop.protocol_of_uri);
  ASSERT_TRUE(to_uri("sip:x@example.com:5070;transport=tcp"));
  EXPECT_EQ(hop.port, 5070);
  EXPECT_TRUE(hop.protocol_of_uri);
  ASSERT_TRUE(to_uri("sip:x@example.com", "on_udp2"));
  EXPECT_EQ(hop.protocol, Protocol::udp);
  EXPECT_FALSE(hop.protocol_of_uri);
  ASSERT_TRUE(to_uri("sip:x@127.0.0.2", "on_udp2"));
  EXPECT_EQ(numeric(), "127.0.0.2:5060 udp2");
  ASSERT_TRUE(to_uri("sips:x@127.0.0.2", "on_udp2"));
  EXPECT_EQ(numeric(), "127.0.0.2:5061 tls");
}

TEST_F(NextHopTest, Questions) {  // 2
  ASSERT_TRUE(to_uri("sip:x@example.com:5070"));
  auto question = question_of(*configuration, hop);
  EXPECT_EQ(question.host, "example.com");
  EXPECT_EQ(question.port, 5070);
  EXPECT_FALSE(question.protocol);
  EXPECT_EQ(question.preferred, Protocol::udp);
  for (const auto protocol : {Protocol::udp, Protocol::tcp, Protocol::tls}) {
    EXPECT_TRUE(question.available.has(protocol));
  }
  EXPECT_FALSE(question.available.has(Protocol::ws));

  ASSERT_TRUE(to_uri("sips:x@example.com"));
  question = question_of(*configuration, hop);
  EXPECT_TRUE(question.sips);
  EXPECT_EQ(question.protocol, Protocol::tls);
  EXPECT_FALSE(question.available.has(Protocol::udp));
  EXPECT_EQ(question.preferred, Protocol::tls);
}

TEST_F(NextHopTest, Contacts) {  // 3
  auto one = contact();
  one.aor = "b";
  one.path = {"<sip:127.0.0.7:5077;lr>", "<sip:q;lr>"};
  one.transport = "tcp";
  one.flow = Flow{2, address("192.0.2.1:40000")};
  ASSERT_TRUE(to_contact(one, "proxied"));
  EXPECT_EQ(numeric(), "192.0.2.1:40000 tcp");
  EXPECT_EQ(hop.flow, one.flow);
  EXPECT_EQ(route, "<sip:127.0.0.7:5077;lr>, <sip:q;lr>");
  one.flow.reset();
  ASSERT_TRUE(to_contact(one, "proxied"));
  EXPECT_EQ(numeric(), "127.0.0.7:5077 udp");
  EXPECT_FALSE(hop.flow);
  EXPECT_EQ(route, "<sip:127.0.0.7:5077;lr>, <sip:q;lr>");
  one.path.clear();
  ASSERT_TRUE(to_contact(one, "proxied"));
  EXPECT_EQ(numeric(), "127.0.0.8:5060 tcp");
  EXPECT_EQ(route, "<sip:127.0.0.8;transport=tcp>");
  one.aor = "a";
  one.transport = "udp2";
  ASSERT_TRUE(to_contact(one, "proxied"));
  EXPECT_EQ(numeric(), "127.0.0.9:5060 udp2");
  EXPECT_EQ(route, "<sip:127.0.0.9;lr>");
  ASSERT_TRUE(to_contact(one));
  EXPECT_EQ(numeric(), "127.0.0.2:5070 udp2");
  EXPECT_EQ(route, "");
}

TEST_F(NextHopTest, WhichTransport) {  // 4
  auto one = contact();
  ASSERT_TRUE(to_contact(one, "on_udp2"));
  EXPECT_EQ(numeric(), "127.0.0.2:5070 udp2");
  one.transport = "udp";
  ASSERT_TRUE(to_contact(one, "on_udp2"));
  EXPECT_EQ(numeric(), "127.0.0.2:5070 udp");
  one.permanent = true;
  ASSERT_TRUE(to_contact(one, "on_udp2"));
  EXPECT_EQ(numeric(), "127.0.0.2:5070 udp2");
  ASSERT_TRUE(to_contact(contact("sip:x@[::1]"), "on_udp2"));
  EXPECT_EQ(numeric(), "[::1]:5060 udp6");
  one = contact();
  one.transport = "ws";
  one.flow = Flow{0, address("[2001:db8::1]:40000")};
  ASSERT_TRUE(to_contact(one));
  EXPECT_EQ(numeric(), "[2001:db8::1]:40000 ws");
  EXPECT_TRUE(check_transport(*configuration, hop));
}

TEST_F(NextHopTest, Refused) {  // 5
  ASSERT_TRUE(to_uri("sip:x@[::1];transport=tcp"));
  EXPECT_EQ(check_transport(*configuration, hop).error().text,
            "no tcp transport for IPv6 is configured (pjsip.conf)");
  ASSERT_TRUE(to_uri("sip:x@example.com;transport=ws"));
  EXPECT_EQ(check_transport(*configuration, hop).error().text,
            "no ws transport is configured (pjsip.conf)");
  auto one = contact();
  one.flow = Flow{0, address("192.0.2.1:40000")};
  one.transport = "gone";
  EXPECT_THAT(to_contact(one).error().text, HasSubstr("'gone', which is not configured any more"));
  one = contact();
  one.path = {"<sip:>"};
  EXPECT_THAT(to_contact(one).error().text, HasSubstr("Path of 'sip:x@127.0.0.2:5070'"));
}

TEST_F(NextHopTest, Sips) {  // 6
  auto one = contact("sips:x@127.0.0.2");
  one.transport = "tcp";
  one.flow = Flow{0, address("192.0.2.1:40000")};
  EXPECT_EQ(to_contact(one).error().text,
            "sips: asks for TLS on every hop and the connection the phone opened is without");
  one.transport = "tls";
  EXPECT_TRUE(to_contact(one));
  one.flow.reset();
  one.path = {"<sip:127.0.0.7;lr>"};
  EXPECT_THAT(to_contact(one).error().text, HasSubstr("and the Path is without"));
  one.path = {"<sips:127.0.0.7;lr>"};
  EXPECT_TRUE(to_contact(one));
  EXPECT_EQ(numeric(), "127.0.0.7:5061 tls");
  one.path.clear();
  EXPECT_THAT(to_contact(one, "proxied").error().text, HasSubstr("the outbound proxy is without"));
  EXPECT_THAT(to_uri("sips:x@h", "proxied").error().text, HasSubstr("the outbound proxy is"));
}

TEST_F(NextHopTest, FlowTransport) {  // 7
  ASSERT_TRUE(to_uri("sip:x@example.com", "on_flow"));
  EXPECT_FALSE(hop.protocol);
  ASSERT_TRUE(to_uri("sip:x@127.0.0.2", "on_flow"));
  EXPECT_EQ(numeric(), "127.0.0.2:5060 udp");
}

}  // namespace
}  // namespace missive::pjsip
