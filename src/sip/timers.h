// The intervals that RFC 3261 transactions run by (section 17.1.1.2, Table 4).
//
// `timer_t1` and `timer_b` come from type=system of pjsip.conf; Timer F of a non-INVITE
// transaction equals timer_b there, as in Asterisk.
#pragma once

#include "base/clock.h"

namespace missive::sip {

struct Timers {
  base::Duration t1 = std::chrono::milliseconds{500};
  base::Duration t2 = std::chrono::seconds{4};
  base::Duration timer_f = std::chrono::seconds{32};

  base::Duration timer_j() const { return 64 * t1; }
};

}  // namespace missive::sip
