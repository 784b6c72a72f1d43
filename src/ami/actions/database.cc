// DBGet, DBGetTree, DBPut, DBDel, DBDelTree.
//
// Source: Asterisk documentation, actions of these names.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/wire.h"
#include "store/ast_db.h"

namespace missive::ami {
namespace {

constexpr std::string_view no_such_entry = "Database entry not found";

struct Place {
  std::string_view family, key;
};

// Nothing, and the session has been told, where one is missing. Asterisk's texts differ in a dot.
std::optional<Place> place_of(Session& session, const ActionView& action, std::string_view dot) {
  const Place place{action.header("Family"), action.header("Key")};
  if (!place.family.empty() && !place.key.empty()) return place;
  session.refuse(action,
                 fmt::format("No {} specified{}", place.family.empty() ? "family" : "key", dot));
  return std::nullopt;
}

store::AstDb& database(Session& session) { return session.environment().shared.dialplan->database; }

// Here it is the last header of the event.
void append_id(std::string& out, const ActionView& action) {
  if (!action.id().empty()) append_header(out, "ActionID", action.id());
}

}  // namespace

void actions::db_get(Session& session, const ActionView& action) {
  const auto place = place_of(session, action, ".");
  if (!place) return;
  const auto value = database(session).get(place->family, place->key);
  if (!value) return session.refuse(action, no_such_entry);
  ListReply reply(session, action, "Result will follow");
  reply.add([&](std::string& out) {
    append_header(out, "Event", "DBGetResponse");
    append_header(out, "Family", place->family);
    append_header(out, "Key", place->key);
    append_header(out, "Val", *value);
    append_id(out, action);
  });
  reply.complete("DBGetComplete");
}

void actions::db_get_tree(Session& session, const ActionView& action) {
  const auto family = action.header("Family");
  const auto key = action.header("Key");
  const auto prefix =
      family.empty() || key.empty() ? std::string(family) : fmt::format("{}/{}", family, key);
  ListReply reply(session, action, "Result will follow");
  for (const auto& [name, value] : database(session).entries(prefix)) {
    reply.add([&, &name = name, &value = value](std::string& out) {
      append_header(out, "Event", "DBGetTreeResponse");
      append_header(out, "Key", "/" + name);
      append_header(out, "Val", value);
      append_id(out, action);
    });
  }
  reply.complete("DBGetTreeComplete");
}

void actions::db_put(Session& session, const ActionView& action) {
  const auto place = place_of(session, action, "");
  if (!place) return;
  database(session).put(place->family, place->key, action.header("Val"));
  session.acknowledge(action, "Updated database successfully");
}

void actions::db_del(Session& session, const ActionView& action) {
  const auto place = place_of(session, action, ".");
  if (!place) return;
  if (!database(session).remove(place->family, place->key)) {
    return session.refuse(action, no_such_entry);
  }
  session.acknowledge(action, "Key deleted successfully");
}

void actions::db_del_tree(Session& session, const ActionView& action) {
  const auto family = action.header("Family");
  if (family.empty()) return session.refuse(action, "No family specified.");
  if (database(session).remove_tree(family, action.header("Key")) == 0) {
    return session.refuse(action, no_such_entry);
  }
  session.acknowledge(action, "Key tree deleted successfully");
}

}  // namespace missive::ami
