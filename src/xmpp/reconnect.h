// How long to wait until the next connection: longer each time, and longer from the start where
// trying again would help nobody.
//
// Pure but for the random source: each gap is as much as a fifth shorter or longer, so that the
// accounts of a server that went away do not come back together. Source: RFC 6120 section 3.3.
#pragma once

#include <algorithm>

#include "base/clock.h"
#include "base/random.h"
#include "xmpp/stream.h"

namespace missive::xmpp {

// `failures` in a row, from 1.
inline base::Duration reconnect_gap(Loss::Kind kind, unsigned failures,
                                    base::RandomSource& random) {
  using std::chrono::milliseconds;
  const bool network = kind == Loss::Kind::network;
  const std::int64_t first = network ? 1'000 : 30'000;
  const std::int64_t longest = network ? 60'000 : 600'000;
  const auto doubled = first << std::min(failures > 0 ? failures - 1 : 0, 16u);
  const auto gap = std::min(doubled, longest);
  return milliseconds{gap * 4 / 5 + static_cast<std::int64_t>(
                                        random.below(static_cast<std::uint64_t>(gap) * 2 / 5 + 1))};
}

}  // namespace missive::xmpp
