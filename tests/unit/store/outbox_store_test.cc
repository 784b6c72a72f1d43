// The rows of the outbox.
//
//  1. Every member comes back: of a row that waits, that is being sent, that is final.
//  2. A known id: nothing is written, the row that is there is told; also twice in one batch.
//  3. All or nothing: a batch that fails is given back whole, and can be applied again.
//  4. Changes: wait, finish, erase; of rows that are not there; what is final never waits again,
//     a final state may become another (a receipt).
//  5. Octets of any kind in every text, NUL among them.
//  6. waiting(): of one recipient, ascending, above `after`, at most `limit`.
//  7. expired(): what waits and is over at `now`, the first to expire first.
//  8. list(): by state, recipient, limit, either end first, through more rows than one step has.
//  9. oldest(): the first that is not final, as rows become final and older ones come.
// 10. open(): what was being sent waits; recipients with their messages and octets; last sequence.
// 11. purge(): final rows of before go, no others; what waited then is purged an hour later.
// 12. purge() of many rows: bounded, goes on with the next call.
// 13. 10,000 rows in batches, finished and purged.
// 14. Each question of the server's daily work uses an index.
// 15. In memory: the same, without a file.
// 16. When the store goes, long work ends, with an error for those who asked.
// 17. settle(): goes as far as no row is being sent; open() looks behind that.
#include "store/outbox_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>

#include "unit/store/temporary_folder.h"

namespace missive::store {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int queued = 0, sending = 1, sent = 2, delivered = 3, failed = 5;
const base::WallTime day{std::chrono::seconds{1767225600}};
using Kind = OutboxChange::Kind;

class OutboxStoreTest : public testing::Test {
 protected:
  OutboxStoreTest() { reopen(folder.file("missive.db")); }
  void reopen(const std::string& file) {
    store.reset();
    database.reset();
    database = std::move(*Database::open(file));
    store = std::make_unique<OutboxStore>(*database);
  }

  // Texts live as long as the test.
  std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
  OutboxInsert row(std::int64_t sequence, bool waiting = true, std::string recipient = "alice") {
    OutboxInsert out;
    out.sequence = sequence;
    out.waiting = waiting;
    out.state = waiting ? queued : sending;
    out.id = keep("id-" + std::to_string(sequence));
    out.recipient = keep(std::move(recipient));
    out.destination = "pjsip:alice";
    out.content = "content-" + std::to_string(sequence);
    out.size = 10;
    out.accepted = day + std::chrono::seconds(sequence);
    out.expires = day + 1h + std::chrono::seconds(sequence);
    return out;
  }
  static OutboxChange change(std::int64_t sequence, Kind kind, int state = delivered) {
    OutboxChange out;
    out.sequence = sequence;
    out.kind = kind;
    out.state = state;
    out.attempts = 2;
    out.updated = day + std::chrono::seconds(sequence);
    return out;
  }

  struct Outcome {
    base::Result<std::vector<OutboxInserted>> result;
    OutboxBatch batch;
  };
  Outcome apply(OutboxBatch batch) {
    std::promise<Outcome> done;
    auto outcome = done.get_future();
    store->apply(std::move(batch), [&done](auto result, OutboxBatch back) {
      done.set_value({std::move(result), std::move(back)});
    });
    return outcome.get();
  }
  std::vector<OutboxInserted> insert(std::vector<OutboxInsert> rows) {
    OutboxBatch batch;
    batch.inserts = std::move(rows);
    auto outcome = apply(std::move(batch));
    EXPECT_TRUE(outcome.result);
    return std::move(*outcome.result);
  }
  void insert(OutboxInsert one) {
    OutboxBatch batch;
    batch.inserts.push_back(std::move(one));
    EXPECT_TRUE(apply(std::move(batch)).result);
  }
  void alter(std::vector<OutboxChange> changes) {
    OutboxBatch batch;
    batch.changes = std::move(changes);
    EXPECT_TRUE(apply(std::move(batch)).result);
  }
  // What `ask` gives to its completion.
  template <class Ask>
  std::vector<OutboxRow> rows(Ask ask) {
    std::promise<std::vector<OutboxRow>> done;
    auto out = done.get_future();
    ask([&done](base::Result<std::vector<OutboxRow>> result) {
      EXPECT_TRUE(result);
      done.set_value(std::move(*result));
    });
    return out.get();
  }
  std::vector<OutboxRow> find(const std::string& id) {
    return rows([&](auto done) { store->find(id, std::move(done)); });
  }
  OutboxRow one(std::int64_t sequence) {
    auto found = find("id-" + std::to_string(sequence));
    EXPECT_THAT(found, SizeIs(1));
    return found.empty() ? OutboxRow{} : std::move(found.front());
  }
  static std::vector<std::int64_t> sequences(const std::vector<OutboxRow>& rows) {
    std::vector<std::int64_t> out;
    for (const auto& row : rows) out.push_back(row.sequence);
    return out;
  }
  std::vector<std::int64_t> list(OutboxFilter filter = {}) {
    return sequences(rows([&](auto done) { store->list(filter, std::move(done)); }));
  }
  std::vector<std::int64_t> waiting(const std::string& recipient, std::int64_t after = 0,
                                    std::size_t limit = 100) {
    return sequences(
        rows([&](auto done) { store->waiting(recipient, after, limit, std::move(done)); }));
  }
  std::vector<std::int64_t> expired(base::WallTime now, std::size_t limit = 100) {
    return sequences(rows([&](auto done) { store->expired(now, limit, std::move(done)); }));
  }
  std::vector<std::int64_t> oldest() {
    return sequences(rows([&](auto done) { store->oldest(std::move(done)); }));
  }
  // All steps of a purge have been run.
  void purge(base::WallTime before) {
    store->purge(before);
    for (int i = 0; i < 600; ++i) database->flush();
  }
  void execute(const std::string& sql) {
    ASSERT_TRUE(database->run([&sql](Connection& connection) { return connection.execute(sql); }));
  }
  std::int64_t number(const std::string& sql) {
    std::int64_t out = -1;
    EXPECT_TRUE(database->run([&](Connection& connection) -> base::Result<void> {
      out = *connection.number(sql);
      return {};
    }));
    return out;
  }

  test::TemporaryFolder folder;
  std::deque<std::string> texts;
  std::unique_ptr<Database> database;
  std::unique_ptr<OutboxStore> store;
};

TEST_F(OutboxStoreTest, EveryMember) {  // 1
  auto made = row(7);
  made.action_id = "action";
  made.destination = "pjsip:alice/sip:x";
  made.attempts = 1;
  made.code = 480;
  made.text = "Temporarily Unavailable";
  made.accepted = day + 123ms + 456us;
  made.expires = day + 7 * 24h + 9ms;
  insert(std::move(made));
  auto read = one(7);
  EXPECT_EQ(read.sequence, 7);
  EXPECT_EQ(read.id, "id-7");
  EXPECT_TRUE(read.waiting);
  EXPECT_EQ(read.state, queued);
  EXPECT_EQ(read.recipient, "alice");
  EXPECT_EQ(read.destination, "pjsip:alice/sip:x");
  EXPECT_EQ(read.action_id, "action");
  EXPECT_EQ(read.content, "content-7");
  EXPECT_EQ(read.size, 10u);
  EXPECT_EQ(read.accepted, day + 123ms);
  EXPECT_EQ(read.expires, day + 7 * 24h + 9ms);
  EXPECT_EQ(read.updated, day + 123ms);
  EXPECT_EQ(read.attempts, 1u);
  EXPECT_EQ(read.code, 480);
  EXPECT_EQ(read.text, "Temporarily Unavailable");
  EXPECT_EQ(read.contact, "");

  auto final = change(7, Kind::finish, failed);
  final.attempts = 3;
  final.code = 404;
  final.text = "Not Found";
  final.contact = "sip:a@192.0.2.1";
  final.updated = day + 5s;
  alter({final});
  read = one(7);
  EXPECT_FALSE(read.waiting);
  EXPECT_EQ(read.state, failed);
  EXPECT_EQ(read.content, "");
  EXPECT_EQ(read.id, "id-7");
  EXPECT_EQ(read.recipient, "alice");
  EXPECT_EQ(read.destination, "pjsip:alice/sip:x");
  EXPECT_EQ(read.action_id, "action");
  EXPECT_EQ(read.accepted, day + 123ms);
  EXPECT_EQ(read.updated, day + 5s);
  EXPECT_EQ(read.attempts, 3u);
  EXPECT_EQ(read.code, 404);
  EXPECT_EQ(read.text, "Not Found");
  EXPECT_EQ(read.contact, "sip:a@192.0.2.1");
  EXPECT_THAT(find("id-8"), IsEmpty());

  insert(row(8, false));
  read = one(8);
  EXPECT_FALSE(read.waiting);
  EXPECT_EQ(read.state, sending);
  EXPECT_EQ(read.content, "content-8");
}

TEST_F(OutboxStoreTest, KnownIds) {  // 2
  insert(row(1));
  auto again = row(2);
  again.id = "id-1";
  again.content = "another";
  auto twice = row(4);
  twice.id = "id-3";
  std::vector<OutboxInsert> batch;
  batch.push_back(std::move(again));
  batch.push_back(row(3));
  batch.push_back(std::move(twice));
  const auto became = insert(std::move(batch));
  ASSERT_THAT(became, SizeIs(3));
  EXPECT_TRUE(became[0].known);
  ASSERT_TRUE(became[0].row);
  EXPECT_EQ(became[0].row->sequence, 1);
  EXPECT_EQ(became[0].row->content, "content-1");
  EXPECT_FALSE(became[1].known);
  EXPECT_FALSE(became[1].row);
  EXPECT_TRUE(became[2].known);
  EXPECT_EQ(became[2].row->sequence, 3);
  EXPECT_THAT(list(), ElementsAre(1, 3));
  alter({change(1, Kind::finish)});
  auto late = row(9);
  late.id = "id-1";
  std::vector<OutboxInsert> third;
  third.push_back(std::move(late));
  EXPECT_EQ(insert(std::move(third)).at(0).row->state, delivered);
}

TEST_F(OutboxStoreTest, AllOrNothing) {  // 3
  insert(row(1, false));
  OutboxBatch batch;
  batch.inserts.push_back(row(2));
  batch.inserts.push_back(row(3));
  batch.inserts.back().content = std::string(2 << 20, 'x');
  batch.changes.push_back(change(1, Kind::finish));
  execute("PRAGMA max_page_count=1");
  auto outcome = apply(std::move(batch));
  ASSERT_FALSE(outcome.result);
  EXPECT_THAT(outcome.result.error().text, HasSubstr("no space left on its disk"));
  ASSERT_THAT(outcome.batch.inserts, SizeIs(2));
  EXPECT_EQ(outcome.batch.inserts[1].content.size(), 2u << 20);
  EXPECT_THAT(outcome.batch.changes, SizeIs(1));
  EXPECT_THAT(list(), ElementsAre(1));
  EXPECT_EQ(one(1).state, sending);
  EXPECT_THAT(oldest(), ElementsAre(1));
  execute("PRAGMA max_page_count=100000");
  EXPECT_TRUE(apply(std::move(outcome.batch)).result);
  EXPECT_THAT(list(), ElementsAre(1, 2, 3));
  EXPECT_EQ(one(1).state, delivered);
}

TEST_F(OutboxStoreTest, Changes) {  // 4
  insert(row(1, false));
  alter({change(1, Kind::wait, queued)});
  EXPECT_TRUE(one(1).waiting);
  EXPECT_EQ(one(1).state, queued);
  EXPECT_EQ(one(1).attempts, 2u);
  EXPECT_EQ(one(1).content, "content-1");
  EXPECT_THAT(waiting("alice"), ElementsAre(1));
  alter({change(1, Kind::finish, sent), change(1, Kind::wait, queued)});
  EXPECT_FALSE(one(1).waiting);
  EXPECT_EQ(one(1).state, sent);
  EXPECT_THAT(waiting("alice"), IsEmpty());
  alter({change(1, Kind::finish, delivered), change(99, Kind::wait), change(99, Kind::finish),
         change(99, Kind::erase)});
  EXPECT_EQ(one(1).state, delivered);
  OutboxBatch both;
  both.inserts.push_back(row(2));
  both.changes = {change(2, Kind::erase), change(1, Kind::erase)};
  EXPECT_TRUE(apply(std::move(both)).result);
  EXPECT_THAT(list(), IsEmpty());
  EXPECT_TRUE(apply({}).result);
}

TEST_F(OutboxStoreTest, Octets) {  // 5
  const std::string odd("a\0b\xFF'\n", 6);
  auto made = row(1);
  made.id = made.recipient = made.destination = made.action_id = odd;
  made.text = made.content = odd;
  insert(std::move(made));
  const auto found = find(odd);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0],
              AllOf(Field(&OutboxRow::id, odd), Field(&OutboxRow::recipient, odd),
                    Field(&OutboxRow::destination, odd), Field(&OutboxRow::action_id, odd),
                    Field(&OutboxRow::text, odd), Field(&OutboxRow::content, odd)));
  EXPECT_THAT(find("a"), IsEmpty());
  EXPECT_THAT(waiting(odd), ElementsAre(1));
  EXPECT_THAT(waiting("a"), IsEmpty());
  EXPECT_THAT(list({.recipient = odd}), ElementsAre(1));
  insert(row(2));
  auto final = change(2, Kind::finish);
  final.text = final.contact = odd;
  alter({final});
  EXPECT_EQ(one(2).text, odd);
  EXPECT_EQ(one(2).contact, odd);
}

TEST_F(OutboxStoreTest, Waiting) {  // 6
  for (const auto sequence : {5, 3, 1, 9}) insert(row(sequence));
  insert(row(2, true, "bob"));
  insert(row(4, false));
  EXPECT_THAT(waiting("alice"), ElementsAre(1, 3, 5, 9));
  EXPECT_THAT(waiting("alice", 3), ElementsAre(5, 9));
  EXPECT_THAT(waiting("alice", 0, 2), ElementsAre(1, 3));
  EXPECT_THAT(waiting("alice", 0, 0), IsEmpty());
  EXPECT_THAT(waiting("bob"), ElementsAre(2));
  EXPECT_THAT(waiting("carol"), IsEmpty());
  const auto found = rows([&](auto done) { store->waiting("bob", 0, 1, std::move(done)); });
  EXPECT_EQ(found.at(0).content, "content-2");
}

TEST_F(OutboxStoreTest, Expired) {  // 7
  for (std::int64_t sequence = 1; sequence <= 4; ++sequence) {
    auto made = row(sequence, sequence != 3);
    made.expires = day + std::chrono::seconds(10 - sequence);
    insert(std::move(made));
  }
  alter({change(2, Kind::finish)});
  EXPECT_THAT(expired(day + 6s - 1ms), IsEmpty());
  EXPECT_THAT(expired(day + 6s), ElementsAre(4));
  EXPECT_THAT(expired(day + 1h), ElementsAre(4, 1));
  EXPECT_THAT(expired(day + 1h, 1), ElementsAre(4));
  alter({change(3, Kind::wait, queued)});
  EXPECT_THAT(expired(day + 1h), ElementsAre(4, 3, 1));
}

TEST_F(OutboxStoreTest, List) {  // 8
  std::vector<OutboxInsert> many;
  for (std::int64_t sequence = 1; sequence <= 5001; ++sequence) {
    many.push_back(row(sequence, true, sequence % 2500 == 0 ? "bob" : "alice"));
  }
  insert(std::move(many));
  alter({change(1, Kind::finish, failed), change(5000, Kind::finish, delivered)});
  EXPECT_THAT(list({.limit = 3}), ElementsAre(1, 2, 3));
  EXPECT_THAT(list({.limit = 3, .newest_first = true}), ElementsAre(5001, 5000, 4999));
  EXPECT_THAT(list({.recipient = "bob"}), ElementsAre(2500, 5000));
  EXPECT_THAT(list({.recipient = "bob", .newest_first = true}), ElementsAre(5000, 2500));
  EXPECT_THAT(list({.recipient = "bob", .limit = 1}), ElementsAre(2500));
  EXPECT_THAT(list({.state = delivered}), ElementsAre(5000));
  EXPECT_THAT(list({.state = failed, .newest_first = true}), ElementsAre(1));
  EXPECT_THAT(list({.state = queued, .recipient = "bob"}), ElementsAre(2500));
  EXPECT_THAT(list({.limit = 0}), IsEmpty());
  EXPECT_THAT(list({.limit = 10000}), SizeIs(5001));
  const auto found = rows([&](auto done) { store->list({.limit = 1}, std::move(done)); });
  EXPECT_EQ(found.at(0).content, "");
  EXPECT_EQ(found.at(0).id, "id-1");
}

TEST_F(OutboxStoreTest, Oldest) {  // 9
  EXPECT_THAT(oldest(), IsEmpty());
  std::vector<OutboxInsert> many;
  std::vector<OutboxChange> finals;
  for (std::int64_t sequence = 100; sequence < 5100; ++sequence) {
    many.push_back(row(sequence, sequence % 2 == 0));
    if (sequence != 5000) finals.push_back(change(sequence, Kind::finish));
  }
  insert(std::move(many));
  EXPECT_THAT(oldest(), ElementsAre(100));
  alter(finals);
  EXPECT_THAT(oldest(), ElementsAre(5000));
  insert(row(50, false));  // of another shard, somewhat later
  EXPECT_THAT(oldest(), ElementsAre(50));
  alter({change(50, Kind::finish), change(5000, Kind::erase)});
  EXPECT_THAT(oldest(), IsEmpty());
  insert(row(6000));
  const auto found = rows([&](auto done) { store->oldest(std::move(done)); });
  EXPECT_EQ(found.at(0).content, "content-6000");
}

TEST_F(OutboxStoreTest, Open) {  // 10
  auto summary = store->open();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->last_sequence, 0);
  EXPECT_THAT(summary->recipients, IsEmpty());
  insert(row(1));
  insert(row(2, false));
  insert(row(3, false, "bob"));
  insert(row(4, false, "carol"));
  insert(row(5, true, "dave"));
  alter({change(4, Kind::finish), change(5, Kind::finish)});
  reopen(folder.file("missive.db"));
  summary = store->open();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->last_sequence, 5);
  ASSERT_THAT(summary->recipients, SizeIs(2));
  EXPECT_EQ(summary->recipients[0].recipient, "alice");
  EXPECT_EQ(summary->recipients[0].messages, 2u);
  EXPECT_EQ(summary->recipients[0].octets, 20u);
  EXPECT_EQ(summary->recipients[1].recipient, "bob");
  EXPECT_EQ(summary->recipients[1].messages, 1u);
  EXPECT_THAT(waiting("alice"), ElementsAre(1, 2));
  EXPECT_TRUE(one(2).waiting);
  EXPECT_EQ(one(2).state, queued);
  EXPECT_EQ(one(2).content, "content-2");
  EXPECT_EQ(one(4).state, delivered);
}

TEST_F(OutboxStoreTest, Purge) {  // 11
  for (std::int64_t sequence = 1; sequence <= 6; ++sequence) insert(row(sequence));
  alter({change(1, Kind::finish), change(2, Kind::finish), change(4, Kind::finish),
         change(6, Kind::finish)});
  purge(day + 1s);
  EXPECT_THAT(list(), ElementsAre(1, 2, 3, 4, 5, 6));
  purge(day + 5s);
  EXPECT_THAT(list(), ElementsAre(3, 5, 6));
  alter({change(3, Kind::finish)});
  purge(day + 7s);
  EXPECT_THAT(list(), ElementsAre(3, 5));  // 3 was come by
  purge(day + 7s + 1h);
  EXPECT_THAT(list(), ElementsAre(5));
  // Accepted before, final only now: it is the outcome that is kept.
  auto late = change(5, Kind::finish);
  late.updated = day + 3h;
  alter({late});
  purge(day + 3h);
  EXPECT_THAT(list(), ElementsAre(5));
  purge(day + 5h);
  EXPECT_THAT(list(), IsEmpty());
}

TEST_F(OutboxStoreTest, PurgeIsBounded) {  // 12
  reopen(":memory:");
  execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100000)"
      " INSERT INTO outbox SELECT i, i, 0, 3, '', '', '', 0, 0, 0, 0, 0, 0, '', '', NULL FROM n");
  const auto before = base::WallTime(1h - 1ms);
  purge(before);
  EXPECT_EQ(number("SELECT count(*) FROM outbox"), 100000);
  purge(before);
  EXPECT_EQ(number("SELECT count(*) FROM outbox"), 0);
}

TEST_F(OutboxStoreTest, ManyRows) {  // 13
  for (std::int64_t first = 1; first <= 10000; first += 100) {
    OutboxBatch batch;
    for (auto sequence = first; sequence < first + 100; ++sequence) {
      batch.inserts.push_back(row(sequence, false));
      if (first > 1) batch.changes.push_back(change(sequence - 100, Kind::finish));
    }
    ASSERT_TRUE(apply(std::move(batch)).result);
  }
  EXPECT_EQ(number("SELECT count(*) FROM outbox WHERE state = 3 AND content IS NULL"), 9900);
  EXPECT_THAT(oldest(), ElementsAre(9901));
  const auto summary = store->open();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->recipients.at(0).messages, 100u);
  purge(day + 24h);
  EXPECT_EQ(number("SELECT count(*) FROM outbox"), 100);
}

TEST_F(OutboxStoreTest, Settle) {  // 17
  const auto settled = [this] {
    store->settle();
    store->settle();  // the first one goes no further than the one before it
    std::int64_t value = -1;
    EXPECT_TRUE(database->run([&value](Connection& connection) -> base::Result<void> {
      value = connection.number("SELECT value FROM outbox_settled").value_or(-1);
      return {};
    }));
    return value;
  };
  ASSERT_TRUE(store->open());
  insert(row(1));
  insert(row(2, false));
  EXPECT_EQ(settled(), 0);  // 2 is being sent
  alter({change(2, Kind::finish)});
  EXPECT_EQ(settled(), 2);
  insert(row(3, false));
  insert(row(4));
  EXPECT_EQ(settled(), 2);
  reopen(folder.file("missive.db"));
  ASSERT_TRUE(store->open());
  EXPECT_THAT(waiting("alice"), ElementsAre(1, 3, 4));
  EXPECT_EQ(settled(), 4);
}

TEST_F(OutboxStoreTest, Indexes) {  // 14
  const auto plan = [this](const std::string& sql) {
    std::string out;
    EXPECT_TRUE(database->run([&](Connection& connection) -> base::Result<void> {
      auto query = connection.statement("EXPLAIN QUERY PLAN " + sql);
      if (!query) return tl::unexpected(query.error());
      while (*query->step()) out += std::string(query->text(3)) + "; ";
      return {};
    }));
    return out;
  };
  EXPECT_EQ(plan("SELECT content FROM outbox WHERE waiting AND recipient = ? AND sequence > ?"
                 " ORDER BY sequence LIMIT ?"),
            "SEARCH outbox USING INDEX outbox_waiting (recipient=? AND sequence>?); ");
  EXPECT_EQ(plan("SELECT content FROM outbox WHERE waiting AND expires <= ? ORDER BY expires,"
                 " sequence LIMIT ?"),
            "SEARCH outbox USING INDEX outbox_expires (expires<?); ");
  EXPECT_THAT(plan("UPDATE outbox SET waiting = 1, state = 0 WHERE sequence > (SELECT value FROM"
                   " outbox_settled) AND state < 2 AND NOT waiting"),
              HasSubstr("SEARCH outbox USING INTEGER PRIMARY KEY (rowid>?)"));
  EXPECT_EQ(plan("SELECT recipient, count(*), sum(size) FROM outbox WHERE waiting"
                 " GROUP BY recipient"),
            "SCAN outbox USING COVERING INDEX outbox_waiting; ");
  EXPECT_EQ(plan("DELETE FROM outbox WHERE sequence > ? AND sequence <= ? AND state >= 2"
                 " AND updated < ?"),
            "SEARCH outbox USING INTEGER PRIMARY KEY (rowid>? AND rowid<?); ");
}

TEST_F(OutboxStoreTest, InMemory) {  // 15
  reopen(":memory:");
  EXPECT_EQ(database->file(), ":memory:");
  ASSERT_TRUE(store->open());
  insert(row(1));
  alter({change(1, Kind::finish)});
  insert(row(2));
  EXPECT_EQ(one(1).state, delivered);
  EXPECT_THAT(waiting("alice"), ElementsAre(2));
  EXPECT_FALSE(std::filesystem::exists(":memory:"));
  const auto other = std::move(*Database::open(":memory:"));
  EXPECT_EQ(OutboxStore(*other).open()->last_sequence, 0);
}

TEST_F(OutboxStoreTest, StoreGoes) {  // 16
  std::vector<OutboxInsert> many;
  for (std::int64_t sequence = 1; sequence <= 5000; ++sequence) many.push_back(row(sequence));
  insert(std::move(many));
  std::promise<void> go;
  database->post([going = go.get_future()](Connection&) -> base::Result<void> {
    going.wait();
    return {};
  });
  bool told = false;
  store->list({.limit = 5000}, [&told](const auto& result) {
    told = true;
    EXPECT_FALSE(result);
  });
  store.reset();
  go.set_value();
  database.reset();
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace missive::store
