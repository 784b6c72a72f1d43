// What a fuzz target asserts: a false condition ends the run with the input kept.
#pragma once

#include <cstdlib>
#include <string_view>

namespace missive::fuzz {

inline void check(bool condition) {
  if (!condition) std::abort();
}

// The target reads `part` inside of `whole`, never beside it. An empty part may be anywhere.
inline void check_inside(std::string_view part, std::string_view whole) {
  check(part.empty() ||
        (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size()));
}

}  // namespace missive::fuzz
