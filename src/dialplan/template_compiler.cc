#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "conf/nearest.h"
#include "dialplan/template_part.h"

namespace missive::dialplan {
namespace {

using Part = Template::Part;
constexpr auto npos = std::string_view::npos;

bool opens(std::string_view text, std::size_t place, char bracket) {
  return text[place] == '$' && place + 1 < text.size() && text[place + 1] == bracket;
}

// The place of the '}' that ends the braces that are open at `place`, or npos.
std::size_t find_brace(std::string_view text, std::size_t place) {
  for (int open = 1; place < text.size(); ++place) {
    if (text[place] == '{') ++open;
    if (text[place] == '}' && --open == 0) return place;
  }
  return npos;
}

// The place behind the ${...} that begins at `place`; one further where it never ends.
std::size_t skip_variable(std::string_view text, std::size_t place) {
  const auto end = find_brace(text, place + 2);
  return end == npos ? text.size() : end + 1;
}

// The place of the ']' that ends the expression that is open at `place`, or npos.
std::size_t find_bracket(std::string_view text, std::size_t place) {
  for (int open = 1; place < text.size();) {
    if (opens(text, place, '{')) {
      place = skip_variable(text, place);
      continue;
    }
    if (text[place] == '[') ++open;
    if (text[place] == ']' && --open == 0) return place;
    ++place;
  }
  return npos;
}

// What stands between the braces of ${...}, taken apart; views into it.
struct Reference {
  std::string_view name;
  std::string_view arguments;
  bool is_function = false;
  std::string_view substring;  // "2", "-3:1"
  std::string_view left_over;  // between the ')' and the ':'
};

Reference split_reference(std::string_view text) {
  std::size_t open = npos, close = npos, colon = npos;
  int depth = 0;
  for (std::size_t i = 0; i < text.size() && colon == npos;) {
    if (opens(text, i, '{')) {
      i = skip_variable(text, i);
      continue;
    }
    if (text[i] == '(') {
      ++depth;
      open = std::min(open, i);
    }
    if (text[i] == ')') {
      --depth;
      if (open != npos) close = i;
    }
    if (text[i] == ':' && depth == 0) colon = i;
    ++i;
  }
  const auto end = std::min(colon, text.size());
  Reference reference;
  if (colon != npos) reference.substring = text.substr(colon + 1);
  reference.is_function = open != npos;
  reference.name = text.substr(0, std::min(open, end));
  if (reference.is_function) {
    const auto last = std::min(close, end);
    reference.arguments = text.substr(open + 1, last - open - 1);
    if (last < end) reference.left_over = text.substr(last + 1, end - last - 1);
  }
  return reference;
}

// Which parts of an expression stand between quotes.
void mark_quoted(std::vector<Part>& parts) {
  bool is_quoted = false;
  for (auto& part : parts) {
    if (part.kind != Part::Kind::literal) {
      part.is_quoted = is_quoted;
      continue;
    }
    for (std::size_t i = 0; i < part.text.size(); ++i) {
      if (is_quoted && part.text[i] == '\\' && part.text.substr(i, 2) == "\\\"") {
        ++i;
      } else if (part.text[i] == '"') {
        is_quoted = !is_quoted;
      }
    }
  }
}

class Compiler {
 public:
  Compiler(const FunctionTable& functions, std::vector<std::string>& warnings, bool report_unknown)
      : functions_(functions), warnings_(warnings), report_unknown_(report_unknown) {}

  bool may_block() const { return may_block_; }

  std::vector<Part> compile(std::string_view text) {
    std::vector<Part> parts;
    if (depth_ >= max_nesting && text.find('$') != npos) {
      warn(
          fmt::format("{} levels of ${{}} and $[] are the most; what is further inside stays as "
                      "it is",
                      max_nesting));
      add_literal(parts, text);
      return parts;
    }
    ++depth_;
    while (!text.empty()) text.remove_prefix(compile_next(text, parts));
    --depth_;
    return parts;
  }

 private:
  // Compiles what `text` begins with, says how long that is.
  std::size_t compile_next(std::string_view text, std::vector<Part>& parts) {
    const auto dollar = find_opening(text);
    auto before = text.substr(0, dollar);
    if (is_escaped(before) && dollar < text.size()) {
      before.remove_suffix(1);
      add_literal(parts, before);
      add_literal(parts, text.substr(dollar, 2));
      return dollar + 2;
    }
    add_literal(parts, before);
    if (dollar == text.size()) return dollar;
    const bool is_variable = text[dollar + 1] == '{';
    const auto end = is_variable ? find_brace(text, dollar + 2) : find_bracket(text, dollar + 2);
    if (end == npos) {
      warn(fmt::format("'{}' has no closing '{}'; it stays as it is",
                       base::printable(text.substr(dollar), 60), is_variable ? '}' : ']'));
      add_literal(parts, text.substr(dollar));
      return text.size();
    }
    const auto inside = text.substr(dollar + 2, end - dollar - 2);
    parts.push_back(is_variable ? compile_reference(inside) : compile_expression(inside));
    return end + 1;
  }

  // Where the first "${" or "$[" is; the end of the text without one.
  static std::size_t find_opening(std::string_view text) {
    auto place = text.find('$');
    while (place != npos && !opens(text, place, '{') && !opens(text, place, '[')) {
      place = text.find('$', place + 1);
    }
    return std::min(place, text.size());
  }

  // Ends in an odd number of backslashes.
  static bool is_escaped(std::string_view before) {
    const auto other = before.find_last_not_of('\\');
    return (before.size() - (other == npos ? 0 : other + 1)) % 2 == 1;
  }

  static void add_literal(std::vector<Part>& parts, std::string_view text) {
    if (text.empty()) return;
    if (parts.empty() || parts.back().kind != Part::Kind::literal) parts.emplace_back();
    parts.back().text += text;
  }

  Part compile_expression(std::string_view text) {
    Part part;
    part.kind = Part::Kind::expression;
    part.inner = compile(text);
    mark_quoted(part.inner);
    return part;
  }

  Part compile_reference(std::string_view text) {
    const auto reference = split_reference(text);
    Part part;
    part.kind = Part::Kind::variable;
    compile_name(reference.name, part);
    if (reference.is_function) {
      part.kind = Part::Kind::function;
      part.inner = compile(reference.arguments);
      if (part.name.empty()) find_function(part);
      // A name that only an expansion knows may be that of any function.
      may_block_ |= !part.name.empty();
    }
    if (!base::trim(reference.left_over).empty()) {
      warn(fmt::format("'{}' behind the ')' of '${{{}}}' means nothing",
                       base::printable(reference.left_over, 40), base::printable(text, 60)));
    }
    compile_substring(reference.substring, part);
    return part;
  }

  void compile_name(std::string_view name, Part& part) {
    auto parts = compile(name);
    if (parts.empty()) return;
    if (parts.size() == 1 && parts.front().kind == Part::Kind::literal) {
      part.text = std::move(parts.front().text);
      return;
    }
    part.name = std::move(parts);
    part.kind = Part::Kind::indirect;
  }

  void find_function(Part& part) {
    part.function = functions_.find(part.text);
    // EVAL expands a text that is not known yet.
    may_block_ |= part.function != nullptr &&
                  (part.function->blocks || base::iequals(part.function->name, "EVAL"));
    if (part.function == nullptr && report_unknown_) {
      warn(fmt::format("Function {} not registered{}", base::printable(part.text, 80),
                       conf::did_you_mean(part.text, functions_.names())));
    }
  }

  void compile_substring(std::string_view text, Part& part) {
    if (text.empty()) return;
    part.substring = Substring::parse(text);
    if (part.substring) return;
    part.substring_text = compile(text);
    if (part.substring_text.size() == 1 &&
        part.substring_text.front().kind == Part::Kind::literal) {
      warn(fmt::format("'{}' is no 'offset' nor 'offset:length' of a variable; it is left out",
                       base::printable(text, 40)));
      part.substring_text.clear();
    }
  }

  void warn(std::string text) {
    static constexpr int most_warnings = 20;
    if (++warned_ <= most_warnings) warnings_.push_back(std::move(text));
  }

  const FunctionTable& functions_;
  std::vector<std::string>& warnings_;
  bool report_unknown_;
  bool may_block_ = false;
  int depth_ = 0, warned_ = 0;
};

}  // namespace

Compiled compile_parts(std::string_view text, const FunctionTable& functions,
                       std::vector<std::string>& warnings, bool report_unknown) {
  Compiler compiler(functions, warnings, report_unknown);
  Compiled compiled;
  compiled.parts = compiler.compile(text);
  compiled.may_block = compiler.may_block();
  return compiled;
}

}  // namespace missive::dialplan
