// The parts of the server under the names of Asterisk's modules that do the same, for whoever
// reloads one or asks whether it is there. Pure; any thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "app/settings.h"

namespace missive::app {

struct ModuleName {
  std::string_view name;
  std::string_view description;
  // What is read anew when it is reloaded; none: it has nothing to read.
  std::optional<Settings::Section> section = std::nullopt;
  bool built_in = false;  // of Asterisk's core: in no list of modules
};

// Sorted by name.
std::span<const ModuleName> all_modules();
// With or without ".so", without case; nullptr when there is none.
const ModuleName* find_module(std::string_view name);

}  // namespace missive::app
