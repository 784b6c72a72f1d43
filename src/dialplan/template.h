// Text of the dialplan with ${variables}, ${FUNCTIONS(of them)} and $[expressions],
// compiled once when it is loaded and expanded for each message.
//
// `${NAME}`, `${NAME:offset:length}` (negative ones count from the end), names and
// arguments that hold further ${...}, `\${` and `\$[` for these characters themselves. What a
// value holds is never taken for a part of the text around it: not for a name or a function, not
// for the end of a string in an expression. A Template is immutable and may be
// expanded by any number of threads, each with a Run of its own. Expanding never fails: what
// cannot be read is empty, and the log says why with the place the run is at. Compiling
// collects what is wrong (unbalanced braces, a function that does not exist).
//
// Source: Asterisk documentation, "Variables", "Expressions", "Dialplan functions".
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace missive::dialplan {

class FunctionTable;
class Run;

class Template {
 public:
  Template() = default;
  // `warnings` gets a sentence for each thing that is wrong; the text stays usable.
  static Template compile(std::string_view text, const FunctionTable& functions,
                          std::vector<std::string>& warnings);

  // Appends to `out`.
  void expand(Run& run, std::string& out) const;
  std::string expand(Run& run) const;

  const std::string& text() const { return text_; }
  bool is_literal() const { return parts_ == nullptr; }
  // Some function in it may take its time (CURL, SHELL): expand it off the shard's thread.
  bool may_block() const { return may_block_; }

  struct Part;  // template.cc

 private:
  std::string text_;
  std::shared_ptr<const std::vector<Part>> parts_;  // none: the text as it is
  bool may_block_ = false;
};

// Expands text that is known only now (EVAL, Exec, arguments of functions).
std::string expand(Run& run, std::string_view text);

}  // namespace missive::dialplan
