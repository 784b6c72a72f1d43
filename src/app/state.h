// What survives a restart: the database in the state folder, and what is kept in it.
//
// Opened once, before the server; outlives it.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "store/ast_db.h"
#include "store/contact_store.h"
#include "store/database.h"
#include "store/outbox_store.h"
#include "store/received_store.h"

namespace missive::app {

struct State {
  std::filesystem::path folder;  // empty: in memory
  std::unique_ptr<store::Database> database;
  std::unique_ptr<store::AstDb> astdb;
  std::unique_ptr<store::ContactStore> contacts;
  std::unique_ptr<store::OutboxStore> outbox;
  std::unique_ptr<store::ReceivedStore> received;

  // folder/missive.db, made with the folder where it is not there yet. `lose_nothing`: a power
  // failure takes nothing that was committed.
  static base::Result<State> open(const std::filesystem::path& folder, bool lose_nothing);
  // Gone with the process.
  static State in_memory();

 private:
  static base::Result<State> open_file(const std::string& file,
                                       store::Database::Synchronous synchronous);
};

}  // namespace missive::app
