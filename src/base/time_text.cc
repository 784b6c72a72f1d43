#include "base/time_text.h"

#include <fmt/format.h>

#include <ctime>

namespace missive::base {

std::string utc_text(WallTime time) {
  if (time == WallTime{}) return {};
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto millisecond = whole.time_since_epoch().count() % 1000;
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const auto size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
  return fmt::format("{}.{:03}Z", std::string_view(text, size), millisecond);
}

std::string local_text(WallTime time, const char* format) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof(text), format, &parts)};
}

}  // namespace missive::base
