// The tables of the database file, and how an older file becomes one of today.
//
// The file carries its schema's number (user_version) and a mark that it is ours
// (application_id). A file with a higher number, of somebody else, or damaged is refused; nothing
// is changed in it then.
#pragma once

#include "store/connection.h"

namespace missive::store {

// Checks what is there and brings it to the newest schema, all or nothing.
base::Result<void> prepare_schema(Connection& connection);

// The parts of that which change nothing. The number of the file's schema; 0: it is empty.
base::Result<std::int64_t> check_schema(Connection& connection);
// Reads the whole file; fails where it is damaged.
base::Result<void> check_pages(Connection& connection);
// The schema that this program writes.
std::int64_t newest_schema();

}  // namespace missive::store
