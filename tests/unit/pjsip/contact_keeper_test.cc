// Expiry and qualifying of contacts, over a network in memory and time turned by hand.
//
//  1. A contact is removed when its time is over; a refresh moves that; permanent ones stay.
//  2. Not qualified: nothing is sent.
//  3. A new contact is asked at once and then every qualify_frequency; the OPTIONS as written.
//  4. Answers: any final response, the round trip; with qualify_2xx_only only 2xx.
//  5. No answer within qualify_timeout: unreachable, and told once; reachable when it answers
//  again.
//     qualify_timeout=0: the transaction's own time.
//  6. A send that fails, a URI without a transport, a host that is not found: unreachable.
//  7. authenticate_qualify: a challenge is answered; wrong credentials count as an answer; without
//     the option nothing is answered.
//  8. A refresh is not asked again, but one from elsewhere or of an unreachable contact is at once.
//  9. Where it goes: flow, Path, outbound_proxy of AOR and endpoint, maddr, the transport it came
//  by.
// 10. Permanent contacts at start are spread over max_initial_qualify_time.
// 11. Removed while it is asked: nothing more is sent or told.
// 12. A reload turns qualifying on, faster, and off again.
// 13. Two shards: the flow's shard, else one by the AOR; a contact that moves is asked by one only.
// 14. A full transaction table says nothing about the contact.
// 15. Destroyed with questions under way: nobody is called.
// 16. A host with two addresses: the second is asked when the first fails; a 503 of the first shows
//     that somebody is there, though the second is silent.
#include "pjsip/contact_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/loop_helper.h"
#include "unit/pjsip/configured.h"
#include "unit/pjsip/location_lab.h"
#include "unit/pjsip/sending_lab.h"
#include "unit/sip/loop_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using sip::LoopTransport;
using sip::test::address;
using sip::test::answer_to;
using sip::test::pass;
using sip::test::settle;
using test::put;
using test::some_contact;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view sections =
    "[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5060\n"
    "[udp2]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5062\n"
    "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5060\n"
    "[alice]\ntype=endpoint\naors=alice\noutbound_auth=alice\n"
    "[alice]\ntype=auth\nusername=alice\npassword=secret\n";

std::string with_aor(std::string_view options = "qualify_frequency=60\n") {
  return fmt::format("{}[alice]\ntype=aor\nmax_contacts=9\n{}", sections, options);
}

// One shard of a server.
struct Node {
  Node(unsigned index, const base::Clock& clock, LocationService& locations,
       const std::string& configuration, std::size_t transactions)
      : shard(index, clock),
        layer(shard, sip::Timers{}, {.client_transactions = transactions}),
        keeper(std::make_unique<ContactKeeper>(RequestAttempt::Means{layer, transports, locator},
                                               locations, test::configured(configuration))) {
    udp = add("udp", "127.0.0.1:5060", false);
    udp2 = add("udp2", "127.0.0.1:5062", false);
    tcp = add("tcp", "127.0.0.1:5060", true);
  }
  LoopTransport* add(const char* id, const char* local, bool reliable) {
    auto loop = std::make_unique<LoopTransport>(shard, address(local), reliable, layer,
                                                sip::TransportOptions{.id = id});
    auto* out = loop.get();
    transports.add(std::move(loop));
    return out;
  }

  net::Shard shard;
  sip::TransactionLayer layer;
  sip::TransportSet transports;
  base::RandomSource random;
  net::Resolver resolver{shard, [] {
                           net::ResolverOptions options;
                           options.hosts_file = test::hosts_file();
                           return options;
                         }()};
  sip::ServerLocator locator{resolver, random};
  LoopTransport* udp;
  LoopTransport* udp2;
  LoopTransport* tcp;
  std::unique_ptr<ContactKeeper> keeper;
};

class ContactKeeperTest : public testing::Test {
 protected:
  void build(const std::string& configuration = with_aor(), unsigned shards = 1,
             std::size_t transactions = 1000) {
    std::vector<ContactKeeper*> all;
    for (unsigned i = 0; i < shards; ++i) {
      nodes.push_back(std::make_unique<Node>(i, clock, locations, configuration, transactions));
      all.push_back(nodes.back()->keeper.get());
    }
    keepers = std::make_unique<ContactKeepers>(all);
    locations.add(*keepers);
    locations.add(log);
    locations.configure(*test::configured(configuration));
  }
  Node& node() { return *nodes.front(); }
  LoopTransport& udp() { return *node().udp; }

  std::shared_ptr<Contact> contact(const std::string& uri = "sip:a@192.0.2.1:5070") {
    auto out = some_contact("alice", uri);
    out->expires = clock.now() + 1h;
    out->updated = clock.now();
    out->transport = "udp";
    return out;
  }
  void wait(base::Duration time) {
    for (auto& one : nodes) settle(one->shard);
    for (; time > base::Duration::zero(); time -= net::TimerWheel::tick) {
      clock.advance(net::TimerWheel::tick);
      for (auto& one : nodes) settle(one->shard);
    }
  }
  // Goes far without stopping at every tick.
  void skip(base::Duration time) {
    clock.advance(time);
    wait(net::TimerWheel::tick);
  }
  static void answer_all(LoopTransport& transport, int status, const std::string& headers = {}) {
    transport.peer = [&transport, status, headers](const LoopTransport::Sent& sent) {
      transport.deliver(answer_to(sent.text, status, headers), sent.to);
    };
  }
  std::vector<std::string> take_status() {
    std::vector<std::string> out;
    for (const auto& line : log.take()) {
      if (line.starts_with("status ")) out.push_back(line.substr(7, line.find(' ', 7) - 7));
    }
    return out;
  }
  Reachability reachability(std::size_t place = 0) {
    return locations.contacts("alice").at(place).status.reachability;
  }

  base::ManualClock clock;
  LocationService locations;
  test::ContactLog log;
  std::vector<std::unique_ptr<Node>> nodes;
  std::unique_ptr<ContactKeepers> keepers;
};

TEST_F(ContactKeeperTest, Expiry) {  // 1
  build(with_aor("contact=sip:h\n"));
  auto first = contact();
  first->expires = clock.now() + 10s;
  put(locations, first);
  wait(0s);
  EXPECT_EQ(node().keeper->size(), 2u);
  skip(9990ms);
  EXPECT_EQ(locations.size(), 1u);
  auto refreshed = std::make_shared<Contact>(*first);
  refreshed->expires = clock.now() + 20s;
  put(locations, refreshed);
  skip(19s);
  EXPECT_EQ(locations.size(), 1u);
  log.take();
  skip(1s);
  EXPECT_EQ(locations.size(), 0u);
  EXPECT_THAT(log.take(), ElementsAre("expired alice sip:a@192.0.2.1:5070 0"));
  EXPECT_EQ(node().keeper->size(), 1u);
  skip(10000h);
  EXPECT_THAT(test::uris(locations, "alice"), ElementsAre("sip:h"));
}

TEST_F(ContactKeeperTest, NotQualified) {  // 2
  build(with_aor(""));
  put(locations, contact());
  skip(30min);
  EXPECT_THAT(udp().sent, IsEmpty());
  EXPECT_EQ(reachability(), Reachability::unknown);
}

TEST_F(ContactKeeperTest, Asked) {  // 3
  build();
  answer_all(udp(), 200);
  put(locations, contact());
  wait(0s);
  ASSERT_THAT(udp().sent, SizeIs(1));
  const auto& sent = udp().sent[0];
  EXPECT_EQ(sent.to, address("192.0.2.1:5070"));
  EXPECT_THAT(sent.text, StartsWith("OPTIONS sip:a@192.0.2.1:5070 SIP/2.0\r\n"
                                    "Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK"));
  EXPECT_THAT(sent.text, HasSubstr("\r\nFrom: <sip:alice@127.0.0.1>;tag="));
  EXPECT_THAT(sent.text, HasSubstr("\r\nTo: <sip:a@192.0.2.1:5070>\r\n"));
  EXPECT_THAT(sent.text, HasSubstr("\r\nContact: <sip:alice@127.0.0.1:5060>\r\n"));
  EXPECT_THAT(sent.text, HasSubstr(" OPTIONS\r\nMax-Forwards: 70\r\nUser-Agent: Missive/"));
  EXPECT_THAT(sent.text, testing::EndsWith("\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_THAT(sent.text, Not(HasSubstr("Content-Type")));
  for (int i = 0; i < 3; ++i) {
    skip(59s);
    EXPECT_THAT(udp().sent, SizeIs(1 + i));
    skip(1s);
    EXPECT_THAT(udp().sent, SizeIs(2 + i));
  }
  EXPECT_THAT(take_status(), ElementsAre("reachable"));
}

struct Answer {
  bool only_2xx;
  int status;
  Reachability expected;
};
void PrintTo(const Answer& answer, std::ostream* out) {
  *out << answer.status << (answer.only_2xx ? " with qualify_2xx_only" : "");
}
class ContactKeeperAnswerTest : public ContactKeeperTest,
                                public testing::WithParamInterface<Answer> {};

TEST_P(ContactKeeperAnswerTest, Counts) {  // 4
  build(with_aor(GetParam().only_2xx ? "qualify_frequency=60\nqualify_2xx_only=yes\n"
                                     : "qualify_frequency=60\n"));
  answer_all(udp(), GetParam().status);
  udp().delay = 40ms;
  put(locations, contact());
  wait(100ms);
  EXPECT_EQ(reachability(), GetParam().expected);
  const auto took = locations.contacts("alice")[0].status.round_trip;
  EXPECT_EQ(took >= 40ms && took < 60ms, GetParam().expected == Reachability::reachable)
      << took.count();
}
INSTANTIATE_TEST_SUITE_P(All, ContactKeeperAnswerTest,
                         testing::Values(Answer{false, 200, Reachability::reachable},
                                         Answer{false, 404, Reachability::reachable},
                                         Answer{false, 503, Reachability::reachable},
                                         Answer{true, 200, Reachability::reachable},
                                         Answer{true, 404, Reachability::unreachable},
                                         Answer{true, 302, Reachability::unreachable}));

TEST_F(ContactKeeperTest, NoAnswer) {  // 5
  build(with_aor("qualify_frequency=60\nqualify_timeout=2.5\n"));
  put(locations, contact());
  wait(2490ms);
  EXPECT_EQ(reachability(), Reachability::unknown);
  wait(20ms);
  EXPECT_EQ(reachability(), Reachability::unreachable);
  const auto sent = udp().sent.size();
  EXPECT_GT(sent, 1u) << "retransmitted";
  wait(20s);
  EXPECT_EQ(udp().sent.size(), sent) << "and no more after the time-out";
  for (int i = 0; i < 2; ++i) {
    skip(60s);
    wait(3s);
  }
  answer_all(udp(), 200);
  skip(60s);
  EXPECT_THAT(take_status(), ElementsAre("unreachable", "reachable"));
}

TEST_F(ContactKeeperTest, NoTimeout) {  // 5
  build(with_aor("qualify_frequency=60\nqualify_timeout=0\n"));
  put(locations, contact());
  wait(31s);
  EXPECT_EQ(reachability(), Reachability::unknown);
  wait(2s);
  EXPECT_EQ(reachability(), Reachability::unreachable);
}

TEST_F(ContactKeeperTest, CannotBeSent) {  // 6
  build();
  udp().failure = base::Error{"network unreachable"};
  put(locations, contact());
  put(locations, contact("sip:a@192.0.2.1;transport=tls"));
  put(locations, contact("sip:a@192.0.2.1;transport=carrier-pigeon"));
  put(locations, contact("sip:a@[2001:db8::1]"));
  put(locations, contact("sip:a@no_such_host.invalid"));
  wait(0s);
  EXPECT_TRUE(
      net::run_until(node().shard, [this] { return reachability(4) != Reachability::unknown; }));
  for (std::size_t place = 0; place < 5; ++place) {
    EXPECT_EQ(reachability(place), Reachability::unreachable) << place;
  }
}

TEST_F(ContactKeeperTest, Authenticated) {  // 7
  const std::string challenge =
      "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"\r\n";
  build(with_aor("qualify_frequency=60\nqualify_2xx_only=yes\nauthenticate_qualify=yes\n"));
  udp().peer = [&](const LoopTransport::Sent& sent) {
    const bool answered = sent.text.find("\r\nAuthorization: Digest ") != std::string::npos;
    udp().deliver(answer_to(sent.text, answered ? 200 : 401, answered ? "" : challenge), sent.to);
  };
  put(locations, contact());
  wait(0s);
  ASSERT_THAT(udp().sent, SizeIs(2));
  EXPECT_EQ(reachability(), Reachability::reachable);
  // RFC 7616 section 3.4: of auth-int with an empty body.
  const auto& text = udp().sent[1].text;
  const auto param = [&text](const std::string& name) {
    const auto at = text.find(name + "=") + name.size() + 1;
    const auto value = text.substr(at, text.find_first_of(",\r", at) - at);
    return value.starts_with('"') ? value.substr(1, value.size() - 2) : value;
  };
  sip::Challenge asked = *sip::parse_challenge("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"");
  const sip::Credentials credentials{.username = "alice", .password = "secret", .ha1 = {}};
  const auto expected = sip::authorization(
      asked, credentials, {"OPTIONS", "sip:a@192.0.2.1:5070", "", param("cnonce"), 1});
  ASSERT_TRUE(expected);
  EXPECT_THAT(*expected, HasSubstr("response=\"" + param("response") + "\""));

  answer_all(udp(), 401, challenge);
  skip(60s);
  EXPECT_THAT(udp().sent, SizeIs(4)) << "asked, answered, and no more";
  EXPECT_EQ(reachability(), Reachability::unreachable) << "401 is no 2xx";
}

TEST_F(ContactKeeperTest, NotAuthenticated) {  // 7
  build();
  answer_all(udp(), 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
  put(locations, contact());
  wait(0s);
  EXPECT_THAT(udp().sent, SizeIs(1));
  EXPECT_EQ(reachability(), Reachability::reachable);
}

TEST_F(ContactKeeperTest, Refreshed) {  // 8
  build();
  answer_all(udp(), 200);
  put(locations, contact());
  wait(0s);
  skip(10s);
  put(locations, contact());
  wait(0s);
  EXPECT_THAT(udp().sent, SizeIs(1)) << "only refreshed";
  auto moved = contact();
  moved->source = address("192.0.2.99:1");
  put(locations, moved);
  wait(0s);
  EXPECT_THAT(udp().sent, SizeIs(2)) << "from elsewhere";
  udp().peer = nullptr;
  skip(60s);
  wait(4s);
  EXPECT_EQ(reachability(), Reachability::unreachable);
  answer_all(udp(), 200);
  auto back = std::make_shared<Contact>(*moved);
  put(locations, back);
  wait(0s);
  EXPECT_EQ(reachability(), Reachability::reachable);
}

TEST_F(ContactKeeperTest, Flow) {  // 9
  build();
  auto by_flow = contact("sip:a@192.0.2.1:5070;transport=tcp");
  by_flow->flow = pjsip::Flow{0, address("198.51.100.1:40000")};
  by_flow->transport = "tcp";
  by_flow->path = {"<sip:p;lr>", "<sip:q;lr>"};
  put(locations, by_flow);
  wait(0s);
  ASSERT_THAT(node().tcp->sent, SizeIs(1));
  EXPECT_EQ(node().tcp->sent[0].to, address("198.51.100.1:40000"));
  EXPECT_THAT(node().tcp->sent[0].text, HasSubstr("\r\nRoute: <sip:p;lr>, <sip:q;lr>\r\n"));
  EXPECT_THAT(udp().sent, IsEmpty());
}

TEST_F(ContactKeeperTest, Path) {  // 9
  build(with_aor("qualify_frequency=60\noutbound_proxy=sip:192.0.2.55\n"));
  auto by_path = contact("sip:a@10.0.0.1");
  by_path->path = {"<sip:192.0.2.50:5080;lr>", "<sip:q;lr>"};
  put(locations, by_path);
  put(locations, contact("sip:b@10.0.0.1"));
  wait(0s);
  ASSERT_THAT(udp().sent, SizeIs(2));
  EXPECT_EQ(udp().sent[0].to, address("192.0.2.50:5080"));
  EXPECT_THAT(udp().sent[0].text, StartsWith("OPTIONS sip:a@10.0.0.1 SIP/2.0\r\n"));
  EXPECT_THAT(udp().sent[0].text, HasSubstr("\r\nRoute: <sip:192.0.2.50:5080;lr>, <sip:q;lr>\r\n"));
  EXPECT_EQ(udp().sent[1].to, address("192.0.2.55:5060"));
  EXPECT_THAT(udp().sent[1].text, HasSubstr("\r\nRoute: <sip:192.0.2.55>\r\n"));
}

TEST_F(ContactKeeperTest, ProxyAndTransport) {  // 9
  auto configuration = with_aor();
  configuration.replace(configuration.find("outbound_auth"), 0, "outbound_proxy=sip:192.0.2.66\n");
  build(configuration);
  put(locations, contact());
  wait(0s);
  EXPECT_EQ(udp().sent.at(0).to, address("192.0.2.66:5060"));
}

TEST_F(ContactKeeperTest, TransportItCameBy) {  // 9
  build();
  auto second = contact("sip:a@192.0.2.1;maddr=192.0.2.77");
  second->transport = "udp2";
  put(locations, second);
  auto gone = contact("sip:b@192.0.2.1:5071");
  gone->transport = "gone";
  put(locations, gone);
  put(locations, contact("sip:c@192.0.2.1;transport=tcp"));
  wait(0s);
  EXPECT_EQ(node().udp2->sent.at(0).to, address("192.0.2.77:5060"));
  EXPECT_EQ(udp().sent.at(0).to, address("192.0.2.1:5071"));
  EXPECT_EQ(node().tcp->sent.at(0).to, address("192.0.2.1:5060"));
}

TEST_F(ContactKeeperTest, SpreadAtStart) {  // 10
  std::string many = "qualify_frequency=60\nqualify_timeout=1\n";
  for (int i = 0; i < 100; ++i) many += fmt::format("contact=sip:{}@192.0.2.1\n", i);
  build("[global]\ntype=global\nmax_initial_qualify_time=20\n" + with_aor(many));
  std::size_t asked = 0;
  int seconds = 0;
  for (int i = 0; i < 20; ++i) {
    for (auto& one : nodes) one->udp->sent.clear();
    answer_all(udp(), 200);
    wait(1s);
    EXPECT_LT(udp().sent.size(), 50u);
    seconds += udp().sent.empty() ? 0 : 1;
    asked += udp().sent.size();
  }
  EXPECT_GE(asked, 100u);
  EXPECT_GT(seconds, 10);
}

TEST_F(ContactKeeperTest, RemovedMeanwhile) {  // 11
  build();
  put(locations, contact());
  wait(100ms);
  const auto sent = udp().sent.size();
  test::remove(locations, "alice", "sip:a@192.0.2.1:5070");
  wait(10s);
  EXPECT_EQ(udp().sent.size(), sent);
  udp().deliver(answer_to(udp().sent[0].text, 200), address("192.0.2.1:5070"));
  wait(0s);
  EXPECT_THAT(take_status(), IsEmpty());
  EXPECT_EQ(node().keeper->size(), 0u);
}

TEST_F(ContactKeeperTest, Reload) {  // 12
  build(with_aor("qualify_frequency=0\n"));
  answer_all(udp(), 200);
  put(locations, contact());
  wait(0s);
  const auto reload = [this](const char* frequency) {
    keepers->use(test::configured(with_aor(fmt::format("qualify_frequency={}\n", frequency))));
    wait(0s);
    wait(net::TimerWheel::tick);
  };
  reload("600");
  EXPECT_THAT(udp().sent, SizeIs(1));
  reload("10");
  skip(10s);
  EXPECT_THAT(udp().sent, SizeIs(2));
  EXPECT_EQ(reachability(), Reachability::reachable);
  reload("0");
  EXPECT_EQ(reachability(), Reachability::unknown);
  skip(20min);
  EXPECT_THAT(udp().sent, SizeIs(2));
  EXPECT_THAT(take_status(), ElementsAre("reachable", "unknown"));
  skip(1h);
  EXPECT_EQ(locations.size(), 0u) << "it still expires";
}

TEST_F(ContactKeeperTest, Homes) {  // 13
  build(with_aor(), 2);
  for (auto& one : nodes) {
    answer_all(*one->udp, 200);
    answer_all(*one->tcp, 200);
  }
  auto first = contact();
  first->transport = "tcp";
  first->flow = pjsip::Flow{0, address("192.0.2.1:7000")};
  put(locations, first);
  wait(0s);
  EXPECT_THAT(nodes[0]->tcp->sent, SizeIs(1));
  auto moved = std::make_shared<Contact>(*first);
  moved->flow = pjsip::Flow{1, address("192.0.2.1:7001")};
  put(locations, moved);
  wait(0s);
  EXPECT_THAT(nodes[1]->tcp->sent, SizeIs(1));
  skip(60s);
  skip(60s);
  EXPECT_THAT(nodes[0]->tcp->sent, SizeIs(1)) << "not its business any more";
  EXPECT_THAT(nodes[1]->tcp->sent, SizeIs(3));
  EXPECT_EQ(nodes[0]->keeper->size(), 0u);
  locations.flow_lost(*moved->flow);
  wait(0s);
  skip(60s);
  skip(60s);
  EXPECT_THAT(nodes[1]->tcp->sent, SizeIs(3));
  EXPECT_EQ(nodes[0]->udp->sent.size() + nodes[1]->udp->sent.size(), 3u);
  EXPECT_EQ(nodes[0]->keeper->size() + nodes[1]->keeper->size(), 1u);
  skip(1h);
  EXPECT_EQ(locations.size(), 0u);
}

TEST_F(ContactKeeperTest, TooBusy) {  // 14
  build(with_aor(), 1, 1);
  put(locations, contact("sip:a@192.0.2.1:5070"));
  put(locations, contact("sip:b@192.0.2.1:5070"));
  wait(0s);
  EXPECT_THAT(udp().sent, SizeIs(1));
  wait(4s);
  EXPECT_EQ(reachability(0), Reachability::unreachable);
  EXPECT_EQ(reachability(1), Reachability::unknown);
}

TEST_F(ContactKeeperTest, Destroyed) {  // 15
  build();
  put(locations, contact());
  put(locations, contact("sip:a@some_host.invalid"));
  wait(10ms);
  take_status();  // the host may be known not to exist by now
  node().keeper.reset();
  wait(40s);
  EXPECT_THAT(take_status(), IsEmpty());
}

TEST_F(ContactKeeperTest, SeveralServers) {  // 16
  build();
  udp().peer = [this](const LoopTransport::Sent& sent) {
    if (sent.to == address("127.0.0.2:5070")) udp().deliver(answer_to(sent.text, 503), sent.to);
  };
  put(locations, contact("sip:a@many.test:5070"));
  wait(2s);
  EXPECT_EQ(reachability(), Reachability::unknown);
  wait(2s);
  EXPECT_EQ(reachability(), Reachability::reachable);
  udp().peer = [this](const LoopTransport::Sent& sent) {
    if (sent.to == address("127.0.0.4:5070")) udp().deliver(answer_to(sent.text, 200), sent.to);
  };
  locations.set_status("alice", "sip:a@many.test:5070", {});
  skip(60s);
  wait(3s);
  EXPECT_EQ(reachability(), Reachability::reachable);
}

}  // namespace
}  // namespace missive::pjsip
