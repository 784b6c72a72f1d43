// Takes the comments out of a configuration file, line by line.
//
// `;` ends a line unless written `\;`, which is a plain semicolon. `;--` opens a
// block that runs to its `--;`, over many lines if need be and nested, so that a
// commented-out part may itself hold one; `;---` is a plain comment. One object a
// file, lines given in order. Source: Asterisk documentation, "Comments".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace missive::conf {

class CommentStripper {
 public:
  // What is left of the line. `number` is remembered where a block opens.
  std::string strip(std::string_view line, int number);
  // The same, and where in the line it stands: from its first character that is no blank to behind
  // its last one. Both are the line's length where nothing is left.
  struct Live {
    std::string text;
    std::size_t begin, end;
  };
  Live find_live(std::string_view line, int number);

  // The line of the block that is still open, 0 if none is.
  int open_since() const { return depth_ > 0 ? opened_ : 0; }

 private:
  int depth_ = 0;
  int opened_ = 0;
};

}  // namespace missive::conf
