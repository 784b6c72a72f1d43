// Work on the database in steps.
//
//  1. Steps until there is no more; done once, after the last.
//  2. What others posted goes between the steps.
//  3. A step that fails ends it with its error.
//  4. When its owner goes, it ends with an error.
#include "store/long_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace missive::store {
namespace {

using ::testing::ElementsAre;

class LongJobTest : public testing::Test {
 protected:
  LongJobs::Done note() {
    return [this](const base::Result<void>& result) {
      log.push_back(result ? "done" : result.error().text);
    };
  }

  std::unique_ptr<Database> database = std::move(*Database::open(":memory:"));
  std::vector<std::string> log;  // the database's thread's
};

TEST_F(LongJobTest, Steps) {  // 1, 2
  LongJobs jobs;
  jobs.start(
      *database,
      [this, left = 3](Connection&) mutable -> base::Result<bool> {
        log.push_back("step");
        database->post([this](Connection&) -> base::Result<void> {
          log.push_back("other");
          return {};
        });
        return --left > 0;
      },
      note());
  for (int i = 0; i < 10; ++i) database->flush();
  EXPECT_THAT(log, ElementsAre("step", "other", "step", "other", "step", "done", "other"));
}

TEST_F(LongJobTest, Failure) {  // 3
  LongJobs jobs;
  jobs.start(
      *database, [](Connection&) -> base::Result<bool> { return base::fail("no"); }, note());
  database->flush();
  EXPECT_THAT(log, ElementsAre("no"));
}

TEST_F(LongJobTest, OwnerGoes) {  // 4
  auto jobs = std::make_unique<LongJobs>();
  std::promise<void> reached, go;
  jobs->start(
      *database,
      [&reached, going = go.get_future()](Connection&) -> base::Result<bool> {
        reached.set_value();
        going.wait();
        return true;
      },
      note());
  reached.get_future().wait();
  jobs.reset();
  go.set_value();
  database.reset();
  EXPECT_THAT(log, ElementsAre("the server is about to end"));
}

}  // namespace
}  // namespace missive::store
