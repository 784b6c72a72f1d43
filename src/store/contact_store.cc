#include "store/contact_store.h"

namespace missive::store {
namespace {

using Key = std::pair<std::string, std::string>;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::seconds;

base::Result<void> write_contact(Connection& connection, const Key& key,
                                 const std::optional<StoredContact>& contact) {
  if (!contact) {
    auto statement = connection.statement("DELETE FROM contacts WHERE aor = ? AND uri = ?");
    if (!statement) return tl::unexpected(statement.error());
    return statement->bind(key.first).bind(key.second).run();
  }
  auto statement = connection.statement(
      "INSERT OR REPLACE INTO contacts (aor, uri, given, q, expires, expiration, updated, path,"
      " instance, reg_id, endpoint, call_id, cseq, user_agent, via_address, transport, source,"
      " flow_only) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!statement) return tl::unexpected(statement.error());
  return statement->bind(contact->aor)
      .bind(contact->uri)
      .bind(contact->given)
      .bind(contact->q)
      .bind(duration_cast<seconds>(contact->expires.time_since_epoch()).count())
      .bind(contact->expiration.count())
      .bind(duration_cast<microseconds>(contact->updated.time_since_epoch()).count())
      .bind(contact->path)
      .bind(contact->instance)
      .bind(contact->reg_id)
      .bind(contact->endpoint)
      .bind(contact->call_id)
      .bind(contact->cseq)
      .bind(contact->user_agent)
      .bind(contact->via_address)
      .bind(contact->transport)
      .bind(contact->source)
      .bind(contact->flow_only)
      .run();
}

StoredContact read_contact(const Statement& row) {
  const auto text = [&row](int column) { return std::string(row.text(column)); };
  return {.aor = text(0),
          .uri = text(1),
          .given = text(2),
          .q = static_cast<unsigned>(row.number(3)),
          .expires = base::WallTime(seconds(row.number(4))),
          .expiration = seconds(row.number(5)),
          .updated = base::WallTime(microseconds(row.number(6))),
          .path = text(7),
          .instance = text(8),
          .reg_id = text(9),
          .endpoint = text(10),
          .call_id = text(11),
          .cseq = static_cast<std::uint32_t>(row.number(12)),
          .user_agent = text(13),
          .via_address = text(14),
          .transport = text(15),
          .source = text(16),
          .flow_only = row.number(17) != 0};
}

}  // namespace

ContactStore::ContactStore(Database& database)
    : database_(database), writer_(database, write_contact) {}

void ContactStore::put(StoredContact contact) {
  Key key{contact.aor, contact.uri};
  writer_.put(std::move(key), std::move(contact));
}

void ContactStore::remove(const std::string& aor, const std::string& uri) {
  writer_.remove({aor, uri});
}

base::Result<std::vector<StoredContact>> ContactStore::load_all() {
  std::vector<StoredContact> out;
  const auto read = database_.run([&out](Connection& connection) -> base::Result<void> {
    auto query = connection.statement(
        "SELECT aor, uri, given, q, expires, expiration, updated, path, instance, reg_id, endpoint,"
        " call_id, cseq, user_agent, via_address, transport, source, flow_only FROM contacts"
        " ORDER BY aor, updated");
    if (!query) return tl::unexpected(query.error());
    while (true) {
      const auto row = query->step();
      if (!row) return tl::unexpected(row.error());
      if (!*row) return {};
      out.push_back(read_contact(*query));
    }
  });
  if (!read) return tl::unexpected(read.error());
  return out;
}

}  // namespace missive::store
