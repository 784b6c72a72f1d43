#include "dialplan/function.h"

#include <algorithm>

namespace missive::dialplan {
namespace {

// Walks over a text, knowing what is inside of quotes, parentheses and brackets.
class ArgumentSplitter {
 public:
  ArgumentSplitter(std::string_view text, bool unquote) : text_(text), unquote_(unquote) {}

  // The next argument; leaves the place behind its comma.
  std::string next() {
    std::string argument;
    for (ends_with_comma_ = false; place_ < text_.size();) {
      const char c = text_[place_++];
      if (c == ',' && is_outside()) {
        ends_with_comma_ = true;
        return argument;
      }
      take(c, argument);
    }
    return argument;
  }

  // More arguments follow, be it an empty one behind the last comma.
  bool has_more() const { return ends_with_comma_; }
  std::string_view rest() const { return text_.substr(place_); }

 private:
  bool is_outside() const { return !quoted_ && parentheses_ == 0 && brackets_ == 0; }

  void take(char c, std::string& argument) {
    if (c == '\\' && place_ < text_.size()) {
      if (!unquote_) argument += c;
      argument += text_[place_++];
      return;
    }
    if (c == '"') {
      quoted_ = !quoted_;
      if (!unquote_) argument += c;
      return;
    }
    if (!quoted_) nest(c);
    argument += c;
  }

  void nest(char c) {
    if (c == '(') ++parentheses_;
    if (c == ')' && parentheses_ > 0) --parentheses_;
    if (c == '[') ++brackets_;
    if (c == ']' && brackets_ > 0) --brackets_;
  }

  std::string_view text_;
  bool unquote_;
  std::size_t place_ = 0;
  bool quoted_ = false, ends_with_comma_ = false;
  std::size_t parentheses_ = 0, brackets_ = 0;
};

}  // namespace

const Function* FunctionTable::find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> FunctionTable::names() const {
  std::vector<std::string_view> names;
  names.reserve(functions_.size());
  for (const auto& [key, function] : functions_) names.push_back(function.name);
  return names;
}

std::vector<std::string> split_arguments(std::string_view text, std::size_t limit, bool unquote) {
  std::vector<std::string> arguments;
  if (text.empty()) return arguments;
  ArgumentSplitter splitter(text, unquote);
  do {
    if (limit > 0 && arguments.size() + 1 == limit) {
      arguments.emplace_back(splitter.rest());
      break;
    }
    arguments.push_back(splitter.next());
  } while (splitter.has_more());
  return arguments;
}

}  // namespace missive::dialplan
