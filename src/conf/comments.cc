#include "conf/comments.h"

namespace missive::conf {
namespace {

bool opens_block(std::string_view from_semicolon) {
  return from_semicolon.substr(0, 3) == ";--" && from_semicolon.substr(3, 1) != "-";
}

bool closes_block(std::string_view up_to_semicolon) {
  return up_to_semicolon.size() >= 2 && up_to_semicolon.substr(up_to_semicolon.size() - 2) == "--";
}

}  // namespace

std::string CommentStripper::strip(std::string_view line, int number) {
  std::string live;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool inside = depth_ > 0;
    if (line[i] != ';') {
      if (!inside) live += line[i];
    } else if (i > 0 && line[i - 1] == '\\') {
      if (!inside) live.back() = ';';
    } else if (opens_block(line.substr(i))) {
      if (depth_++ == 0) opened_ = number;
    } else if (inside) {
      if (closes_block(line.substr(0, i))) --depth_;
    } else {
      break;
    }
  }
  return live;
}

}  // namespace missive::conf
