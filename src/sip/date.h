// SIP-date: "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 3261 section 20.17.
#pragma once

#include <string>

#include "base/clock.h"

namespace missive::sip {

std::string date_text(base::WallTime time);

}  // namespace missive::sip
