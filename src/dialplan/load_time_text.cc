#include "dialplan/load_time_text.h"

#include <fmt/format.h>

#include "dialplan/expression.h"
#include "dialplan/template_part.h"
#include "dialplan/variables.h"

namespace missive::dialplan {
namespace {

using Part = Template::Part;

// A value may double with every line that refers to the one before.
constexpr std::size_t max_length = 64 * 1024;

template <class Find>
class LoadTimeExpander {
 public:
  LoadTimeExpander(Find find, std::vector<std::string>& warnings)
      : find_(std::move(find)), warnings_(warnings) {}

  std::string text_of(const std::vector<Part>& parts) {
    std::string out;
    for (const auto& part : parts) {
      const auto value = value_of(part);
      out += substring_of(part).of(value);
    }
    if (out.size() <= max_length) return out;
    warnings_.push_back(fmt::format("a value of more than {} octets is cut", max_length));
    out.resize(max_length);
    return out;
  }

 private:
  std::string value_of(const Part& part) {
    switch (part.kind) {
      case Part::Kind::literal:
        return part.text;
      case Part::Kind::variable:
        return std::string(find_(part.text));
      case Part::Kind::indirect:
        return std::string(find_(text_of(part.name)));
      case Part::Kind::expression:
        return expression(part);
      case Part::Kind::function:
        break;
    }
    warnings_.push_back(fmt::format("{}() is empty here: functions work in applications only",
                                    base::printable(part.text, 80)));
    return {};
  }

  Substring substring_of(const Part& part) {
    if (part.substring) return *part.substring;
    if (part.substring_text.empty()) return {};
    return Substring::parse(text_of(part.substring_text)).value_or(Substring{});
  }

  std::string expression(const Part& part) {
    const auto text = text_of(part.inner);
    const auto value = evaluate(text, {}, warnings_);
    if (value) return *value;
    warnings_.push_back(fmt::format("$[{}]: {}", base::printable(text, 100), value.error().text));
    return {};
  }

  Find find_;
  std::vector<std::string>& warnings_;
};

}  // namespace

std::string LoadTimeText::expand(std::string_view text, std::vector<std::string>& warnings) const {
  if (text.find('$') == std::string_view::npos) return std::string(text);
  const auto find = [this](std::string_view name) -> std::string_view {
    const auto found = places_.find(name);
    return found == places_.end() ? std::string_view() : globals_[found->second].second;
  };
  const auto compiled = compile_parts(text, functions_, warnings, false);
  return LoadTimeExpander(find, warnings).text_of(compiled.parts);
}

void LoadTimeText::set_global(std::string_view name, std::string value) {
  name = variable_name(name);
  const auto found = places_.find(name);
  if (found != places_.end()) {
    globals_[found->second].second = std::move(value);
    return;
  }
  places_.emplace(std::string(name), globals_.size());
  globals_.emplace_back(std::string(name), std::move(value));
}

}  // namespace missive::dialplan
