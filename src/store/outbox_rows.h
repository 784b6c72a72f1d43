// The rows of the table `outbox`: how they are written and read. Inside of store/ only.
//
// Everything is called in a job, on the Database's thread. Times are milliseconds since 1970.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/connection.h"
#include "store/outbox_store.h"

namespace missive::store {

// States below are not final: 0, it is queued; 1, it is being sent (message::Status::State).
inline constexpr int first_final_state = 2;

std::int64_t to_milliseconds(base::WallTime time);

// "SELECT ... FROM outbox WHERE ..."; what belongs to them is read by read_row().
std::string select_with_content(std::string_view rest);
std::string select_without_content(std::string_view rest);
OutboxRow read_row(const Statement& row, bool with_content);
// All that a bound statement gives.
base::Result<void> read_rows(Statement& query, bool with_content, std::vector<OutboxRow>& rows);

// What became of each is added to `results`.
base::Result<void> write_inserts(Connection& connection, const std::vector<OutboxInsert>& inserts,
                                 std::vector<OutboxInserted>& results);
base::Result<void> write_changes(Connection& connection, const std::vector<OutboxChange>& changes);
base::Result<void> read_by_id(Connection& connection, std::string_view id,
                              std::vector<OutboxRow>& rows);

}  // namespace missive::store
