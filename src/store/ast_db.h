// The little database of the dialplan: DB(family/key), as Asterisk's astdb.
//
// Keys are "family/key/...", compared with case; slashes at either end do not count. Read and
// written in memory, under a lock, and written behind to SQLite by the Database's thread, so that
// nobody waits for a disk; what was written less than a moment before a crash may be lost, what was
// written before an orderly stop is there. Any thread. Source: Asterisk documentation, functions
// DB, DB_KEYS, DB_EXISTS.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace missive::store {

class Database;

class AstDb {
 public:
  // In memory only, for tests.
  AstDb();
  ~AstDb();
  // Reads what is there. The Database outlives it.
  static base::Result<std::unique_ptr<AstDb>> open(Database& database);

  std::optional<std::string> get(std::string_view family, std::string_view key) const;
  void put(std::string_view family, std::string_view key, std::string_view value);
  // False when there was none.
  bool remove(std::string_view family, std::string_view key);
  // All under family, or under family/tree; how many.
  std::size_t remove_tree(std::string_view family, std::string_view tree = {});
  // "family/key" and value of all under a prefix of whole parts; all when it is empty. Sorted.
  std::vector<std::pair<std::string, std::string>> entries(std::string_view prefix) const;

 private:
  class Writer;
  explicit AstDb(Database& database);

  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> entries_;
  std::unique_ptr<Writer> writer_;  // none: in memory only
};

}  // namespace missive::store
