// FIELDQTY FIELDNUM LISTFILTER SORT SHIFT UNSHIFT PUSH POP
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "base/text.h"
#include "dialplan/functions/arguments.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

// Calls visit(field, its number from 1) until it returns true.
template <class Visit>
void each_field(std::string_view text, char delimiter, Visit&& visit) {
  if (text.empty()) return;
  for (std::size_t number = 1;; ++number) {
    const auto end = text.find(delimiter);
    if (visit(text.substr(0, end), number) || end == text.npos) return;
    text.remove_prefix(end + 1);
  }
}

Text read_fieldqty(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 2);
  if (arguments.size() < 2) {
    return base::fail("FIELDQTY wants a variable and a delimiter: FIELDQTY(name,-)");
  }
  const auto value = value_of(run, arguments.text(0));
  if (!value) return value;
  if (value->empty()) return std::string("0");
  const char delimiter = arguments.delimiter(1, ',');
  return std::to_string(std::count(value->begin(), value->end(), delimiter) + 1);
}

Text read_fieldnum(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 3);
  if (arguments.size() < 3) {
    return base::fail("FIELDNUM wants a variable, a delimiter and a value: FIELDNUM(name,-,value)");
  }
  const auto value = value_of(run, arguments.text(0));
  if (!value) return value;
  const std::string wanted = arguments.text(2);
  std::size_t found = 0;
  each_field(*value, arguments.delimiter(1, ','), [&](std::string_view field, std::size_t number) {
    if (field != wanted) return false;
    found = number;
    return true;
  });
  return std::to_string(found);
}

Text read_listfilter(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 3);
  if (arguments.size() < 3) {
    return base::fail(
        "LISTFILTER wants a variable, a delimiter and a value: LISTFILTER(name,-,value)");
  }
  const auto value = value_of(run, arguments.text(0));
  if (!value) return value;
  const char delimiter = arguments.delimiter(1, ',');
  const std::string unwanted = arguments.text(2);
  std::string out;
  bool first = true;
  each_field(*value, delimiter, [&](std::string_view field, std::size_t) {
    if (field == unwanted) return false;
    if (!std::exchange(first, false)) out += delimiter;
    out += field;
    return false;
  });
  return out;
}

double number_or_zero(std::string_view text) {
  double value = 0;
  text = base::trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && !std::isnan(value) ? value : 0;
}

Text read_sort(Run&, std::string_view text) {
  const Arguments arguments(text);
  std::vector<std::pair<double, std::string_view>> entries;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view entry = arguments[i];
    const auto colon = entry.find(':');
    if (colon == entry.npos) {
      return base::fail("SORT wants key:value pairs, and {} has no colon",
                        base::printable(entry, 60));
    }
    entries.emplace_back(number_or_zero(entry.substr(colon + 1)), entry.substr(0, colon));
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out;
  for (const auto& [value, key] : entries) {
    if (&key != &entries.front().second) out += ',';
    out += key;
  }
  return out;
}

// The variable and the delimiter of SHIFT, POP, PUSH and UNSHIFT.
struct List {
  std::string name;
  char delimiter;
  std::string value;
};

base::Result<List> find_list(Run& run, std::string_view text, std::string_view function) {
  const auto arguments = Arguments::raw(text, 2);
  List list{arguments.text(0), arguments.delimiter(1, ','), {}};
  if (list.name.empty()) {
    return base::fail("{} wants the name of a variable: {}(name[,delimiter])", function, function);
  }
  auto value = value_of(run, list.name);
  if (!value) return tl::unexpected(value.error());
  list.value = std::move(*value);
  return list;
}

Text take(Run& run, const List& list, std::string item, std::string rest) {
  if (const auto done = set_by_name(run, list.name, std::move(rest)); !done) {
    return tl::unexpected(done.error());
  }
  return item;
}

Text read_shift(Run& run, std::string_view text) {
  const auto list = find_list(run, text, "SHIFT");
  if (!list) return tl::unexpected(list.error());
  const auto end = std::min(list->value.find(list->delimiter), list->value.size());
  return take(run, *list, list->value.substr(0, end),
              list->value.substr(std::min(end + 1, list->value.size())));
}

Text read_pop(Run& run, std::string_view text) {
  const auto list = find_list(run, text, "POP");
  if (!list) return tl::unexpected(list.error());
  const auto last = list->value.rfind(list->delimiter);
  if (last == std::string::npos) return take(run, *list, list->value, {});
  return take(run, *list, list->value.substr(last + 1), list->value.substr(0, last));
}

// The items of "one,two,three" with the list's delimiter between them.
std::string joined(std::string_view items, char delimiter) {
  const Arguments values(items);
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += delimiter;
    out += values[i];
  }
  return out;
}

base::Result<void> write_push(Run& run, std::string_view text, std::string_view items) {
  auto list = find_list(run, text, "PUSH");
  if (!list) return tl::unexpected(list.error());
  if (!list->value.empty()) list->value += list->delimiter;
  list->value += joined(items, list->delimiter);
  return set_by_name(run, list->name, std::move(list->value));
}

base::Result<void> write_unshift(Run& run, std::string_view text, std::string_view items) {
  const auto list = find_list(run, text, "UNSHIFT");
  if (!list) return tl::unexpected(list.error());
  auto value = joined(items, list->delimiter);
  if (!list->value.empty()) (value += list->delimiter) += list->value;
  return set_by_name(run, list->name, std::move(value));
}

}  // namespace

void add_list_functions(FunctionTable& table) {
  table.add({"FIELDQTY", read_fieldqty});
  table.add({"FIELDNUM", read_fieldnum});
  table.add({"LISTFILTER", read_listfilter});
  table.add({"SORT", read_sort});
  table.add({"SHIFT", read_shift});
  table.add({"POP", read_pop});
  table.add({"PUSH", nullptr, write_push});
  table.add({"UNSHIFT", nullptr, write_unshift});
}

}  // namespace missive::dialplan
