// Copies many small texts into one string and gives views of the copies.
//
// For the constructors of Message and Incoming: reserve() what all of them need, then keep() each;
// the string never grows, so the views stay valid as long as it does and is not moved.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "message/message.h"

namespace missive::message {

class TextKeeper {
 public:
  TextKeeper(std::string& text, std::initializer_list<std::string_view> parts,
             std::span<const Variable> variables)
      : text_(text) {
    std::size_t size = 0;
    for (const auto part : parts) size += part.size();
    for (const auto& variable : variables) size += variable.name.size() + variable.value.size();
    text_.reserve(size);
  }

  std::string_view keep(std::string_view part) {
    const auto at = text_.size();
    text_ += part;
    return std::string_view(text_).substr(at, part.size());
  }

  std::vector<Variable> keep(std::span<const Variable> variables) {
    std::vector<Variable> kept;
    kept.reserve(variables.size());
    for (const auto& variable : variables) {
      const auto name = keep(variable.name);
      kept.push_back({name, keep(variable.value)});
    }
    return kept;
  }

 private:
  std::string& text_;
};

}  // namespace missive::message
