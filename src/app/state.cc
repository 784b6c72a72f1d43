#include "app/state.h"

namespace missive::app {

base::Result<State> State::open(const std::filesystem::path& folder, bool lose_nothing) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return base::fail("state folder {}: {}", folder.string(), failed.message());
  using Synchronous = store::Database::Synchronous;
  auto state = open_file((folder / "missive.db").string(),
                         lose_nothing ? Synchronous::full : Synchronous::normal);
  if (state) state->folder = folder;
  return state;
}

State State::in_memory() {
  return std::move(*open_file(":memory:", store::Database::Synchronous::off));
}

base::Result<State> State::open_file(const std::string& file,
                                     store::Database::Synchronous synchronous) {
  auto database = store::Database::open(file, {.synchronous = synchronous});
  if (!database) return tl::unexpected(database.error());
  auto astdb = store::AstDb::open(**database);
  if (!astdb) return tl::unexpected(astdb.error());
  State state;
  state.database = std::move(*database);
  state.astdb = std::move(*astdb);
  state.contacts = std::make_unique<store::ContactStore>(*state.database);
  state.outbox = std::make_unique<store::OutboxStore>(*state.database);
  state.received = std::make_unique<store::ReceivedStore>(*state.database);
  return state;
}

}  // namespace missive::app
