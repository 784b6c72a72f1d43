#include "xmpp/outgoing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "message/cpim.h"
#include "xmpp/characters.h"

namespace missive::xmpp {
namespace {

using message::Refusal;

Refusal failure(std::string reason) { return {Refusal::Kind::failure, std::move(reason)}; }

std::string names_of(const Configuration& configuration) {
  std::vector<std::string_view> names;
  for (const auto& account : configuration.accounts()) names.push_back(account.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// By an address: an account's own, or one within a component's domain.
const Account* account_at(const Configuration& configuration, const Jid& jid) {
  const auto& accounts = configuration.accounts();
  const auto found = std::find_if(accounts.begin(), accounts.end(), [&jid](const Account& one) {
    return one.type == Account::Type::component ? one.jid.domain == jid.domain
                                                : one.jid.same_account(jid);
  });
  return found == accounts.end() ? nullptr : &*found;
}

std::optional<Refusal> find_account(const Configuration& configuration, std::string_view from,
                                    Outgoing& out) {
  if (configuration.accounts().empty()) {
    return failure("there is no account in xmpp.conf to send XMPP messages from");
  }
  from = without_scheme(base::trim(message::cpim_uri(from)));
  if (from.empty()) {
    return failure(
        fmt::format("a From is needed that names the account of xmpp.conf which sends: {}",
                    names_of(configuration)));
  }
  out.account = configuration.account(from);
  if (out.account != nullptr) return std::nullopt;
  if (const auto jid = Jid::parse(from)) {
    out.account = account_at(configuration, *jid);
    if (out.account != nullptr && out.account->type == Account::Type::component) {
      out.from = jid->full();
    }
  }
  if (out.account != nullptr) return std::nullopt;
  return failure(fmt::format("From '{}' is no account of xmpp.conf; there are: {}",
                             base::printable(from, 80), names_of(configuration)));
}

std::optional<Refusal> find_recipient(std::string_view address, Outgoing& out) {
  // A message URI may have a query (RFC 5122), which says nothing here.
  auto jid = Jid::parse(address.substr(0, address.find('?')));
  if (!jid) return Refusal{Refusal::Kind::invalid_uri, jid.error().text};
  out.to = std::move(*jid);
  return std::nullopt;
}

std::optional<Refusal> take_text(std::string_view name, std::string_view value, std::string& out) {
  if (const auto good = check_characters(value); !good) {
    return failure(fmt::format("{}: {}", name, good.error().text));
  }
  out = value;
  return std::nullopt;
}

std::optional<Refusal> take_type(std::string_view value, Outgoing& out) {
  const auto type = message_type_named(base::trim(value));
  if (!type || *type == MessageType::error) {
    return failure(fmt::format("Type: '{}' is not one of chat, normal, groupchat, headline",
                               base::printable(value, 40)));
  }
  out.type = *type;
  out.type_given = true;
  return std::nullopt;
}

std::optional<Refusal> take_content(std::string_view type, const message::Message& message,
                                    Outgoing& out) {
  if (type.empty() || message::is_of_type(type, "text/plain")) {
    return take_text("the body", message.body(), out.body);
  }
  if (!message::is_of_type(type, message::cpim_type)) {
    return failure(fmt::format("Content-Type {} cannot be sent over XMPP; text/plain can",
                               base::printable(type, 80)));
  }
  const auto cpim = message::parse_cpim(message.body());
  if (!cpim) return failure("the message/cpim cannot be read: " + cpim.error().text);
  if (!message::is_of_type(cpim->content_type(), "text/plain")) {
    return failure(fmt::format("a message/cpim of {} cannot be sent over XMPP; text/plain can",
                               base::printable(cpim->content_type(), 80)));
  }
  if (out.subject.empty()) {
    if (auto refused =
            take_text("Subject", message::unescape_cpim(cpim->header("Subject")), out.subject)) {
      return refused;
    }
  }
  return take_text("the body", cpim->body, out.body);
}

std::optional<Refusal> take_variables(const message::Message& message, Outgoing& out) {
  std::string_view type;
  for (const auto& variable : message.variables()) {
    const auto name = base::trim(variable.name);
    std::optional<Refusal> refused;
    if (base::iequals(name, "Subject")) {
      refused = take_text(name, variable.value, out.subject);
    } else if (base::iequals(name, "Thread")) {
      refused = take_text(name, variable.value, out.thread);
    } else if (base::iequals(name, "Language") || base::iequals(name, "Content-Language")) {
      // Of several the first is the message's own.
      refused = take_text(name, base::trim(variable.value.substr(0, variable.value.find(','))),
                          out.language);
    } else if (base::iequals(name, "Type")) {
      refused = take_type(variable.value, out);
    } else if (base::iequals(name, "Content-Type")) {
      type = base::trim(variable.value);
    }
    if (refused) return refused;
  }
  return take_content(type, message, out);
}

// A room takes nothing but what is for everybody in it, and that from those who are in it.
std::optional<Refusal> check_room(const Board& board, Outgoing& out) {
  if (!out.to.is_bare()) return std::nullopt;
  const auto state = board.room(out.account->name, out.to.bare());
  if (!out.type_given && state != Board::RoomState::unknown) out.type = MessageType::groupchat;
  if (out.type != MessageType::groupchat) return std::nullopt;
  if (state == Board::RoomState::unknown) {
    return failure(fmt::format(
        "account '{}' is not in room {}; 'room = {}/NICKNAME' in xmpp.conf or JabberJoin() "
        "enters it",
        out.account->name, out.to.bare(), out.to.bare()));
  }
  if (state == Board::RoomState::joining) {
    return Refusal{Refusal::Kind::unreachable, fmt::format("account '{}' is not in room {} yet",
                                                           out.account->name, out.to.bare())};
  }
  return std::nullopt;
}

}  // namespace

std::string Outgoing::recipient() const {
  return fmt::format("xmpp:{}/{}", account->name, to.full());
}

std::optional<Refusal> resolve(const Configuration& configuration, const Board& board,
                               const message::Message& message, Outgoing& out) {
  out = {};
  if (auto refused = find_account(configuration, message.from(), out)) return refused;
  if (auto refused = find_recipient(message.address(), out)) return refused;
  if (auto refused = take_variables(message, out)) return refused;
  return check_room(board, out);
}

}  // namespace missive::xmpp
