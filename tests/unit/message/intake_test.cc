// Intake: nothing that was answered for is lost.
//
//   Without a store
//  1. A message is accepted at once and handled; no room is said at once.
//   With a store
//  2. No answer before the commit; the message is on disk when the answer comes, and the handler
//     sees it afterwards.
//  3. A burst is answered in order, and a pair is handled in order.
//  4. A key that is known: in the same turn, later, while it is handled, after that, and on another
//     shard; answered, not handled again.
//  5. No room: what is on its way to the disk counts; a known one takes none.
//  6. The disk is full: `failed`, the room is free again, and so it goes on when there is space.
//  7. A handled message stays on disk for a while (never less than an interval), then it goes.
//  8. A thousand handled ones go sooner, and go on going while more come.
//  9. A restart: what was not handled comes back in order with all it had, once; so does what was
//     handled when the disk did not know it; numbers go on; keys are still known.
// 10. A record that cannot be read is left where it is, the others come back.
// 11. Keys are forgotten after an hour, and not before.
// 12. waiting() counts what is on its way to the disk, handled, or not known there as handled.
// 13. The shard is gone when the commit comes: nothing happens, and the message is there.
// 14. Two shards: messages come in here, are handled at their home, and go from disk.
#include "message/intake.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <optional>

#include "message/incoming_record.h"
#include "store/database.h"
#include "unit/store/temporary_folder.h"

namespace missive::message {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Verdict = Intake::Verdict;

class RecordingHandler final : public Handler {
 public:
  std::string_view name() const override { return "recording"; }
  bool has_destination(std::string_view, std::string_view) const override { return true; }
  void handle(std::shared_ptr<const Incoming> message, Done done) override {
    log.push_back(std::string(message->body()));
    messages.push_back(std::move(message));
    if (at_once) return done();
    waiting.push_back(std::move(done));
  }
  void finish() {
    auto done = std::move(waiting.front());
    waiting.pop_front();
    done();
  }

  bool at_once = true;
  std::vector<std::string> log;
  std::vector<std::shared_ptr<const Incoming>> messages;
  std::deque<Done> waiting;
};

std::shared_ptr<const Incoming> text(std::string_view body, std::string_view from = "alice") {
  return Incoming::create(
      {.id = body, .context = "default", .exten = "bob", .from = from, .body = body});
}

// A file that outlives the servers that use it.
class Disk {
 public:
  Disk() { open(); }
  void open() {
    auto opened = store::Database::open(folder_.file("missive.db"));
    if (!opened) throw std::runtime_error(opened.error().text);
    database = std::move(*opened);
    store.emplace(*database);
  }
  void reopen() {
    store.reset();
    database.reset();
    open();
  }
  std::vector<std::string> unhandled() {
    std::vector<std::string> out;
    const auto rows = store->load();
    EXPECT_TRUE(rows);
    for (const auto& row : *rows) {
      const auto message = read_incoming(row.content);
      out.push_back(message ? std::string((*message)->body()) : "unreadable");
    }
    return out;
  }
  void pragma(const std::string& text) {
    EXPECT_TRUE(database->run(
        [&text](store::Connection& connection) { return connection.execute("PRAGMA " + text); }));
  }

  std::unique_ptr<store::Database> database;
  std::optional<store::ReceivedStore> store;

 private:
  store::test::TemporaryFolder folder_;
};

struct Server {
  explicit Server(unsigned index = 0) : shard(index, clock) { inbox.add(handler); }
  Server(unsigned index, ReceivedMessages& received) : Server(index) { intake.use(received); }

  void take(std::shared_ptr<const Incoming> message, std::string key) {
    auto name = std::string(message->body().substr(0, 8));
    intake.take(std::move(message), std::move(key), [this, name](Verdict verdict) {
      static constexpr const char* words[] = {"accepted", "known", "no room", "failed"};
      answers.push_back(name + " " + words[static_cast<int>(verdict)]);
    });
  }
  void take(std::string_view body) { take(text(body), std::string(body)); }
  void turn() {
    while (shard.run_once()) {
    }
  }

  base::ManualClock clock;
  net::Shard shard;
  RecordingHandler handler;
  Inbox inbox{shard, {.messages = 4000, .octets = 1 << 20}};
  Intake intake{shard, inbox};
  std::vector<std::string> answers;
};

TEST(Intake, WithoutAStore) {  // 1
  base::ManualClock clock;
  net::Shard shard(0, clock);
  RecordingHandler handler;
  Inbox inbox(shard, {.messages = 1, .octets = 100});
  inbox.add(handler);
  Intake intake(shard, inbox);
  EXPECT_FALSE(intake.writes());
  EXPECT_TRUE(intake.has_destination("pjsip", "default", "bob"));
  handler.at_once = false;
  std::vector<Verdict> verdicts;
  const auto note = [&verdicts](Verdict verdict) { verdicts.push_back(verdict); };
  intake.take(text("1"), "key", [&](Verdict verdict) {
    note(verdict);
    EXPECT_THAT(handler.log, IsEmpty()) << "told before it is handled";
  });
  EXPECT_THAT(handler.log, ElementsAre("1"));
  intake.take(text("2"), "other", note);
  handler.finish();
  intake.take(text("3"), "key", note);
  EXPECT_THAT(verdicts, ElementsAre(Verdict::accepted, Verdict::no_room, Verdict::accepted));
  EXPECT_THAT(handler.log, ElementsAre("1", "3"));
  EXPECT_EQ(shard.timers().size(), 0u);
  EXPECT_EQ(intake.waiting(), 1u);
}

class IntakeTest : public testing::Test {
 protected:
  // Until the disk has all and the server has heard of it.
  void settle(Server& of) {
    for (int i = 0; i < 4; ++i) {
      of.turn();
      disk.database->flush();
    }
    of.turn();
  }
  void settle() { settle(*server); }
  void pass(base::Duration time) {
    server->clock.advance(time);
    settle();
  }
  void restart() {
    server.reset();
    received.reset();
    disk.reopen();
    start();
    const auto restored = server->intake.restore();
    ASSERT_TRUE(restored) << restored.error().text;
    restored_count = *restored;
  }
  void start() {
    received.emplace(*disk.store);
    server.emplace(0u, *received);
  }
  void SetUp() override { start(); }

  Disk disk;
  std::optional<ReceivedMessages> received;
  std::optional<Server> server;
  std::size_t restored_count = 0;
};

TEST_F(IntakeTest, OnDiskBeforeTheAnswer) {  // 2
  std::vector<std::string> seen;
  server->intake.take(text("hello"), "key", [&](Verdict verdict) {
    EXPECT_EQ(verdict, Verdict::accepted);
    EXPECT_THAT(disk.unhandled(), ElementsAre("hello"));
    EXPECT_THAT(server->handler.log, IsEmpty());
    seen.emplace_back("answer");
  });
  EXPECT_THAT(seen, IsEmpty());
  // The store's thread is held up: turns go by without an answer.
  std::promise<void> release;
  disk.database->post([held = release.get_future().share()](store::Connection&) {
    held.wait();
    return base::Result<void>{};
  });
  for (int i = 0; i < 3; ++i) server->turn();
  EXPECT_THAT(seen, IsEmpty());
  EXPECT_THAT(server->handler.log, IsEmpty());
  release.set_value();
  settle();
  EXPECT_THAT(seen, ElementsAre("answer"));
  EXPECT_THAT(server->handler.log, ElementsAre("hello"));
}

TEST_F(IntakeTest, InOrder) {  // 3
  std::vector<std::string> answers, bodies;
  for (int i = 0; i < 300; ++i) {
    bodies.push_back(std::to_string(i));
    answers.push_back(bodies.back() + " accepted");
    server->take(bodies.back());
    if (i % 100 == 50) server->turn();
  }
  settle();
  EXPECT_EQ(server->answers, answers);
  EXPECT_EQ(server->handler.log, bodies);
  EXPECT_EQ(received->newest.load(), 300);
}

TEST_F(IntakeTest, KnownKeys) {  // 4
  server->handler.at_once = false;
  server->take("one");
  server->take(text("again"), "one");
  settle();
  EXPECT_THAT(server->answers, ElementsAre("one accepted", "again known"));
  server->take(text("while handled"), "one");
  settle();
  server->handler.finish();
  pass(1s);
  pass(1s);
  EXPECT_THAT(disk.unhandled(), IsEmpty());
  server->take(text("afterwards"), "one");
  settle();
  EXPECT_EQ(server->answers.back(), "afterwar known");

  Server other(1, *received);
  other.take(text("elsewhere"), "one");
  other.take("two");
  settle(other);
  EXPECT_THAT(other.answers, ElementsAre("elsewher known", "two accepted"));
  EXPECT_THAT(server->handler.log, ElementsAre("one"));
  EXPECT_EQ(server->intake.waiting(), 0u);
}

TEST_F(IntakeTest, NoRoom) {  // 5
  server->handler.at_once = false;
  const std::string large(600 << 10, 'x');
  server->take(text(large), "one");
  server->take(text(large), "two");
  EXPECT_THAT(server->answers, ElementsAre("xxxxxxxx no room"));
  settle();
  EXPECT_EQ(server->answers.back(), "xxxxxxxx accepted");
  server->take(text(std::string(300 << 10, 'y')), "one");
  settle();
  EXPECT_EQ(server->answers.back(), "yyyyyyyy known");
  server->take(text(std::string(400 << 10, 'z')), "three");
  settle();
  EXPECT_EQ(server->answers.back(), "zzzzzzzz accepted") << "the known one's room is free";
  EXPECT_THAT(disk.unhandled(), ElementsAre(large, std::string(400 << 10, 'z')));
}

TEST_F(IntakeTest, FullDisk) {  // 6
  server->take("before");
  settle();
  disk.pragma("max_page_count=1");  // as many as there are
  const std::string large(200 << 10, 'x');
  for (int i = 0; i < 8; ++i) server->take(text(large), std::to_string(i));
  server->take(text("no room: not with all these under way"), "9");
  settle();
  EXPECT_THAT(
      server->answers,
      ElementsAre("before accepted", "xxxxxxxx no room", "xxxxxxxx no room", "xxxxxxxx no room",
                  "xxxxxxxx failed", "xxxxxxxx failed", "xxxxxxxx failed", "xxxxxxxx failed",
                  "xxxxxxxx failed", "no room: failed"));
  EXPECT_THAT(server->handler.log, ElementsAre("before"));
  disk.pragma("max_page_count=1000000");
  server->take(text(large), "0");
  settle();
  EXPECT_EQ(server->answers.back(), "xxxxxxxx accepted");
  EXPECT_THAT(server->handler.log, ElementsAre("before", large));
}

TEST_F(IntakeTest, HandledLazily) {  // 7
  server->handler.at_once = false;
  server->take("slow");
  server->take("slower");
  settle();
  pass(10s);
  EXPECT_THAT(disk.unhandled(), ElementsAre("slow", "slower"));
  server->handler.finish();
  settle();
  pass(95ms);
  EXPECT_THAT(disk.unhandled(), ElementsAre("slow", "slower"));
  pass(200ms);
  pass(200ms);
  EXPECT_THAT(disk.unhandled(), ElementsAre("slower"));
  // Done in the very turn in which others are written: not written with them.
  server->handler.finish();
  server->take("third");
  pass(100ms);
  server->clock.advance(100ms);
  server->shard.post([this] { server->handler.finish(); });
  settle();
  EXPECT_THAT(disk.unhandled(), ElementsAre("third"));
  pass(100ms);
  EXPECT_THAT(disk.unhandled(), IsEmpty());
  pass(1s);
  EXPECT_EQ(server->shard.timers().size(), 0u);
}

TEST_F(IntakeTest, AThousandHandled) {  // 8
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1100; ++i) server->take(fmt::format("{}-{}", round, i));
    settle();
    pass(5ms);
  }
  pass(5ms);
  EXPECT_THAT(disk.unhandled(), testing::SizeIs(testing::Le(1100u)));
  pass(100ms);
  pass(100ms);
  EXPECT_THAT(disk.unhandled(), IsEmpty());
  EXPECT_EQ(server->handler.log.size(), 3300u);
}

TEST_F(IntakeTest, Restart) {  // 9
  server->handler.at_once = false;
  const std::vector<Variable> data{{"X-One", "1"}};
  server->take(Incoming::create({.id = "id-1",
                                 .technology = "pjsip",
                                 .endpoint = "alice",
                                 .context = "default",
                                 .exten = "bob",
                                 .from = "alice",
                                 .to = "pjsip:bob",
                                 .content_type = "text/plain",
                                 .body = "one",
                                 .max_forwards = 12,
                                 .data = data}),
               "one");
  server->take("two");
  server->take("three");
  settle();
  server->handler.finish();  // one: handled, the disk does not know
  server->take("four");      // does not reach the disk

  restart();
  EXPECT_EQ(restored_count, 3u);
  EXPECT_EQ(server->intake.waiting(), 3u);
  EXPECT_THAT(server->handler.log, IsEmpty()) << "before the shard runs";
  settle();
  EXPECT_THAT(server->handler.log, ElementsAre("one", "two", "three"));
  const auto& one = *server->handler.messages[0];
  EXPECT_EQ(one.id(), "id-1");
  EXPECT_EQ(one.endpoint(), "alice");
  EXPECT_EQ(one.to(), "pjsip:bob");
  EXPECT_EQ(one.max_forwards(), 12);
  EXPECT_EQ(one.datum("x-one"), "1");
  server->take(text("again"), "two");
  server->take("four");
  settle();
  EXPECT_THAT(server->answers, ElementsAre("again known", "four accepted"));
  pass(1s);
  pass(1s);

  restart();
  EXPECT_EQ(restored_count, 0u);
  server->take(text("again"), "four");
  server->take("five");
  settle();
  EXPECT_THAT(server->answers, ElementsAre("again known", "five accepted"));
  EXPECT_THAT(server->handler.log, ElementsAre("five"));
}

TEST_F(IntakeTest, UnreadableRecord) {  // 10
  server->handler.at_once = false;
  server->take("one");
  settle();
  std::vector<store::ReceivedRow> damaged;
  damaged.push_back({7, "bad key", "\x01 rubbish", server->clock.wall()});
  disk.store->insert(std::move(damaged), [](const auto&, const auto&) {});
  restart();
  EXPECT_EQ(restored_count, 1u);
  settle();
  EXPECT_THAT(server->handler.log, ElementsAre("one"));
  pass(1s);
  pass(1s);
  EXPECT_THAT(disk.unhandled(), ElementsAre("unreadable"));
  server->take("two");
  settle();
  EXPECT_EQ(received->newest.load(), 8);
}

TEST_F(IntakeTest, KeysAreForgotten) {  // 11
  ASSERT_TRUE(server->intake.restore());
  server->take("one");
  settle();
  pass(1s);
  for (int minute = 0; minute < 55; minute += 5) pass(5min);
  server->take("one");
  settle();
  EXPECT_EQ(server->answers.back(), "one known");
  for (int minute = 0; minute < 15; minute += 5) pass(5min);
  server->take("one");
  settle();
  EXPECT_EQ(server->answers.back(), "one accepted");
}

TEST_F(IntakeTest, Waiting) {  // 12
  server->handler.at_once = false;
  EXPECT_EQ(server->intake.waiting(), 0u);
  server->take("one");
  EXPECT_EQ(server->intake.waiting(), 1u);
  settle();
  EXPECT_EQ(server->intake.waiting(), 1u);
  server->handler.finish();
  EXPECT_EQ(server->intake.waiting(), 1u);
  EXPECT_EQ(server->inbox.waiting(), 0u);
  pass(100ms);
  EXPECT_EQ(server->intake.waiting(), 1u);
  pass(100ms);
  EXPECT_EQ(server->intake.waiting(), 0u);
  EXPECT_THAT(disk.unhandled(), IsEmpty());
}

TEST_F(IntakeTest, TheShardIsGone) {  // 13
  std::promise<void> release;
  disk.database->post([held = release.get_future().share()](store::Connection&) {
    held.wait();
    return base::Result<void>{};
  });
  server->take("late");
  server->turn();
  server.reset();
  release.set_value();
  disk.database->flush();
  EXPECT_THAT(disk.unhandled(), ElementsAre("late"));
}

TEST_F(IntakeTest, TwoShards) {  // 14
  Server other(1, *received);
  server->inbox.know_others({&server->inbox, &other.inbox});
  other.inbox.know_others({&server->inbox, &other.inbox});
  for (int i = 0; i < 40; ++i) {
    const auto body = std::to_string(i);
    (i % 2 == 0 ? *server : other).take(text(body, "user" + body), body);
  }
  for (int i = 0; i < 3; ++i) {
    settle();
    settle(other);
  }
  EXPECT_EQ(server->answers.size(), 20u);
  EXPECT_EQ(other.answers.size(), 20u);
  EXPECT_EQ(server->handler.log.size() + other.handler.log.size(), 40u);
  EXPECT_FALSE(server->handler.log.empty());
  EXPECT_FALSE(other.handler.log.empty());
  for (int i = 0; i < 2; ++i) {
    pass(100ms);
    other.clock.advance(100ms);
    settle(other);
  }
  EXPECT_THAT(disk.unhandled(), IsEmpty());
}

}  // namespace
}  // namespace missive::message
