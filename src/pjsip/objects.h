// The objects of one type: in file order, and by name.
//
// Names are compared with case, as Asterisk does. Pointers stay valid as long as the
// Objects, once all are added.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.h"

namespace missive::pjsip {

template <class T>
class Objects {
 public:
  // False, and nothing is added, when there is one of that name.
  bool add(T object) {
    if (!places_.try_emplace(object.name, objects_.size()).second) return false;
    objects_.push_back(std::move(object));
    return true;
  }

  const T* find(std::string_view name) const {
    const auto place = places_.find(name);
    return place == places_.end() ? nullptr : &objects_[place->second];
  }

  std::vector<std::string_view> names() const {
    std::vector<std::string_view> names;
    for (const auto& object : objects_) names.push_back(object.name);
    return names;
  }

  const std::vector<T>& all() const { return objects_; }
  std::vector<T>& all() { return objects_; }  // to complete them; the names stay

 private:
  std::vector<T> objects_;
  std::unordered_map<std::string, std::size_t, base::StringHash, std::equal_to<>> places_;
};

}  // namespace missive::pjsip
