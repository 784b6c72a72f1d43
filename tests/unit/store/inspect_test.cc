// A look at a database file from outside.
//
//  1. Nothing there; a folder that is not there.
//  2. Sound: schema, what waits (also what was being sent), what outcomes are kept.
//  3. In use by a process that runs: not looked at; that one is not disturbed.
//  4. What a killed process left in its -wal counts, and is left as it is.
//  5. An older schema; an empty file.
//  6. Errors: no database, another program's, a newer one, damaged, a change that was cut short.
//  7. Nothing is changed, in the file or beside it, whatever it is.
#include "store/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "store/database.h"
#include "unit/store/temporary_folder.h"

namespace missive::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Found = Inspection::Found;

const std::string rows =
    "INSERT INTO outbox VALUES"
    " (1, 'a', 1, 0, '', '', '', 0, 0, 0, 0, 0, 0, '', '', 'x'),"
    " (2, 'b', 0, 1, '', '', '', 0, 0, 0, 0, 0, 0, '', '', 'x'),"
    " (3, 'c', 0, 3, '', '', '', 0, 0, 0, 0, 0, 0, '', '', NULL)";

class InspectTest : public testing::Test {
 protected:
  using Files = std::map<std::string, std::string>;
  Files files() {
    Files out;
    for (const auto& entry : std::filesystem::directory_iterator(folder.file(""))) {
      std::ifstream in(entry.path(), std::ios::binary);
      out[entry.path().filename()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return out;
  }
  // Looks, and sees to it that nothing is changed by it (7).
  base::Result<Inspection> look() {
    const auto before = files();
    auto seen = inspect(file);
    EXPECT_EQ(files(), before);
    return seen;
  }
  std::string why_refused() {
    const auto seen = look();
    return seen ? "sound" : seen.error().text;
  }
  void make() {
    auto database = std::move(*Database::open(file));
    ASSERT_TRUE(database->run([](Connection& connection) { return connection.execute(rows); }));
  }
  void execute(const std::string& sql) { ASSERT_TRUE((*Connection::open(file))->execute(sql)); }
  void write(const std::string& octets) { std::ofstream(file, std::ios::binary) << octets; }

  test::TemporaryFolder folder;
  const std::string file = folder.file("missive.db");
};

TEST_F(InspectTest, Nothing) {  // 1
  const auto seen = look();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->found, Found::nothing);
  EXPECT_EQ(inspect(folder.file("none/missive.db"))->found, Found::nothing);
}

TEST_F(InspectTest, Sound) {  // 2
  make();
  const auto seen = look();
  ASSERT_TRUE(seen) << seen.error().text;
  EXPECT_EQ(seen->found, Found::sound);
  EXPECT_EQ(seen->schema, 2);
  EXPECT_EQ(seen->newest, 2);
  EXPECT_EQ(seen->waiting, 2);
  EXPECT_EQ(seen->outcomes, 1);
}

TEST_F(InspectTest, InUse) {  // 3
  const auto database = std::move(*Database::open(file));
  const auto before = look();
  ASSERT_TRUE(before) << before.error().text;
  EXPECT_EQ(before->found, Found::in_use);
  EXPECT_TRUE(database->run([](Connection& connection) { return connection.execute(rows); }));
  EXPECT_EQ(look()->found, Found::in_use);
  EXPECT_FALSE(Database::open(file));  // the lock is where it was
}

TEST_F(InspectTest, Killed) {  // 4
  Files left;
  {
    const auto database = std::move(*Database::open(file));
    ASSERT_TRUE(database->run([](Connection& connection) { return connection.execute(rows); }));
    left = files();
  }
  ASSERT_TRUE(left.count("missive.db-wal"));
  for (const auto& [name, octets] : left) {
    std::ofstream(folder.file(name), std::ios::binary) << octets;
  }
  const auto seen = look();
  ASSERT_TRUE(seen) << seen.error().text;
  EXPECT_EQ(seen->found, Found::sound);
  EXPECT_EQ(seen->waiting, 2);
  EXPECT_EQ(seen->outcomes, 1);
  EXPECT_TRUE(Database::open(file));
}

TEST_F(InspectTest, Older) {  // 5
  write("");
  auto seen = look();
  ASSERT_TRUE(seen) << seen.error().text;
  EXPECT_EQ(seen->schema, 0);
  make();
  execute("DROP TABLE outbox; DROP TABLE received; PRAGMA user_version=1");
  seen = look();
  ASSERT_TRUE(seen) << seen.error().text;
  EXPECT_EQ(seen->found, Found::sound);
  EXPECT_EQ(seen->schema, 1);
  EXPECT_EQ(seen->waiting, 0);
}

TEST_F(InspectTest, Errors) {  // 6
  write(std::string(5000, 'j'));
  EXPECT_THAT(why_refused(), StartsWith(file + ": this is no database"));
  write("");
  execute("CREATE TABLE theirs (n)");
  EXPECT_THAT(why_refused(), StartsWith(file + ": this is a database of another program"));
  write("");
  make();
  std::ofstream(file + "-journal") << "something";
  EXPECT_THAT(why_refused(), HasSubstr("cut short"));
  std::filesystem::remove(file + "-journal");
  execute("PRAGMA user_version=7");
  EXPECT_THAT(why_refused(), StartsWith(file + ": written by a newer version"));
  execute("PRAGMA user_version=2");
  auto octets = files()["missive.db"];
  octets.replace(4096, 2000, 2000, '\xA5');
  write(octets);
  EXPECT_THAT(why_refused(),
              AllOf(StartsWith(file + ": the database is damaged"), Not(HasSubstr("\n"))));
}

}  // namespace
}  // namespace missive::store
