#include "dialplan/substring.h"

#include <algorithm>

#include "base/text.h"

namespace missive::dialplan {
namespace {

std::optional<long long> parse_place(std::string_view text) {
  text = base::trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  return base::parse_number<long long>(text);
}

}  // namespace

std::optional<Substring> Substring::parse(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  Substring substring;
  if (const auto offset = base::trim(text.substr(0, colon)); !offset.empty()) {
    const auto number = parse_place(offset);
    if (!number) return std::nullopt;
    substring.offset = *number;
  }
  if (colon == text.size()) return substring;
  if (const auto length = base::trim(text.substr(colon + 1)); !length.empty()) {
    substring.length = parse_place(length);
    if (!substring.length) return std::nullopt;
  }
  return substring;
}

std::string_view Substring::of(std::string_view value) const {
  const auto size = static_cast<long long>(value.size());
  const auto begin = offset < 0 ? (offset < -size ? 0 : size + offset) : std::min(offset, size);
  auto left = size - begin;
  if (length && *length < 0) left = *length < -left ? 0 : left + *length;
  if (length && *length >= 0) left = std::min(left, *length);
  return value.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(left));
}

}  // namespace missive::dialplan
