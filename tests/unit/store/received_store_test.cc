// Messages that came in, until they have been handled.
//
//  1. Every member comes back, in order, octets of any kind.
//  2. A key is taken once: in one batch, later, after it was handled, after a restart.
//  3. handled(): not loaded again, its content is gone.
//  4. forget(): keys of handled rows of before go; what was not handled stays.
//  5. last_sequence(): the highest ever given, also when all is forgotten.
//  6. A full disk: rows are given back. What handled() could not write goes with the next.
//  7. Many rows are forgotten in one go.
#include "store/received_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "unit/store/temporary_folder.h"

namespace missive::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const base::WallTime day{std::chrono::seconds{1767225600}};

ReceivedRow row(std::int64_t sequence, std::string key) {
  ReceivedRow out;
  out.sequence = sequence;
  out.key = std::move(key);
  out.content = "content-" + std::to_string(sequence);
  out.received = day + std::chrono::seconds(sequence);
  return out;
}

class ReceivedStoreTest : public testing::Test {
 protected:
  ReceivedStoreTest() { reopen(); }
  void reopen() {
    store.reset();
    database.reset();
    database = std::move(*Database::open(folder.file("missive.db")));
    store = std::make_unique<ReceivedStore>(*database);
  }
  struct Outcome {
    base::Result<std::vector<bool>> result;
    std::vector<ReceivedRow> rows;
  };
  Outcome try_insert(std::vector<ReceivedRow> rows) {
    std::promise<Outcome> done;
    auto outcome = done.get_future();
    store->insert(std::move(rows), [&done](auto result, std::vector<ReceivedRow> back) {
      done.set_value({std::move(result), std::move(back)});
    });
    return outcome.get();
  }
  std::vector<bool> insert(std::vector<ReceivedRow> rows) {
    auto outcome = try_insert(std::move(rows));
    EXPECT_TRUE(outcome.result);
    return *outcome.result;
  }
  std::vector<std::int64_t> load() {
    std::vector<std::int64_t> out;
    const auto rows = store->load();
    EXPECT_TRUE(rows);
    for (const auto& one : *rows) out.push_back(one.sequence);
    return out;
  }
  void forget(base::WallTime before) {
    store->forget(before);
    for (int i = 0; i < 20; ++i) database->flush();
  }
  std::int64_t number(const std::string& sql) {
    std::int64_t out = -1;
    EXPECT_TRUE(database->run([&](Connection& connection) -> base::Result<void> {
      out = *connection.number(sql);
      return {};
    }));
    return out;
  }
  void execute(const std::string& sql) {
    ASSERT_TRUE(database->run([&sql](Connection& connection) { return connection.execute(sql); }));
  }
  void set_pages(int pages) { execute("PRAGMA max_page_count=" + std::to_string(pages)); }

  test::TemporaryFolder folder;
  std::unique_ptr<Database> database;
  std::unique_ptr<ReceivedStore> store;
};

TEST_F(ReceivedStoreTest, EveryMember) {  // 1
  const std::string odd("k\0\xFF", 3);
  auto made = row(2, odd);
  made.content = odd;
  made.received = day + 7ms + 8us;
  EXPECT_THAT(insert({made, row(1, "one")}), ElementsAre(true, true));
  reopen();
  const auto rows = store->load();
  ASSERT_TRUE(rows);
  ASSERT_THAT(*rows, SizeIs(2));
  EXPECT_EQ((*rows)[0].sequence, 1);
  EXPECT_EQ((*rows)[1].sequence, 2);
  EXPECT_EQ((*rows)[1].key, odd);
  EXPECT_EQ((*rows)[1].content, odd);
  EXPECT_EQ((*rows)[1].received, day + 7ms);
}

TEST_F(ReceivedStoreTest, Keys) {  // 2
  EXPECT_THAT(insert({row(1, "a"), row(2, "a"), row(3, "b")}), ElementsAre(true, false, true));
  EXPECT_THAT(insert({row(4, "a")}), ElementsAre(false));
  store->handled({1});
  EXPECT_THAT(insert({row(5, "a")}), ElementsAre(false));
  reopen();
  EXPECT_THAT(insert({row(6, "a"), row(7, "c")}), ElementsAre(false, true));
  EXPECT_THAT(load(), ElementsAre(3, 7));
}

TEST_F(ReceivedStoreTest, Handled) {  // 3
  insert({row(1, "a"), row(2, "b"), row(3, "c")});
  store->handled({1, 3, 99});
  EXPECT_THAT(load(), ElementsAre(2));
  EXPECT_EQ(number("SELECT count(*) FROM received WHERE content IS NOT NULL"), 1);
}

TEST_F(ReceivedStoreTest, Forget) {  // 4
  insert({row(1, "a"), row(2, "b"), row(3, "c"), row(4, "d")});
  store->handled({1, 3, 4});
  forget(day + 1s);
  EXPECT_THAT(insert({row(5, "a")}), ElementsAre(false));
  forget(day + 4s);
  EXPECT_THAT(insert({row(6, "a"), row(7, "b"), row(8, "c"), row(9, "d")}),
              ElementsAre(true, false, true, false));
  EXPECT_THAT(load(), ElementsAre(2, 6, 8));
}

TEST_F(ReceivedStoreTest, LastSequence) {  // 5
  EXPECT_EQ(store->last_sequence(), 0);
  insert({row(1, "a"), row(2, "b")});
  store->handled({1, 2});
  forget(day + 1h);
  EXPECT_EQ(store->last_sequence(), 2);
  EXPECT_THAT(load(), IsEmpty());
  EXPECT_THAT(insert({row(3, "b")}), ElementsAre(true));
  EXPECT_EQ(number("SELECT count(*) FROM received"), 2);
  forget(day + 1h);
  EXPECT_EQ(number("SELECT count(*) FROM received"), 1);
  reopen();
  EXPECT_EQ(store->last_sequence(), 3);
}

TEST_F(ReceivedStoreTest, FullDisk) {  // 6
  insert({row(1, "a"), row(2, "b")});
  set_pages(1);
  auto large = row(3, "c");
  large.content = std::string(1 << 20, 'x');
  const auto outcome = try_insert({large, row(4, "d")});
  ASSERT_FALSE(outcome.result);
  EXPECT_THAT(outcome.result.error().text, HasSubstr("no space left"));
  EXPECT_THAT(outcome.rows, SizeIs(2));
  execute(
      "CREATE TEMP TRIGGER fails BEFORE UPDATE ON received BEGIN"
      " SELECT RAISE(ABORT, 'it fails'); END");
  store->handled({1});
  database->flush();
  execute("DROP TRIGGER fails");
  EXPECT_THAT(load(), ElementsAre(1, 2));
  set_pages(100000);
  EXPECT_THAT(insert(outcome.rows), ElementsAre(true, true));
  store->handled({2});
  EXPECT_THAT(load(), ElementsAre(3, 4));
}

TEST_F(ReceivedStoreTest, ManyRows) {  // 7
  std::vector<ReceivedRow> rows;
  std::vector<std::int64_t> sequences;
  for (int i = 1; i <= 10000; ++i) {
    rows.push_back(row(i, std::to_string(i)));
    if (i != 5000) sequences.push_back(i);
  }
  EXPECT_THAT(insert(std::move(rows)), SizeIs(10000));
  store->handled(std::move(sequences));
  forget(day + 24h);
  EXPECT_EQ(number("SELECT count(*) FROM received"), 2);  // 5000 and the last
  EXPECT_THAT(load(), ElementsAre(5000));
}

}  // namespace
}  // namespace missive::store
