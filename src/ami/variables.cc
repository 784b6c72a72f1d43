#include "ami/variables.h"

#include <algorithm>

#include "base/text.h"

namespace missive::ami {

void VariableList::clear(Again again) {
  again_ = again;
  text_.clear();
  entries_.clear();
}

base::Result<void> VariableList::add(std::string_view list) {
  while (!list.empty()) {
    const auto begin = text_.size();
    if (auto read = read_part(list); !read) return read;
    if (auto kept = keep_part(begin); !kept) return kept;
  }
  return {};
}

base::Result<void> VariableList::read_part(std::string_view& list) {
  std::size_t brackets = 0;
  std::size_t quote = std::string_view::npos;
  std::size_t copied = 0;  // up to here; what is to be left out is skipped
  std::size_t at = 0;
  const auto leave_out = [&] {
    text_.append(list, copied, at - copied);
    copied = at + 1;
  };
  for (; at < list.size(); ++at) {
    const char c = list[at];
    if (c == '\\' && at + 1 < list.size()) {
      leave_out();
      ++at;
    } else if (c == '"') {
      leave_out();
      quote = quote == std::string_view::npos ? at : std::string_view::npos;
    } else if (quote == std::string_view::npos) {
      if (c == ',' && brackets == 0) break;
      if (c == '(' || c == '[') ++brackets;
      if ((c == ')' || c == ']') && brackets > 0) --brackets;
    }
  }
  text_.append(list, copied, at - copied);
  if (quote != std::string_view::npos) {
    return base::fail(
        "Variable: the quote before '{}' is not closed; end it with '\"' or write \\\"",
        base::printable(list.substr(quote + 1), 40));
  }
  list.remove_prefix(std::min(at + 1, list.size()));
  return {};
}

base::Result<void> VariableList::keep_part(std::size_t begin) {
  const auto part = std::string_view(text_).substr(begin);
  if (base::trim(part).empty()) {
    text_.resize(begin);
    return {};
  }
  const auto equals = part.find('=');
  if (equals == std::string_view::npos) {
    return base::fail("Variable: '{}' has no '='; write name=value", base::printable(part, 40));
  }
  const auto name = base::trim(part.substr(0, equals));
  if (name.empty()) {
    return base::fail("Variable: no name before '{}'; write name=value", base::printable(part, 40));
  }
  const auto place = [this](std::string_view view) {
    return static_cast<std::size_t>(view.data() - text_.data());
  };
  const Entry entry{place(name), name.size(), begin + equals + 1, part.size() - equals - 1};
  const auto same = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const Entry& earlier) { return is_replaced(earlier, name); });
  if (same != entries_.end()) {
    *same = entry;
    return {};
  }
  if (entries_.size() == max_variables) {
    return base::fail("Variable: more than {} variables", max_variables);
  }
  entries_.push_back(entry);
  return {};
}

std::string_view VariableList::name_of(const Entry& entry) const {
  return std::string_view(text_).substr(entry.name, entry.name_size);
}

bool VariableList::is_replaced(const Entry& entry, std::string_view name) const {
  if (again_ == Again::stands_beside) return false;
  return again_ == Again::replaces ? base::iequals(name_of(entry), name) : name_of(entry) == name;
}

std::span<const message::Variable> VariableList::items() {
  items_.clear();
  for (const auto& entry : entries_) {
    items_.push_back(
        {name_of(entry), std::string_view(text_).substr(entry.value, entry.value_size)});
  }
  return items_;
}

}  // namespace missive::ami
