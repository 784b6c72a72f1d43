// The dialplan's database.
//
//  1. put, get, replace, remove; keys compare with case; slashes at the ends do not count.
//  2. A family and a key with slashes are one path.
//  3. entries(): under a prefix of whole parts, sorted; all when it is empty.
//  4. remove_tree(): a family, a subtree, everything; never what only begins alike.
//  5. All of it comes back from the file, in its last state.
//  6. In memory only: no file, the same answers.
//  7. A write that fails is kept and goes with the next one.
#include "store/ast_db.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/database.h"
#include "unit/store/temporary_folder.h"

namespace missive::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class AstDbTest : public testing::Test {
 protected:
  AstDbTest() { open(); }
  void open() {
    db.reset();
    database.reset();
    database = std::move(*Database::open(folder.file("missive.db")));
    db = std::move(*AstDb::open(*database));
  }

  test::TemporaryFolder folder;
  std::unique_ptr<Database> database;
  std::unique_ptr<AstDb> db;
};

TEST_F(AstDbTest, OneKey) {  // 1
  EXPECT_EQ(db->get("f", "k"), std::nullopt);
  db->put("f", "k", "v");
  EXPECT_EQ(db->get("f", "k"), "v");
  EXPECT_EQ(db->get("F", "k"), std::nullopt);
  EXPECT_EQ(db->get("/f/", "/k"), "v");
  db->put("f", "k", "");
  EXPECT_EQ(db->get("f", "k"), "");
  EXPECT_TRUE(db->remove("f", "k"));
  EXPECT_FALSE(db->remove("f", "k"));
  EXPECT_EQ(db->get("f", "k"), std::nullopt);
}

TEST_F(AstDbTest, Paths) {  // 2
  db->put("a/b", "c", "1");
  EXPECT_EQ(db->get("a", "b/c"), "1");
  EXPECT_EQ(db->get("a", "b"), std::nullopt);
}

TEST_F(AstDbTest, Entries) {  // 3
  db->put("cid", "2", "b");
  db->put("cid", "1", "a");
  db->put("cid", "1/x", "ax");
  db->put("cidr", "1", "no");
  EXPECT_THAT(db->entries("cid"),
              ElementsAre(Pair("cid/1", "a"), Pair("cid/1/x", "ax"), Pair("cid/2", "b")));
  EXPECT_THAT(db->entries("/cid/1/"), ElementsAre(Pair("cid/1", "a"), Pair("cid/1/x", "ax")));
  EXPECT_THAT(db->entries(""), SizeIs(4));
  EXPECT_THAT(db->entries("ci"), IsEmpty());
}

TEST_F(AstDbTest, Trees) {  // 4
  for (const auto* key : {"a", "a/b", "a-b", "ab"}) db->put("f", key, "v");
  db->put("g", "a", "v");
  EXPECT_EQ(db->remove_tree("f", "a"), 2u);
  EXPECT_THAT(db->entries("f"), ElementsAre(Pair("f/a-b", "v"), Pair("f/ab", "v")));
  EXPECT_EQ(db->remove_tree("f"), 2u);
  EXPECT_EQ(db->remove_tree("f"), 0u);
  EXPECT_EQ(db->remove_tree(""), 1u);
  EXPECT_THAT(db->entries(""), IsEmpty());
}

TEST_F(AstDbTest, ComesBack) {  // 5
  const std::string octets("\0\xFF'\n", 4);
  db->put("f", "gone", "1");
  db->put("f", "changed", "1");
  db->put("f", "octets", octets);
  database->flush();
  db->put("f", "changed", "2");
  db->put("f", "changed", "3");
  db->remove("f", "gone");
  db->put("g", "1", "x");
  db->remove_tree("g");
  open();
  EXPECT_THAT(db->entries(""), ElementsAre(Pair("f/changed", "3"), Pair("f/octets", octets)));
}

TEST(AstDbInMemory, SameAnswers) {  // 6
  AstDb db;
  db.put("f", "k", "v");
  EXPECT_EQ(db.get("f", "k"), "v");
  EXPECT_EQ(db.remove_tree("f"), 1u);
  EXPECT_EQ(db.get("f", "k"), std::nullopt);
}

TEST_F(AstDbTest, FailedWrite) {  // 7
  const auto set_pages = [this](int pages) {
    ASSERT_TRUE(database->run([pages](Connection& connection) {
      return connection.execute("PRAGMA max_page_count=" + std::to_string(pages));
    }));
  };
  set_pages(1);
  const std::string large(1 << 18, 'x');
  db->put("f", "large", large);
  database->flush();
  EXPECT_EQ(db->get("f", "large"), large) << "in memory it is there";
  set_pages(100000);
  db->put("f", "small", "s");
  open();
  EXPECT_THAT(db->entries(""), ElementsAre(Pair("f/large", large), Pair("f/small", "s")));
}

}  // namespace
}  // namespace missive::store
