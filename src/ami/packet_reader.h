// From the octets of a connection to one AMI action at a time, without copying.
//
// The caller shows all octets it has not dropped yet; next() answers with an action, with
// what is wrong with one, or that it needs more, and says how many octets may be dropped.
// Between calls the octets may move in memory, and the reader remembers how far it has
// looked, so that input in single octets costs no more than input at once. What it
// answers does not depend on how the input was cut.
//
// Lines end with CRLF or LF; an empty line ends the action. Blanks after the colon are no
// part of the value, blanks at its end are. A line without a colon is ignored. An action
// over a limit (or with a NUL in it) is read to its end in bounded memory, whatever its
// size, and comes out as `malformed`, with its ActionID wherever in it that stood.
// Not thread-safe; one for each session. Source: Asterisk documentation, "AMI v2
// Specification", and the wire of Asterisk 20.7.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace missive::ami {

// Without case; quick for the spelling nearly everybody uses.
inline bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a == b || base::iequals(a, b));
}

// One action: its headers in order, as views that live until the octets are dropped.
class ActionView {
 public:
  struct Header {
    std::string_view name;
    std::string_view value;
  };

  std::size_t size() const { return fields_.size(); }
  Header operator[](std::size_t index) const;

  // The first value of the header, whatever its case; empty when there is none.
  std::string_view header(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != fields_.size(); }
  std::string_view name() const { return header("Action"); }
  std::string_view id() const { return header("ActionID"); }

  // Every value of the header, in order.
  template <class Visit>
  void headers(std::string_view name, Visit&& visit) const {
    for (std::size_t i = find(name); i < size(); i = find(name, i + 1)) visit((*this)[i].value);
  }

 private:
  friend class PacketReader;
  struct Field {  // places in the action's octets
    std::uint32_t name, name_size, value, value_size;
  };

  std::size_t find(std::string_view name, std::size_t from = 0) const;

  const char* octets_ = nullptr;
  std::vector<Field> fields_;
};

class PacketReader {
 public:
  struct Limits {
    std::size_t max_line = 1 << 20;    // octets, without the line end
    std::size_t max_headers = 512;     // lines that are not empty
    std::size_t max_action = 4 << 20;  // octets with line ends; below 4 GiB
  };
  enum class Kind { need_more, action, malformed };
  struct Outcome {
    Kind kind;
    std::size_t consumed;  // drop so many octets before the next call
  };

  explicit PacketReader(const Limits& limits) : limits_(limits) {}

  // For the actions after the one at hand.
  void set_limits(const Limits& limits) { limits_ = limits; }

  Outcome next(std::string_view data);

  // After Kind::action, until its octets are dropped or next() is called.
  const ActionView& action() const { return action_; }
  // After Kind::malformed: "line too long", and the ActionID if there was one.
  std::string_view problem() const;
  std::string_view problem_action_id() const { return lost_id_; }

 private:
  enum class Problem { none, nul, action_too_long, too_many_headers, line_too_long };

  void start_over();
  void take_line(std::string_view data, std::size_t end);
  void add_header(std::string_view data, std::size_t begin, std::size_t end);
  void set_problem(Problem problem);
  void look_for_id(std::string_view line);
  Outcome wait(std::string_view data);
  Outcome finish(std::string_view data);

  Limits limits_;
  ActionView action_;
  bool finished_ = false;       // the last outcome was an action, good or bad
  std::size_t line_begin_ = 0;  // of the line that is being read
  std::size_t searched_ = 0;    // no line end between line_begin_ and here
  std::size_t lines_ = 0;
  // Once there is a problem, headers are not kept any more, and what was read is dropped.
  Problem problem_ = Problem::none;
  bool in_long_line_ = false;  // its beginning is dropped already
  std::size_t dropped_ = 0;    // octets of this action
  std::string lost_id_;
};

}  // namespace missive::ami
