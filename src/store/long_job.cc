#include "store/long_job.h"

namespace missive::store {

struct LongJobs::Work {
  Step step;
  Done done;
  std::shared_ptr<std::atomic<bool>> stopped;
  bool more = false;

  base::Result<void> run(Connection& connection) {
    more = false;
    const auto result = step(connection);
    if (!result) return tl::unexpected(result.error());
    more = *result;
    return {};
  }
};

void LongJobs::start(Database& database, Step step, Done done) {
  auto work = std::make_shared<Work>();
  work->step = std::move(step);
  work->done = std::move(done);
  work->stopped = stopped_;
  post(database, work);
}

void LongJobs::post(Database& database, const std::shared_ptr<Work>& work) {
  database.post([work](Connection& connection) { return work->run(connection); },
                [work, &database](base::Result<void> result) {
                  if (result && work->more) {
                    if (!*work->stopped) return post(database, work);
                    result = base::fail("the server is about to end");
                  }
                  if (work->done) work->done(std::move(result));
                });
}

}  // namespace missive::store
