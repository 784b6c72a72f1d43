// One message to several contacts, without a network.
//
//  1. all: each contact once, told at the first that left, finished when all have ended.
//  2. all: the best outcome counts: delivered, sent, 6xx, a passing failure, a failure.
//  3. sequential: the best first, the next after a failure, none after a success or 6xx.
//  4. A refusal only when it left for none; a passing one before others.
//  5. What left for one and not for another: the other is a result of 503 with its reason.
//  6. The same URI in two AORs is one contact; at most 32.
//  7. Two contacts of one device: the second only when the first could not be reached.
//  8. Answers from inside of send, in any mix; each of the two calls comes once.
//  9. Passing: the longest Retry-After holds; not passing when somebody took it.
// 10. all: a silent one is not waited for when another has taken it.
#include "pjsip/fork.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::pjsip {
namespace {

using message::Acceptance;
using message::Attempted;
using message::Refusal;
using message::Status;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const Contact> contact(std::string uri, std::string instance = {},
                                       std::string aor = "a") {
  auto out = std::make_shared<Contact>();
  out->uri = std::move(uri);
  out->instance = std::move(instance);
  out->aor = std::move(aor);
  return out;
}

class ForkTest : public testing::Test {
 protected:
  base::ManualClock clock;
  net::Shard shard{0, clock};

  struct Sent {
    std::string uri;
    message::HandedOver handed_over;
    message::Finished finished;
  };

  void start_to(Endpoint::Fork how, Fork::Contacts contacts) {
    Fork::start(
        shard, how, std::move(contacts),
        [this](std::shared_ptr<const Contact> to, message::HandedOver handed_over,
               message::Finished finished) {
          sent.push_back({to->uri, std::move(handed_over), std::move(finished)});
          if (at_once) at_once(sent.size() - 1);
        },
        [this](const Acceptance& acceptance) {
          log.push_back(acceptance.refusal ? "refused: " + acceptance.refusal->reason : "left");
        },
        [this](const Attempted& attempted) {
          const auto& status = attempted.status;
          log.push_back(fmt::format("{} {} {} {}", name_of(status.state), status.response_code,
                                    status.contact, attempted.passing ? "passing" : "final"));
          retry_after = attempted.retry_after;
          for (const auto& result : status.results) {
            results.push_back(fmt::format("{} {} {}", result.contact, result.response_code,
                                          result.response_text));
          }
        });
  }
  void start(Endpoint::Fork how, const std::vector<std::string>& uris) {
    Fork::Contacts contacts;
    for (const auto& uri : uris) contacts.push_back(contact(uri));
    start_to(how, std::move(contacts));
  }
  void leave(std::size_t place) {
    auto handed_over = std::move(sent.at(place).handed_over);
    handed_over(std::nullopt);
  }
  void refuse(std::size_t place, std::string reason,
              Refusal::Kind kind = Refusal::Kind::unreachable) {
    auto handed_over = std::move(sent.at(place).handed_over);
    handed_over(Refusal{kind, std::move(reason)});
  }
  void finish(std::size_t place, int code, std::chrono::seconds after = {}) {
    const auto text = fmt::format("text {}", code);
    const auto uri = sent.at(place).uri;
    auto finished = std::move(sent.at(place).finished);
    finished({.status = {.state = state_of(code),
                         .response_code = code,
                         .response_text = text,
                         .contact = uri},
              .passing = is_passing(code, after.count() > 0),
              .retry_after = after});
  }
  std::vector<std::string> sent_to() const {
    std::vector<std::string> out;
    for (const auto& one : sent) out.push_back(one.uri);
    return out;
  }
  void reset() {
    sent.clear();
    log.clear();
    results.clear();
  }

  std::vector<Sent> sent;
  std::function<void(std::size_t)> at_once;
  std::vector<std::string> log, results;
  std::chrono::seconds retry_after{0};
};

TEST_F(ForkTest, All) {  // 1
  start(Endpoint::Fork::all, {"sip:a", "sip:b", "sip:c"});
  EXPECT_THAT(sent_to(), ElementsAre("sip:a", "sip:b", "sip:c"));
  EXPECT_THAT(log, IsEmpty());
  leave(1);
  EXPECT_THAT(log, ElementsAre("left"));
  leave(0);
  leave(2);
  finish(0, 404);
  finish(2, 200);
  EXPECT_THAT(log, ElementsAre("left"));
  finish(1, 486);
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 sip:c final"));
  EXPECT_THAT(results,
              ElementsAre("sip:a 404 text 404", "sip:b 486 text 486", "sip:c 200 text 200"));
}

TEST_F(ForkTest, Best) {  // 2
  struct Case {
    std::vector<int> codes;
    std::string told;
  };
  for (const auto& [codes, told] : std::vector<Case>{{{202, 200}, "delivered 200 sip:1 final"},
                                                     {{603, 202}, "sent 202 sip:1 final"},
                                                     {{486, 603}, "failed 603 sip:1 final"},
                                                     {{404, 486}, "failed 486 sip:1 passing"},
                                                     {{486, 404}, "failed 486 sip:0 passing"},
                                                     {{403, 404}, "failed 403 sip:0 final"},
                                                     {{200, 202}, "delivered 200 sip:0 final"}}) {
    reset();
    start(Endpoint::Fork::all, {"sip:0", "sip:1"});
    for (std::size_t i = 0; i < codes.size(); ++i) leave(i);
    for (std::size_t i = 0; i < codes.size(); ++i) finish(i, codes[i]);
    EXPECT_THAT(log, ElementsAre("left", told));
  }
}

TEST_F(ForkTest, Sequential) {  // 3
  const std::vector<std::string> uris{"sip:a", "sip:b", "sip:c"};
  start(Endpoint::Fork::sequential, uris);
  EXPECT_THAT(sent_to(), ElementsAre("sip:a"));
  leave(0);
  finish(0, 404);
  EXPECT_THAT(sent_to(), ElementsAre("sip:a", "sip:b"));
  refuse(1, "no route");
  ASSERT_THAT(sent, SizeIs(3));
  leave(2);
  finish(2, 202);
  EXPECT_THAT(log, ElementsAre("left", "sent 202 sip:c final"));
  EXPECT_THAT(results,
              ElementsAre("sip:a 404 text 404", "sip:b 503 no route", "sip:c 202 text 202"));

  for (const int last : {200, 603, 600}) {
    reset();
    start(Endpoint::Fork::sequential, uris);
    leave(0);
    finish(0, 486);
    leave(1);
    finish(1, last);
    EXPECT_THAT(sent, SizeIs(2)) << last;
    ASSERT_THAT(log, SizeIs(2)) << last;
    EXPECT_THAT(log[1], testing::HasSubstr(fmt::format(" {} sip:b", last)));
  }

  reset();
  start(Endpoint::Fork::sequential, uris);
  for (std::size_t i = 0; i < 3; ++i) {
    leave(i);
    finish(i, i == 1 ? 480 : 500);
  }
  EXPECT_THAT(log, ElementsAre("left", "failed 480 sip:b passing"));
}

TEST_F(ForkTest, Refused) {  // 4
  for (const auto how : {Endpoint::Fork::all, Endpoint::Fork::sequential}) {
    reset();
    start(how, {"sip:a", "sip:b", "sip:c"});
    refuse(0, "never", Refusal::Kind::failure);
    refuse(1, "not now");
    EXPECT_THAT(log, IsEmpty());
    refuse(2, "nor there");
    EXPECT_THAT(log, ElementsAre("refused: not now"));
  }
  reset();
  start(Endpoint::Fork::all, {"sip:a", "sip:b"});
  refuse(0, "never", Refusal::Kind::failure);
  refuse(1, "nowhere", Refusal::Kind::failure);
  EXPECT_THAT(log, ElementsAre("refused: never"));
}

TEST_F(ForkTest, PartlyRefused) {  // 5
  start(Endpoint::Fork::all, {"sip:a", "sip:b"});
  refuse(0, "no route");
  leave(1);
  finish(1, 404);
  EXPECT_THAT(log, ElementsAre("left", "failed 503 sip:a passing"));
  EXPECT_THAT(results, ElementsAre("sip:a 503 no route", "sip:b 404 text 404"));
}

TEST_F(ForkTest, EachOnce) {  // 6
  start_to(Endpoint::Fork::all,
           {contact("sip:a"), contact("sip:b"), contact("sip:a", "", "other")});
  EXPECT_THAT(sent_to(), ElementsAre("sip:a", "sip:b"));
  reset();
  std::vector<std::string> many;
  for (int i = 0; i < 50; ++i) many.push_back(fmt::format("sip:{}", i));
  start(Endpoint::Fork::all, many);
  EXPECT_THAT(sent, SizeIs(32));
}

TEST_F(ForkTest, OneDevice) {  // 7
  const auto contacts = [] {
    return Fork::Contacts{contact("sip:a1", "<urn:a>"), contact("sip:a2", "<urn:a>"),
                          contact("sip:b", "<urn:b>"), contact("sip:c", "<urn:a>", "another")};
  };
  start_to(Endpoint::Fork::all, contacts());
  EXPECT_THAT(sent_to(), ElementsAre("sip:a1", "sip:b", "sip:c"));
  for (std::size_t i = 0; i < 3; ++i) leave(i);
  finish(1, 404);
  finish(2, 404);
  finish(0, 430);
  EXPECT_THAT(sent_to(), ElementsAre("sip:a1", "sip:b", "sip:c", "sip:a2"));
  leave(3);
  finish(3, 200);
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 sip:a2 final"));

  for (const int code : {408, 486}) {
    reset();
    start_to(Endpoint::Fork::all, contacts());
    for (std::size_t i = 0; i < 3; ++i) leave(i);
    for (std::size_t i = 0; i < 3; ++i) finish(i, code);
    EXPECT_THAT(sent, SizeIs(3)) << "it may have it";
    EXPECT_THAT(log, SizeIs(2));
    EXPECT_THAT(results, SizeIs(3));
  }

  reset();
  start_to(Endpoint::Fork::sequential, contacts());
  refuse(0, "the connection is lost");
  EXPECT_THAT(sent_to(), ElementsAre("sip:a1", "sip:a2"));
  leave(1);
  finish(1, 486);
  EXPECT_EQ(sent.back().uri, "sip:b");
}

TEST_F(ForkTest, FromInsideSend) {  // 8
  at_once = [this](std::size_t place) { refuse(place, fmt::format("no {}", place)); };
  start(Endpoint::Fork::all, {"sip:a", "sip:b"});
  EXPECT_THAT(log, ElementsAre("refused: no 0"));
  reset();
  start(Endpoint::Fork::sequential, {"sip:a", "sip:b"});
  EXPECT_THAT(log, ElementsAre("refused: no 0"));
  EXPECT_THAT(sent, SizeIs(2));
  reset();
  at_once = [this](std::size_t place) {
    leave(place);
    finish(place, place == 0 ? 404 : 200);
  };
  start(Endpoint::Fork::sequential, {"sip:a", "sip:b", "sip:c"});
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 sip:b final"));
  EXPECT_THAT(sent, SizeIs(2));
  reset();
  start(Endpoint::Fork::all, {"sip:a", "sip:b", "sip:c"});
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 sip:b final"));
  EXPECT_THAT(results, SizeIs(3));
}

TEST_F(ForkTest, RetryAfter) {  // 9
  using namespace std::chrono_literals;
  start(Endpoint::Fork::all, {"sip:a", "sip:b", "sip:c"});
  for (std::size_t i = 0; i < 3; ++i) leave(i);
  finish(0, 486, 5s);
  finish(1, 480, 60s);
  finish(2, 404);
  EXPECT_THAT(log.back(), "failed 486 sip:a passing");
  EXPECT_EQ(retry_after, 60s);
  reset();
  start(Endpoint::Fork::all, {"sip:a", "sip:b"});
  leave(0);
  leave(1);
  finish(0, 486, 5s);
  finish(1, 200);
  EXPECT_THAT(log.back(), "delivered 200 sip:b final");
  EXPECT_EQ(retry_after, 0s);
}

TEST_F(ForkTest, SilentOne) {  // 10
  start(Endpoint::Fork::all, {"sip:a", "sip:b"});
  leave(0);
  leave(1);
  finish(0, 200);
  EXPECT_THAT(results, IsEmpty());
  clock.advance(Fork::patience + net::TimerWheel::tick);
  shard.run_once();
  EXPECT_THAT(results, ElementsAre("sip:a 200 text 200", "sip:b 408 no answer yet"));
  finish(1, 486);
  EXPECT_THAT(results, SizeIs(2));
}

}  // namespace
}  // namespace missive::pjsip
