// The database file and its writer thread.
//
//  1. What was posted is there after flush(), after the destructor, and in a new Database.
//  2. Completions come after the commit, in the order posted, each once.
//  3. Jobs that wait together are one transaction.
//  4. A job that fails is undone alone; the others of its transaction stand.
//  5. A commit that fails fails all of its jobs; later ones are written again.
//  6. A failure is logged once, until writing succeeds.
//  7. Many threads post: nothing is lost, each one's jobs keep their order.
//  8. A new file: WAL, readable by nobody else, with schema number and mark.
//  9. Refused, with the name of the file: no folder, no database, another program's, a newer
//     schema, damaged pages, one that is in use. The file is not changed by it.
// 10. Text is octets of any kind and length.
// 11. A statement that makes no sense is an error, not an end.
// 12. A file of schema 1 with contacts becomes one of today and keeps them; cut short, it stays.
// 13. In memory: no file.
#include "store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/stat.h>

#include <fstream>
#include <future>
#include <sstream>

#include "base/log.h"
#include "unit/store/temporary_folder.h"

namespace missive::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string table = "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, s TEXT)";

base::Result<void> insert(Connection& connection, std::int64_t n, std::string_view s = "") {
  auto statement = connection.statement("INSERT INTO t (n, s) VALUES (?, ?)");
  if (!statement) return tl::unexpected(statement.error());
  return statement->bind(n).bind(s).run();
}

// Keeps the writer thread from its next batch while it lives.
class Pause {
 public:
  explicit Pause(Database& database) {
    std::promise<void> reached;
    auto running = reached.get_future();
    database.post([reached = std::move(reached),
                   released = released_.get_future()](Connection&) mutable -> base::Result<void> {
      reached.set_value();
      released.wait();
      return {};
    });
    running.wait();
  }
  ~Pause() { released_.set_value(); }

 private:
  std::promise<void> released_;
};

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    database.reset();
    auto opened = Database::open(file);
    ASSERT_TRUE(opened) << opened.error().text;
    database = std::move(*opened);
    ASSERT_TRUE(database->run([](Connection& connection) { return connection.execute(table); }));
  }
  std::vector<std::int64_t> numbers() {
    std::vector<std::int64_t> out;
    const auto read = database->run([&out](Connection& connection) -> base::Result<void> {
      auto query = connection.statement("SELECT n FROM t ORDER BY n");
      while (*query->step()) out.push_back(query->number(0));
      return {};
    });
    EXPECT_TRUE(read);
    return out;
  }
  void post(std::int64_t n) {
    database->post([n](Connection& connection) { return insert(connection, n); });
  }

  test::TemporaryFolder folder;
  const std::string file = folder.file("missive.db");
  std::unique_ptr<Database> database;
};

TEST_F(DatabaseTest, Written) {  // 1
  for (int n = 0; n < 3; ++n) post(n);
  database->flush();
  EXPECT_THAT(numbers(), ElementsAre(0, 1, 2));
  post(3);
  open();
  EXPECT_THAT(numbers(), ElementsAre(0, 1, 2, 3));
}

TEST_F(DatabaseTest, Completions) {  // 2
  std::vector<int> order;
  for (int n = 0; n < 5; ++n) {
    database->post([n](Connection& connection) { return insert(connection, n); },
                   [n, &order](const base::Result<void>& result) {
                     EXPECT_TRUE(result);
                     order.push_back(n);
                   });
  }
  database->flush();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(DatabaseTest, GroupCommit) {  // 3
  int told = 0;
  {
    Pause pause(*database);
    for (int n = 0; n < 3; ++n) {
      database->post([n](Connection& connection) { return insert(connection, n); },
                     [&told](const base::Result<void>&) { ++told; });
    }
    // All have run before the first is told of the commit.
    database->post([&told](Connection& connection) -> base::Result<void> {
      EXPECT_EQ(told, 0);
      EXPECT_EQ(connection.number("SELECT count(*) FROM t"), 3);
      EXPECT_FALSE(connection.idle());
      return {};
    });
  }
  database->flush();
  EXPECT_EQ(told, 3);
}

TEST_F(DatabaseTest, FailedJob) {  // 4
  std::vector<bool> results;
  const auto note = [&results](const base::Result<void>& result) {
    results.push_back(result.has_value());
  };
  {
    Pause pause(*database);
    database->post([](Connection& connection) { return insert(connection, 1); }, note);
    database->post(
        [](Connection& connection) -> base::Result<void> {
          EXPECT_TRUE(insert(connection, 2));
          return insert(connection, 1);  // there is one
        },
        note);
    database->post([](Connection& connection) { return insert(connection, 3); }, note);
  }
  database->flush();
  EXPECT_THAT(results, ElementsAre(true, false, true));
  EXPECT_THAT(numbers(), ElementsAre(1, 3));
}

TEST_F(DatabaseTest, FullDisk) {  // 5, 6
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  auto logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
  spdlog::set_default_logger(logger);
  const auto set_pages = [this](int pages) {
    ASSERT_TRUE(database->run([pages](Connection& connection) {
      return connection.execute("PRAGMA max_page_count=" + std::to_string(pages));
    }));
  };
  set_pages(1);
  const std::string large(1 << 20, 'x');
  for (int n = 0; n < 3; ++n) {
    const auto written =
        database->run([&](Connection& connection) { return insert(connection, n, large); });
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().text, StartsWith(file + ": "));
  }
  set_pages(100000);
  EXPECT_TRUE(database->run([&](Connection& connection) { return insert(connection, 7, large); }));
  EXPECT_THAT(numbers(), ElementsAre(7));
  spdlog::set_default_logger(before);
  std::vector<std::string> lines;
  std::istringstream all(text.str());
  for (std::string line; std::getline(all, line);) lines.push_back(line);
  // set_pages() succeeds at first; from then on there is one line for the three, one at the end.
  EXPECT_THAT(lines, ElementsAre(HasSubstr("writing failed"), HasSubstr("written to again")));
}

TEST_F(DatabaseTest, ManyThreads) {  // 7
  constexpr int threads = 4, jobs = 500;
  std::vector<int> last(threads, -1);
  std::vector<std::thread> posting;
  for (int t = 0; t < threads; ++t) {
    posting.emplace_back([this, t, &last] {
      for (int n = 0; n < jobs; ++n) {
        database->post([t, n, &last](Connection& connection) {
          EXPECT_EQ(last[t], n - 1);
          last[t] = n;
          return insert(connection, t * jobs + n);
        });
      }
    });
  }
  for (auto& thread : posting) thread.join();
  EXPECT_EQ(numbers().size(), static_cast<std::size_t>(threads * jobs));
}

TEST_F(DatabaseTest, NewFile) {  // 8
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat((file + "-wal").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  database->run([](Connection& connection) -> base::Result<void> {
    EXPECT_EQ(*connection.number("PRAGMA user_version"), 2);
    EXPECT_NE(*connection.number("PRAGMA application_id"), 0);
    EXPECT_EQ(*connection.number("PRAGMA synchronous"), 1);
    return {};
  });
  database.reset();
  database = std::move(*Database::open(file, {Database::Synchronous::full}));
  database->run([](Connection& connection) -> base::Result<void> {
    EXPECT_EQ(*connection.number("PRAGMA synchronous"), 2);
    return {};
  });
}

std::string read_file(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_file(const std::string& name, const std::string& octets) {
  std::ofstream(name, std::ios::binary) << octets;
}

std::string why_refused(const std::string& name) {
  const auto opened = Database::open(name);
  return opened ? "opened" : opened.error().text;
}

TEST_F(DatabaseTest, Refused) {  // 9
  EXPECT_EQ(why_refused(file), file + ": in use by another process");
  post(1);
  database->flush();
  database.reset();

  const auto none = folder.file("none/missive.db");
  EXPECT_EQ(why_refused(none), none + ": No such file or directory");

  const auto junk = folder.file("junk.db");
  write_file(junk, std::string(5000, 'j'));
  EXPECT_EQ(why_refused(junk),
            junk + ": this is no database; move it away to begin with an empty one");
  EXPECT_EQ(read_file(junk), std::string(5000, 'j'));

  const auto other = folder.file("other.db");
  ASSERT_TRUE((*Connection::open(other))->execute("CREATE TABLE theirs (n)"));
  auto octets = read_file(other);
  EXPECT_THAT(why_refused(other), StartsWith(other + ": this is a database of another program"));
  EXPECT_EQ(read_file(other), octets);

  const auto newer = folder.file("newer.db");
  std::filesystem::copy_file(file, newer);
  ASSERT_TRUE((*Connection::open(newer))->execute("PRAGMA user_version=7"));
  octets = read_file(newer);
  EXPECT_THAT(why_refused(newer), StartsWith(newer + ": written by a newer version"));
  EXPECT_EQ(read_file(newer), octets);

  const auto damaged = folder.file("damaged.db");
  octets = read_file(file);
  ASSERT_GT(octets.size(), 8192u);
  octets.replace(4096, 2000, 2000, '\xA5');
  write_file(damaged, octets);
  EXPECT_THAT(why_refused(damaged), StartsWith(damaged + ": the database is damaged"));
  open();
  EXPECT_THAT(numbers(), ElementsAre(1));
}

TEST_F(DatabaseTest, Octets) {  // 10
  const std::vector<std::string> texts{"", std::string("a\0b", 3), "\xFF\xFE", "it's",
                                       std::string(1 << 20, 'z')};
  database->run([&texts](Connection& connection) -> base::Result<void> {
    for (std::size_t n = 0; n < texts.size(); ++n) {
      EXPECT_TRUE(insert(connection, static_cast<std::int64_t>(n), texts[n]));
    }
    for (std::size_t n = 0; n < texts.size(); ++n) {
      auto one = connection.statement("SELECT s FROM t WHERE n=?");
      EXPECT_TRUE(*one->bind(n).step());
      EXPECT_EQ(one->text(0), texts[n]);
    }
    return {};
  });
}

TEST_F(DatabaseTest, Nonsense) {  // 11
  const auto result = database->run([](Connection& connection) -> base::Result<void> {
    auto statement = connection.statement("SELEKT 1");
    if (!statement) return tl::unexpected(statement.error());
    return {};
  });
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().text, HasSubstr("SELEKT"));
  post(1);
  EXPECT_THAT(numbers(), ElementsAre(1));
}

// As the first release wrote it.
void make_schema_1(const std::string& name) {
  const auto connection = std::move(*Connection::open(name));
  ASSERT_TRUE(connection->execute(
      "CREATE TABLE contacts ("
      " aor TEXT NOT NULL, uri TEXT NOT NULL, given TEXT NOT NULL, q INTEGER NOT NULL,"
      " expires INTEGER NOT NULL, expiration INTEGER NOT NULL, updated INTEGER NOT NULL,"
      " path TEXT NOT NULL, instance TEXT NOT NULL, reg_id TEXT NOT NULL, endpoint TEXT NOT NULL,"
      " call_id TEXT NOT NULL, cseq INTEGER NOT NULL, user_agent TEXT NOT NULL,"
      " via_address TEXT NOT NULL, transport TEXT NOT NULL, source TEXT NOT NULL,"
      " flow_only INTEGER NOT NULL, PRIMARY KEY (aor, uri)) WITHOUT ROWID;"
      "CREATE TABLE astdb (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
      "INSERT INTO contacts VALUES ('alice', 'sip:a@192.0.2.1', '', 1000, 1, 2, 3, '', '', '',"
      " 'alice', 'c', 4, '', '', 'udp', '', 0);"
      "INSERT INTO astdb VALUES ('f/k', 'v');"
      "PRAGMA application_id=1299411830; PRAGMA user_version=1; PRAGMA journal_mode=WAL"));
}

TEST_F(DatabaseTest, Upgrade) {  // 12
  const auto older = folder.file("older.db");
  make_schema_1(older);
  {
    const auto upgraded = Database::open(older);
    ASSERT_TRUE(upgraded) << upgraded.error().text;
    EXPECT_TRUE((*upgraded)->run([](Connection& connection) -> base::Result<void> {
      EXPECT_EQ(connection.number("PRAGMA user_version"), 2);
      EXPECT_EQ(connection.number("SELECT count(*) FROM contacts WHERE aor = 'alice' AND cseq = 4"),
                1);
      EXPECT_EQ(connection.number("SELECT count(*) FROM astdb WHERE value = 'v'"), 1);
      EXPECT_EQ(connection.number("SELECT count(*) FROM outbox"), 0);
      EXPECT_EQ(connection.number("SELECT count(*) FROM received"), 0);
      return {};
    }));
  }
  EXPECT_TRUE(Database::open(older));

  const auto unlucky = folder.file("unlucky.db");
  make_schema_1(unlucky);
  ASSERT_TRUE((*Connection::open(unlucky))->execute("CREATE TABLE received (n)"));  // in the way
  EXPECT_THAT(why_refused(unlucky), HasSubstr("received"));
  const auto same = std::move(*Connection::open(unlucky));
  EXPECT_EQ(same->number("PRAGMA user_version"), 1);
  EXPECT_EQ(same->number("SELECT count(*) FROM sqlite_master WHERE name = 'outbox'"), 0);
  EXPECT_EQ(same->number("SELECT count(*) FROM contacts"), 1);
}

TEST_F(DatabaseTest, InMemory) {  // 13
  const auto memory = Database::open(":memory:", {Database::Synchronous::full});
  ASSERT_TRUE(memory) << memory.error().text;
  EXPECT_TRUE((*memory)->run([](Connection& connection) -> base::Result<void> {
    EXPECT_EQ(connection.number("SELECT count(*) FROM contacts"), 0);
    return connection.execute(table);
  }));
  EXPECT_FALSE(std::filesystem::exists(":memory:"));
}

}  // namespace
}  // namespace missive::store
