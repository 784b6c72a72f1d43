// JabberSend JabberSendGroup JabberJoin JabberLeave JabberStatus
//
// What is wrong with the arguments ends the run, as in Asterisk; what comes of them does not.
#include "dialplan/jabber.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "dialplan/applications/hand_over.h"
#include "dialplan/applications/parts.h"

namespace missive::dialplan {
namespace {

Outcome refuse(const Run& run, std::string_view why) {
  run.warn(why);
  return Outcome::hang_up;
}

// --- sending

// An argument as written, its quotes and the backslashes of its commas taken off; those inside of
// ${...} are its functions' affair.
std::string plain(std::string_view part) {
  if (part.size() >= 2 && part.starts_with('"') && part.ends_with('"')) {
    part = part.substr(1, part.size() - 2);
  }
  std::string out;
  int depth = 0;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '{') ++depth;
    if (part[i] == '}') --depth;
    if (depth == 0 && part.substr(i).starts_with("\\,")) continue;
    out += part[i];
  }
  return out;
}

// Taken apart before anything is expanded: a comma in a message's text is no end of an argument.
// The last one keeps the rest as it is; what was not given is empty.
template <std::size_t count>
std::array<std::string, count> expand_arguments(Run& run, std::string_view text) {
  std::array<std::string, count> out;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const auto comma = find_outside(text, ',');
    out[i] = run.expand_part(plain(base::trim(text.substr(0, comma))));
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
  out.back() = run.expand_part(base::trim(text));
  return out;
}

struct Text {
  std::string account, jid, body;
  std::string_view type;  // empty: as xmpp: has it
};

Outcome send(Run& run, const Text& text) {
  auto& shard = run.environment().shard;
  const auto id = shard.random().uuid(shard.clock().wall());
  const auto destination = "xmpp:" + text.jid;
  const auto origin = run.message().incoming().origin();
  message::Draft draft{.id = id,
                       .destination = destination,
                       .to = {},
                       .from = text.account,
                       .body = text.body,
                       .origin = origin};
  const message::Variable type{"Type", text.type};
  if (!text.type.empty()) draft.variables = {&type, 1};
  return hand_over(run, message::Message::create(draft));
}

// The sender is the shard's, where the arguments may have been expanded by a worker.
Outcome send_on_shard(Run& run, Text text) {
  if (!run.has_worker()) return send(run, text);
  return run.on_shard([text = std::move(text)](Run& self) { return send(self, text); });
}

Outcome jabber_send(Run& run, std::string_view arguments) {
  auto [account, jid, body] = expand_arguments<3>(run, arguments);
  if (account.empty() || jid.empty() || body.empty()) {
    return refuse(run, "JabberSend needs (account,jid,message)");
  }
  const auto jabber = jabber_of(run.shared(), account);
  if (!jabber) return refuse(run, "JabberSend: " + jabber.error().text);
  return send_on_shard(run, {std::move(account), std::move(jid), std::move(body), {}});
}

// --- rooms

// Logs what is wrong with it.
bool is_room(const Run& run, std::string_view application, std::string_view room) {
  if (room.find('@') != room.npos && room.find('/') == room.npos) return true;
  run.warn(fmt::format("{}: '{}' is no room; a room is name@service, without a resource",
                       application, base::printable(room, 80)));
  return false;
}

Outcome jabber_send_group(Run& run, std::string_view arguments) {
  auto [account, room, body, nickname] = expand_arguments<4>(run, arguments);
  if (account.empty() || room.empty() || body.empty()) {
    return refuse(run, "JabberSendGroup needs (account,room,message[,nickname])");
  }
  if (!is_room(run, "JabberSendGroup", room)) return Outcome::hang_up;
  const auto jabber = jabber_of(run.shared(), account);
  if (!jabber) return refuse(run, "JabberSendGroup: " + jabber.error().text);
  if (!nickname.empty()) {
    const auto joined = (*jabber)->join(account, room, nickname);
    if (!joined) run.warn("JabberSendGroup: " + joined.error().text);
  }
  return send_on_shard(run, {std::move(account), std::move(room), std::move(body), "groupchat"});
}

// JabberJoin and JabberLeave: (account,room[,nickname]).
template <class Do>
Outcome with_room(Run& run, std::string_view application, std::string_view text, Do&& act) {
  auto given = split_arguments(text);
  if (given.size() < 2 || given.size() > 3 || given[0].empty()) {
    return refuse(run, fmt::format("{} needs (account,room[,nickname])", application));
  }
  given.resize(3);
  if (!is_room(run, application, given[1])) return Outcome::hang_up;
  const auto jabber = jabber_of(run.shared(), given[0]);
  if (!jabber) return refuse(run, fmt::format("{}: {}", application, jabber.error().text));
  const base::Result<void> done = act(**jabber, given);
  if (!done) run.warn(fmt::format("{}: {}", application, done.error().text));
  return Outcome::next;
}

Outcome jabber_join(Run& run, std::string_view arguments) {
  return with_room(run, "JabberJoin", arguments, [](Jabber& jabber, const auto& given) {
    return jabber.join(given[0], given[1], given[2]);
  });
}

// An account is in a room once, whatever its nickname there.
Outcome jabber_leave(Run& run, std::string_view arguments) {
  return with_room(run, "JabberLeave", arguments, [](Jabber& jabber, const auto& given) {
    return jabber.leave(given[0], given[1]);
  });
}

// --- presence

Outcome jabber_status_of(Run& run, std::string_view arguments) {
  const auto given = split_arguments(arguments);
  if (given.size() != 3 || given[1].empty() || given[2].empty()) {
    return refuse(run, "JabberStatus needs (account,jid,variable)");
  }
  auto status = jabber_status(run.shared(), given[0], given[1]);
  if (!status) return refuse(run, "JabberStatus: " + status.error().text);
  assign(run, given[2], std::move(*status));
  return Outcome::next;
}

}  // namespace

void add_jabber_applications(ApplicationTable& table) {
  table.add({.name = "JabberSend", .execute = jabber_send, .raw_arguments = true});
  table.add({.name = "JabberSendGroup", .execute = jabber_send_group, .raw_arguments = true});
  table.add({"JabberJoin", jabber_join});
  table.add({"JabberLeave", jabber_leave});
  table.add({"JabberStatus", jabber_status_of});
}

}  // namespace missive::dialplan
