// Messages out as SIP MESSAGE requests, over a network in memory and time turned by hand.
//
//  1. Sent: told after the turn, not from within send(); 200 makes the event "delivered", once.
//  2. What cannot be sent is refused at once: destination, variables, From; nothing leaves, no
//  event.
//  3. A send that fails is a refusal, without an event.
//  4. Final responses: 2xx delivered, all others failed, with code, reason and contact; 1xx is
//  none.
//  5. 401: again with Authorization, CSeq one higher, another branch, all else the same; told once.
//  6. A second 401, or one without credentials, is the end: failed.
//  7. No answer: retransmitted, then failed with 408.
//  8. Late and duplicate responses do nothing, also not to the message that has the place now.
//  9. disable_tcp_switch=no: large goes by TCP, small by UDP; a URI that names its transport keeps
//  it.
// 10. Where TCP is refused it goes by UDP, once; where that fails too it is refused.
// 11. A TCP connection lost after the message has left: failed with 503, not sent twice.
// 12. disable_tcp_switch=yes, the default: large stays on UDP; what no datagram holds is refused.
// 13. A response that comes before the send was told: first told, then the event.
// 14. A new configuration holds for what is sent from then on; what is under way keeps its own.
// 15. Places are used again; under_way() counts; sending from inside callbacks is fine.
// 16. max_pending_size bounds the bodies under way; room comes back with every outcome.
// 17. A full transaction table refuses.
// 18. A host name is looked up; one that is not found is a refusal.
// 19. A configured transport that is not open, or of the wrong family, is a refusal.
// 20. A message that never left when its time is over is refused, not reported.
// 21. The outbound proxy is the next hop and in Route.
// 22. contact_header = no: no Contact is sent.
// 23. Destroyed with messages under way: nobody is called.
// 24. A contact that was removed: what is on its way to it ends, passing, and what has not left is
//     refused; a late answer does nothing; other contacts, and one that is still there, are waited
//     for.
#include "pjsip/message_uac.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/udp_transport.h"
#include "unit/net/loop_helper.h"
#include "unit/pjsip/configured.h"
#include "unit/sip/loop_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using message::Refusal;
using sip::LoopTransport;
using sip::test::address;
using sip::test::answer_to;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view sample =
    "[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5070\n"
    "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5070\n"
    "[alice]\ntype=aor\ncontact=sip:alice@127.0.0.2:5060\n"
    "[alice]\ntype=endpoint\naors=alice\noutbound_auth=alice\n"
    "[alice]\ntype=auth\nusername=alice\npassword=secret\n"
    "[bob]\ntype=aor\ncontact=sip:bob@127.0.0.2:5061\n"
    "[bob]\ntype=endpoint\naors=bob\n";
constexpr std::string_view switching = "[system]\ntype=system\ndisable_tcp_switch=no\n";
const std::string challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
const std::string large(1300, 'x');

// Takes what it is given and never says a word.
struct SilentTransport final : sip::Transport {
  using Transport::Transport;
  std::string_view protocol() const override { return "UDP"; }
  bool reliable() const override { return false; }
  net::Address local() const override { return address("127.0.0.1:5070"); }
  void send(std::string_view, const net::Address&, net::SendObserver*) override {}
  void forget(net::SendObserver&) override {}
};

// Writes down how attempts ended; "later" for what is worth another one.
struct Listener {
  void on_finished(std::string_view id, const message::Attempted& attempted) {
    const auto& status = attempted.status;
    log.push_back(fmt::format("{} {} {} {} {}", id, name_of(status.state), status.response_code,
                              status.response_text, status.contact));
    if (attempted.passing) later.emplace_back(id);
    if (then) then();
  }
  std::vector<std::string> log, later;
  std::function<void()> then;
};

class MessageUacTest : public testing::Test {
 protected:
  void build(const std::string& configuration = std::string(sample),
             const MessageUac::Options& options = {}, const sip::TransactionLimits& limits = {}) {
    layer = std::make_unique<sip::TransactionLayer>(shard, sip::Timers{}, limits);
    udp = add_loop("udp", false);
    tcp = add_loop("tcp", true);
    const auto configured = test::configured(configuration);
    locations.configure(*configured);
    uac = std::make_unique<MessageUac>(RequestAttempt::Means{*layer, transports, locator},
                                       locations, options, configured);
  }
  LoopTransport* add_loop(const std::string& id, bool reliable) {
    auto loop = std::make_unique<LoopTransport>(shard, address("127.0.0.1:5070"), reliable, *layer,
                                                sip::TransportOptions{.id = id});
    auto* out = loop.get();
    transports.add(std::move(loop));
    return out;
  }

  void send(std::string_view destination, std::string_view body = "hi",
            std::span<const message::Variable> variables = {},
            std::string_view from = "sip:crm@example.net") {
    const auto id = fmt::format("m{}", ++sends);
    const auto full = fmt::format("pjsip:{}", destination);
    uac->send(
        message::Message::create(
            {.id = id, .destination = full, .from = from, .body = body, .variables = variables}),
        message::Dispatch{},
        [this, id](const std::optional<Refusal>& refusal) {
          const auto* kind = !refusal                                      ? "sent"
                             : refusal->kind == Refusal::Kind::invalid_uri ? "invalid: "
                                                                           : "failure: ";
          told.push_back(id + " " + kind + (refusal ? refusal->reason : ""));
          if (then) then();
        },
        [this, id](const message::Attempted& attempted) { listener.on_finished(id, attempted); });
  }
  void reload(std::shared_ptr<const Configuration> configuration) {
    locations.configure(*configuration);
    uac->use(std::move(configuration));
  }
  void settle() { sip::test::settle(shard); }
  void pass(base::Duration time) { sip::test::pass(shard, clock, time); }
  void answer(const LoopTransport::Sent& sent, int status, const std::string& headers = "") {
    udp->deliver(answer_to(sent.text, status, headers), sent.to);
  }
  // The value of a header of a sent request.
  static std::string value(const LoopTransport::Sent& sent, const std::string& name) {
    const auto at = sent.text.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "?";
    const auto begin = at + name.size() + 4;
    return sent.text.substr(begin, sent.text.find("\r\n", begin) - begin);
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  std::unique_ptr<sip::TransactionLayer> layer;
  sip::TransportSet transports;
  base::RandomSource random;
  net::Resolver resolver{shard};
  sip::ServerLocator locator{resolver, random};
  LoopTransport* udp = nullptr;
  LoopTransport* tcp = nullptr;
  LocationService locations;
  Listener listener;
  std::vector<std::string> told;
  std::function<void()> then;
  int sends = 0;
  std::unique_ptr<MessageUac> uac;
};

TEST_F(MessageUacTest, Delivered) {  // 1
  build();
  EXPECT_EQ(uac->name(), "pjsip");
  send("alice");
  EXPECT_THAT(told, IsEmpty());
  EXPECT_EQ(uac->under_way(), 1u);
  settle();
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  EXPECT_THAT(listener.log, IsEmpty());
  ASSERT_THAT(udp->sent, SizeIs(1));
  const auto& sent = udp->sent[0];
  EXPECT_EQ(sent.to, address("127.0.0.2:5060"));
  EXPECT_THAT(sent.text, StartsWith("MESSAGE sip:alice@127.0.0.2:5060 SIP/2.0\r\n"
                                    "Via: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bKms"));
  EXPECT_TRUE(sent.text.ends_with("\r\n\r\nhi"));
  answer(sent, 200);
  EXPECT_THAT(listener.log, ElementsAre("m1 delivered 200 OK sip:alice@127.0.0.2:5060"));
  EXPECT_EQ(uac->under_way(), 0u);
  pass(40s);
  EXPECT_THAT(told, SizeIs(1));
  EXPECT_THAT(listener.log, SizeIs(1));
  EXPECT_THAT(udp->sent, SizeIs(1));
}

TEST_F(MessageUacTest, RefusedAtOnce) {  // 2
  build();
  send("nobody/x@y");
  EXPECT_THAT(told, ElementsAre("m1 failure: endpoint 'nobody' not found"));
  send("");
  EXPECT_THAT(told.back(), StartsWith("m2 invalid: destination '': "));
  const std::vector<message::Variable> no_hops{{"Max-Forwards", "0"}};
  send("alice", "hi", no_hops);
  EXPECT_THAT(told.back(), StartsWith("m3 failure: Variable Max-Forwards: 0 hops"));
  send("alice", "hi", {}, "sip:a@b@c");
  EXPECT_THAT(told.back(), StartsWith("m4 invalid: From 'sip:a@b@c': "));
  settle();
  EXPECT_THAT(told, SizeIs(4));
  EXPECT_THAT(udp->sent, IsEmpty());
  EXPECT_THAT(listener.log, IsEmpty());
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, SendFails) {  // 3
  build();
  udp->failure = base::Error{"127.0.0.2:5060: network is unreachable"};
  send("alice");
  EXPECT_THAT(told, IsEmpty());
  settle();
  EXPECT_THAT(told, ElementsAre("m1 failure: 127.0.0.2:5060: network is unreachable"));
  EXPECT_THAT(listener.log, IsEmpty());
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, FinalResponses) {  // 4
  build();
  for (const auto& [status, outcome] :
       std::vector<std::pair<int, std::string>>{{200, "delivered 200 OK"},
                                                {202, "sent 202 Accepted"},
                                                {404, "failed 404 Not Found"},
                                                {407, "failed 407 Proxy Authentication Required"},
                                                {486, "failed 486 Busy Here"},
                                                {503, "failed 503 Service Unavailable"},
                                                {603, "failed 603 Decline"}}) {
    listener.log.clear();
    udp->sent.clear();
    send("bob");
    settle();
    answer(udp->sent.at(0), 100);
    answer(udp->sent.at(0), 180);
    EXPECT_THAT(listener.log, IsEmpty());
    answer(udp->sent.at(0), status);
    EXPECT_THAT(listener.log,
                ElementsAre(fmt::format("m{} {} sip:bob@127.0.0.2:5061", sends, outcome)));
    EXPECT_EQ(told.back(), fmt::format("m{} sent", sends));
  }
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, Challenged) {  // 5
  build();
  const std::vector<message::Variable> variables{{"X-One", "1"}};
  send("alice", "hi", variables);
  settle();
  answer(udp->sent.at(0), 401, challenge);
  settle();
  ASSERT_THAT(udp->sent, SizeIs(2));
  const auto &first = udp->sent[0], &second = udp->sent[1];
  EXPECT_EQ(value(first, "Authorization"), "?");
  EXPECT_THAT(value(second, "Authorization"), StartsWith("Digest username=\"alice\", realm=\"r\""));
  EXPECT_EQ(std::stoi(value(second, "CSeq")), std::stoi(value(first, "CSeq")) + 1);
  EXPECT_NE(value(second, "Via"), value(first, "Via"));
  for (const auto* name : {"From", "To", "Contact", "Call-ID", "Max-Forwards", "User-Agent",
                           "X-One", "Content-Type", "Content-Length"}) {
    EXPECT_EQ(value(second, name), value(first, name)) << name;
    EXPECT_NE(value(second, name), "?") << name;
  }
  EXPECT_TRUE(second.text.ends_with("\r\n\r\nhi"));
  EXPECT_EQ(second.to, first.to);
  EXPECT_THAT(listener.log, IsEmpty());
  answer(first, 401, challenge);  // a copy
  EXPECT_EQ(uac->under_way(), 1u);
  answer(second, 200);
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  EXPECT_THAT(listener.log, ElementsAre("m1 delivered 200 OK sip:alice@127.0.0.2:5060"));
  EXPECT_EQ(uac->under_way(), 0u);

  // The place is used again, and the next message has no credentials.
  send("alice");
  settle();
  EXPECT_EQ(value(udp->sent.at(2), "Authorization"), "?");
  answer(udp->sent.at(2), 401, challenge);
  settle();
  answer(udp->sent.at(3), 200);
  EXPECT_THAT(listener.log, SizeIs(2));
}

TEST_F(MessageUacTest, ChallengedInVain) {  // 6
  build();
  send("alice");
  settle();
  answer(udp->sent.at(0), 401, challenge);
  settle();
  answer(udp->sent.at(1), 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\"\r\n");
  settle();
  EXPECT_THAT(udp->sent, SizeIs(2));
  EXPECT_THAT(listener.log, ElementsAre("m1 failed 401 Unauthorized sip:alice@127.0.0.2:5060"));

  send("bob");  // has no credentials
  settle();
  answer(udp->sent.at(2), 401, challenge);
  settle();
  EXPECT_THAT(udp->sent, SizeIs(3));
  EXPECT_THAT(listener.log.back(), StartsWith("m2 failed 401 "));

  send("alice");
  settle();
  answer(udp->sent.at(3), 401, challenge);
  udp->failure = base::Error{"no route"};
  settle();
  EXPECT_THAT(told, ElementsAre("m1 sent", "m2 sent", "m3 sent"));
  EXPECT_THAT(listener.log.back(), StartsWith("m3 failed 503 no route "));
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, NoAnswer) {  // 7
  build();
  send("alice");
  pass(31'950ms);
  ASSERT_THAT(udp->sent, SizeIs(11));
  for (const auto& sent : udp->sent) EXPECT_EQ(sent.text, udp->sent[0].text);
  EXPECT_THAT(listener.log, IsEmpty());
  pass(100ms);
  EXPECT_THAT(listener.log, ElementsAre("m1 failed 408 no answer sip:alice@127.0.0.2:5060"));
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  pass(40s);
  EXPECT_THAT(udp->sent, SizeIs(11));
  EXPECT_THAT(listener.log, SizeIs(1));
}

TEST_F(MessageUacTest, LateAndDuplicate) {  // 8
  build();
  send("alice");
  settle();
  const auto first = udp->sent.at(0);
  answer(first, 486);
  answer(first, 486);
  answer(first, 200);
  EXPECT_THAT(listener.log, SizeIs(1));
  send("alice");  // has the place of the first now
  settle();
  answer(first, 404);
  EXPECT_THAT(listener.log, SizeIs(1));
  EXPECT_EQ(uac->under_way(), 1u);
  answer(udp->sent.at(1), 200);
  EXPECT_THAT(listener.log.back(), StartsWith("m2 delivered 200"));
  send("alice");
  pass(33s);
  EXPECT_THAT(listener.log.back(), StartsWith("m3 failed 408"));
  answer(udp->sent.back(), 200);
  EXPECT_THAT(listener.log, SizeIs(3));
}

TEST_F(MessageUacTest, LargeByTcp) {  // 9
  build(std::string(sample) + std::string(switching));
  send("alice", large);
  settle();
  EXPECT_THAT(udp->sent, IsEmpty());
  ASSERT_THAT(tcp->sent, SizeIs(1));
  EXPECT_THAT(value(tcp->sent[0], "Via"), StartsWith("SIP/2.0/TCP 127.0.0.1:5070;"));
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  tcp->deliver(answer_to(tcp->sent[0].text, 200), address("127.0.0.2:5060"));
  EXPECT_THAT(listener.log, ElementsAre("m1 delivered 200 OK sip:alice@127.0.0.2:5060"));

  // The whole request counts, at 1300 octets it is still small.
  send("alice");
  settle();
  const auto overhead = udp->sent.at(0).text.size() - 2 + 2;  // two more digits of length
  udp->sent.clear();
  send("alice", std::string(1300 - overhead, 'x'));
  settle();
  ASSERT_THAT(udp->sent, SizeIs(1));
  EXPECT_EQ(udp->sent[0].text.size(), 1300u);
  send("alice", std::string(1301 - overhead, 'x'));
  settle();
  EXPECT_THAT(udp->sent, SizeIs(1));
  EXPECT_THAT(tcp->sent, SizeIs(2));

  send("bob/sip:b@127.0.0.2;transport=udp", large);
  settle();
  EXPECT_THAT(udp->sent, SizeIs(2));
  EXPECT_THAT(tcp->sent, SizeIs(2));
}

TEST_F(MessageUacTest, TcpRefused) {  // 10
  build(std::string(sample) + std::string(switching));
  tcp->failure = base::Error{"connection refused"};
  send("alice", large);
  settle();
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  ASSERT_THAT(udp->sent, SizeIs(1));
  EXPECT_THAT(value(udp->sent[0], "Via"), StartsWith("SIP/2.0/UDP "));
  EXPECT_TRUE(udp->sent[0].text.ends_with(large));
  answer(udp->sent[0], 200);
  EXPECT_THAT(listener.log, ElementsAre("m1 delivered 200 OK sip:alice@127.0.0.2:5060"));

  udp->failure = base::Error{"no route"};
  send("alice", large);
  settle();
  EXPECT_THAT(told, ElementsAre("m1 sent", "m2 failure: no route"));
  EXPECT_EQ(uac->under_way(), 0u);

  // A message that was meant for TCP does not fall back.
  udp->failure.reset();
  send("bob/sip:b@127.0.0.2;transport=tcp", large);
  settle();
  EXPECT_EQ(told.back(), "m3 failure: connection refused");
  EXPECT_THAT(udp->sent, SizeIs(1));
}

TEST_F(MessageUacTest, TcpLostAfterwards) {  // 11
  build(std::string(sample) + std::string(switching));
  send("alice", large);
  settle();
  tcp->lose_connection(address("127.0.0.2:5060"), {"closed by peer"});
  settle();
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  EXPECT_THAT(listener.log, ElementsAre("m1 failed 503 closed by peer sip:alice@127.0.0.2:5060"));
  EXPECT_THAT(udp->sent, IsEmpty());
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, LargeOverUdp) {  // 12
  build();
  send("alice", large);
  settle();
  EXPECT_THAT(udp->sent, SizeIs(1));
  EXPECT_THAT(tcp->sent, IsEmpty());

  // On a real socket: what is refused is what a datagram really cannot hold.
  const auto phone = net::bound_udp();
  auto opened = sip::UdpTransport::open(shard, *net::Address::from_ip("127.0.0.1", 0),
                                        {.id = "real"}, *layer, false);
  ASSERT_TRUE(opened);
  transports.add(std::move(*opened));
  reload(test::configured("[real]\ntype=transport\nbind=127.0.0.1\n[e]\ntype=endpoint\n"));
  const auto destination = "e/" + net::address_of(phone.fd()).str();
  send(destination, std::string(60'000, 'x'));
  ASSERT_TRUE(net::run_until(shard, [&] { return told.size() == 2; }));
  EXPECT_EQ(told.back(), "m2 sent");
  send(destination, std::string(70'000, 'x'));
  ASSERT_TRUE(net::run_until(shard, [&] { return told.size() == 3; }));
  EXPECT_THAT(told.back(), StartsWith("m3 failure: packet of 70"));
  EXPECT_THAT(told.back(), HasSubstr("octets is too long for UDP"));
  EXPECT_EQ(uac->under_way(), 2u);
}

TEST_F(MessageUacTest, ResponseBeforeSent) {  // 13
  build();
  send("alice");
  settle();
  answer(udp->sent.at(0), 200);

  std::vector<std::string> order;
  then = [&] { order.push_back(told.back()); };
  listener.then = [&] { order.push_back(listener.log.back().substr(0, 12)); };
  // The second message goes out over UDP and is answered before the turn ends.
  struct Early final : sip::WireTap {
    void on_wire(Direction direction, const sip::Transport&, const net::Address&,
                 std::string_view message) override {
      if (direction == Direction::out) text = message;
    }
    std::string text;
  } tap;
  udp->set_tap(&tap);
  send("alice");
  udp->deliver(answer_to(tap.text, 200), address("127.0.0.2:5060"));
  EXPECT_THAT(order, ElementsAre("m2 sent", "m2 delivered"));
  settle();
  EXPECT_THAT(order, SizeIs(2));
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, NewConfiguration) {  // 14
  build();
  send("alice");
  settle();
  reload(test::configured(
      "[udp]\ntype=transport\nbind=127.0.0.1:5070\n"
      "[bob]\ntype=aor\ncontact=sip:robert@127.0.0.3:5069\n[bob]\ntype=endpoint\naors=bob\n"));
  send("alice");
  EXPECT_THAT(told.back(), StartsWith("m2 failure: endpoint 'alice' not found"));
  send("bob");
  settle();
  EXPECT_EQ(udp->sent.at(1).to, address("127.0.0.3:5069"));
  // The first one still has its endpoint, with its credentials.
  answer(udp->sent.at(0), 401, challenge);
  settle();
  ASSERT_THAT(udp->sent, SizeIs(3));
  EXPECT_THAT(value(udp->sent[2], "Authorization"), StartsWith("Digest username=\"alice\""));
  answer(udp->sent[2], 200);
  answer(udp->sent[1], 200);
  EXPECT_THAT(listener.log, ElementsAre("m1 delivered 200 OK sip:alice@127.0.0.2:5060",
                                        "m3 delivered 200 OK sip:robert@127.0.0.3:5069"));
}

TEST_F(MessageUacTest, NewConfigurationWhileTcpIsTried) {  // 14
  build(std::string(sample) + std::string(switching));
  tcp->failure = base::Error{"connection refused"};
  send("alice", large);
  reload(test::configured(
      "[udp]\ntype=transport\nbind=127.0.0.1:5070\n"
      "[alice]\ntype=aor\ncontact=sip:new@127.0.0.3\n[alice]\ntype=endpoint\naors=alice\n"));
  settle();
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  ASSERT_THAT(udp->sent, SizeIs(1));
  EXPECT_EQ(udp->sent[0].to, address("127.0.0.2:5060"));
  EXPECT_THAT(udp->sent[0].text, StartsWith("MESSAGE sip:alice@127.0.0.2:5060 SIP/2.0\r\n"));
}

TEST_F(MessageUacTest, ProxyAndPhoneChallenge) {  // 5
  build();
  send("alice");
  settle();
  answer(udp->sent.at(0), 407, "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n1\"\r\n");
  settle();
  answer(udp->sent.at(1), 401, challenge);
  settle();
  EXPECT_THAT(value(udp->sent.at(2), "Proxy-Authorization"), HasSubstr("realm=\"p\""));
  EXPECT_THAT(value(udp->sent.at(2), "Authorization"), HasSubstr("realm=\"r\""));
  answer(udp->sent.at(2), 200);
  EXPECT_THAT(listener.log, ElementsAre("m1 delivered 200 OK sip:alice@127.0.0.2:5060"));
}

TEST_F(MessageUacTest, PlacesUsedAgain) {  // 15
  build();
  for (int round = 0; round < 3; ++round) {
    udp->sent.clear();
    for (int i = 0; i < 100; ++i) send(i % 2 == 0 ? "alice" : "bob", std::string(i + 1, 'x'));
    EXPECT_EQ(uac->under_way(), 100u);
    settle();
    ASSERT_THAT(udp->sent, SizeIs(100));
    for (std::size_t i = 0; i < 100; ++i) {
      EXPECT_TRUE(udp->sent[i].text.ends_with("\r\n\r\n" + std::string(i + 1, 'x')));
      answer(udp->sent[i], i % 3 == 0 ? 200 : 404);
    }
    EXPECT_EQ(uac->under_way(), 0u);
  }
  EXPECT_THAT(listener.log, SizeIs(300));

  // From inside the completion, the event and a refusal.
  told.clear();
  udp->sent.clear();
  bool more = true;
  listener.then = [&] {
    if (std::exchange(more, false)) send("bob", "from the event");
  };
  then = [&] {
    if (told.size() == 1) send("bob", "from the completion");
    if (told.size() == 2) send("nobody", "refused");
  };
  send("alice", "first");
  settle();
  answer(udp->sent.at(0), 200);
  settle();
  ASSERT_THAT(udp->sent, SizeIs(3));
  EXPECT_TRUE(udp->sent[1].text.ends_with("from the completion"));
  EXPECT_TRUE(udp->sent[2].text.ends_with("from the event"));
  EXPECT_THAT(told, ElementsAre("m301 sent", "m302 sent", HasSubstr("m303 failure"), "m304 sent"));
  EXPECT_EQ(uac->under_way(), 2u);
}

TEST_F(MessageUacTest, MaxPendingSize) {  // 16
  MessageUac::Options options;
  options.max_pending_size = 100;
  build(std::string(sample), options);
  send("alice", std::string(60, 'x'));
  send("alice", std::string(41, 'x'));
  EXPECT_THAT(told, ElementsAre("m2 failure: 60 octets wait for their answer, the limit "
                                "(missive.conf, max_pending_size)"));
  send("alice", std::string(40, 'x'));
  settle();
  answer(udp->sent.at(0), 200);
  send("alice", std::string(60, 'x'));
  settle();
  EXPECT_THAT(told, SizeIs(4));
  EXPECT_EQ(told.back(), "m4 sent");
  pass(33s);  // timeouts
  EXPECT_EQ(uac->under_way(), 0u);
  udp->failure = base::Error{"no route"};
  send("alice", std::string(100, 'x'));
  settle();
  udp->failure.reset();
  send("alice", std::string(100, 'x'));
  settle();
  EXPECT_EQ(told.back(), "m6 sent");
  send("alice", "x");
  EXPECT_THAT(told.back(), StartsWith("m7 failure: 100 octets wait"));
}

TEST_F(MessageUacTest, FullTable) {  // 17
  sip::TransactionLimits limits;
  limits.client_transactions = 1;
  build(std::string(sample) + std::string(switching), {}, limits);
  send("alice");
  send("alice");
  EXPECT_THAT(told, ElementsAre("m2 failure: too many messages are under way (1); try again in a "
                                "moment"));
  send("alice", large);
  EXPECT_THAT(told.back(), StartsWith("m3 failure: too many"));
  EXPECT_EQ(uac->under_way(), 1u);
  settle();
  answer(udp->sent.at(0), 200);
  send("alice");
  settle();
  EXPECT_EQ(told.back(), "m4 sent");
}

TEST_F(MessageUacTest, HostNames) {  // 18
  build();
  send("bob/carl@localhost:5065");
  ASSERT_TRUE(net::run_until(shard, [&] { return !told.empty(); }));
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  ASSERT_THAT(udp->sent, SizeIs(1));
  EXPECT_EQ(udp->sent[0].to, address("127.0.0.1:5065"));
  EXPECT_THAT(udp->sent[0].text, StartsWith("MESSAGE sip:carl@localhost:5065 SIP/2.0\r\n"));
  // Names of that kind are never asked for (RFC 7686), so no network is needed.
  send("bob/carl@nowhere.onion");
  ASSERT_TRUE(net::run_until(shard, [&] { return told.size() == 2; }));
  EXPECT_THAT(told[1], HasSubstr("host 'nowhere.onion' not found"));
  EXPECT_EQ(uac->under_way(), 1u);
}

TEST_F(MessageUacTest, TransportNotOpen) {  // 19
  build();
  reload(test::configured(std::string(sample) +
                          "[late]\ntype=transport\nprotocol=udp\nbind=[::1]:5070\n"));
  send("alice/sip:a@[::1]:5060");
  EXPECT_THAT(told, ElementsAre("m1 failure: no udp transport that is open reaches [::1]:5060; one "
                                "that was added to pjsip.conf opens at the next start"));
  reload(test::configured("[late]\ntype=transport\nbind=[::1]:5070\n[e]\ntype=endpoint\n"));
  send("e/a@localhost");  // IPv4, and there is no transport for it
  ASSERT_TRUE(net::run_until(shard, [&] { return told.size() == 2; }));
  EXPECT_THAT(told[1], StartsWith("m2 failure: no udp transport that is open reaches 127.0.0.1:"));
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, NeverLeft) {  // 20
  build();
  transports.add(std::make_unique<SilentTransport>(sip::TransportOptions{.id = "silent"}));
  reload(test::configured("[silent]\ntype=transport\nbind=127.0.0.1\n[e]\ntype=endpoint\n"));
  send("e/a@127.0.0.2");
  pass(31'950ms);
  EXPECT_THAT(told, IsEmpty());
  pass(100ms);
  EXPECT_THAT(told, ElementsAre("m1 failure: it could not leave in time"));
  EXPECT_THAT(listener.log, IsEmpty());
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, OutboundProxy) {                                     // 21
  build(std::string(sample) + "outbound_proxy=sip:127.0.0.9:5090\\;lr\n");  // of bob
  send("bob");
  settle();
  ASSERT_THAT(udp->sent, SizeIs(1));
  EXPECT_EQ(udp->sent[0].to, address("127.0.0.9:5090"));
  EXPECT_THAT(udp->sent[0].text, StartsWith("MESSAGE sip:bob@127.0.0.2:5061 SIP/2.0\r\n"));
  EXPECT_EQ(value(udp->sent[0], "Route"), "<sip:127.0.0.9:5090;lr>");
}

TEST_F(MessageUacTest, WithoutContactHeader) {  // 22
  MessageUac::Options options;
  options.contact_header = false;
  build(std::string(sample), options);
  send("alice");
  settle();
  EXPECT_EQ(value(udp->sent.at(0), "Contact"), "?");
  answer(udp->sent.at(0), 200);
  EXPECT_THAT(told, ElementsAre("m1 sent"));
  EXPECT_THAT(listener.log, SizeIs(1));
  EXPECT_EQ(uac->under_way(), 0u);
}

TEST_F(MessageUacTest, Destroyed) {  // 23
  build(std::string(sample) + std::string(switching));
  send("alice");
  settle();
  told.clear();
  send("bob");
  send("alice", large);
  uac.reset();
  EXPECT_EQ(layer->clients().size(), 0u);
  settle();
  answer(udp->sent.at(0), 200);
  pass(33s);
  EXPECT_THAT(told, IsEmpty());
  EXPECT_THAT(listener.log, IsEmpty());
}

TEST_F(MessageUacTest, ContactRemoved) {  // 24
  build();
  const std::string contact = "sip:bob@127.0.0.2:5061";
  send("bob");
  send("alice");
  settle();
  uac->abandon(contact);
  EXPECT_THAT(listener.log, IsEmpty());
  send("bob");
  locations.configure(*test::configured("[alice]\ntype=aor\ncontact=sip:alice@127.0.0.2:5060\n"));
  uac->abandon(contact);
  const auto reason = "contact 'sip:bob@127.0.0.2:5061' was removed before it answered";
  EXPECT_THAT(listener.log, ElementsAre(fmt::format("m1 failed 503 {} {}", reason, contact)));
  EXPECT_THAT(listener.later, ElementsAre("m1"));
  EXPECT_THAT(told, ElementsAre("m1 sent", "m2 sent", fmt::format("m3 failure: {}", reason)));
  EXPECT_EQ(uac->under_way(), 1u);
  answer(udp->sent[0], 200);
  EXPECT_THAT(listener.log, SizeIs(1));
  answer(udp->sent[1], 200);
  EXPECT_THAT(listener.log.back(), StartsWith("m2 delivered"));
}

}  // namespace
}  // namespace missive::pjsip
