#include "ami/outbox_access.h"

namespace missive::ami {

message::Outbox* outbox_or_refuse(Session& session, const ActionView& action) {
  auto* outbox = session.environment().outbox;
  if (outbox == nullptr) session.refuse(action, no_outbox);
  return outbox;
}

void list_outbox(Environment& environment, message::Outbox::Filter filter, Listed answer) {
  environment.outbox->list(
      std::move(filter), environment.shard,
      [&environment, answer = std::move(answer)](Records records) mutable {
        environment.outbox->oldest(
            environment.shard, [&environment, answer = std::move(answer),
                                records = std::move(records)](Records oldest) mutable {
              answer({std::move(records), std::move(oldest), environment.outbox->figures(),
                      environment.shared.clock.wall()});
            });
      });
}

}  // namespace missive::ami
