#include "message_framing.h"

#include <string.h>

#include <stdexcept>

#include "base/text.h"

namespace missive::bench {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

// The octets before `what`; npos where it is not there.
std::size_t find(std::string_view text, std::string_view what) {
  const void* found = ::memmem(text.data(), text.size(), what.data(), what.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool is_content_length(std::string_view name) {
  return base::iequals(name, "content-length") || base::iequals(name, "l");
}

// Of a whole head, with the line end of its last line.
std::size_t content_length(std::string_view head) {
  auto rest = head;
  for (;;) {
    const auto end = find(rest, line_end);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + line_end.size());
    if (rest.empty() || (base::to_lower(rest[0]) != 'c' && base::to_lower(rest[0]) != 'l')) {
      continue;
    }
    const auto line = rest.substr(0, find(rest, line_end));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (!is_content_length(base::trim(line.substr(0, colon)))) continue;
    const auto value = base::parse_number<std::size_t>(base::trim(line.substr(colon + 1)));
    if (value) return *value;
  }
  throw std::runtime_error("a message on a connection has no Content-Length: " +
                           base::printable(head));
}

}  // namespace

Cut StreamFraming::next(std::string_view unread, std::string&) {
  if (unread.starts_with(line_end)) return {line_end.size(), {}};
  const auto end = find(unread, head_end);
  if (end == std::string_view::npos) return {};
  const auto head = end + head_end.size();
  const auto size = head + content_length(unread.substr(0, end + line_end.size()));
  if (unread.size() < size) return {};
  return {size, unread.substr(0, size)};
}

}  // namespace missive::bench
