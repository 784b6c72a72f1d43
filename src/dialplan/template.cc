#include "dialplan/template.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "dialplan/expression.h"
#include "dialplan/run.h"
#include "dialplan/template_part.h"

namespace missive::dialplan {
namespace {

using Part = Template::Part;

constexpr std::size_t max_expanded = 4 * 1024 * 1024;  // octets of one expansion
// EVAL and its like expand while something is expanded: so deep, and so often, in one text.
constexpr int max_depth = 32;
constexpr int max_expansions = 2'000;

// The expansions that are under way on this thread, of one Run at a time.
struct Guard {
  Guard() {
    if (depth++ == 0) expansions = 0;
    ++expansions;
  }
  ~Guard() { --depth; }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  static bool allows_another() { return depth < max_depth && expansions < max_expansions; }

  static thread_local int depth;
  static thread_local int expansions;
};
thread_local int Guard::depth = 0;
thread_local int Guard::expansions = 0;

class Expander {
 public:
  explicit Expander(Run& run) : run_(run) {}

  void append(const std::vector<Part>& parts, std::string& out) {
    for (const auto& part : parts) {
      if (!is_full(out)) append(part, out);
    }
  }

 private:
  bool is_full(const std::string& out) {
    if (out.size() <= max_expanded) return false;
    if (!std::exchange(warned_, true)) {
      run_.warn(fmt::format("a text grew over {} octets; it ends there", max_expanded));
    }
    return true;
  }

  void append(const Part& part, std::string& out) {
    switch (part.kind) {
      case Part::Kind::literal:
        out += part.text;
        break;
      case Part::Kind::variable:
        append_value(part, run_.variable(part.text).value_or(std::string()), out);
        break;
      case Part::Kind::indirect:
        append_value(part, run_.variable(text_of(part.name)).value_or(std::string()), out);
        break;
      case Part::Kind::function:
        append_value(part, call(part), out);
        break;
      case Part::Kind::expression:
        append_expression(part, out);
        break;
    }
  }

  void append_value(const Part& part, std::string_view value, std::string& out) {
    if (part.substring) {
      out += part.substring->of(value);
    } else if (part.substring_text.empty()) {
      out += value;
    } else {
      const auto text = text_of(part.substring_text);
      const auto substring = Substring::parse(text);
      if (!substring) {
        run_.warn(fmt::format("'{}' is no 'offset' nor 'offset:length' of '{}'; it is left out",
                              base::printable(text, 40), base::printable(part.text, 40)));
      }
      out += substring.value_or(Substring{}).of(value);
    }
  }

  std::string call(const Part& part) {
    const auto* function = part.function;
    std::string other_name;
    if (!part.name.empty()) {
      other_name = text_of(part.name);
      function = run_.shared().functions.find(other_name);
    }
    const auto name = base::printable(part.name.empty() ? part.text : other_name, 80);
    if (function == nullptr) return refuse(fmt::format("Function {} not registered", name));
    if (!function->read) return refuse(fmt::format("Function {} cannot be read", name));
    const auto why = function->dangerous ? run_.forbids_commands() : std::string_view();
    if (!why.empty()) {
      return refuse(
          fmt::format("{}() is not called: it runs commands, which {} has to allow", name, why));
    }
    const auto arguments = text_of(part.inner);
    auto value = function->read(run_, arguments);
    if (value) return std::move(*value);
    return refuse(
        fmt::format("{}({}): {}", name, base::printable(arguments, 80), value.error().text));
  }

  void append_expression(const Part& part, std::string& out) {
    std::string text;
    std::vector<Sealed> sealed;
    for (const auto& piece : part.inner) {
      if (is_full(text)) break;
      const auto begin = text.size();
      append(piece, text);
      if (piece.is_quoted) sealed.push_back({begin, text.size()});
    }
    std::vector<std::string> warnings;
    const auto value = evaluate(text, sealed, warnings);
    for (const auto& warning : warnings) {
      run_.warn(fmt::format("$[{}]: {}", base::printable(text, 100), warning));
    }
    if (value) {
      out += *value;
    } else {
      refuse(fmt::format("$[{}]: {}", base::printable(text, 100), value.error().text));
    }
  }

  std::string text_of(const std::vector<Part>& parts) {
    std::string text;
    append(parts, text);
    return text;
  }

  std::string refuse(std::string_view why) {
    run_.warn(why);
    return {};
  }

  Run& run_;
  bool warned_ = false;
};

}  // namespace

Template Template::compile(std::string_view text, const FunctionTable& functions,
                           std::vector<std::string>& warnings) {
  Template compiled;
  compiled.text_ = text;
  if (text.find('$') == std::string_view::npos) return compiled;
  auto [parts, may_block] = compile_parts(text, functions, warnings);
  compiled.may_block_ = may_block;
  const bool is_literal =
      parts.size() == 1 && parts.front().kind == Part::Kind::literal && parts.front().text == text;
  if (!is_literal) compiled.parts_ = std::make_shared<const std::vector<Part>>(std::move(parts));
  return compiled;
}

void Template::expand(Run& run, std::string& out) const {
  if (is_literal()) {
    out += text_;
    return;
  }
  const Guard guard;
  Expander(run).append(*parts_, out);
}

std::string Template::expand(Run& run) const {
  std::string out;
  expand(run, out);
  return out;
}

std::string expand(Run& run, std::string_view text) {
  if (text.find('$') == std::string_view::npos) return std::string(text);
  if (!Guard::allows_another()) {
    run.warn(
        fmt::format("'{}' is not expanded: one text holds more than {} levels or {} calls "
                    "of expansions; does it expand itself?",
                    base::printable(text, 60), max_depth, max_expansions));
    return {};
  }
  const Guard guard;
  std::vector<std::string> warnings;
  // Functions that do not exist are told about when they are called.
  const auto compiled = compile_parts(text, run.shared().functions, warnings, false);
  for (const auto& warning : warnings) run.warn(warning);
  std::string out;
  Expander(run).append(compiled.parts, out);
  return out;
}

}  // namespace missive::dialplan
