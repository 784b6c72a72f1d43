#include "console/service.h"

namespace missive::console {

void Service::run(std::string line, net::Shard& asker, Answer answer) {
  shard_.post([this, line = std::move(line), &asker, answer = std::move(answer)]() mutable {
    registry_.run(line, [&asker, answer = std::move(answer)](const Result& result) mutable {
      asker.post([answer = std::move(answer), result]() mutable { answer(result); });
    });
  });
}

}  // namespace missive::console
