// Where the log goes: standard error, the files of logger.conf, and whoever listens.
//
// Each is a channel with levels of its own; entries that no channel wants are not even made. Any
// thread. Source: Asterisk documentation, logger.conf, "logger show channels".
#pragma once

#include <spdlog/spdlog.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace missive::base {

// A set of levels, as a bit mask.
enum class LogLevels : unsigned {
  none = 0,
  debug = 1u << 0,
  notice = 1u << 1,
  warning = 1u << 2,
  error = 1u << 3,
  verbose = 1u << 4,
  all = 0x1F,
};
constexpr LogLevels operator|(LogLevels a, LogLevels b) {
  return LogLevels{static_cast<unsigned>(a) | static_cast<unsigned>(b)};
}
constexpr LogLevels without(LogLevels a, LogLevels b) {
  return LogLevels{static_cast<unsigned>(a) & ~static_cast<unsigned>(b)};
}
constexpr bool any_of(LogLevels a, LogLevels b) {
  return (static_cast<unsigned>(a) & static_cast<unsigned>(b)) != 0;
}
// "DEBUG", "NOTICE", ... without case; "*" is all.
std::optional<LogLevels> log_level_named(std::string_view name);
// "NOTICE WARNING ERROR "
std::string log_level_names(LogLevels levels);
// Those that an entry of that level is for.
LogLevels log_levels_of(spdlog::level::level_enum level);

// Standard error's, in place of those of set_up_log().
void set_log_levels(LogLevels levels);
// A file besides, made with what is not there of its folder.
Result<void> add_log_file(const std::string& path, LogLevels levels);
// For whoever shows the log elsewhere, in place of who did so before; nullptr: nobody any more. It
// hears what set_log_listener_levels() asks for, on the threads that log.
void add_log_listener(std::shared_ptr<spdlog::sinks::sink> listener);
void set_log_listener_levels(LogLevels levels);

struct LogChannel {
  std::string name;  // a file, or "Console": standard error
  std::string type;  // "File", "Console"
  LogLevels levels;
};
std::vector<LogChannel> log_channels();
// Of standard error.
void show_log_levels(LogLevels levels, bool on);
// Files go on under their names anew; what they were is called NAME.0, NAME.1, ..., the highest
// number the newest. The error is the first file that could not be opened again.
Result<void> rotate_logs();

}  // namespace missive::base
