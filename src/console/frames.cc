#include "console/frames.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace missive::console {
namespace {

constexpr std::size_t longest_head = 32;  // octets

}  // namespace

void append_frame(std::string& out, std::string_view kind, std::string_view text) {
  fmt::format_to(std::back_inserter(out), "{} {}\n", kind, text.size());
  out += text;
}

base::Result<std::optional<Frame>> take_frame(std::string_view& data, std::size_t longest) {
  const auto end = data.substr(0, longest_head).find('\n');
  if (end == std::string_view::npos) {
    if (data.size() >= longest_head) return base::fail("that is no console");
    return std::nullopt;
  }
  const auto head = data.substr(0, end);
  const auto blank = std::min(head.find(' '), head.size());
  const auto size = base::parse_number<std::size_t>(head.substr(std::min(blank + 1, head.size())));
  if (!size || *size > longest) return base::fail("that is no console, or its line is too long");
  if (data.size() - end - 1 < *size) return std::nullopt;
  const Frame frame{head.substr(0, blank), data.substr(end + 1, *size)};
  data.remove_prefix(end + 1 + *size);
  return frame;
}

}  // namespace missive::console
