// One log for the process, on standard error, a line an entry.
//
// Any thread may log. Levels are Asterisk's names mapped to spdlog's: debug,
// verbose (info), notice (info), warning, error. Text taken from the network goes
// through base::printable() first, so that nobody can forge a line.
#pragma once

#include <spdlog/spdlog.h>

#include <string_view>

#include "base/result.h"

namespace missive::base {

// `level`: debug, info, warning or error. Called once, before threads start.
Result<void> set_up_log(std::string_view level);

}  // namespace missive::base

namespace missive::log {
using spdlog::debug;
using spdlog::error;
using spdlog::info;
inline void set_quiet() { spdlog::set_level(spdlog::level::off); }
template <class... Args>
void warning(fmt::format_string<Args...> text, Args&&... args) {
  spdlog::warn(text, std::forward<Args>(args)...);
}
}  // namespace missive::log
