// database show|showkey|get|put|del|deltree|query: the astdb of the dialplan.
//
// `query` is asked of a copy with the one table Asterisk has: astdb (key, value). So it waits for
// nobody, holds up nobody, and sees nothing else that is kept.
#include <fmt/format.h>

#include "base/text.h"
#include "console/commands/parts.h"
#include "store/connection.h"

namespace missive::console {
namespace {

using Entry = std::pair<std::string, std::string>;  // "family/key", value

std::string entry_line(const Entry& entry) {
  return fmt::format("{:<50}: {:<25}\n", "/" + entry.first, entry.second);
}

std::string found(std::size_t count) { return fmt::format("{} results found.\n", count); }

Result show(Environment& environment, const Call& call) {
  std::string prefix;
  for (const auto& part : call.arguments) prefix += (prefix.empty() ? "" : "/") + part;
  const auto entries = environment.database.entries(prefix);
  std::string out;
  for (const auto& entry : entries) out += entry_line(entry);
  return success(out + found(entries.size()));
}

// The last part of the key, of all families.
Result show_key(Environment& environment, const Call& call) {
  const auto wanted = "/" + call.arguments.front();
  std::string out;
  std::size_t count = 0;
  for (const auto& entry : environment.database.entries("")) {
    if (!base::lower("/" + entry.first).ends_with(base::lower(wanted))) continue;
    out += entry_line(entry);
    ++count;
  }
  return success(out + found(count));
}

Result get(Environment& environment, const Call& call) {
  const auto value = environment.database.get(call.arguments[0], call.arguments[1]);
  return value ? success(fmt::format("Value: {}\n", *value))
               : failure("Database entry not found.\n");
}

Result put(Environment& environment, const Call& call) {
  environment.database.put(call.arguments[0], call.arguments[1], call.arguments[2]);
  return success("Updated database successfully\n");
}

Result del(Environment& environment, const Call& call) {
  const bool removed = environment.database.remove(call.arguments[0], call.arguments[1]);
  return removed ? success("Database entry removed.\n")
                 : failure("Database entry does not exist.\n");
}

Result del_tree(Environment& environment, const Call& call) {
  const auto count = environment.database.remove_tree(call.arguments[0], argument(call, 1));
  return count > 0 ? success(fmt::format("{} database entries removed.\n", count))
                   : failure("Database entries do not exist.\n");
}

base::Result<std::unique_ptr<store::Connection>> copy_of(const std::vector<Entry>& entries) {
  auto copy = store::Connection::open(":memory:");
  if (!copy) return copy;
  auto made = (*copy)->execute("CREATE TABLE astdb (key TEXT PRIMARY KEY, value TEXT); BEGIN");
  if (!made) return tl::unexpected(made.error());
  auto insert = (*copy)->statement("INSERT INTO astdb VALUES (?, ?)");
  if (!insert) return tl::unexpected(insert.error());
  for (const auto& [key, value] : entries) {
    auto inserted = insert->again().bind("/" + key).bind(value).run();
    if (!inserted) return tl::unexpected(inserted.error());
  }
  made = (*copy)->execute("COMMIT");
  if (!made) return tl::unexpected(made.error());
  return copy;
}

constexpr std::size_t largest_answer = 4 << 20;
// The console's thread does nothing else meanwhile.
constexpr std::chrono::seconds longest_query{5};

base::Result<std::string> rows_of(store::Statement& statement) {
  std::string out;
  for (;;) {
    const auto row = statement.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return out;
    for (int i = 0; i < statement.columns(); ++i) {
      out += fmt::format("{:<5}: {:<50}\n", statement.name(i), statement.text(i));
    }
    out += '\n';
    if (out.size() > largest_answer) {
      return base::fail("the answer has more than {} MiB; LIMIT would make it shorter",
                        largest_answer >> 20);
    }
  }
}

Result query(Environment& environment, const Call& call) {
  const auto copy = copy_of(environment.database.entries(""));
  if (!copy) return failure(copy.error().text);
  (*copy)->restrain(std::chrono::steady_clock::now() + longest_query, largest_answer);
  auto statement = (*copy)->statement(call.arguments.front());
  if (!statement) return failure(statement.error().text);
  if (!statement->is_read_only()) {
    return failure("database query only reads; database put, del and deltree change entries\n");
  }
  auto rows = rows_of(*statement);
  return rows ? success(std::move(*rows)) : failure(rows.error().text);
}

Command::Choices families(const Environment& environment, const Arguments& before) {
  Command::Choices choices;
  std::string prefix;
  for (const auto& part : before) prefix += part + "/";
  for (const auto& [key, value] : environment.database.entries(prefix)) {
    const auto rest = std::string_view(key).substr(std::min(prefix.size(), key.size()));
    choices.emplace_back(before.empty() ? rest.substr(0, rest.find('/')) : rest);
  }
  return choices;
}

}  // namespace

void add_database_commands(Registry& registry, Environment& environment) {
  const auto add = [&](std::string name, std::string arguments, std::size_t least, std::size_t most,
                       std::string summary, Result (*run)(Environment&, const Call&)) {
    registry.add(
        {std::move(name), std::move(arguments), least, most, std::move(summary),
         at_once([&environment, run](const Call& call) { return run(environment, call); }),
         [&environment](const Arguments& before) { return families(environment, before); }});
  };
  add("database show", "[FAMILY [KEYTREE]]", 0, 2, "Shows database contents", show);
  add("database showkey", "KEY", 1, 1, "Shows database contents of a key in every family",
      show_key);
  add("database get", "FAMILY KEY", 2, 2, "Gets database value", get);
  add("database put", "FAMILY KEY VALUE", 3, 3, "Adds/updates database value", put);
  add("database del", "FAMILY KEY", 2, 2, "Removes database key/value", del);
  add("database deltree", "FAMILY [KEYTREE]", 1, 2, "Removes database keytree/values", del_tree);
  add("database query", "\"SQL\"", 1, 1, "Runs a query on a copy of the database (astdb)", query);
}

}  // namespace missive::console
