// The pages of AMI over HTTP without HTTP, their shard turned by hand.
//
// 1. Guesses by digest: a place is taken before a look is taken, so that without one a right guess
//    looks like a wrong one; right credentials leave it at once, others after a second.
// 2. A nonce that is not good costs a second whether the password was right or wrong.
// 3. Guesses without end are one line a second in the log.
// 4. A session by digest that asks for no events goes after five seconds, at once where its user
//    may have no other, and where there would be no room; one that has asked for events stays for
//    httptimeout.
// 5. While the server stops no session takes an action, whether it is new or not; what waits in one
//    behind another request is not worked on.
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <sstream>

#include "ami/web/manager.h"
#include "base/log.h"
#include "http/routes.h"
#include "sip/digest.h"
#include "unit/ami/harness.h"

namespace missive::ami::web {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view manager_with_web = R"(
[general]
enabled = yes
webenabled = yes
displayconnects = no
[admin]
secret = secret
read = all
write = all
[once]
secret = secret
read = all
write = all
allowmultiplelogin = no
)";

// One request, and its answer once there is one.
struct Exchange final : http::Answerable {
  void answer(http::Response response) override { answered = std::move(response); }

  unsigned status() const { return answered ? answered->status : 0; }
  std::string field(std::string_view name) const {
    for (const auto& [each, value] : answered->fields) {
      if (each == name) return value;
    }
    return {};
  }

  std::optional<http::Response> answered;
};
using Asked = std::shared_ptr<Exchange>;

struct Guess {
  std::string user = "admin", secret = "secret", nonce;
  unsigned nonce_count = 1;
};

struct WebPages : testing::Test {
  WebPages() { web.add_routes(routes); }

  Asked ask(std::string_view page, std::string_view query, std::vector<http::Field> fields = {}) {
    auto asked = std::make_shared<Exchange>();
    http::Request request;
    request.method = "GET";
    request.path = page;
    request.query = query;
    request.fields = std::move(fields);
    request.peer = *net::Address::from_ip("192.0.2.1", 40000);
    request.local = *net::Address::from_ip("192.0.2.2", 8088);
    std::get<const http::Route*>(routes.find(page))
        ->handle(world.shard, std::move(request), http::Responder(asked));
    turn();
    return asked;
  }
  std::string new_nonce() {
    const auto asked = ask("/arawman", "action=ping");
    EXPECT_EQ(asked->status(), 401u);
    const auto challenge = asked->field("WWW-Authenticate");
    const auto begin = challenge.find("nonce=\"") + 7;
    return challenge.substr(begin, challenge.find('"', begin) - begin);
  }
  Asked guess(const Guess& it, std::string_view query = "action=ping") {
    const auto algorithm = *sip::parse_algorithm("MD5");
    const auto uri = fmt::format("/arawman?{}", query);
    const auto ha1 = sip::digest_ha1(algorithm.hash, it.user, "asterisk", it.secret);
    const auto response = sip::digest_response(
        algorithm, sip::DigestQop::auth, ha1, it.nonce,
        {.method = "GET", .uri = uri, .cnonce = "c", .nonce_count = it.nonce_count});
    return ask(
        "/arawman", query,
        {{"Authorization",
          fmt::format("Digest username=\"{}\", realm=\"asterisk\", nonce=\"{}\", uri=\"{}\", "
                      "response=\"{}\", algorithm=MD5, qop=auth, nc={:08x}, cnonce=\"c\"",
                      it.user, it.nonce, uri, response, it.nonce_count)}});
  }
  Asked ask_by_digest(const std::string& nonce, std::string_view query,
                      std::string user = "admin") {
    return guess({.user = std::move(user), .nonce = nonce, .nonce_count = ++used}, query);
  }
  void turn() {
    for (int i = 0; i < 3; ++i) world.shard.run_once();
    world.pump();
  }
  void advance(base::Duration by) {
    world.clock.advance(by);
    turn();
  }
  std::size_t places() const { return world.shared.gatekeeper.sessions(); }

  World world{conf::MissiveConf::Ami{}, manager_with_web};
  WebManager web{{&world.environment}, "asterisk"};
  http::Routes routes;
  unsigned used = 0;
};

TEST_F(WebPages, TakeAPlaceBeforeTheyLook) {
  const auto nonce = new_nonce();
  const auto limit = world.shared.limits.max_logins_per_address;
  std::vector<Asked> wrong;
  for (std::size_t i = 0; i < limit; ++i) wrong.push_back(guess({.secret = "x", .nonce = nonce}));
  EXPECT_EQ(wrong.back()->status(), 0u);
  EXPECT_EQ(places(), limit);
  const auto right = guess({.nonce = nonce});
  const auto one_more = guess({.secret = "x", .nonce = nonce});
  const auto made_up = guess({.nonce = "made up"});
  EXPECT_EQ(right->status(), 503u);
  EXPECT_EQ(right->answered->body, one_more->answered->body);
  EXPECT_EQ(right->answered->body, made_up->answered->body);

  advance(1005ms);
  EXPECT_EQ(wrong.front()->status(), 401u);
  EXPECT_EQ(places(), 0u);
  EXPECT_EQ(guess({.nonce = nonce})->status(), 200u);
}

TEST_F(WebPages, LetRightCredentialsGoAtOnce) {
  const auto nonce = new_nonce();
  for (unsigned i = 0; i < 100; ++i) {
    EXPECT_EQ(ask_by_digest(nonce, "action=ping")->status(), 200u);
  }
  EXPECT_EQ(places(), 1u);
}

TEST_F(WebPages, DelayStaleNoncesToo) {
  const auto right = guess({.nonce = "made up"});
  const auto wrong = guess({.secret = "x", .nonce = "made up"});
  EXPECT_EQ(places(), 2u);
  advance(999ms);
  EXPECT_EQ(right->status(), 0u);
  EXPECT_EQ(wrong->status(), 0u);
  advance(6ms);
  EXPECT_EQ(right->status(), 401u);
  EXPECT_EQ(wrong->status(), 401u);
  EXPECT_THAT(right->field("WWW-Authenticate"), HasSubstr("stale=true"));
  EXPECT_THAT(wrong->field("WWW-Authenticate"), Not(HasSubstr("stale")));
}

TEST_F(WebPages, LogOneGuessASecond) {
  const auto before = spdlog::default_logger();
  std::ostringstream out;
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_st>(out)));
  const auto lines = [&out] {
    const auto text = out.str();
    return std::count(text.begin(), text.end(), '\n');
  };
  for (int i = 0; i < 5; ++i) guess({.secret = "x", .nonce = "n"});
  EXPECT_EQ(lines(), 1);
  advance(1s);
  guess({.secret = "x", .nonce = "n"});
  EXPECT_EQ(lines(), 2);
  spdlog::set_default_logger(before);
}

TEST_F(WebPages, ForgetDigestsThatAskForNoEvents) {
  EXPECT_EQ(guess({.nonce = new_nonce()})->status(), 200u);
  EXPECT_EQ(web.sessions(), 1u);
  advance(5005ms);
  EXPECT_EQ(web.sessions(), 0u);

  const auto nonce = new_nonce();
  EXPECT_EQ(ask_by_digest(nonce, "action=WaitEvent&timeout=0")->status(), 200u);
  advance(59s);
  EXPECT_EQ(web.sessions(), 1u);
  advance(1005ms);
  EXPECT_EQ(web.sessions(), 0u);

  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(guess({.user = "once", .nonce = new_nonce()})->status(), 200u);
    EXPECT_EQ(web.sessions(), 0u);
  }
}

TEST_F(WebPages, MakeRoomForSessions) {
  const auto limit = world.shared.limits.max_web_sessions;
  const auto waiting = new_nonce();
  EXPECT_EQ(ask_by_digest(waiting, "action=WaitEvent&timeout=0")->status(), 200u);
  for (std::size_t i = 0; i < 2 * limit; ++i) {
    ASSERT_EQ(guess({.nonce = new_nonce()})->status(), 200u) << i;
  }
  EXPECT_LE(web.sessions(), limit);
  const auto late = ask_by_digest(waiting, "action=WaitEvent&timeout=0")->answered->body;
  std::size_t heard = 0;  // of the others, so it is the session from before
  for (auto at = late.find("Event: SuccessfulAuth"); at != late.npos; ++heard) {
    at = late.find("Event: SuccessfulAuth", at + 1);
  }
  EXPECT_GE(heard, 2 * limit);
}

TEST_F(WebPages, TakeNoActionsAtAStop) {
  world.technology.delayed = true;
  const auto login = ask("/rawman", "action=login&username=admin&secret=secret&events=off");
  const auto cookie = login->field("Set-Cookie").substr(0, login->field("Set-Cookie").find(';'));
  const auto sends =
      ask("/rawman", "action=MessageSend&destination=pjsip:x&body=x", {{"Cookie", cookie}});
  const auto behind =
      ask("/rawman", "action=MessageSend&destination=pjsip:x&body=y", {{"Cookie", cookie}});
  web.pause(0);
  turn();
  EXPECT_EQ(behind->status(), 503u);
  const auto late = ask("/rawman", "action=ping", {{"Cookie", cookie}});
  EXPECT_EQ(late->status(), 503u);
  EXPECT_EQ(ask("/rawman", "action=ping")->status(), 503u);
  EXPECT_EQ(world.technology.sent.size(), 1u);
  world.technology.hand_over(0);
  turn();
  EXPECT_EQ(sends->status(), 200u);
  EXPECT_THAT(sends->answered->body, HasSubstr("Message successfully sent"));
}

}  // namespace
}  // namespace missive::ami::web
