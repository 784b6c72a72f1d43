// Variables of one run, or the global ones: a name and a value.
//
// Names are matched with case, as Asterisk does. A leading `_` or `__` (inheritance by
// channels created later, of which there are none here) is not part of the name. `Variables`
// is one thread's; `GlobalVariables` is shared by all.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"

namespace missive::dialplan {

// Without the underscores of inheritance.
constexpr std::string_view variable_name(std::string_view name) {
  for (int i = 0; i < 2 && name.starts_with('_') && name.size() > 1; ++i) name.remove_prefix(1);
  return name;
}

class Variables {
 public:
  // nullptr when it is not set; valid until the next change.
  const std::string* find(std::string_view name) const;
  void set(std::string_view name, std::string value);
  // An empty value is a value; this is what takes it away.
  void erase(std::string_view name);
  // In the order they were first set.
  const std::vector<std::pair<std::string, std::string>>& all() const { return variables_; }

 private:
  // A run has a handful: a walk is faster than a hash.
  std::vector<std::pair<std::string, std::string>> variables_;
};

class GlobalVariables {
 public:
  std::optional<std::string> find(std::string_view name) const;
  void set(std::string_view name, std::string value);
  void erase(std::string_view name);
  // Takes all away: a reload with clearglobalvars=yes, before set_all().
  void clear();
  // [globals] of extensions.conf, at start and at a reload; what it does not name stays.
  void set_all(const std::vector<std::pair<std::string, std::string>>& values);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string, base::StringHash, std::equal_to<>> variables_;
};

}  // namespace missive::dialplan
