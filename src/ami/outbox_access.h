// What the actions about kept messages share. On the shard's thread.
#pragma once

#include "ami/session.h"
#include "console/outbox_listing.h"

namespace missive::ami {

// The outbox; where there is none, says so and gives nullptr.
inline message::Outbox* outbox_or_refuse(Session& session, const ActionView& action) {
  auto* outbox = session.environment().outbox;
  if (outbox == nullptr) session.refuse(action, console::no_outbox);
  return outbox;
}

}  // namespace missive::ami
