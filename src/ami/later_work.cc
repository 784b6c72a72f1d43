#include "ami/later_work.h"

#include <utility>

#include "dialplan/workers.h"

namespace missive::ami {

void reply_from_worker(Session& session, const ActionView& action, ReplyWork work) {
  auto& environment = session.environment();
  if (environment.shared.dialplan == nullptr) return work(session.output(), action.id());
  const LaterReply reply(session, session.reserve(action));
  environment.shared.dialplan->workers->post([reply, &shard = environment.shard,
                                              id = std::string(action.id()),
                                              work = std::move(work)]() mutable {
    std::string text;
    work(text, id);
    shard.post([reply, text = std::move(text)] {
      reply.complete([&text](std::string& out, const ReplyQueue::Pending&) { out += text; });
    });
  });
}

}  // namespace missive::ami
