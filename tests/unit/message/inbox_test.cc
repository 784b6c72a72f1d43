// Inbox: who waits for whom among messages that came in.
//
//  1. A message goes to the first handler that has its destination.
//  2. Nobody has it: has_destination() says so.
//  3. Messages of one pair are handled one after another, in order.
//  4. Other pairs do not wait for a pair that is slow.
//  5. A handler that is done at once is called for the next one without deep recursion.
//  6. Too many messages, or too many octets, are not accepted until some are done.
//  7. Two shards: a pair has one home, and its messages are handled there in order.
//  8. The handler is gone when its turn comes: the message is dropped, the next one goes on.
//  9. What is reserved counts; released, it does so no longer.
// 10. Who asked to be told of messages with a number is told when each is done: at its home, also
//     of those that are dropped, in the order they are done.
// 11. What is restored is handled when the shards run, in order, whether there is room or not.
#include "message/inbox.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace missive::message {
namespace {

using ::testing::ElementsAre;

class RecordingHandler final : public Handler {
 public:
  explicit RecordingHandler(std::string_view context) : context_(context) {}
  std::string_view name() const override { return "recording"; }
  bool has_destination(std::string_view context, std::string_view) const override {
    return present && context == context_;
  }
  void handle(std::shared_ptr<const Incoming> message, Done done) override {
    log.push_back(std::string(message->body()));
    if (at_once) return done();
    waiting.push_back(std::move(done));
  }
  void finish() {
    auto done = std::move(waiting.front());
    waiting.pop_front();
    done();
  }

  bool present = true;
  bool at_once = false;
  std::vector<std::string> log;
  std::deque<Done> waiting;

 private:
  std::string context_;
};

std::shared_ptr<const Incoming> text(std::string_view from, std::string_view to,
                                     std::string_view body, std::string_view context = "default") {
  return Incoming::create({.context = context, .exten = to, .from = from, .body = body});
}

void settle(net::Shard& shard) {
  while (shard.run_once()) {
  }
}

class InboxTest : public testing::Test {
 protected:
  base::ManualClock clock;
  net::Shard shard{0, clock};
  RecordingHandler handler{"default"};
  RecordingHandler other{"other"};
  Inbox inbox{shard, {.messages = 4, .octets = 100}};
  void SetUp() override {
    inbox.add(handler);
    inbox.add(other);
  }
};

TEST_F(InboxTest, TheFirstHandlerThatHasIt) {  // 1, 2
  EXPECT_TRUE(inbox.has_destination("pjsip", "default", "bob"));
  EXPECT_TRUE(inbox.has_destination("pjsip", "other", "bob"));
  EXPECT_FALSE(inbox.has_destination("pjsip", "nowhere", "bob"));
  EXPECT_TRUE(inbox.accept(text("alice", "bob", "1", "other")));
  EXPECT_THAT(other.log, ElementsAre("1"));
  EXPECT_TRUE(handler.log.empty());
}

TEST_F(InboxTest, OnePairInOrder) {  // 3
  for (const auto* body : {"1", "2", "3"}) EXPECT_TRUE(inbox.accept(text("alice", "bob", body)));
  EXPECT_THAT(handler.log, ElementsAre("1"));
  handler.finish();
  EXPECT_THAT(handler.log, ElementsAre("1", "2"));
  handler.finish();
  handler.finish();
  EXPECT_THAT(handler.log, ElementsAre("1", "2", "3"));
  EXPECT_EQ(inbox.waiting(), 0u);
}

TEST_F(InboxTest, OthersDoNotWait) {  // 4
  EXPECT_TRUE(inbox.accept(text("alice", "bob", "slow")));
  EXPECT_TRUE(inbox.accept(text("alice", "carol", "to carol")));
  EXPECT_TRUE(inbox.accept(text("dave", "bob", "from dave")));
  EXPECT_THAT(handler.log, ElementsAre("slow", "to carol", "from dave"));
}

TEST(Inbox, ALongLaneIsNoRecursion) {  // 5
  base::ManualClock clock;
  net::Shard shard(0, clock);
  RecordingHandler handler("default");
  Inbox inbox(shard, {.messages = 200'000, .octets = 1 << 20});
  inbox.add(handler);
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(inbox.accept(text("alice", "bob", "x")));
  handler.at_once = true;
  handler.finish();
  EXPECT_EQ(handler.log.size(), 100'000u);
  EXPECT_EQ(inbox.waiting(), 0u);
}

TEST_F(InboxTest, NoRoom) {  // 6
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(inbox.accept(text("alice", "bob", "x")));
  EXPECT_FALSE(inbox.accept(text("alice", "carol", "x")));
  handler.finish();
  EXPECT_TRUE(inbox.accept(text("alice", "carol", "x")));
  while (!handler.waiting.empty()) handler.finish();
  EXPECT_TRUE(inbox.accept(text("alice", "bob", std::string(60, 'x'))));
  EXPECT_FALSE(inbox.accept(text("alice", "bob", std::string(60, 'x'))));
}

TEST(Inbox, OneHomeAPair) {  // 7
  base::ManualClock clock;
  net::Shard first(0, clock), second(1, clock);
  RecordingHandler handlers[] = {RecordingHandler("default"), RecordingHandler("default")};
  Inbox inboxes[] = {{first, {}}, {second, {}}};
  for (int i = 0; i < 2; ++i) {
    inboxes[i].add(handlers[i]);
    inboxes[i].know_others({&inboxes[0], &inboxes[1]});
  }
  int used[2] = {};
  for (int pair = 0; pair < 32; ++pair) {
    const auto from = fmt::format("user{}", pair);
    for (auto& each : handlers) each.log.clear();
    EXPECT_TRUE(inboxes[0].accept(text(from, "bob", "1")));
    settle(first);
    settle(second);
    EXPECT_TRUE(inboxes[1].accept(text(from, "bob", "2")));
    settle(first);
    settle(second);
    const int home = handlers[0].log.empty() ? 1 : 0;
    ++used[home];
    EXPECT_THAT(handlers[home].log, ElementsAre("1"));
    EXPECT_TRUE(handlers[1 - home].log.empty());
    handlers[home].finish();
    EXPECT_THAT(handlers[home].log, ElementsAre("1", "2"));
    handlers[home].finish();
  }
  EXPECT_GT(used[0], 0);
  EXPECT_GT(used[1], 0);
}

TEST_F(InboxTest, TheHandlerIsGone) {  // 8
  EXPECT_TRUE(inbox.accept(text("alice", "bob", "1")));
  EXPECT_TRUE(inbox.accept(text("alice", "bob", "2")));
  handler.present = false;
  handler.finish();
  EXPECT_THAT(handler.log, ElementsAre("1"));
  EXPECT_EQ(inbox.waiting(), 0u);
  handler.present = true;
  EXPECT_TRUE(inbox.accept(text("alice", "bob", "3")));
  EXPECT_THAT(handler.log, ElementsAre("1", "3"));
}

class Told final : public HandledUser {
 public:
  void on_handled(std::int64_t number) override { numbers.push_back(number); }
  std::vector<std::int64_t> numbers;
};

TEST_F(InboxTest, ReservedAndReleased) {  // 9
  const auto large = text("alice", "bob", std::string(60, 'x'));
  EXPECT_TRUE(inbox.reserve(*large));
  EXPECT_EQ(inbox.waiting(), 1u);
  EXPECT_FALSE(inbox.reserve(*large));
  inbox.release(*large);
  EXPECT_EQ(inbox.waiting(), 0u);
  EXPECT_TRUE(inbox.reserve(*large));
  EXPECT_THAT(handler.log, testing::IsEmpty());
  inbox.enter(large);
  EXPECT_THAT(handler.log, ElementsAre(large->body()));
  handler.finish();
  EXPECT_EQ(inbox.waiting(), 0u);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(inbox.reserve(*text("alice", "bob", "x")));
  EXPECT_FALSE(inbox.accept(text("alice", "bob", "x")));
}

TEST_F(InboxTest, TellsOfNumbers) {  // 10
  Told told;
  inbox.tell(told);
  for (int i = 1; i <= 3; ++i) {
    const auto message = text("alice", "bob", std::to_string(i));
    ASSERT_TRUE(inbox.reserve(*message));
    inbox.enter(message, i * 10);
  }
  EXPECT_TRUE(inbox.accept(text("alice", "carol", "no number")));
  EXPECT_THAT(told.numbers, testing::IsEmpty());
  handler.finish();
  EXPECT_THAT(told.numbers, ElementsAre(10));
  handler.present = false;
  handler.finish();  // of the one without a number
  EXPECT_THAT(told.numbers, ElementsAre(10));
  handler.finish();
  EXPECT_THAT(told.numbers, ElementsAre(10, 20, 30)) << "the last one was dropped";
}

TEST(Inbox, TellsAtHome) {  // 10
  base::ManualClock clock;
  net::Shard first(0, clock), second(1, clock);
  RecordingHandler handlers[] = {RecordingHandler("default"), RecordingHandler("default")};
  Inbox inboxes[] = {{first, {}}, {second, {}}};
  Told told[2];
  for (int i = 0; i < 2; ++i) {
    handlers[i].at_once = true;
    inboxes[i].add(handlers[i]);
    inboxes[i].tell(told[i]);
    inboxes[i].know_others({&inboxes[0], &inboxes[1]});
  }
  for (int pair = 1; pair <= 32; ++pair) {
    const auto message = text(fmt::format("user{}", pair), "bob", "x");
    ASSERT_TRUE(inboxes[0].reserve(*message));
    inboxes[0].enter(message, pair);
  }
  settle(first);
  settle(second);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(told[i].numbers.empty());
    EXPECT_EQ(told[i].numbers.size(), handlers[i].log.size());
    EXPECT_EQ(inboxes[i].waiting(), 0u);
  }
  EXPECT_EQ(told[0].numbers.size() + told[1].numbers.size(), 32u);
}

TEST_F(InboxTest, Restored) {  // 11
  Told told;
  inbox.tell(told);
  for (int i = 1; i <= 6; ++i) inbox.restore(text("alice", "bob", std::to_string(i)), i);
  EXPECT_THAT(handler.log, testing::IsEmpty());
  EXPECT_EQ(inbox.waiting(), 6u);
  EXPECT_FALSE(inbox.accept(text("alice", "bob", "no room")));
  settle(shard);
  handler.at_once = true;
  handler.finish();
  EXPECT_THAT(handler.log, ElementsAre("1", "2", "3", "4", "5", "6"));
  EXPECT_THAT(told.numbers, ElementsAre(1, 2, 3, 4, 5, 6));
}

}  // namespace
}  // namespace missive::message
