#include "store/ast_db.h"

#include "store/write_behind.h"

namespace missive::store {
namespace {

std::string_view without_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

std::string joined(std::string_view family, std::string_view key) {
  std::string out(without_slashes(family));
  key = without_slashes(key);
  if (!out.empty() && !key.empty()) out += '/';
  return out += key;
}

bool is_under(std::string_view key, std::string_view prefix) {
  return prefix.empty() ||
         (key.starts_with(prefix) && (key.size() == prefix.size() || key[prefix.size()] == '/'));
}

base::Result<void> write_entry(Connection& connection, const std::string& key,
                               const std::optional<std::string>& value) {
  auto statement =
      connection.statement(value ? "INSERT OR REPLACE INTO astdb (key, value) VALUES (?, ?)"
                                 : "DELETE FROM astdb WHERE key = ?");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(key);
  if (value) statement->bind(*value);
  return statement->run();
}

}  // namespace

class AstDb::Writer final : public WriteBehind<std::string, std::string> {
 public:
  explicit Writer(Database& database) : WriteBehind(database, write_entry) {}
};

AstDb::AstDb() = default;
AstDb::AstDb(Database& database) : writer_(std::make_unique<Writer>(database)) {}
AstDb::~AstDb() = default;

base::Result<std::unique_ptr<AstDb>> AstDb::open(Database& database) {
  std::unique_ptr<AstDb> out(new AstDb(database));
  const auto read = database.run([&out](Connection& connection) -> base::Result<void> {
    auto query = connection.statement("SELECT key, value FROM astdb");
    if (!query) return tl::unexpected(query.error());
    while (true) {
      const auto row = query->step();
      if (!row) return tl::unexpected(row.error());
      if (!*row) return {};
      out->entries_.emplace(query->text(0), query->text(1));
    }
  });
  if (!read) return tl::unexpected(read.error());
  return out;
}

std::optional<std::string> AstDb::get(std::string_view family, std::string_view key) const {
  const auto wanted = joined(family, key);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(wanted);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void AstDb::put(std::string_view family, std::string_view key, std::string_view value) {
  auto name = joined(family, key);
  const std::lock_guard lock(mutex_);
  entries_.insert_or_assign(name, std::string(value));
  if (writer_) writer_->put(std::move(name), std::string(value));
}

bool AstDb::remove(std::string_view family, std::string_view key) {
  auto name = joined(family, key);
  const std::lock_guard lock(mutex_);
  if (entries_.erase(name) == 0) return false;
  if (writer_) writer_->remove(std::move(name));
  return true;
}

std::size_t AstDb::remove_tree(std::string_view family, std::string_view tree) {
  const auto prefix = joined(family, tree);
  std::size_t removed = 0;
  const std::lock_guard lock(mutex_);
  // Between "a" and "a/..." there may be others, "a-b".
  auto entry = entries_.lower_bound(prefix);
  while (entry != entries_.end() && std::string_view(entry->first).starts_with(prefix)) {
    if (!is_under(entry->first, prefix)) {
      ++entry;
      continue;
    }
    if (writer_) writer_->remove(entry->first);
    entry = entries_.erase(entry);
    ++removed;
  }
  return removed;
}

std::vector<std::pair<std::string, std::string>> AstDb::entries(std::string_view prefix) const {
  prefix = without_slashes(prefix);
  std::vector<std::pair<std::string, std::string>> out;
  const std::lock_guard lock(mutex_);
  for (auto entry = entries_.lower_bound(prefix); entry != entries_.end(); ++entry) {
    if (!std::string_view(entry->first).starts_with(prefix)) break;
    if (is_under(entry->first, prefix)) out.emplace_back(*entry);
  }
  return out;
}

}  // namespace missive::store
