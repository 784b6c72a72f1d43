// Names of modules, which people write with and without their ending.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace missive::console {

inline std::string_view without_ending(std::string_view module) {
  constexpr std::string_view ending = ".so";
  const auto end = module.size() - std::min(module.size(), ending.size());
  return base::iequals(module.substr(end), ending) ? module.substr(0, end) : module;
}

// "res_pjsip" and "res_pjsip.so" are one.
inline bool is_same_module(std::string_view a, std::string_view b) {
  return base::iequals(without_ending(a), without_ending(b));
}

}  // namespace missive::console
