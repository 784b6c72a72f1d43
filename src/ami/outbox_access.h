// What the actions and commands about kept messages share.
//
// On the shard's thread; the answer of list_outbox() comes there too.
#pragma once

#include "ami/message_replies.h"
#include "ami/session.h"
#include "base/unique_function.h"

namespace missive::ami {

constexpr std::string_view no_outbox =
    "There is no outbox (missive.conf, [outbox] durability = off)";

// The outbox; where there is none, says so and gives nullptr.
message::Outbox* outbox_or_refuse(Session& session, const ActionView& action);

// The messages that fit and the figures of the outbox, which must be there.
using Listed = base::UniqueFunction<void(const Listing&)>;
void list_outbox(Environment& environment, message::Outbox::Filter filter, Listed answer);

}  // namespace missive::ami
