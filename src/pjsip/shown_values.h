// How values of options are written where options are shown (shown_options.h).
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <string>
#include <vector>

namespace missive::pjsip {

inline std::string true_false(bool value) { return value ? "true" : "false"; }
inline std::string yes_no(bool value) { return value ? "yes" : "no"; }
inline std::string joined(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ","));
}
// "3.000000"
inline std::string fractional_seconds(std::chrono::milliseconds time) {
  return fmt::format("{:.6f}", std::chrono::duration<double>(time).count());
}

}  // namespace missive::pjsip
