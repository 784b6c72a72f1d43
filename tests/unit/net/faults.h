// System calls of this test program that are counted and made to fail on order.
//
// faults.cc defines sendmmsg() and accept4() in front of the C library's. Everything
// starts anew with reset_faults().
#pragma once

#include <deque>

namespace missive::net {

struct Faults {
  int sendmmsg_calls = 0;
  // What the next calls shall do: 0 works, a positive number fails with that errno.
  std::deque<int> sendmmsg_errors;
  std::deque<int> accept4_errors;
};

Faults& faults();
inline void reset_faults() { faults() = {}; }

}  // namespace missive::net
