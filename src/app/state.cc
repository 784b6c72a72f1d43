#include "app/state.h"

namespace missive::app {

base::Result<State> State::open(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return base::fail("state folder {}: {}", folder.string(), failed.message());
  auto database = store::Database::open((folder / "missive.db").string());
  if (!database) return tl::unexpected(database.error());
  auto astdb = store::AstDb::open(**database);
  if (!astdb) return tl::unexpected(astdb.error());
  State state{std::move(*database), std::move(*astdb), nullptr};
  state.contacts = std::make_unique<store::ContactStore>(*state.database);
  return state;
}

State State::in_memory() { return {nullptr, std::make_unique<store::AstDb>(), nullptr}; }

}  // namespace missive::app
