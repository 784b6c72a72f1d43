#include "xmpp/rooms.h"

#include "base/log.h"
#include "base/text.h"

namespace missive::xmpp {
namespace {

constexpr unsigned max_tries = 3;

bool has_status(xmpp_stanza_t* presence, std::string_view code) {
  auto* x = child(presence, "x", ns::muc_user);
  if (x == nullptr) return false;
  for (auto* one = xmpp_stanza_get_children(x); one != nullptr; one = xmpp_stanza_get_next(one)) {
    if (view(xmpp_stanza_get_name(one)) == "status" &&
        view(xmpp_stanza_get_attribute(one, "code")) == code) {
      return true;
    }
  }
  return false;
}

std::string condition_in(xmpp_stanza_t* presence) {
  auto* error = xmpp_stanza_get_child_by_name(presence, "error");
  auto* first = error != nullptr ? xmpp_stanza_get_child_by_ns(error, ns::stanza_errors) : nullptr;
  return first != nullptr ? std::string(view(xmpp_stanza_get_name(first))) : "no reason given";
}

}  // namespace

Rooms::Rooms(const Account& account, Board& board, Send send, Entered entered)
    : account_(account), board_(board), send_(std::move(send)), entered_(std::move(entered)) {
  for (const auto& option : account.rooms) join(nullptr, option.room, option.nickname);
}

void Rooms::join(xmpp_ctx_t* context, const Jid& room, std::string nickname) {
  if (nickname.empty()) {
    nickname = account_.jid.local.empty() ? account_.name : account_.jid.local;
  }
  const auto name = room.bare();
  auto& entry = rooms_[name];
  entry = {.nickname = std::move(nickname)};
  if (context != nullptr || board_.room(account_.name, name) == Board::RoomState::unknown) {
    board_.set_room(account_.name, name, Board::RoomState::joining);
  }
  if (context != nullptr) enter(context, name, entry);
}

void Rooms::leave(xmpp_ctx_t* context, const Jid& room) {
  const auto found = rooms_.find(room.bare());
  if (found == rooms_.end()) return;
  if (context != nullptr) {
    const auto presence = element(context, "presence");
    xmpp_stanza_set_to(presence.get(), (found->first + '/' + found->second.nickname).c_str());
    set_from(presence);
    xmpp_stanza_set_type(presence.get(), "unavailable");
    send_(presence);
  }
  board_.set_room(account_.name, found->first, Board::RoomState::unknown);
  rooms_.erase(found);
}

void Rooms::enter_all(xmpp_ctx_t* context) {
  for (auto& [name, room] : rooms_) {
    room.tries = 0;
    board_.set_room(account_.name, name, Board::RoomState::joining);
    enter(context, name, room);
  }
}

// A component says who it is.
void Rooms::set_from(const Stanza& stanza) const {
  if (account_.type != Account::Type::component) return;
  xmpp_stanza_set_from(stanza.get(), account_.jid.full().c_str());
}

void Rooms::enter(xmpp_ctx_t* context, const std::string& room, const Room& how) {
  const auto presence = element(context, "presence");
  xmpp_stanza_set_to(presence.get(), (room + '/' + how.nickname).c_str());
  set_from(presence);
  const auto muc = element(context, "x", ns::muc);
  const auto history = element(context, "history");
  xmpp_stanza_set_attribute(history.get(), "maxstanzas", "0");
  add(muc, history);
  add(presence, muc);
  send_(presence);
}

// Until its owner has said how it is to be, a new room is locked to others (section 10.1.2).
void Rooms::open(xmpp_ctx_t* context, const std::string& room) {
  const Stanza iq(xmpp_iq_new(context, "set", "missive-room"));
  xmpp_stanza_set_to(iq.get(), room.c_str());
  set_from(iq);
  const auto query = element(context, "query", ns::muc_owner);
  const auto form = element(context, "x", ns::data_forms);
  xmpp_stanza_set_type(form.get(), "submit");
  add(query, form);
  add(iq, query);
  send_(iq);
}

bool Rooms::is_own(const Jid& from) const {
  const auto found = rooms_.find(from.bare());
  return found != rooms_.end() && found->second.nickname == from.resource;
}

bool Rooms::on_presence(xmpp_stanza_t* presence) {
  const auto from = Jid::parse(attribute(presence, "from"));
  if (!from) return false;
  const auto found = rooms_.find(from->bare());
  if (found == rooms_.end()) return false;
  auto& [name, room] = *found;
  const auto type = view(xmpp_stanza_get_type(presence));
  if (type == "error") {
    on_refused(presence, name, room);
    return true;
  }
  const bool own = has_status(presence, "110") || from->resource == room.nickname;
  if (!own) return true;
  if (type == "unavailable") {
    log::warning("XMPP account '{}' is not in room {} any more{}", account_.name, name,
                 has_status(presence, "307")   ? ": it was kicked"
                 : has_status(presence, "301") ? ": it was banned"
                                               : "");
    board_.set_room(account_.name, name, Board::RoomState::joining);
    return true;
  }
  room.nickname = from->resource;  // the service may have changed it
  if (has_status(presence, "201")) open(xmpp_stanza_get_context(presence), name);
  if (board_.room(account_.name, name) == Board::RoomState::joined) return true;
  board_.set_room(account_.name, name, Board::RoomState::joined);
  log::info("XMPP account '{}' is in room {} as {}", account_.name, name,
            base::printable(room.nickname, 80));
  entered_(name);
  return true;
}

void Rooms::on_refused(xmpp_stanza_t* presence, const std::string& name, Room& room) {
  const auto condition = condition_in(presence);
  if (condition == "conflict" && room.tries < max_tries) {
    ++room.tries;
    room.nickname += '_';
    return enter(xmpp_stanza_get_context(presence), name, room);
  }
  log::warning("XMPP account '{}' was not let into room {} as {}: {}", account_.name, name,
               base::printable(room.nickname, 80), base::printable(condition, 80));
}

}  // namespace missive::xmpp
