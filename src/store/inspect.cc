#include "store/inspect.h"

#include <filesystem>

#include "store/connection.h"
#include "store/schema.h"

namespace missive::store {
namespace {

constexpr std::int64_t schema_with_outbox = 2;

base::Result<void> count(Connection& connection, Inspection& out) {
  const auto all = connection.number("SELECT count(*) FROM outbox");
  if (!all) return tl::unexpected(all.error());
  const auto waiting = connection.number(
      "SELECT (SELECT count(*) FROM outbox WHERE waiting)"
      " + (SELECT count(*) FROM outbox WHERE state < 2 AND NOT waiting)");
  if (!waiting) return tl::unexpected(waiting.error());
  out.waiting = *waiting;
  out.outcomes = *all - *waiting;
  return {};
}

}  // namespace

base::Result<Inspection> inspect(const std::string& file) {
  Inspection out;
  out.newest = newest_schema();
  std::error_code failed;
  const bool exists = std::filesystem::exists(file, failed);
  if (failed) return base::fail("{}: {}", file, failed.message());
  if (!exists) return out;
  const auto opened = Connection::open_to_look(file);
  if (!opened) return tl::unexpected(opened.error());
  auto& connection = **opened;
  const auto schema = check_schema(connection);
  if (!schema) {
    if (!connection.in_use()) return tl::unexpected(schema.error());
    out.found = Inspection::Found::in_use;
    return out;
  }
  out.found = Inspection::Found::sound;
  out.schema = *schema;
  if (auto sound = check_pages(connection); !sound) return tl::unexpected(sound.error());
  if (*schema < schema_with_outbox) return out;
  if (auto counted = count(connection, out); !counted) return tl::unexpected(counted.error());
  return out;
}

}  // namespace missive::store
