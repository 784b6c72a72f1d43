// What the dialplan is given of a message that begins to wait.
//
//  1. the message, at the recipient's extension of message_offline_context, with why
//  2. once: kept before the first attempt and after it, kept again later, and not for other states
//  3. the end of a message is forgotten: the same id may come again
//  4. no hook: endpoints without a context, other technologies, nobody known; wanted or not
//  5. every form of destination that names an endpoint
//  6. a hop is counted off; none left: not given
//  7. nothing in the dialplan, though another handler would take it: not given
//  8. no room in the inbox is no harm; a reload changes the hooks
#include "pjsip/offline_hook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/configured.h"

namespace missive::pjsip {
namespace {

using State = message::Status::State;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view conf =
    "[udp]\ntype=transport\n"
    "[bob]\ntype=endpoint\naors=bob\nmessage_offline_context=push\n[bob]\ntype=aor\n"
    "[eve]\ntype=endpoint\naors=eve\nmessage_offline_context=nothing-here\n[eve]\ntype=aor\n"
    "[carl]\ntype=endpoint\naors=carl\n[carl]\ntype=aor\n";

// Takes everything in context "push"; as "users" everything anywhere.
class Recorder final : public message::Handler {
 public:
  explicit Recorder(bool everywhere) : everywhere_(everywhere) {}
  std::string_view name() const override { return everywhere_ ? "users" : "dialplan"; }
  bool has_destination(std::string_view context, std::string_view) const override {
    return everywhere_ || context == "push";
  }
  void handle(std::shared_ptr<const message::Incoming> message, message::Done done) override {
    seen.push_back(std::move(message));
    if (at_once) return done();
    waiting.push_back(std::move(done));
  }
  std::vector<std::shared_ptr<const message::Incoming>> seen;
  std::vector<message::Done> waiting;
  bool at_once = true;

 private:
  bool everywhere_;
};

class OfflineHookTest : public testing::Test {
 protected:
  OfflineHookTest() {
    inbox.add(dialplan);
    inbox.add(users);
  }
  std::shared_ptr<const message::Message> text(std::string_view id, std::string_view destination,
                                               std::vector<message::Variable> variables = {}) {
    return message::Message::create({.id = id,
                                     .destination = destination,
                                     .from = "sip:alice@example.com",
                                     .body = "hello",
                                     .variables = variables});
  }
  void tell(const message::Message& message, State state, unsigned attempt, int code = 0,
            std::string_view why = {}) {
    message::Status status;
    status.state = state;
    status.attempt = attempt;
    status.response_code = code;
    status.response_text = why;
    hook.on_message_status(message, status);
    while (shard.run_once()) {
    }
  }
  std::size_t count() { return dialplan.seen.size(); }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  message::Inbox inbox{shard, {.messages = 2, .octets = 100}};
  Recorder dialplan{false}, users{true};
  LocationService locations;
  OfflineHook hook{shard, inbox, dialplan, locations, test::configured(conf)};
};

TEST_F(OfflineHookTest, GivesTheMessage) {  // 1
  tell(*text("m-1", "pjsip:bob", {{"Content-Type", "text/html"}}), State::queued, 1, 480, "Gone");
  ASSERT_EQ(count(), 1U);
  const auto& given = *dialplan.seen[0];
  EXPECT_EQ(given.technology(), "pjsip");
  EXPECT_EQ(given.endpoint(), "bob");
  EXPECT_EQ(given.context(), "push");
  EXPECT_EQ(given.exten(), "bob");
  EXPECT_EQ(given.from(), "sip:alice@example.com");
  EXPECT_EQ(given.to(), "pjsip:bob");
  EXPECT_EQ(given.body(), "hello");
  EXPECT_EQ(given.content_type(), "text/html");
  EXPECT_EQ(given.datum("MESSAGE_ID"), "m-1");
  EXPECT_EQ(given.datum("OFFLINE_CODE"), "480");
  EXPECT_EQ(given.datum("OFFLINE_REASON"), "Gone");
  EXPECT_EQ(given.id().size(), 36U);
  tell(*text("m-2", "pjsip:bob"), State::queued, 0, 0, "no contact");
  ASSERT_EQ(count(), 2U);
  EXPECT_EQ(dialplan.seen[1]->datum("OFFLINE_CODE"), "");
  EXPECT_EQ(dialplan.seen[1]->datum("OFFLINE_REASON"), "no contact");
  EXPECT_EQ(dialplan.seen[1]->content_type(), "text/plain");
}

TEST_F(OfflineHookTest, OnceForEach) {  // 2
  const auto message = text("m-1", "pjsip:bob");
  tell(*message, State::queued, 0);
  tell(*message, State::sending, 1);
  tell(*message, State::queued, 1, 480);
  tell(*message, State::queued, 2, 480);
  tell(*message, State::queued, 3, 480);
  EXPECT_EQ(count(), 1U);
  const auto other = text("m-2", "pjsip:bob");
  for (const auto state : {State::sending, State::sent, State::delivered, State::displayed,
                           State::failed, State::expired, State::cancelled}) {
    tell(*other, state, 1);
  }
  tell(*text("m-3", "pjsip:bob"), State::queued, 2, 480);
  EXPECT_EQ(count(), 1U);
}

TEST_F(OfflineHookTest, ForgetsWhatIsOver) {  // 3
  const auto message = text("m-1", "pjsip:bob");
  tell(*message, State::queued, 0);
  tell(*message, State::delivered, 1);
  tell(*message, State::queued, 0);
  EXPECT_EQ(count(), 2U);
}

TEST_F(OfflineHookTest, OnlyWhereThereIsAHook) {  // 4
  EXPECT_TRUE(hook.wants_message_status());
  for (const auto* const destination :
       {"pjsip:carl", "xmpp:bob", "bob", "pjsip:", "pjsip:nobody/x", "pjsip:sip:bob@127.0.0.1"}) {
    tell(*text("m-1", destination), State::queued, 0);
  }
  EXPECT_EQ(count(), 0U);
  hook.use(test::configured("[carl]\ntype=endpoint\naors=carl\n[carl]\ntype=aor\n"));
  EXPECT_FALSE(hook.wants_message_status());
}

TEST_F(OfflineHookTest, EveryFormOfDestination) {  // 5
  int number = 0;
  for (const auto* const destination : {"pjsip:bob", "pjsip:bob/bob", "pjsip:bob@example.com",
                                        "pjsip:PJSIP/1234@bob", "pjsip:bob/sip:x@127.0.0.1"}) {
    tell(*text(std::to_string(++number), destination), State::queued, 0);
    EXPECT_EQ(count(), static_cast<std::size_t>(number)) << destination;
  }
}

TEST_F(OfflineHookTest, CountsHops) {  // 6
  tell(*text("1", "pjsip:bob"), State::queued, 0);
  tell(*text("2", "pjsip:bob", {{"max-forwards", "5"}}), State::queued, 0);
  tell(*text("3", "pjsip:bob", {{"Max-Forwards", "1"}}), State::queued, 0);
  tell(*text("4", "pjsip:bob", {{"Max-Forwards", "0"}}), State::queued, 0);
  std::vector<int> hops;
  for (const auto& given : dialplan.seen) hops.push_back(given->max_forwards());
  EXPECT_THAT(hops, ElementsAre(69, 4, 0));
}

TEST_F(OfflineHookTest, IsForTheDialplanOnly) {  // 7
  tell(*text("1", "pjsip:eve"), State::queued, 0);
  tell(*text("2", "pjsip:eve"), State::queued, 0);
  EXPECT_EQ(count(), 0U);
  EXPECT_THAT(users.seen, IsEmpty());
}

TEST_F(OfflineHookTest, NoRoomAndAReload) {  // 8
  dialplan.at_once = false;
  for (const auto* const id : {"1", "2", "3"}) tell(*text(id, "pjsip:bob"), State::queued, 0);
  EXPECT_EQ(inbox.waiting(), 2U);
  hook.use(
      test::configured("[carl]\ntype=endpoint\naors=carl\nmessage_offline_context=push\n"
                       "[carl]\ntype=aor\n"));
  while (!dialplan.waiting.empty()) {
    auto done = std::move(dialplan.waiting.back());
    dialplan.waiting.pop_back();
    done();
  }
  EXPECT_EQ(count(), 2U);
  tell(*text("4", "pjsip:carl"), State::queued, 0);
  tell(*text("5", "pjsip:bob"), State::queued, 0);
  ASSERT_EQ(count(), 3U);
  EXPECT_EQ(dialplan.seen[2]->exten(), "carl");
}

}  // namespace
}  // namespace missive::pjsip
