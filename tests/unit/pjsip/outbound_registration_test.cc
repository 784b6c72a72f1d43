// Registrations of ours: what is asked, what is made of each answer, and when it is asked again.
// The registrar is a loop transport that the test answers for; time is turned by hand.
//
// The request
//  1. REGISTER to server_uri: From, To, Contact, Expires, Call-ID, CSeq, User-Agent; contact_user,
//     contact_header_params, user_agent, by UDP and by TCP
//  2. line: the Contact bears the token, the same for every request, another for another name
//  3. support_path, support_outbound: Supported, reg-id, instance id, ob; the instance is a UUID
//     made of names alone
//  4. outbound_proxy: sent there with a Route
//  5. a challenge is answered with outbound_auth, of a refresh too
//  6. the Call-ID stays and CSeq goes up from request to request
// A 2xx
//  7. the time granted: of our Contact among others, of the only one, of Expires, as asked
//  8. refreshed 30 s before the end of an hour, a tenth before that of a minute, 5 s before that of
//     20 s, half-way through 6 s
//  9. a 200 that grants nothing is a failure
// Failures
// 10. 423 is asked again at once with Min-Expires, once; without one it is final
// 11. 401 after the answer, and without outbound_auth: final; with auth_rejection_permanent=no
//     after retry_interval; with fatal_retry_interval after that
// 12. 403: final; after forbidden_retry_interval; after fatal_retry_interval
// 13. 404, 501 and 603: final, or after fatal_retry_interval; a redirect is not followed
// 14. 408, 430, 480, 500, 502, 503, 504: after retry_interval
// 15. no answer, no transport, a send that fails: after retry_interval
// 16. max_retries in a row, then given up; a success counts anew; 0 is one attempt; a
//     retry_interval of 0 too
// 17. Retry-After goes before all of that; malformed or 0 it says nothing
// What is asked for
// 18. the first one comes within max_random_initial_delay
// 19. unregister(): Expires: 0, and it stays so; what was never asked for is not taken back;
//     register_now() begins again, also what was given up
// 20. unregister() while a REGISTER is under way; register_now() while it is being taken back
// Connections
// 21. a lost connection is registered over again within two seconds; another one's loss is nothing
// 22. while that fails, after growing times
// 23. a refresh that finds the connection gone recovers in the same way
// 24. the connection is kept open as long as the registration
// The registrations of a shard, and the board
// 25. names the status of each; what is not there is an error; *all
// 26. each is on the shard that its name says, and only there
// 27. a reload starts what is new, takes back what is gone, changes what has changed (first taking
//     it back as it was), and leaves alone what is the same, and what was taken back
// 28. a reload tries again what was given up
// 29. what is wanted again while it is being taken back stays
// 30. stop(): all are taken back, within two seconds where nobody answers; nothing registers after
// 31. the observer hears each attempt's end with the technology
#include "pjsip/outbound_registration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/resolver.h"
#include "pjsip/line_token.h"
#include "pjsip/outbound_registrations.h"
#include "pjsip/register_request.h"
#include "sip/server_locator.h"
#include "unit/pjsip/configured.h"
#include "unit/sip/loop_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using State = RegistrationStatus::State;
using sip::HeaderId;
using sip::test::address;
using test::configured;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Sent = sip::LoopTransport::Sent;

constexpr std::string_view transports =
    "[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:5060\n"
    "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:5060\n"
    "[auth]\ntype=auth\nusername=me\npassword=secret\n"
    "[trunk-in]\ntype=endpoint\n";

// The section [trunk]; a later line of an option counts.
std::string trunk(std::string_view options = {}, std::string_view name = "trunk") {
  return fmt::format(
      "[{}]\ntype=registration\nserver_uri=sip:192.0.2.1\nclient_uri=sip:me@example.com\n"
      "max_random_initial_delay=0\n{}\n",
      name, options);
}

// Transports in memory that remember what they were asked for.
class Network final : public sip::TransportSet {
 public:
  class Loop final : public sip::Transport {
   public:
    Loop(net::Shard& shard, bool reliable, sip::MessageReceiver& receiver, std::string id)
        : Transport({.id = std::move(id)}),
          loop(shard, address("127.0.0.1:5060"), reliable, receiver),
          receiver_(receiver) {}
    std::string_view protocol() const override { return loop.protocol(); }
    bool reliable() const override { return loop.reliable(); }
    net::Address local() const override { return loop.local(); }
    void send(std::string_view message, const net::Address& to,
              net::SendObserver* observer) override {
      tried.push_back({std::string(message), to});
      loop.send(message, to, observer);
    }
    void forget(net::SendObserver& observer) override { loop.forget(observer); }
    void keep_open(const net::Address& peer, base::TimePoint until) override {
      kept_open = peer;
      kept_until = until;
    }
    void deliver(std::string text, const net::Address& from) {
      receiver_.on_message(*this, std::span<char>(text), from);
    }
    void lose(const net::Address& peer) { receiver_.on_connection_lost(*this, peer, {"reset"}); }

    sip::LoopTransport loop;
    std::vector<Sent> tried;  // also what fails
    std::optional<net::Address> kept_open;
    base::TimePoint kept_until{};

   private:
    sip::MessageReceiver& receiver_;
  };
};

// One shard with a registrar at 192.0.2.1 that the test answers for.
class Lab {
 public:
  explicit Lab(std::string_view registrations = trunk(), unsigned index = 0)
      : shard(index, clock),
        layer(shard, sip::Timers{}, {}),
        resolver(shard),
        locator(resolver, shard.random()),
        configuration(configured(std::string(transports) + std::string(registrations))),
        mine({layer, network, locator}, board, configuration) {
    auto udp_transport = std::make_unique<Network::Loop>(shard, false, layer, "udp");
    auto tcp_transport = std::make_unique<Network::Loop>(shard, true, layer, "tcp");
    udp = udp_transport.get();
    tcp = tcp_transport.get();
    network.add(std::move(udp_transport));
    network.add(std::move(tcp_transport));
    board.add(observer);
    board.know({&mine});
  }

  void start() {
    board.start();
    settle();
  }
  void settle() { sip::test::settle(shard); }
  // In one leap, and a tick for timers.
  void pass(base::Duration time) {
    clock.advance(time);
    settle();
  }
  // So that retransmissions and time-outs come when they are due.
  void live(base::Duration time) { sip::test::pass(shard, clock, time); }
  void use(std::string_view registrations) {
    configuration = configured(std::string(transports) + std::string(registrations));
    mine.use(configuration);
    settle();
  }

  std::vector<Sent>& sent() { return (by_tcp ? tcp : udp)->tried; }
  // How many requests have left since the last time, retransmissions left out.
  std::size_t news() {
    std::size_t count = 0;
    for (; seen_ < sent().size(); ++seen_) {
      if (seen_ == 0 || sent()[seen_].text != sent()[seen_ - 1].text) ++count;
    }
    return count;
  }
  std::string header(HeaderId id) { return header_of(sent().back(), id); }
  static std::string header_of(const Sent& packet, HeaderId id) {
    auto text = packet.text;
    sip::Packet parsed;
    return parsed.parse(text) ? std::string(parsed.value(id)) : "unreadable";
  }
  std::string first_line() { return sent().back().text.substr(0, sent().back().text.find('\r')); }
  void answer(int status, std::string headers = {}) {
    const auto last = sent().back();
    (by_tcp ? tcp : udp)
        ->deliver(sip::test::answer_to(last.text, status, std::move(headers)), last.to);
    settle();
  }
  void accept(int expires = 3600) {
    answer(200, fmt::format("Contact: {};expires={}\r\n", header(HeaderId::Contact), expires));
  }
  // Whether a request leaves at that time from now, and none before.
  ::testing::AssertionResult asks_after(base::Duration time) {
    news();
    pass(time - 10ms);
    if (const auto count = news(); count > 0) {
      return ::testing::AssertionFailure() << count << " before " << time / 1ms << " ms";
    }
    pass(20ms);
    const auto count = news();
    if (count == 1) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << count << " at " << time / 1ms << " ms";
  }
  ::testing::AssertionResult asks_no_more() {
    news();
    for (int day = 0; day < 3; ++day) pass(24h);
    const auto count = news();
    return count == 0 ? ::testing::AssertionSuccess()
                      : ::testing::AssertionFailure() << count << " more";
  }
  RegistrationStatus status(std::string_view name = "trunk") const {
    for (auto& each : board.list()) {
      if (each.name == name) return each;
    }
    ADD_FAILURE() << "no status of " << name;
    return {};
  }
  State state() const { return status().state; }

  struct Observer final : RegistrationObserver {
    void on_registration(std::string_view technology, const RegistrationStatus& status) override {
      static constexpr std::array<std::string_view, 4> names{"unregistered", "registered",
                                                             "rejected", "stopped"};
      heard.push_back(fmt::format("{} {} {}", technology, status.name,
                                  names.at(static_cast<std::size_t>(status.state))));
    }
    std::vector<std::string> heard;
  };

  base::ManualClock clock;
  net::Shard shard;
  sip::TransactionLayer layer;
  Network network;
  Network::Loop* udp = nullptr;
  Network::Loop* tcp = nullptr;
  net::Resolver resolver;
  sip::ServerLocator locator;
  std::shared_ptr<const Configuration> configuration;
  RegistrationBoard board{clock};
  Observer observer;
  OutboundRegistrations mine;
  bool by_tcp = false;

 private:
  std::size_t seen_ = 0;
};

constexpr std::string_view challenge =
    "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", algorithm=MD5, qop=\"auth\"\r\n";

// --- the request

TEST(OutboundRegistration, Request) {  // 1
  Lab lab;
  lab.start();
  EXPECT_EQ(lab.first_line(), "REGISTER sip:192.0.2.1 SIP/2.0");
  EXPECT_EQ(lab.sent().back().to.str(), "192.0.2.1:5060");
  EXPECT_THAT(lab.header(HeaderId::From), StartsWith("<sip:me@example.com>;tag="));
  EXPECT_EQ(lab.header(HeaderId::To), "<sip:me@example.com>");
  EXPECT_EQ(lab.header(HeaderId::Contact), "<sip:s@127.0.0.1:5060>");
  EXPECT_EQ(lab.header(HeaderId::Expires), "3600");
  EXPECT_EQ(lab.header(HeaderId::Supported), "");
  EXPECT_EQ(lab.header(HeaderId::Route), "");
  EXPECT_EQ(lab.header(HeaderId::ContentLength), "0");
  EXPECT_EQ(lab.header(HeaderId::UserAgent), lab.configuration->global().user_agent);
}

TEST(OutboundRegistration, RequestByTcpWithOptions) {  // 1
  Lab lab(
      trunk("transport=tcp\ncontact_user=in bound\ncontact_header_params=q=0.5\n"
            "user_agent=Trunk/1\nexpiration=600\n"));
  lab.by_tcp = true;
  lab.start();
  EXPECT_EQ(lab.header(HeaderId::Contact), "<sip:in%20bound@127.0.0.1:5060;transport=tcp>;q=0.5");
  EXPECT_EQ(lab.header(HeaderId::Expires), "600");
  EXPECT_EQ(lab.header(HeaderId::UserAgent), "Trunk/1");
  EXPECT_THAT(lab.header(HeaderId::Via), StartsWith("SIP/2.0/TCP 127.0.0.1:5060"));
}

TEST(OutboundRegistration, Line) {  // 2
  Lab lab(trunk("line=yes\nendpoint=trunk-in\n"));
  lab.start();
  const auto token = line_token("trunk");
  EXPECT_EQ(lab.header(HeaderId::Contact), "<sip:s@127.0.0.1:5060;line=" + token + ">");
  lab.accept();
  lab.board.register_now("trunk");
  lab.settle();
  EXPECT_EQ(lab.header(HeaderId::Contact), "<sip:s@127.0.0.1:5060;line=" + token + ">");
  EXPECT_NE(line_token("trunk2"), token);
  EXPECT_EQ(token.size(), 16U);
}

TEST(OutboundRegistration, PathAndOutbound) {  // 3
  Lab path(trunk("support_path=yes\n"));
  path.start();
  EXPECT_EQ(path.header(HeaderId::Supported), "path");
  EXPECT_EQ(path.header(HeaderId::Contact), "<sip:s@127.0.0.1:5060>");
  Lab outbound(trunk("support_outbound=yes\n"));
  outbound.start();
  EXPECT_EQ(outbound.header(HeaderId::Supported), "outbound, path");
  const auto contact = outbound.header(HeaderId::Contact);
  EXPECT_THAT(contact, StartsWith("<sip:s@127.0.0.1:5060;ob>;reg-id=1;+sip.instance=\"<urn:uuid:"));
  outbound.accept();
  EXPECT_EQ(outbound.state(), State::registered);
  outbound.board.register_now("trunk");
  outbound.settle();
  EXPECT_EQ(outbound.header(HeaderId::Contact), contact);
}

TEST(OutboundRegistration, InstanceIsMadeOfNames) {  // 3
  const auto id = instance_id("trunk", "host.example.com");
  // Python's uuid.uuid5(NAMESPACE_URL, "missive://host.example.com/registration/trunk").
  EXPECT_EQ(id, "urn:uuid:5c53d35e-21aa-541a-9315-6cc5858215b5");
  EXPECT_NE(instance_id("trunk", "other.example.com"), id);
  EXPECT_NE(instance_id("trunk2", "host.example.com"), id);
}

TEST(OutboundRegistration, OutboundProxy) {  // 4
  Lab lab(trunk("outbound_proxy=sip:192.0.2.9:5070\\;lr\n"));
  lab.start();
  EXPECT_EQ(lab.sent().back().to.str(), "192.0.2.9:5070");
  EXPECT_EQ(lab.first_line(), "REGISTER sip:192.0.2.1 SIP/2.0");
  EXPECT_EQ(lab.header(HeaderId::Route), "<sip:192.0.2.9:5070;lr>");
}

TEST(OutboundRegistration, AnswersAChallenge) {  // 5
  Lab lab(trunk("outbound_auth=auth\n"));
  lab.start();
  EXPECT_EQ(lab.header(HeaderId::Authorization), "");
  lab.answer(401, std::string(challenge));
  EXPECT_THAT(lab.header(HeaderId::Authorization),
              testing::AllOf(StartsWith("Digest "), HasSubstr("username=\"me\""),
                             HasSubstr("uri=\"sip:192.0.2.1\"")));
  lab.accept();
  EXPECT_EQ(lab.state(), State::registered);
  const auto length = lab.sent().back().text.size();
  for (int i = 0; i < 10; ++i) {
    lab.board.register_now("trunk");
    lab.settle();
    EXPECT_EQ(lab.header(HeaderId::Authorization), "");
    lab.answer(401, std::string(challenge));
    EXPECT_EQ(lab.sent().back().text.size(), length);
    lab.answer(200);
    EXPECT_EQ(lab.state(), State::registered);
  }
}

TEST(OutboundRegistration, CallIdStaysAndCSeqGoesUp) {  // 6
  Lab lab(trunk("outbound_auth=auth\n"));
  lab.start();
  std::vector<int> numbers;
  const auto note = [&] { numbers.push_back(std::stoi(lab.header(HeaderId::CSeq))); };
  const auto call_id = lab.header(HeaderId::CallId);
  note();
  lab.answer(401, std::string(challenge));
  note();
  lab.accept(60);
  lab.pass(55s);
  note();
  lab.accept(60);
  lab.board.unregister("trunk");
  lab.settle();
  note();
  for (std::size_t i = 1; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], numbers[0] + int(i));
  EXPECT_EQ(lab.header(HeaderId::CallId), call_id);
}

// --- a 2xx

TEST(OutboundRegistration, GrantedTime) {  // 7
  const auto granted = [](const std::string& headers) {
    Lab lab;
    lab.start();
    lab.answer(200, headers);
    EXPECT_EQ(lab.state(), State::registered);
    return lab.status().expires_in.count();
  };
  EXPECT_EQ(granted("Contact: <sip:s@127.0.0.1:5060>;expires=120\r\n"), 120);
  EXPECT_EQ(granted("Contact: <sip:a@192.0.2.7>;expires=9, <sip:s@127.0.0.1:5060>;expires=120,"
                    "<sip:b@192.0.2.7>;expires=8\r\nExpires: 7\r\n"),
            120);
  EXPECT_EQ(granted("Contact: <sip:s@203.0.113.1:1024>;expires=130\r\nExpires: 7\r\n"), 130);
  EXPECT_EQ(granted("Contact: <sip:s@127.0.0.1:5060>\r\nExpires: 90\r\n"), 90);
  EXPECT_EQ(granted("Contact: <sip:a@192.0.2.7>;expires=9, <sip:b@192.0.2.7>;expires=8\r\n"), 3600);
  EXPECT_EQ(granted(""), 3600);
  EXPECT_EQ(granted("Expires: soon\r\n"), 3600);
}

TEST(OutboundRegistration, RefreshedInTime) {  // 8
  const auto refreshed = [](int expires, base::Duration after) {
    Lab lab;
    lab.start();
    lab.accept(expires);
    EXPECT_TRUE(lab.asks_after(after)) << expires;
    EXPECT_EQ(lab.state(), State::registered);  // until something else is known
  };
  refreshed(3600, 3570s);
  refreshed(60, 54s);
  refreshed(20, 15s);
  refreshed(6, 3s);
}

TEST(OutboundRegistration, NothingGranted) {  // 9
  Lab lab(trunk("retry_interval=7\n"));
  lab.start();
  lab.accept(0);
  EXPECT_EQ(lab.state(), State::rejected);
  EXPECT_THAT(lab.status().reason, HasSubstr("no time"));
  EXPECT_TRUE(lab.asks_after(7s));
}

// --- failures

TEST(OutboundRegistration, IntervalTooBrief) {  // 10
  Lab lab(trunk("expiration=60\n"));
  lab.start();
  lab.answer(423, "Min-Expires: 1800\r\n");
  EXPECT_EQ(lab.news(), 2U);
  EXPECT_EQ(lab.header(HeaderId::Expires), "1800");
  lab.answer(200);
  EXPECT_EQ(lab.status().expires_in, 1800s);
  EXPECT_TRUE(lab.asks_after(1770s));
  EXPECT_EQ(lab.header(HeaderId::Expires), "1800");

  Lab stubborn;
  stubborn.start();
  stubborn.answer(423, "Min-Expires: 7200\r\n");
  stubborn.answer(423, "Min-Expires: 9000\r\n");
  EXPECT_EQ(stubborn.state(), State::rejected);
  EXPECT_TRUE(stubborn.asks_no_more());
  Lab silent;
  silent.start();
  silent.answer(423);
  EXPECT_EQ(silent.state(), State::rejected);
  EXPECT_EQ(silent.status().response_code, 423);
}

TEST(OutboundRegistration, CredentialsRefused) {  // 11
  const auto refused = [](Lab& lab) {
    lab.start();
    lab.answer(401, std::string(challenge));
    lab.answer(401, std::string(challenge));
    EXPECT_EQ(lab.state(), State::rejected);
    EXPECT_EQ(lab.status().response_code, 401);
    EXPECT_EQ(lab.news(), 2U);
  };
  Lab permanent(trunk("outbound_auth=auth\n"));
  refused(permanent);
  EXPECT_THAT(permanent.status().reason, StartsWith("401 "));
  EXPECT_EQ(permanent.status().next_in, 0s);
  EXPECT_TRUE(permanent.asks_no_more());
  Lab passing(trunk("outbound_auth=auth\nauth_rejection_permanent=no\nretry_interval=20\n"));
  refused(passing);
  EXPECT_EQ(passing.status().next_in, 20s);
  EXPECT_TRUE(passing.asks_after(20s));
  Lab fatal(trunk("outbound_auth=auth\nfatal_retry_interval=300\n"));
  refused(fatal);
  EXPECT_TRUE(fatal.asks_after(300s));
  Lab without;
  without.start();
  without.answer(401, std::string(challenge));
  EXPECT_EQ(without.state(), State::rejected);
  EXPECT_THAT(without.status().reason, HasSubstr("no outbound_auth"));
}

// What one answer leads to: the interval after which it is asked again, 0 for never.
void expect_retry(std::string_view options, int status, base::Duration after,
                  const std::string& headers = {}) {
  SCOPED_TRACE(fmt::format("{} with {}", status, options));
  Lab lab(trunk(options));
  lab.start();
  lab.answer(status, headers);
  EXPECT_EQ(lab.state(), State::rejected);
  EXPECT_EQ(lab.status().response_code, status);
  if (after > base::Duration{}) {
    EXPECT_TRUE(lab.asks_after(after));
  } else {
    EXPECT_TRUE(lab.asks_no_more());
  }
}

TEST(OutboundRegistration, Forbidden) {  // 12
  expect_retry("", 403, 0s);
  expect_retry("forbidden_retry_interval=11\n", 403, 11s);
  expect_retry("forbidden_retry_interval=11\nfatal_retry_interval=12\n", 403, 11s);
  expect_retry("fatal_retry_interval=12\n", 403, 12s);
}

TEST(OutboundRegistration, FinalErrors) {  // 13
  for (const int code : {404, 501, 603}) {
    expect_retry("forbidden_retry_interval=11\n", code, 0s);
    expect_retry("fatal_retry_interval=12\n", code, 12s);
  }
  expect_retry("", 302, 0s, "Contact: <sip:192.0.2.2>\r\nRetry-After: 5\r\n");
  Lab lab;
  lab.start();
  lab.answer(302, "Contact: <sip:192.0.2.2>\r\n");
  EXPECT_THAT(lab.status().reason, HasSubstr("not followed (to <sip:192.0.2.2>)"));
}

TEST(OutboundRegistration, TemporaryErrors) {  // 14
  for (const int code : {408, 430, 480, 500, 502, 503, 504}) {
    expect_retry("retry_interval=13\nfatal_retry_interval=12\n", code, 13s);
  }
}

TEST(OutboundRegistration, NoAnswer) {  // 15
  Lab lab(trunk("retry_interval=13\n"));
  lab.start();
  lab.live(31s);
  EXPECT_EQ(lab.state(), State::unregistered);
  lab.live(2s);
  EXPECT_EQ(lab.state(), State::rejected);
  EXPECT_EQ(lab.status().response_code, 0);
  EXPECT_THAT(lab.status().reason, HasSubstr("no answer"));
  EXPECT_EQ(lab.news(), 1U);
  lab.live(13s);
  EXPECT_EQ(lab.news(), 1U);
}

TEST(OutboundRegistration, CannotBeSent) {  // 15
  Lab no_transport(trunk("server_uri=sip:[2001:db8::1]\nretry_interval=13\n"));
  no_transport.start();
  EXPECT_EQ(no_transport.state(), State::rejected);
  EXPECT_EQ(no_transport.status().next_in, 13s);
  Lab failing(trunk("retry_interval=13\n"));
  failing.udp->loop.failure = base::Error{"network is unreachable"};
  failing.start();
  EXPECT_EQ(failing.state(), State::rejected);
  EXPECT_THAT(failing.status().reason, HasSubstr("network is unreachable"));
  EXPECT_TRUE(failing.asks_after(13s));
}

TEST(OutboundRegistration, GivesUp) {  // 16
  Lab lab(trunk("retry_interval=5\nmax_retries=2\n"));
  lab.start();
  lab.answer(503);
  EXPECT_TRUE(lab.asks_after(5s));
  lab.accept(60);
  EXPECT_EQ(lab.state(), State::registered);
  EXPECT_TRUE(lab.asks_after(54s));
  for (int i = 0; i < 2; ++i) {
    lab.answer(503);
    EXPECT_TRUE(lab.asks_after(5s));
  }
  lab.answer(503);
  EXPECT_THAT(lab.status().reason, HasSubstr("given up after 3 attempts"));
  EXPECT_EQ(lab.status().next_in, 0s);
  EXPECT_TRUE(lab.asks_no_more());
  expect_retry("max_retries=0\n", 503, 0s);
  expect_retry("retry_interval=0\n", 503, 0s);
}

TEST(OutboundRegistration, RetryAfter) {  // 17
  for (const int code : {403, 404, 480, 503, 600}) {
    expect_retry("retry_interval=5\nmax_retries=0\n", code, 120s,
                 "Retry-After: 120 (busy);duration=60\r\n");
  }
  expect_retry("retry_interval=5\n", 503, 5s, "Retry-After: 0\r\n");
  expect_retry("retry_interval=5\n", 503, 5s, "Retry-After: soon\r\n");
}

// --- what is asked for

TEST(OutboundRegistration, InitialDelay) {  // 18
  Lab lab(trunk("max_random_initial_delay=40\n"));
  lab.start();
  const auto first = lab.status().next_in;
  EXPECT_LE(first, 40s);
  EXPECT_EQ(lab.state(), State::unregistered);
  lab.pass(40s + 10ms);
  EXPECT_EQ(lab.news(), 1U);
  bool differs = false;
  for (int i = 0; i < 30 && !differs; ++i) {
    Lab other(trunk("max_random_initial_delay=40\n"));
    other.start();
    differs = other.status().next_in != first;
  }
  EXPECT_TRUE(differs);
}

TEST(OutboundRegistration, Unregister) {  // 19
  Lab lab;
  lab.start();
  lab.accept();
  EXPECT_TRUE(lab.board.unregister("trunk"));
  lab.settle();
  EXPECT_EQ(lab.header(HeaderId::Expires), "0");
  EXPECT_EQ(lab.header(HeaderId::Contact), "<sip:s@127.0.0.1:5060>");
  lab.answer(200);
  EXPECT_EQ(lab.state(), State::stopped);
  EXPECT_EQ(lab.status().next_in, 0s);
  EXPECT_TRUE(lab.asks_no_more());
  EXPECT_TRUE(lab.board.register_now("trunk"));
  lab.settle();
  EXPECT_EQ(lab.header(HeaderId::Expires), "3600");
  lab.answer(403);
  lab.news();
  EXPECT_TRUE(lab.board.unregister("trunk"));
  lab.settle();
  EXPECT_EQ(lab.news(), 0U);
  EXPECT_EQ(lab.state(), State::stopped);
}

TEST(OutboundRegistration, RegisterNowAfterGivingUp) {  // 19
  Lab lab;
  lab.start();
  lab.answer(404);
  lab.news();
  EXPECT_TRUE(lab.board.register_now("*all"));
  lab.settle();
  EXPECT_EQ(lab.news(), 1U);
  lab.accept();
  EXPECT_EQ(lab.state(), State::registered);
  EXPECT_TRUE(lab.board.register_now("trunk"));  // at once, not when it is due
  lab.settle();
  EXPECT_EQ(lab.news(), 1U);
}

TEST(OutboundRegistration, ChangesOfMind) {  // 20
  Lab lab;
  lab.start();
  const auto asked = lab.sent().back();
  lab.board.unregister("trunk");
  lab.settle();
  EXPECT_EQ(lab.header(HeaderId::Expires), "0");
  lab.udp->deliver(sip::test::answer_to(asked.text, 200), asked.to);  // too late
  EXPECT_EQ(lab.state(), State::unregistered);
  lab.board.register_now("trunk");
  lab.settle();
  EXPECT_EQ(lab.header(HeaderId::Expires), "0");  // first things first
  lab.answer(200);
  EXPECT_EQ(lab.header(HeaderId::Expires), "3600");
  lab.accept();
  EXPECT_EQ(lab.state(), State::registered);
}

// --- connections

struct OverTcp : Lab {
  explicit OverTcp(std::string_view options = {})
      : Lab(trunk("transport=tcp\n" + std::string(options))) {
    by_tcp = true;
    start();
    accept();
    EXPECT_EQ(state(), State::registered);
    news();
  }
  net::Address registrar = address("192.0.2.1:5060");
};

TEST(OutboundRegistration, LostConnection) {  // 21
  OverTcp lab;
  lab.tcp->lose(address("192.0.2.7:5060"));
  lab.udp->lose(lab.registrar);
  EXPECT_EQ(lab.state(), State::registered);
  lab.tcp->lose(lab.registrar);
  EXPECT_EQ(lab.state(), State::unregistered);
  EXPECT_THAT(lab.status().reason, HasSubstr("192.0.2.1:5060 was lost"));
  lab.settle();
  EXPECT_EQ(lab.news(), 0U);
  lab.pass(2s + 10ms);
  EXPECT_EQ(lab.news(), 1U);
  lab.accept();
  EXPECT_EQ(lab.state(), State::registered);
}

TEST(OutboundRegistration, RecoversAfterGrowingTimes) {  // 22
  OverTcp lab("retry_interval=10\nmax_retries=20\n");
  lab.tcp->loop.failure = base::Error{"connection refused"};
  lab.tcp->lose(lab.registrar);
  lab.pass(2s + 10ms);
  EXPECT_EQ(lab.news(), 1U);
  for (const auto longest : {20s, 40s, 80s, 160s, 320s, 640s, 1280s, 1800s, 1800s}) {
    EXPECT_EQ(lab.state(), State::rejected);
    EXPECT_GE(lab.status().next_in, longest / 2);
    EXPECT_LE(lab.status().next_in, longest);
    lab.pass(longest + 10ms);
    EXPECT_EQ(lab.news(), 1U);
  }
  lab.tcp->loop.failure.reset();
  lab.pass(1801s);
  lab.accept(60);
  EXPECT_EQ(lab.state(), State::registered);
  EXPECT_TRUE(lab.asks_after(54s));
  lab.answer(503);  // not a matter of the connection
  EXPECT_TRUE(lab.asks_after(10s));
}

TEST(OutboundRegistration, RefreshWithoutConnection) {  // 23
  OverTcp lab;
  lab.tcp->loop.failure = base::Error{"broken pipe"};
  lab.pass(3570s + 10ms);
  EXPECT_EQ(lab.state(), State::rejected);
  EXPECT_GE(lab.status().next_in, 30s);
  EXPECT_LE(lab.status().next_in, 60s);
}

TEST(OutboundRegistration, KeepsTheConnectionOpen) {  // 24
  OverTcp lab;
  EXPECT_EQ(lab.tcp->kept_open, lab.registrar);
  EXPECT_EQ(lab.tcp->kept_until, lab.clock.now() + 3600s);
}

// --- the registrations of a shard, and the board

TEST(OutboundRegistrations, Board) {  // 25
  Lab lab(trunk() + trunk("client_uri=sip:b@example.com\n", "b"));
  ASSERT_EQ(lab.board.list().size(), 2U);
  EXPECT_EQ(lab.status("b").client_uri, "sip:b@example.com");
  EXPECT_EQ(lab.status("b").server_uri, "sip:192.0.2.1");
  EXPECT_EQ(lab.status("b").state, State::unregistered);
  const auto unknown = lab.board.register_now("c");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().text, "registration 'c' not found");
  EXPECT_FALSE(lab.board.unregister(""));
  lab.start();
  EXPECT_EQ(lab.news(), 2U);
  EXPECT_TRUE(lab.board.unregister("*all"));
  lab.settle();
  EXPECT_EQ(lab.news(), 2U);
  EXPECT_EQ(lab.header(HeaderId::Expires), "0");
}

TEST(OutboundRegistrations, HomesOfShards) {  // 26
  std::string all;
  for (int i = 0; i < 20; ++i) all += trunk("", fmt::format("r{}", i));
  Lab first(all, 0);
  Lab second(all, 1);
  RegistrationBoard board(first.clock);
  OutboundRegistrations a({first.layer, first.network, first.locator}, board, first.configuration);
  OutboundRegistrations b({second.layer, second.network, second.locator}, board,
                          first.configuration);
  board.know({&a, &b});
  EXPECT_EQ(board.list().size(), 20U);
  board.start();
  first.settle();
  second.settle();
  const auto at_first = first.news();
  EXPECT_GT(at_first, 0U);
  EXPECT_GT(second.news(), 0U);
  std::size_t expected = 0;
  for (int i = 0; i < 20; ++i) {
    if (OutboundRegistrations::home_of(fmt::format("r{}", i), 2) == 0) ++expected;
  }
  EXPECT_EQ(at_first, expected);
}

TEST(OutboundRegistrations, Reload) {  // 27
  Lab lab(trunk() + trunk("", "same") + trunk("", "gone") + trunk("", "taken"));
  lab.start();
  for (const auto& packet : std::vector<Sent>(lab.sent())) {
    lab.udp->deliver(sip::test::answer_to(packet.text, 200), packet.to);
  }
  lab.settle();
  lab.board.unregister("taken");
  lab.settle();
  lab.answer(200);
  const auto before = lab.sent().size();
  lab.use(trunk("contact_user=changed\n") + trunk("", "same") + trunk("contact_user=x\n", "taken") +
          trunk("contact_user=new\n", "new"));
  std::vector<std::string> asked;
  for (auto i = before; i < lab.sent().size(); ++i) {
    asked.push_back(Lab::header_of(lab.sent()[i], HeaderId::Contact) + " " +
                    Lab::header_of(lab.sent()[i], HeaderId::Expires));
  }
  EXPECT_THAT(asked, testing::UnorderedElementsAre("<sip:s@127.0.0.1:5060> 0",         // gone
                                                   "<sip:s@127.0.0.1:5060> 0",         // trunk
                                                   "<sip:new@127.0.0.1:5060> 3600"));  // new
  const auto first = lab.sent()[before];
  const auto second = lab.sent()[before + 1];
  for (const auto& packet : {first, second}) {
    lab.udp->deliver(sip::test::answer_to(packet.text, 200), packet.to);
  }
  lab.settle();
  EXPECT_EQ(lab.header(HeaderId::Contact), "<sip:changed@127.0.0.1:5060>");
  lab.accept();
  EXPECT_EQ(lab.state(), State::registered);
  EXPECT_EQ(lab.status("same").state, State::registered);
  EXPECT_EQ(lab.status("taken").state, State::stopped);
  EXPECT_EQ(lab.board.list().size(), 4U);  // gone is gone
  EXPECT_FALSE(lab.board.register_now("gone"));
}

TEST(OutboundRegistrations, ReloadTriesAgain) {  // 28
  Lab lab;
  lab.start();
  lab.answer(403);
  lab.news();
  lab.use(trunk());
  EXPECT_EQ(lab.news(), 1U);
}

TEST(OutboundRegistrations, WantedAgain) {  // 29
  Lab lab;
  lab.start();
  lab.accept();
  lab.use("");
  EXPECT_EQ(lab.header(HeaderId::Expires), "0");
  lab.news();
  lab.use(trunk());
  EXPECT_EQ(lab.news(), 0U);  // the one under way comes first
  lab.answer(200);
  EXPECT_EQ(lab.news(), 1U);
  lab.accept();
  EXPECT_EQ(lab.state(), State::registered);
}

TEST(OutboundRegistrations, Stop) {  // 30
  Lab lab(trunk() + trunk("server_uri=sip:192.0.2.2\n", "b") + trunk("", "never"));
  lab.start();
  const std::vector<Sent> asked(lab.sent());
  ASSERT_EQ(asked.size(), 3U);
  lab.udp->deliver(sip::test::answer_to(asked[0].text, 200), asked[0].to);
  lab.udp->deliver(sip::test::answer_to(asked[1].text, 403), asked[1].to);
  lab.udp->deliver(sip::test::answer_to(asked[2].text, 200), asked[2].to);
  lab.settle();
  lab.news();
  int done = 0;
  lab.board.stop([&done] { ++done; });
  lab.settle();
  EXPECT_EQ(lab.news(), 2U);
  EXPECT_EQ(lab.header(HeaderId::Expires), "0");
  lab.answer(200);
  EXPECT_EQ(done, 0);
  lab.live(1900ms);
  EXPECT_EQ(done, 0);
  lab.live(200ms);
  EXPECT_EQ(done, 1);
  lab.news();
  lab.board.register_now("*all");
  lab.use(trunk());
  EXPECT_TRUE(lab.asks_no_more());
  EXPECT_THAT(lab.board.list(), IsEmpty());
}

TEST(OutboundRegistrations, StopWithNothingToTakeBack) {  // 30
  Lab lab("");
  int done = 0;
  lab.board.stop([&done] { ++done; });
  lab.settle();
  EXPECT_EQ(done, 1);
}

TEST(OutboundRegistrations, Observer) {  // 31
  Lab lab(trunk("retry_interval=5\n"));
  lab.start();
  EXPECT_THAT(lab.observer.heard, IsEmpty());
  lab.answer(503);
  lab.pass(6s);
  lab.accept(60);
  lab.pass(55s);
  lab.accept(60);
  lab.board.unregister("trunk");
  lab.settle();
  lab.answer(200);
  EXPECT_THAT(lab.observer.heard, ElementsAre("pjsip trunk rejected", "pjsip trunk registered",
                                              "pjsip trunk registered", "pjsip trunk stopped"));
}

}  // namespace
}  // namespace missive::pjsip
