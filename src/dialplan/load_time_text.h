// Text of extensions.conf that is needed before any message: [globals], names of extensions.
//
// It may refer to global variables that are set further up, and hold expressions; functions need
// a message, and read as empty with a warning. One thread, while a dialplan is loaded.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "dialplan/function.h"

namespace missive::dialplan {

class LoadTimeText {
 public:
  explicit LoadTimeText(const FunctionTable& functions) : functions_(functions) {}

  std::string expand(std::string_view text, std::vector<std::string>& warnings) const;
  void set_global(std::string_view name, std::string value);
  // In the order they were first set.
  const std::vector<std::pair<std::string, std::string>>& globals() const { return globals_; }

 private:
  const FunctionTable& functions_;
  std::vector<std::pair<std::string, std::string>> globals_;
  std::unordered_map<std::string, std::size_t, base::StringHash, std::equal_to<>> places_;
};

}  // namespace missive::dialplan
