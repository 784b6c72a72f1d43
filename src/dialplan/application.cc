#include "dialplan/application.h"

namespace missive::dialplan {

const Application* ApplicationTable::find(std::string_view name) const {
  const auto found = applications_.find(name);
  return found == applications_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> ApplicationTable::names() const {
  std::vector<std::string_view> names;
  names.reserve(applications_.size());
  for (const auto& [key, application] : applications_) names.push_back(application.name);
  return names;
}

}  // namespace missive::dialplan
