// Set, MSet, DBdel, DBdeltree.
#include <fmt/format.h>

#include "base/text.h"
#include "dialplan/applications/parts.h"

namespace missive::dialplan {
namespace {

void set_pair(Run& run, std::string_view application, std::string_view pair) {
  const auto equals = find_outside(pair, '=');
  if (equals == std::string_view::npos) {
    return run.warn(fmt::format("{} needs name=value, not '{}'", application, pair));
  }
  assign(run, pair.substr(0, equals), std::string(pair.substr(equals + 1)));
}

Outcome set(Run& run, std::string_view arguments) {
  set_pair(run, "Set", arguments);
  return Outcome::next;
}

Outcome set_many(Run& run, std::string_view arguments) {
  for (const auto& pair : split_arguments(arguments)) set_pair(run, "MSet", pair);
  return Outcome::next;
}

struct Key {
  std::string_view family, key;
};

Key split_key(std::string_view text) {
  text = base::trim(text);
  const auto slash = std::min(text.find('/'), text.size());
  return {text.substr(0, slash), text.substr(std::min(slash + 1, text.size()))};
}

Outcome delete_key(Run& run, std::string_view arguments) {
  const auto [family, key] = split_key(arguments);
  if (family.empty() || key.empty()) {
    run.warn(fmt::format("DBdel needs family/key, not '{}'", arguments));
  } else {
    run.shared().database.remove(family, key);
  }
  return Outcome::next;
}

Outcome delete_tree(Run& run, std::string_view arguments) {
  const auto [family, tree] = split_key(arguments);
  if (family.empty()) {
    run.warn("DBdeltree needs family[/keytree]");
  } else {
    run.shared().database.remove_tree(family, tree);
  }
  return Outcome::next;
}

}  // namespace

void add_variable_applications(ApplicationTable& table) {
  table.add({"Set", set});
  table.add({"MSet", set_many});
  table.add({"DBdel", delete_key});
  table.add({"DBdeltree", delete_tree});
}

}  // namespace missive::dialplan
