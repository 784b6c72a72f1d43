// Points in time as text. Any thread.
#pragma once

#include <string>

#include "base/clock.h"

namespace missive::base {

std::string utc_text(WallTime time);  // "2026-11-22T13:02:29.874Z"; "" for the epoch
// Local time as strftime(3) writes it by `format`, which gives less than 64 octets.
std::string local_text(WallTime time, const char* format);

}  // namespace missive::base
