#include "conf/comments.h"

#include "base/text.h"

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
  return find_live(line, number).text;
}

CommentStripper::Live CommentStripper::find_live(std::string_view line, int number) {
  Live live{{}, line.size(), line.size()};
  const auto keep = [&live, line](std::size_t place) {
    live.text += line[place];
    if (base::is_blank(line[place]) || line[place] == '\r') return;
    if (live.begin == line.size()) live.begin = place;
    live.end = place + 1;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool inside = depth_ > 0;
    if (line[i] != ';') {
      if (!inside) keep(i);
    } else if (i > 0 && line[i - 1] == '\\') {
      if (inside) continue;
      live.text.back() = ';';
      live.end = i + 1;
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
