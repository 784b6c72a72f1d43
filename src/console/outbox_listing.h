// What the commands and the actions about kept messages share: a list of them, with the figures.
//
// The answer comes on the asker's thread.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "message/outbox.h"
#include "net/shard.h"

namespace missive::console {

constexpr std::string_view no_outbox =
    "There is no outbox (missive.conf, [outbox] durability = off)";

using Records = base::Result<std::vector<message::Record>>;

struct Listing {
  Records records;
  Records oldest;  // none or one
  message::Outbox::Figures figures;
  base::WallTime now{};
};
// How long the oldest message that is not final has been there; 0 when there is none.
std::chrono::seconds oldest_age(const Listing& listing);

// The messages that fit and the figures of the outbox.
using Listed = base::UniqueFunction<void(const Listing&)>;
void list_outbox(message::Outbox& outbox, net::Shard& asker, message::Outbox::Filter filter,
                 Listed answer);

}  // namespace missive::console
