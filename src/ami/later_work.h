// What takes its time (files), done for an action on a worker thread of the dialplan.
//
// The reply keeps its place in the session's order, and other actions go on meanwhile. `work` owns
// all that it uses, and writes the whole reply. Called on the session's shard; without a dialplan
// (in tests) the work is done at once.
#pragma once

#include <string>
#include <string_view>

#include "ami/packet_reader.h"
#include "ami/session.h"
#include "base/unique_function.h"

namespace missive::ami {

using ReplyWork = base::UniqueFunction<void(std::string& out, std::string_view action_id)>;

void reply_from_worker(Session& session, const ActionView& action, ReplyWork work);

}  // namespace missive::ami
