// DB DB_EXISTS DB_KEYS DB_KEYCOUNT DB_DELETE
#include <string>
#include <utility>

#include "base/text.h"
#include "dialplan/functions/arguments.h"
#include "store/ast_db.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

constexpr std::size_t max_key = 1024;  // octets of family and key; both may come from a message

struct Place {
  std::string_view family;
  std::string_view key;
};

base::Result<Place> parse_place(std::string_view text, std::string_view function) {
  const auto slash = text.find('/');
  if (slash == text.npos || slash == 0 || slash + 1 == text.size()) {
    return base::fail("{} wants a family and a key: {}(family/key)", function, function);
  }
  if (text.size() > max_key) {
    return base::fail("{} was given a key of {} octets; {} are the most", function, text.size(),
                      max_key);
  }
  return Place{text.substr(0, slash), text.substr(slash + 1)};
}

Text read_db(Run& run, std::string_view text) {
  const auto place = parse_place(text, "DB");
  if (!place) return tl::unexpected(place.error());
  auto value = run.shared().database.get(place->family, place->key);
  if (!value) return std::string();
  run.set_variable("DB_RESULT", *value);
  return std::move(*value);
}

base::Result<void> write_db(Run& run, std::string_view text, std::string_view value) {
  const auto place = parse_place(text, "DB");
  if (!place) return tl::unexpected(place.error());
  run.shared().database.put(place->family, place->key, value);
  return {};
}

Text read_db_exists(Run& run, std::string_view text) {
  const auto place = parse_place(text, "DB_EXISTS");
  if (!place) return tl::unexpected(place.error());
  auto value = run.shared().database.get(place->family, place->key);
  if (!value) return std::string("0");
  run.set_variable("DB_RESULT", std::move(*value));
  return std::string("1");
}

// Calls visit(part) for each different part that follows `prefix`, in order.
template <class Visit>
void each_key(Run& run, std::string_view prefix, Visit&& visit) {
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  const std::size_t skipped = prefix.empty() ? 0 : prefix.size() + 1;
  std::string last;
  bool first = true;
  for (const auto& [path, value] : run.shared().database.entries(prefix)) {
    if (path.size() <= skipped) continue;
    std::string_view part = std::string_view(path).substr(skipped);
    part = part.substr(0, part.find('/'));
    if (!first && part == last) continue;
    first = false;
    visit(part);
    last = part;
  }
}

Text read_db_keys(Run& run, std::string_view prefix) {
  std::string out;
  bool first = true;
  each_key(run, prefix, [&](std::string_view part) {
    if (out.size() > max_text) return;
    if (!std::exchange(first, false)) out += ',';
    out += part;
  });
  return limited(std::move(out));
}

Text read_db_keycount(Run& run, std::string_view prefix) {
  std::size_t count = 0;
  each_key(run, prefix, [&count](std::string_view) { ++count; });
  return std::to_string(count);
}

Text read_db_delete(Run& run, std::string_view text) {
  const auto place = parse_place(text, "DB_DELETE");
  if (!place) return tl::unexpected(place.error());
  auto value = run.shared().database.get(place->family, place->key);
  if (!value) return std::string();
  run.shared().database.remove(place->family, place->key);
  run.set_variable("DB_RESULT", *value);
  return std::move(*value);
}

base::Result<void> write_db_delete(Run& run, std::string_view text, std::string_view) {
  const auto done = read_db_delete(run, text);
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace

void add_database_functions(FunctionTable& table) {
  table.add({"DB", read_db, write_db});
  table.add({"DB_EXISTS", read_db_exists});
  table.add({"DB_KEYS", read_db_keys});
  table.add({"DB_KEYCOUNT", read_db_keycount});
  table.add({"DB_DELETE", read_db_delete, write_db_delete});
}

}  // namespace missive::dialplan
