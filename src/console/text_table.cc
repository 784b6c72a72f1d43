#include "console/text_table.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace missive::console {
namespace {

constexpr std::string_view gap = "  ";

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::size_t> widths_of(const std::vector<const TextTable::Row*>& rows) {
  std::vector<std::size_t> widths;
  for (const auto* row : rows) {
    widths.resize(std::max(widths.size(), row->size()));
    for (std::size_t i = 0; i < row->size(); ++i) {
      widths[i] = std::max(widths[i], width_of((*row)[i]));
    }
  }
  return widths;
}

}  // namespace

std::string TextTable::str() const {
  std::vector<const Row*> lines;
  if (!head_.empty()) lines.push_back(&head_);
  for (const auto& row : rows_) lines.push_back(&row);
  const auto widths = widths_of(lines);
  std::string out;
  for (const auto* row : lines) {
    std::string line;
    for (std::size_t i = 0; i < row->size(); ++i) {
      if (i > 0) line += gap;
      line += (*row)[i];
      line.append(widths[i] - width_of((*row)[i]), ' ');
    }
    out += base::trim_right(line);
    out += '\n';
  }
  return out;
}

}  // namespace missive::console
