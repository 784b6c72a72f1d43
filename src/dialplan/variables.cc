#include "dialplan/variables.h"

#include <algorithm>

namespace missive::dialplan {

const std::string* Variables::find(std::string_view name) const {
  const auto found = std::find_if(variables_.begin(), variables_.end(),
                                  [name](const auto& variable) { return variable.first == name; });
  return found == variables_.end() ? nullptr : &found->second;
}

void Variables::set(std::string_view name, std::string value) {
  const auto found = std::find_if(variables_.begin(), variables_.end(),
                                  [name](const auto& variable) { return variable.first == name; });
  if (found != variables_.end()) {
    found->second = std::move(value);
  } else {
    variables_.emplace_back(std::string(name), std::move(value));
  }
}

void Variables::erase(std::string_view name) {
  const auto found = std::find_if(variables_.begin(), variables_.end(),
                                  [name](const auto& variable) { return variable.first == name; });
  if (found != variables_.end()) variables_.erase(found);
}

std::optional<std::string> GlobalVariables::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = variables_.find(name);
  if (found == variables_.end()) return std::nullopt;
  return found->second;
}

void GlobalVariables::set(std::string_view name, std::string value) {
  const std::lock_guard lock(mutex_);
  const auto found = variables_.find(name);
  if (found != variables_.end()) {
    found->second = std::move(value);
  } else {
    variables_.emplace(std::string(name), std::move(value));
  }
}

void GlobalVariables::erase(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = variables_.find(name);
  if (found != variables_.end()) variables_.erase(found);
}

void GlobalVariables::clear() {
  const std::lock_guard lock(mutex_);
  variables_.clear();
}

void GlobalVariables::set_all(const std::vector<std::pair<std::string, std::string>>& values) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, value] : values) variables_.insert_or_assign(name, value);
}

}  // namespace missive::dialplan
