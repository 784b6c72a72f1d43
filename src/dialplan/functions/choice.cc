#include "dialplan/functions/choice.h"

#include "base/text.h"

namespace missive::dialplan {
namespace {

// The place of `what` in `text`, or its end.
std::size_t find_outside(std::string_view text, char what) {
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == '(') {
      ++depth;
    } else if (!quoted && c == ')' && depth > 0) {
      --depth;
    } else if (c == what && !quoted && depth == 0) {
      return i;
    }
  }
  return text.size();
}

std::string part(std::string_view text) {
  text = base::trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

}  // namespace

std::optional<Choice> parse_choice(std::string_view text) {
  const auto question = find_outside(text, '?');
  if (question == text.size()) return std::nullopt;
  const auto rest = text.substr(question + 1);
  const auto colon = find_outside(rest, ':');
  Choice choice;
  choice.condition = base::trim(text.substr(0, question));
  choice.yes = part(rest.substr(0, colon));
  if (colon < rest.size()) choice.no = part(rest.substr(colon + 1));
  return choice;
}

}  // namespace missive::dialplan
