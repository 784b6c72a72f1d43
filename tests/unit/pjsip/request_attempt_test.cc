// One request to the next hop, over a network in memory and time turned by hand.
//
//  1. A numeric address: one request, told once that it left, then the final response.
//  2. A host with several addresses: 503 goes on to the next, with the same Call-ID, From tag and
//     CSeq in another branch; the last one's 503 is the final response, with its Retry-After.
//  3. Other final responses go on to nobody.
//  4. Time-outs: each address but the last has an equal share of what is left; `limit` is the
//  total.
//  5. A send that fails goes on to the next; after the last the failure is told.
//  6. A connection that is lost after the request left goes on to the next, and it has left once.
//  7. A challenge is answered, CSeq one higher; without outbound_auth it is final.
//  8. After a challenge the next target gets credentials anew, and may challenge for itself once.
//  9. Large: by TCP first, by UDP where TCP is refused; a named transport is kept; what was
//  answered
//     or not answered by TCP is not sent again by UDP.
// 10. No datagram holds it: too_large, and nothing leaves.
// 11. Not found, no transport open, not written, too many under way: each with its kind.
// 12. TLS: admitted by the name as it was written; where it is refused the next one is tried.
// 13. Down a flow: to the peer, by the flow's transport, without asking for a name.
// 14. Nobody tells where a host is: over when the time is.
// 15. stop() and destroying end it without a call, also from inside start() and the last calls.
// 16. Again from inside a final response: rewritten, CSeq one higher, with the credentials.
// 17. Only what is open is sent by; TLS where there is nothing else.
#include "pjsip/request_attempt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/net/loop_helper.h"
#include "unit/pjsip/sending_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using sip::LoopTransport;
using sip::test::address;
using test::value_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Kind = RequestAttempt::Failure::Kind;

constexpr std::string_view sections = "[alice]\ntype=auth\nusername=alice\npassword=secret\n";
constexpr std::string_view switching = "[system]\ntype=system\ndisable_tcp_switch=no\n";
const std::string challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::no_answer:
      return "no_answer";
    case Kind::not_found:
      return "not_found";
    case Kind::no_transport:
      return "no_transport";
    case Kind::unwritable:
      return "unwritable";
    case Kind::too_large:
      return "too_large";
    case Kind::unreachable:
      return "unreachable";
    case Kind::timeout:
      return "timeout";
    case Kind::busy:
      return "busy";
  }
  return "?";
}

class RequestAttemptTest : public testing::Test, public RequestAttempt::User {
 protected:
  void build(std::string_view more = {}, const sip::TransactionLimits& limits = {}) {
    lab = std::make_unique<test::SendingLab>(limits);
    configuration =
        test::configured(std::string(test::lab_transports) + std::string(test::lab_tls) +
                         std::string(sections) + std::string(more));
    attempt = std::make_unique<RequestAttempt>(lab->means(), *this);
  }
  void start(const std::string& uri, std::optional<base::Duration> limit = {},
             bool authenticated = false) {
    const auto parsed = sip::parse_uri(uri);
    ASSERT_TRUE(parsed) << uri;
    NextHop hop;
    ASSERT_TRUE(take_uri(*configuration, *parsed, nullptr, hop));
    start(hop, limit, authenticated);
  }
  void start(const NextHop& hop, std::optional<base::Duration> limit = {},
             bool authenticated = false) {
    RequestAttempt::Order order{.configuration = configuration.get(),
                                .hop = &hop,
                                .outbound_auth = {},
                                .who = "endpoint 'alice'",
                                .limit = limit,
                                .identity = std::nullopt};
    if (authenticated) order.outbound_auth = auths;
    attempt->start(order);
  }
  LoopTransport& udp() { return *lab->udp; }
  LoopTransport& tcp() { return *lab->tcp; }
  void settle() { lab->settle(); }
  void pass(base::Duration time) { lab->pass(time); }
  void answer(std::size_t place, int status, const std::string& headers = {}) {
    lab->answer(udp(), udp().sent.at(place), status, headers);
  }
  std::vector<std::string> receivers(const LoopTransport& transport) const {
    std::vector<std::string> out;
    for (const auto& sent : transport.sent) {
      const auto to = sent.to.str();
      if (out.empty() || out.back() != to) out.push_back(to);
    }
    return out;
  }

  base::Result<void> write(sip::Transport& transport, const net::Address&,
                           const RequestIdentity& identity, sip::OutgoingRequest& out) override {
    if (!unwritable.empty()) return base::fail("{}", unwritable);
    sip::RequestWriter writer(out, sip::Method::MESSAGE, "sip:bob@example.org");
    writer.via(transport.protocol(), "127.0.0.1:5070");
    writer.header("From", fmt::format("<sip:a@b>;tag={}", identity.from_tag()));
    writer.header("Call-ID", identity.call_id());
    writer.cseq(identity.cseq);
    writer.header("To", "<sip:bob@example.org>");
    writer.number("Max-Forwards", 70);
    writer.body("text/plain", body);
    return {};
  }
  void on_request_sent() override { log.push_back("sent"); }
  void on_final_response(const sip::Packet& response) override {
    log.push_back(
        fmt::format("{} {}", response.status(), response.value(sip::HeaderId::RetryAfter)));
    if (then) std::exchange(then, {})();
  }
  void on_failure(const RequestAttempt::Failure& failure) override {
    log.push_back(fmt::format("{}: {}", name_of(failure.kind), failure.text));
    if (then) std::exchange(then, {})();
  }

  std::unique_ptr<test::SendingLab> lab;
  std::shared_ptr<const Configuration> configuration;
  const std::vector<std::string> auths{"alice"};
  std::unique_ptr<RequestAttempt> attempt;
  std::string body = "hi";
  std::string unwritable;
  std::vector<std::string> log;
  std::function<void()> then;  // once, from inside the last call
};

TEST_F(RequestAttemptTest, NumericAddress) {  // 1
  build();
  start("sip:bob@127.0.0.2");
  EXPECT_THAT(log, IsEmpty());
  EXPECT_TRUE(attempt->active());
  settle();
  EXPECT_THAT(log, ElementsAre("sent"));
  ASSERT_THAT(udp().sent, SizeIs(1));
  EXPECT_EQ(udp().sent[0].to, address("127.0.0.2:5060"));
  EXPECT_EQ(attempt->destination(), address("127.0.0.2:5060"));
  EXPECT_EQ(attempt->transport(), lab->udp);
  EXPECT_THAT(udp().sent[0].text, HasSubstr("branch=z9hG4bKms"));
  EXPECT_EQ(value_of(udp().sent[0], "Call-ID"), attempt->identity().call_id());
  answer(0, 200);
  EXPECT_THAT(log, ElementsAre("sent", "200 "));
  EXPECT_FALSE(attempt->active());

  start("sip:bob@127.0.0.3:5065");  // once more, with an identity of its own
  settle();
  EXPECT_EQ(udp().sent.at(1).to, address("127.0.0.3:5065"));
  EXPECT_NE(value_of(udp().sent[1], "Call-ID"), value_of(udp().sent[0], "Call-ID"));
  answer(1, 404);
  EXPECT_THAT(log, ElementsAre("sent", "200 ", "sent", "404 "));
  pass(40s);
  EXPECT_THAT(log, SizeIs(4));
}

TEST_F(RequestAttemptTest, NextAfter503) {  // 2
  build();
  start("sip:bob@many.test:5066");
  settle();
  answer(0, 503, "Retry-After: 5\r\n");
  EXPECT_THAT(log, ElementsAre("sent"));
  answer(1, 503);
  EXPECT_TRUE(attempt->turned_away());
  answer(2, 503, "Retry-After: 7\r\n");
  EXPECT_THAT(log, ElementsAre("sent", "503 7"));
  EXPECT_THAT(receivers(udp()),
              testing::UnorderedElementsAre("127.0.0.2:5066", "127.0.0.3:5066", "127.0.0.4:5066"));
  for (const auto* name : {"Call-ID", "From", "CSeq"}) {
    EXPECT_EQ(value_of(udp().sent[1], name), value_of(udp().sent[0], name)) << name;
    EXPECT_EQ(value_of(udp().sent[2], name), value_of(udp().sent[0], name)) << name;
  }
  EXPECT_NE(value_of(udp().sent[1], "Via"), value_of(udp().sent[0], "Via"));
  EXPECT_NE(value_of(udp().sent[2], "Via"), value_of(udp().sent[1], "Via"));
  EXPECT_EQ(lab->layer.clients().size(), 0u);
}

TEST_F(RequestAttemptTest, OthersAreFinal) {  // 3
  for (const int status : {200, 202, 302, 404, 408, 480, 486, 500, 502, 504, 600, 603}) {
    build();
    log.clear();
    start("sip:bob@many.test:5066");
    settle();
    answer(0, status);
    EXPECT_THAT(log, ElementsAre("sent", fmt::format("{} ", status)));
    EXPECT_THAT(udp().sent, SizeIs(1));
    EXPECT_FALSE(attempt->turned_away());
  }
}

TEST_F(RequestAttemptTest, TimeIsShared) {  // 4
  build();
  start("sip:bob@many.test:5066", 9s);
  pass(2'900ms);
  EXPECT_THAT(receivers(udp()), SizeIs(1));
  pass(200ms);
  EXPECT_THAT(receivers(udp()), SizeIs(2));
  pass(2'800ms);
  EXPECT_THAT(receivers(udp()), SizeIs(2));
  pass(200ms);
  EXPECT_THAT(receivers(udp()), SizeIs(3));
  pass(2'700ms);
  EXPECT_THAT(log, ElementsAre("sent"));
  pass(300ms);
  EXPECT_THAT(log, ElementsAre("sent", "timeout: no answer"));

  // What one did not use is for those behind it.
  log.clear();
  udp().sent.clear();
  start("sip:bob@many.test:5066", 9s);
  settle();
  answer(0, 503);
  pass(4'400ms);
  EXPECT_THAT(receivers(udp()), SizeIs(2));
  pass(200ms);
  EXPECT_THAT(receivers(udp()), SizeIs(3));
  pass(4'500ms);
  EXPECT_THAT(log, ElementsAre("sent", "timeout: no answer"));
  EXPECT_TRUE(attempt->turned_away());

  // Without a limit: Timer F, for one target all of it.
  log.clear();
  start("sip:bob@127.0.0.2");
  pass(31'900ms);
  EXPECT_THAT(log, ElementsAre("sent"));
  pass(200ms);
  EXPECT_THAT(log, ElementsAre("sent", "timeout: no answer"));
}

TEST_F(RequestAttemptTest, SendFails) {  // 5
  build();
  udp().failure = base::Error{"no route"};
  start("sip:bob@many.test:5066");
  settle();
  EXPECT_THAT(log, ElementsAre("unreachable: no route"));
  EXPECT_EQ(attempt->destination(), address("127.0.0.4:5066")) << "the last one";
  EXPECT_FALSE(attempt->sent());

  log.clear();
  lab->tls->closed = address("127.0.0.2:5066");
  start("sip:bob@many.test:5066;transport=tls");
  settle();
  EXPECT_THAT(lab->tls->inner.sent, IsEmpty());
  lab->tls->refuse();
  settle();
  ASSERT_THAT(lab->tls->inner.sent, SizeIs(1));
  EXPECT_EQ(lab->tls->inner.sent[0].to, address("127.0.0.3:5066"));
  lab->answer(lab->tls->inner, lab->tls->inner.sent[0], 200);
  EXPECT_THAT(log, ElementsAre("sent", "200 "));
}

TEST_F(RequestAttemptTest, ConnectionLost) {  // 6
  build();
  start("sip:bob@many.test:5066;transport=tcp");
  settle();
  ASSERT_THAT(tcp().sent, SizeIs(1));
  tcp().lose_connection(tcp().sent[0].to, {"closed by peer"});
  settle();
  ASSERT_THAT(tcp().sent, SizeIs(2));
  lab->answer(tcp(), tcp().sent[1], 200);
  EXPECT_THAT(log, ElementsAre("sent", "200 "));
}

TEST_F(RequestAttemptTest, Challenged) {  // 7
  build();
  start("sip:bob@127.0.0.2", {}, true);
  settle();
  answer(0, 401, challenge);
  ASSERT_THAT(udp().sent, SizeIs(2));
  EXPECT_THAT(value_of(udp().sent[1], "Authorization"), StartsWith("Digest username=\"alice\""));
  EXPECT_EQ(std::stoi(value_of(udp().sent[1], "CSeq")),
            std::stoi(value_of(udp().sent[0], "CSeq")) + 1);
  EXPECT_EQ(std::stoul(value_of(udp().sent[1], "CSeq")), attempt->identity().cseq);
  answer(1, 401, challenge);  // the password is wrong
  EXPECT_THAT(log, ElementsAre("sent", "401 "));
  EXPECT_THAT(udp().sent, SizeIs(2));

  log.clear();
  start("sip:bob@127.0.0.2");
  settle();
  answer(2, 401, challenge);
  EXPECT_THAT(log, ElementsAre("sent", "401 "));
  EXPECT_THAT(udp().sent, SizeIs(3));
}

TEST_F(RequestAttemptTest, CredentialsForTheNext) {  // 8
  build();
  start("sip:bob@many.test:5066", {}, true);
  settle();
  answer(0, 401, challenge);
  answer(1, 503);
  ASSERT_THAT(udp().sent, SizeIs(3));
  EXPECT_EQ(value_of(udp().sent[2], "CSeq"), value_of(udp().sent[1], "CSeq"));
  EXPECT_NE(udp().sent[2].to, udp().sent[1].to);
  EXPECT_THAT(value_of(udp().sent[2], "Authorization"), HasSubstr("nc=00000002"));
  // It knows no nonce of the other's.
  answer(2, 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"other\", qop=\"auth\"\r\n");
  ASSERT_THAT(udp().sent, SizeIs(4));
  EXPECT_THAT(value_of(udp().sent[3], "Authorization"), HasSubstr("nonce=\"other\""));
  EXPECT_THAT(value_of(udp().sent[3], "Authorization"), HasSubstr("nc=00000001"));
  EXPECT_EQ(udp().sent[3].to, udp().sent[2].to);
  answer(3, 401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"more\", qop=\"auth\"\r\n");
  EXPECT_THAT(log, ElementsAre("sent", "401 "));
}

TEST_F(RequestAttemptTest, Large) {  // 9
  build(switching);
  body.assign(1300, 'x');
  start("sip:bob@many.test:5066");
  settle();
  ASSERT_THAT(tcp().sent, SizeIs(1));
  EXPECT_THAT(udp().sent, IsEmpty());
  EXPECT_THAT(value_of(tcp().sent[0], "Via"), StartsWith("SIP/2.0/TCP "));
  // The next server is asked by TCP as well.
  lab->answer(tcp(), tcp().sent[0], 503);
  ASSERT_THAT(tcp().sent, SizeIs(2));
  EXPECT_THAT(udp().sent, IsEmpty());
  attempt->stop();

  tcp().failure = base::Error{"connection refused"};
  start("sip:bob@127.0.0.2");
  settle();
  ASSERT_THAT(udp().sent, SizeIs(1));
  EXPECT_THAT(value_of(udp().sent[0], "Via"), StartsWith("SIP/2.0/UDP "));
  EXPECT_EQ(value_of(udp().sent[0], "Call-ID"), attempt->identity().call_id());
  attempt->stop();

  log.clear();
  start("sip:bob@127.0.0.2;transport=udp");
  settle();
  EXPECT_THAT(udp().sent, SizeIs(2));
  attempt->stop();
  start("sip:bob@127.0.0.2;transport=tcp");
  settle();
  EXPECT_THAT(log, ElementsAre("sent", "unreachable: connection refused"));
  EXPECT_THAT(udp().sent, SizeIs(2));

  // Not a second time by UDP: no answer, or the connection is lost after it left.
  tcp().failure.reset();
  log.clear();
  start("sip:bob@127.0.0.2", 2s);
  pass(3s);
  EXPECT_THAT(log, ElementsAre("sent", "timeout: no answer"));
  start("sip:bob@127.0.0.2");
  settle();
  tcp().lose_connection(address("127.0.0.2:5060"), {"closed"});
  settle();
  EXPECT_EQ(log.back(), "unreachable: closed");
  EXPECT_THAT(udp().sent, SizeIs(2));
}

TEST_F(RequestAttemptTest, TooLarge) {  // 10
  build();
  body.assign(65'507, 'x');
  start("sip:bob@127.0.0.2");
  ASSERT_THAT(log, SizeIs(1));
  EXPECT_THAT(log[0], testing::MatchesRegex("too_large: packet of 65[0-9]+ octets is too long .*"));
  settle();
  EXPECT_THAT(udp().sent, IsEmpty());
}

TEST_F(RequestAttemptTest, Failures) {  // 11
  build("", {.client_transactions = 1});
  start("sip:bob@nowhere.onion:5060");
  ASSERT_TRUE(net::run_until(lab->shard, [&] { return !log.empty(); }));
  EXPECT_THAT(log.back(), StartsWith("not_found: "));
  EXPECT_THAT(log.back(), HasSubstr("nowhere.onion"));

  configuration = test::configured(std::string(test::lab_transports) +
                                   "[late]\ntype=transport\nprotocol=udp\nbind=[::1]:5070\n");
  start("sip:bob@[::1]");
  EXPECT_EQ(log.back(),
            "no_transport: no udp transport that is open reaches [::1]:5060; one that was added to "
            "pjsip.conf opens at the next start");

  unwritable = "From is none";
  start("sip:bob@127.0.0.2");
  EXPECT_EQ(log.back(), "unwritable: From is none");
  unwritable.clear();

  start("sip:bob@127.0.0.2");
  const auto first = std::move(attempt);
  attempt = std::make_unique<RequestAttempt>(lab->means(), *this);
  start("sip:bob@many.test:5066");
  EXPECT_THAT(log.back(), StartsWith("busy: too many messages are under way (1)"));
  EXPECT_FALSE(attempt->active());
  settle();
  EXPECT_THAT(udp().sent, SizeIs(1));
}

TEST_F(RequestAttemptTest, Tls) {  // 12
  build();
  start("sips:bob@many.test:5066");
  settle();
  EXPECT_THAT(lab->tls->admitted, ElementsAre("127.0.0.2:5066 many.test"));
  ASSERT_THAT(lab->tls->inner.sent, SizeIs(1));
  EXPECT_THAT(udp().sent, IsEmpty());
  EXPECT_THAT(tcp().sent, IsEmpty());
  attempt->stop();

  log.clear();
  lab->tls->admitted.clear();
  lab->tls->refused = address("127.0.0.2:5066");
  start("sip:bob@many.test:5066;transport=tls");
  settle();
  EXPECT_THAT(lab->tls->admitted,
              ElementsAre("127.0.0.2:5066 many.test", "127.0.0.3:5066 many.test"));
  EXPECT_THAT(log, ElementsAre("sent"));
  EXPECT_EQ(lab->tls->inner.sent.back().to, address("127.0.0.3:5066"));
  attempt->stop();

  lab->tls->refused = address("127.0.0.2:5061");
  start("sips:bob@127.0.0.2");
  EXPECT_EQ(log.back(), "unreachable: the certificate of 127.0.0.2:5061 is not for 127.0.0.2");
}

TEST_F(RequestAttemptTest, Flow) {  // 13
  build("[wss]\ntype=transport\nprotocol=wss\n");
  auto* web = lab->add("wss", true);
  NextHop hop;
  hop.flow = Flow{0, address("192.0.2.9:44000")};
  hop.address = hop.flow->peer;
  hop.registered_by = configuration->transport("wss");
  start(hop);
  settle();
  ASSERT_THAT(web->sent, SizeIs(1));
  EXPECT_EQ(web->sent[0].to, address("192.0.2.9:44000"));
  hop.registered_by = configuration->transport("tls");
  start(hop);
  settle();
  EXPECT_THAT(lab->tls->inner.sent, SizeIs(1));
  EXPECT_THAT(lab->tls->admitted, IsEmpty());
}

TEST_F(RequestAttemptTest, SilentNameServer) {  // 14
  build();
  const auto nobody = net::bound_udp();
  net::ResolverOptions options;
  options.servers = {net::address_of(nobody.fd())};
  net::Resolver resolver(lab->shard, options);
  sip::ServerLocator locator(resolver, lab->random);
  attempt = std::make_unique<RequestAttempt>(
      RequestAttempt::Means{lab->layer, lab->transports, locator}, *this);
  start("sip:bob@silent.test:5060", 3s);
  EXPECT_TRUE(attempt->active());
  pass(2'900ms);
  EXPECT_THAT(log, IsEmpty());
  pass(200ms);
  EXPECT_THAT(log, ElementsAre("no_answer: host 'silent.test' not found in time"));
  EXPECT_FALSE(attempt->active());
}

TEST_F(RequestAttemptTest, Stopped) {  // 15
  build();
  start("sip:bob@127.0.0.2");
  attempt->stop();
  settle();
  pass(40s);
  EXPECT_THAT(log, IsEmpty());
  start("sip:bob@127.0.0.2");
  attempt.reset();
  settle();
  EXPECT_THAT(log, IsEmpty());
  EXPECT_EQ(lab->layer.clients().size(), 0u);

  // From inside start(), and from inside the final response.
  attempt = std::make_unique<RequestAttempt>(lab->means(), *this);
  unwritable = "no";
  then = [this] { attempt.reset(); };
  start("sip:bob@many.test:5066");
  EXPECT_EQ(attempt, nullptr);
  unwritable.clear();
  attempt = std::make_unique<RequestAttempt>(lab->means(), *this);
  then = [this] { start("sip:bob@127.0.0.3"); };
  start("sip:bob@127.0.0.2");
  settle();
  lab->answer(udp(), udp().sent.back(), 486);
  EXPECT_EQ(udp().sent.back().to, address("127.0.0.3:5060"));
  then = [this] { attempt.reset(); };
  lab->answer(udp(), udp().sent.back(), 200);
  EXPECT_EQ(attempt, nullptr);
  EXPECT_EQ(log.back(), "200 ");
}

TEST_F(RequestAttemptTest, Again) {  // 16
  build();
  start("sip:bob@127.0.0.2", {}, true);
  settle();
  answer(0, 401, challenge);
  then = [this] {
    body = "plain";
    attempt->again();
  };
  answer(1, 415);
  ASSERT_THAT(udp().sent, SizeIs(3));
  EXPECT_TRUE(udp().sent[2].text.ends_with("plain"));
  EXPECT_EQ(std::stoi(value_of(udp().sent[2], "CSeq")),
            std::stoi(value_of(udp().sent[0], "CSeq")) + 2);
  EXPECT_EQ(value_of(udp().sent[2], "Call-ID"), value_of(udp().sent[0], "Call-ID"));
  EXPECT_THAT(value_of(udp().sent[2], "Authorization"), HasSubstr("nc=00000002"));
  answer(2, 200);
  EXPECT_THAT(log, ElementsAre("sent", "415 ", "200 "));

  then = [this] {
    unwritable = "no more";
    attempt->again();
  };
  start("sip:bob@127.0.0.2");
  settle();
  answer(3, 415);
  EXPECT_EQ(log.back(), "unwritable: no more");
}

TEST_F(RequestAttemptTest, OnlyWhatIsOpen) {  // 17
  lab = std::make_unique<test::SendingLab>();
  configuration = test::configured("[tls]\ntype=transport\nprotocol=tls\nbind=127.0.0.1:5071\n");
  attempt = std::make_unique<RequestAttempt>(lab->means(), *this);
  start("sip:bob@127.0.0.2;transport=udp");
  EXPECT_THAT(log.back(), StartsWith("no_transport: no udp transport that is open reaches"));
  start("sip:bob@127.0.0.2");
  settle();
  EXPECT_THAT(lab->tls->inner.sent, SizeIs(1));
  EXPECT_EQ(lab->tls->inner.sent[0].to, address("127.0.0.2:5061"));
}

}  // namespace
}  // namespace missive::pjsip
