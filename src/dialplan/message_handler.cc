#include "dialplan/message_handler.h"

#include <utility>

#include "dialplan/run.h"

namespace missive::dialplan {

MessageHandler::MessageHandler(Shared& shared, net::Shard& shard, message::Sender& sender,
                               std::shared_ptr<const Dialplan> dialplan)
    : environment_{shared, shard, sender, std::move(dialplan)} {}

bool MessageHandler::has_destination(std::string_view context, std::string_view exten) const {
  std::shared_ptr<const Dialplan> dialplan;
  {
    const std::lock_guard lock(mutex_);
    dialplan = environment_.dialplan;
  }
  return dialplan->find(context, exten, 1, environment_.shared.clock.wall()) != nullptr;
}

void MessageHandler::handle(std::shared_ptr<const message::Incoming> message, message::Done done) {
  Run::start(environment_, std::move(message), std::move(done));
}

void MessageHandler::use(std::shared_ptr<const Dialplan> dialplan) {
  // The old one goes after the lock: it may be large, and nobody's but ours.
  const std::lock_guard lock(mutex_);
  environment_.dialplan.swap(dialplan);
}

}  // namespace missive::dialplan
