#include "console/time_text.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/time_text.h"

namespace missive::console {

std::string local_text(base::WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::milliseconds>(time);
  return fmt::format("{}.{:03}", base::local_text(whole, "%Y-%m-%d %H:%M:%S"),
                     whole.time_since_epoch().count() % 1000);
}

std::string span_text(std::chrono::seconds span) {
  constexpr auto units = std::to_array<std::pair<std::string_view, long long>>(
      {{"week", 604'800}, {"day", 86'400}, {"hour", 3600}, {"minute", 60}, {"second", 1}});
  std::string out;
  auto left = std::max<long long>(0, span.count());
  for (const auto& [name, length] : units) {
    const auto count = left / length;
    left %= length;
    if (count == 0 && !(length == 1 && out.empty())) continue;
    if (!out.empty()) out += ", ";
    out += base::counted(static_cast<std::uint64_t>(count), name);
  }
  return out;
}

std::string clock_text(std::chrono::seconds span) {
  const auto seconds = std::max<long long>(0, span.count());
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace missive::console
