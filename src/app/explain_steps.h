// How `missive explain` prints a step.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "pjsip/resolution.h"

namespace missive::app {

inline void print_step(std::string_view what, std::string_view found) {
  fmt::print("  {:<13} {}\n", what, found);
}

class PrintingTrace final : public pjsip::Trace {
 public:
  void step(std::string_view what, std::string_view found) override { print_step(what, found); }
};

}  // namespace missive::app
