// NOTIFY outside of a dialog, over a network in memory and time turned by hand.
//
//  1. The whole request: the endpoint's identity, Event, Subscription-State, headers in order.
//  2. It goes to every contact of every AOR, and to a URI without an endpoint.
//  3. Blocked headers are left out; Subscription-State and User-Agent may be given; Content lines.
//  4. What is refused before anything is sent, with the reason; send() sends nothing of it.
//  5. The end of each request: an answer, a challenge that is met or not, no answer, a send that
//     fails; nothing is under way afterwards.
//  6. Outbound proxy; a transport that is not there; a host that has no place.
//  7. A contact with a connection of another shard is notified from there.
//  8. A new configuration holds from then on; destroyed with requests under way.
#include "pjsip/notifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/resolver.h"
#include "sip/server_locator.h"
#include "unit/pjsip/configured.h"
#include "unit/sip/loop_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using sip::LoopTransport;
using sip::test::address;
using sip::test::answer_to;
using sip::test::pass;
using sip::test::settle;
using test::configured;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view sample =
    "[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5060\n"
    "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5060\n"
    "[alice]\ntype=auth\nusername=alice\npassword=secret\n"
    "[alice]\ntype=aor\nmax_contacts=5\ncontact=sip:alice@192.0.2.1\n"
    "[desk]\ntype=aor\ncontact=sip:desk@192.0.2.2:5070\n"
    "[alice]\ntype=endpoint\naors=alice,desk\noutbound_auth=alice\nfrom_user=pbx\n"
    "from_domain=example.com\n"
    "[proxied]\ntype=aor\ncontact=sip:p@far.example\n"
    "[proxied]\ntype=endpoint\naors=proxied\noutbound_proxy=sip:192.0.2.3\\;lr\n"
    "[empty]\ntype=endpoint\naors=nothing\n[nothing]\ntype=aor\nmax_contacts=1\n";

// One shard with everything that a Notifier needs.
class Place {
 public:
  Place(unsigned index, base::ManualClock& clock, const LocationService& locations,
        std::shared_ptr<const Configuration> configuration)
      : shard(index, clock),
        layer(shard, sip::Timers{}, {}),
        udp(open(false, "udp")),
        tcp(open(true, "tcp")),
        notifier({layer, transports, locator}, locations, std::move(configuration)) {}

  // What came to `to`, in order.
  std::vector<std::string> at(std::string_view to) const {
    std::vector<std::string> out;
    for (const auto* transport : {&udp, &tcp}) {
      for (const auto& sent : transport->sent) {
        if (sent.to == address(to)) out.push_back(sent.text);
      }
    }
    return out;
  }

  net::Shard shard;
  sip::TransactionLayer layer;
  sip::TransportSet transports;
  LoopTransport& udp;
  LoopTransport& tcp;
  net::Resolver resolver{shard};
  sip::ServerLocator locator{resolver, shard.random()};
  Notifier notifier;

 private:
  LoopTransport& open(bool reliable, const std::string& id) {
    auto made = std::make_unique<LoopTransport>(shard, address("127.0.0.1:5060"), reliable, layer,
                                                sip::TransportOptions{.id = id, .external = {}});
    auto& transport = *made;
    transports.add(std::move(made));
    return transport;
  }
};

struct Notify : testing::Test {
  Notify() { locations.configure(*configuration); }

  NotifyOrder order(std::string endpoint = "alice") {
    NotifyOrder made;
    made.endpoint = std::move(endpoint);
    made.headers = {{"Event", "check-sync"}};
    return made;
  }
  // Sends what `change` makes of an order to the desk phone; its text.
  template <class Change>
  std::string sent_with(Change&& change) {
    auto made = order();
    change(made);
    home.udp.sent.clear();
    home.notifier.send(std::move(made));
    settle(home.shard);
    const auto sent = home.at("192.0.2.2:5070");
    return sent.empty() ? "nothing" : sent.front();
  }
  std::string refusal(const NotifyOrder& bad) {
    home.udp.sent.clear();
    home.notifier.send(bad);
    settle(home.shard);
    EXPECT_THAT(home.udp.sent, IsEmpty());
    const auto checked = Notifier::check(*configuration, locations, bad);
    return checked ? "none" : checked.error().text;
  }
  void answer(const LoopTransport::Sent& request, int status, std::string headers = {}) {
    home.udp.deliver(answer_to(request.text, status, std::move(headers)), request.to);
    settle(home.shard);
  }

  base::ManualClock clock;
  std::shared_ptr<const Configuration> configuration = configured(sample);
  LocationService locations;
  Place home{0, clock, locations, configuration};
};

TEST_F(Notify, IsWrittenInFull) {
  const auto text = sent_with([](NotifyOrder& made) {
    made.headers.emplace_back("X-One", "1");
    made.content_type = "application/x";
    made.body = "hello";
  });
  EXPECT_THAT(text, MatchesRegex("NOTIFY sip:desk@192.0.2.2:5070 SIP/2.0\r\n"
                                 "Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=[^\r]*\r\n"
                                 "From: <sip:pbx@example.com>;tag=[^\r]+\r\n"
                                 "To: <sip:desk@192.0.2.2:5070>\r\n"
                                 "Contact: <sip:pbx@127.0.0.1:5060>\r\n"
                                 "Call-ID: [^\r]+\r\nCSeq: [0-9]+ NOTIFY\r\n"
                                 "Event: check-sync\r\nX-One: 1\r\n"
                                 "Subscription-State: terminated\r\nMax-Forwards: 70\r\n"
                                 "User-Agent: Missive/[^\r]*\r\nContent-Type: application/x\r\n"
                                 "Content-Length: 5\r\n\r\nhello"));
}

TEST_F(Notify, GoesToEveryContact) {
  Contact phone;
  phone.aor = "alice";
  phone.uri = "sip:alice@192.0.2.9:5090";
  locations.change("alice", [&phone](auto& contacts) {
    contacts.push_back({std::make_shared<const Contact>(phone), {}});
    return 0;
  });
  home.notifier.send(order());
  EXPECT_EQ(home.notifier.under_way(), 3u);
  settle(home.shard);
  for (const auto* place : {"192.0.2.1:5060", "192.0.2.2:5070", "192.0.2.9:5090"}) {
    EXPECT_THAT(home.at(place), SizeIs(1)) << place;
  }
}

TEST_F(Notify, GoesToAUri) {
  NotifyOrder made;
  made.uri = "sip:192.0.2.8;transport=tcp";
  made.headers = {{"Event", "x"}};
  ASSERT_TRUE(Notifier::check(*configuration, locations, made));
  home.notifier.send(std::move(made));
  settle(home.shard);
  ASSERT_THAT(home.tcp.sent, SizeIs(1));
  EXPECT_THAT(home.tcp.sent[0].text, StartsWith("NOTIFY sip:192.0.2.8;transport=tcp SIP/2.0\r\n"));
  EXPECT_THAT(home.tcp.sent[0].text, HasSubstr("From: <sip:asterisk@127.0.0.1>;tag="));
}

TEST_F(Notify, WritesTheHeadersThatItIsGiven) {
  const auto text = sent_with([](NotifyOrder& made) {
    for (const auto* name : {"Call-ID", "Contact", "CSeq", "To", "From", "Record-Route", "Route",
                             "Request-URI", "Via", "v", "call-id", "Content-Length"}) {
      made.headers.emplace_back(name, "blocked");
    }
    made.headers.emplace_back("subscription-state", "active");
    made.headers.emplace_back("User-Agent", "Mine");
    made.headers.emplace_back("Content-Type", "text/plain");
    made.headers.emplace_back("Content", "one");
    made.headers.emplace_back("content", "two");
  });
  EXPECT_THAT(text, Not(HasSubstr("blocked")));
  EXPECT_THAT(text, HasSubstr("\r\nsubscription-state: active\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("terminated")));
  EXPECT_THAT(text, HasSubstr("\r\nUser-Agent: Mine\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Missive/")));
  EXPECT_THAT(text, testing::EndsWith("Content-Type: text/plain\r\nContent-Length: 8\r\n\r\n"
                                      "one\r\ntwo"));
  EXPECT_THAT(sent_with([](NotifyOrder&) {}), testing::EndsWith("\r\nContent-Length: 0\r\n\r\n"));
}

TEST_F(Notify, RefusesWhatIsNoNotify) {
  EXPECT_EQ(refusal(order("nobody")), "endpoint 'nobody' not found");
  EXPECT_EQ(refusal(order("empty")), "endpoint 'empty' has no contact to send to");
  EXPECT_THAT(refusal(order("")), HasSubstr("either to an endpoint or to a URI"));
  auto bad = order();
  bad.uri = "sip:x@192.0.2.1";
  EXPECT_THAT(refusal(bad), HasSubstr("either to an endpoint or to a URI"));
  bad.endpoint.clear();
  bad.uri = "tel:+1";
  EXPECT_THAT(refusal(bad), HasSubstr("is no SIP URI"));
  bad.uri = "sip:";
  EXPECT_THAT(refusal(bad), StartsWith("'sip:': "));
  bad = order();
  bad.headers.clear();
  EXPECT_THAT(refusal(bad), HasSubstr("needs an Event header"));
  bad = order();
  bad.headers.emplace_back("X One", "1");
  EXPECT_THAT(refusal(bad), HasSubstr("'X One' is no header name"));
  bad.headers.back() = {"", "1"};
  EXPECT_THAT(refusal(bad), HasSubstr("'' is no header name"));
  bad.headers.back() = {"X-One", "1\r\nX-Two: 2"};
  EXPECT_THAT(refusal(bad), HasSubstr("header X-One: the value holds a control character"));
  bad.headers.back() = {"Content", "hello"};
  EXPECT_THAT(refusal(bad), HasSubstr("needs its Content-Type"));
  bad.content_type = "text";
  EXPECT_THAT(refusal(bad), HasSubstr("'text' is no media type"));
  bad.content_type = "text/plain";
  EXPECT_TRUE(Notifier::check(*configuration, locations, bad));
}

TEST_F(Notify, EndsWithAnAnswer) {
  home.notifier.send(order());
  settle(home.shard);
  ASSERT_THAT(home.udp.sent, SizeIs(2));
  const auto first = home.udp.sent[0];
  const auto second = home.udp.sent[1];
  answer(first, 200);
  EXPECT_EQ(home.notifier.under_way(), 1u);
  home.udp.sent.clear();
  answer(second, 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n");
  EXPECT_EQ(home.notifier.under_way(), 1u);
  ASSERT_THAT(home.udp.sent, SizeIs(1));
  const auto again = home.udp.sent[0];
  EXPECT_THAT(again.text, HasSubstr("Authorization: Digest username=\"alice\""));
  answer(again, 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"m\", qop=\"auth\"\r\n");
  EXPECT_EQ(home.notifier.under_way(), 0u);
}

TEST_F(Notify, EndsWithoutAnAnswer) {
  home.notifier.send(order());
  pass(home.shard, clock, 31s);
  EXPECT_EQ(home.notifier.under_way(), 2u);
  pass(home.shard, clock, 2s);
  EXPECT_EQ(home.notifier.under_way(), 0u);
  home.udp.failure = base::Error{"network is unreachable"};
  home.notifier.send(order());
  settle(home.shard);
  EXPECT_EQ(home.notifier.under_way(), 0u);
}

TEST_F(Notify, GoesByTheOutboundProxy) {
  home.notifier.send(order("proxied"));
  settle(home.shard);
  const auto sent = home.at("192.0.2.3:5060");
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0], StartsWith("NOTIFY sip:p@far.example SIP/2.0\r\n"));
  EXPECT_THAT(sent[0], HasSubstr("\r\nRoute: <sip:192.0.2.3;lr>\r\n"));
}

TEST_F(Notify, EndsWhereThereIsNoWay) {
  NotifyOrder made;
  made.headers = {{"Event", "x"}};
  for (const auto* uri : {"sip:192.0.2.8;transport=tls", "sip:192.0.2.8;transport=carrier-pigeon",
                          "sip:[2001:db8::8]"}) {
    made.uri = uri;
    home.notifier.send(made);
    settle(home.shard);
    EXPECT_EQ(home.notifier.under_way(), 0u) << uri;
  }
  EXPECT_THAT(home.udp.sent, IsEmpty());
}

TEST_F(Notify, IsSentWhereTheConnectionIs) {
  Place other(1, clock, locations, configuration);
  home.notifier.know_others({&home.notifier, &other.notifier});
  other.notifier.know_others({&home.notifier, &other.notifier});
  Contact phone;
  phone.aor = "nothing";
  phone.uri = "sip:e@10.0.0.1;transport=tcp";
  phone.transport = "tcp";
  phone.flow = Flow{1, address("203.0.113.4:51000")};
  locations.change("nothing", [&phone](auto& contacts) {
    contacts.push_back({std::make_shared<const Contact>(phone), {}});
    return 0;
  });
  home.notifier.send(order("empty"));
  settle(home.shard);
  settle(other.shard);
  EXPECT_THAT(home.tcp.sent, IsEmpty());
  ASSERT_THAT(other.at("203.0.113.4:51000"), SizeIs(1));
  EXPECT_EQ(home.notifier.under_way(), 0u);
  EXPECT_EQ(other.notifier.under_way(), 1u);
}

TEST_F(Notify, UsesTheNewConfiguration) {
  home.notifier.send(order());
  auto text = std::string(sample);
  text.replace(text.find("from_user=pbx"), 13, "from_user=new");
  home.notifier.use(configured(text));
  EXPECT_THAT(sent_with([](NotifyOrder&) {}), HasSubstr("From: <sip:pbx@"));
  const auto sent = home.at("192.0.2.2:5070");
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_THAT(sent[1], HasSubstr("From: <sip:new@"));
  EXPECT_EQ(home.notifier.under_way(), 4u);  // and goes with them
}

}  // namespace
}  // namespace missive::pjsip
