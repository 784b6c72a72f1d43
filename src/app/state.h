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

namespace missive::app {

struct State {
  std::unique_ptr<store::Database> database;  // none: everything is in memory only
  std::unique_ptr<store::AstDb> astdb;
  std::unique_ptr<store::ContactStore> contacts;  // none without a database

  // folder/missive.db, made with the folder where it is not there yet.
  static base::Result<State> open(const std::filesystem::path& folder);
  static State in_memory();
};

}  // namespace missive::app
