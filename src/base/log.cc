#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>

namespace missive::base {

Result<void> set_up_log(std::string_view level) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off") {
    return fail("log level '{}' is unknown; debug, info, warning or error would be right", level);
  }
  if (!spdlog::get("missive")) spdlog::set_default_logger(spdlog::stderr_color_mt("missive"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  spdlog::set_level(parsed);
  spdlog::flush_on(spdlog::level::info);
  return {};
}

}  // namespace missive::base
