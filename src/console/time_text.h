// Times and spans as a person reads them. Any thread.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"

namespace missive::console {

std::string local_text(base::WallTime time);  // "2026-11-29 03:40:12.123", local time
// "1 day, 2 hours, 3 minutes, 4 seconds"; what is 0 is left out, but for seconds alone.
std::string span_text(std::chrono::seconds span);
std::string clock_text(std::chrono::seconds span);  // "00:00:07"

}  // namespace missive::console
