#include "xmpp/roster.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"

namespace missive::xmpp {
namespace {

constexpr const char* roster_request = "missive-roster";

constexpr std::array<const char*, 5> shows{"", "chat", "away", "xa", "dnd"};

Resource::Show show_named(std::string_view name) {
  for (std::size_t i = 1; i < shows.size(); ++i) {
    if (name == shows[i]) return static_cast<Resource::Show>(i + 1);
  }
  return Resource::Show::online;
}

std::string child_text(xmpp_stanza_t* stanza, const char* name) {
  return text_of(xmpp_stanza_get_child_by_name(stanza, name));
}

std::optional<Buddy> buddy_of(xmpp_stanza_t* item) {
  const auto jid = Jid::parse(attribute(item, "jid"));
  if (!jid) return std::nullopt;
  Buddy buddy;
  buddy.jid = jid->bare();
  buddy.name = attribute(item, "name");
  buddy.subscription = attribute(item, "subscription");
  return buddy;
}

std::vector<Buddy> items_of(xmpp_stanza_t* query) {
  std::vector<Buddy> items;
  for (auto* one = xmpp_stanza_get_children(query); one != nullptr;
       one = xmpp_stanza_get_next(one)) {
    if (view(xmpp_stanza_get_name(one)) != "item") continue;
    if (auto buddy = buddy_of(one)) items.push_back(std::move(*buddy));
  }
  return items;
}

}  // namespace

Stanza own_presence(xmpp_ctx_t* context, const Account& account, int priority) {
  auto presence = element(context, "presence");
  const std::string show = shows.at(static_cast<std::size_t>(account.status));
  if (!show.empty()) add(presence, element(context, "show", nullptr, &show));
  if (!account.status_message.empty()) {
    add(presence, element(context, "status", nullptr, &account.status_message));
  }
  const auto number = std::to_string(priority);
  add(presence, element(context, "priority", nullptr, &number));
  return presence;
}

void Roster::begin(xmpp_ctx_t* context) {
  board_.clear_presence(account_.name);
  for (const auto& jid : account_.buddies) {
    Buddy buddy;
    buddy.jid = jid.bare();
    board_.set_buddy(account_.name, buddy);
  }
  const Stanza iq(xmpp_iq_new(context, "get", roster_request));
  add(iq, element(context, "query", ns::roster));
  send_(iq);
  send_(own_presence(context, account_, priority_));
}

void Roster::stop_receiving(xmpp_ctx_t* context) {
  priority_ = std::min(priority_, -1);
  if (context != nullptr) send_(own_presence(context, account_, priority_));
}

bool Roster::on_iq(xmpp_stanza_t* iq) {
  const auto type = view(xmpp_stanza_get_type(iq));
  auto* query = child(iq, "query", ns::roster);
  const bool result = type == "result" && view(xmpp_stanza_get_id(iq)) == roster_request;
  if (!result && (type != "set" || query == nullptr)) return false;
  if (query == nullptr || !is_of_account(iq)) return true;
  result ? take_result(query) : take_push(iq, query);
  return true;
}

// Our server alone knows and changes the roster (RFC 6121 section 2.1.6).
bool Roster::is_of_account(xmpp_stanza_t* iq) const {
  const auto from = attribute(iq, "from");
  if (from.empty()) return true;
  const auto jid = Jid::parse(from);
  return jid && jid->same_account(account_.jid);
}

void Roster::take_result(xmpp_stanza_t* query) {
  const auto items = items_of(query);
  board_.set_roster(account_.name, items);
  auto* context = xmpp_stanza_get_context(query);
  if (general_.auto_register) add_missing(context, items);
  if (general_.auto_prune) prune(context, items);
}

void Roster::take_push(xmpp_stanza_t* iq, xmpp_stanza_t* query) {
  for (const auto& buddy : items_of(query)) {
    if (buddy.subscription == "remove") {
      board_.remove_buddy(account_.name, buddy.jid);
    } else {
      board_.set_buddy(account_.name, buddy);
    }
  }
  const Stanza answer(xmpp_iq_new(xmpp_stanza_get_context(iq), "result", xmpp_stanza_get_id(iq)));
  send_(answer);
}

bool Roster::is_configured(const std::string& jid) const {
  return std::any_of(account_.buddies.begin(), account_.buddies.end(),
                     [&jid](const Jid& one) { return one.bare() == jid; });
}

void Roster::subscribe(xmpp_ctx_t* context, const std::string& own, const std::string& jid,
                       const char* type) {
  const auto presence = element(context, "presence");
  if (!own.empty()) xmpp_stanza_set_from(presence.get(), own.c_str());
  xmpp_stanza_set_to(presence.get(), jid.c_str());
  xmpp_stanza_set_type(presence.get(), type);
  send_(presence);
}

void Roster::add_missing(xmpp_ctx_t* context, const std::vector<Buddy>& known) {
  for (const auto& wanted : account_.buddies) {
    const auto jid = wanted.bare();
    const bool is_there = std::any_of(known.begin(), known.end(), [&jid](const Buddy& one) {
      return one.jid == jid && (one.subscription == "to" || one.subscription == "both");
    });
    if (!is_there) subscribe(context, {}, jid, "subscribe");
  }
}

void Roster::prune(xmpp_ctx_t* context, const std::vector<Buddy>& known) {
  for (const auto& buddy : known) {
    if (is_configured(buddy.jid)) continue;
    log::info("XMPP account '{}': {} leaves the roster (autoprune)", account_.name, buddy.jid);
    const Stanza iq(xmpp_iq_new(context, "set", "missive-prune"));
    const auto query = element(context, "query", ns::roster);
    const auto item = element(context, "item");
    xmpp_stanza_set_attribute(item.get(), "jid", buddy.jid.c_str());
    xmpp_stanza_set_attribute(item.get(), "subscription", "remove");
    add(query, item);
    add(iq, query);
    send_(iq);
  }
}

void Roster::on_presence(xmpp_stanza_t* presence) {
  const auto from = Jid::parse(attribute(presence, "from"));
  if (!from) return;
  const auto type = view(xmpp_stanza_get_type(presence));
  if (type.empty()) {
    const auto priority = base::parse_number<int>(child_text(presence, "priority")).value_or(0);
    return board_.set_resource(account_.name, *from,
                               {.name = from->resource,
                                .show = show_named(child_text(presence, "show")),
                                .status = child_text(presence, "status"),
                                .priority = std::clamp(priority, -128, 127)});
  }
  if (type == "unavailable") return board_.remove_resource(account_.name, *from);
  on_subscription(presence, type, *from);
}

void Roster::on_subscription(xmpp_stanza_t* presence, std::string_view type, const Jid& from) {
  if (type != "subscribe") return;
  const auto jid = from.bare();
  const bool accept = general_.accept_buddies || is_configured(jid);
  log::info("XMPP account '{}': {} asks for our presence and is {} (auth_policy)", account_.name,
            base::printable(jid, 160), accept ? "given it" : "refused");
  const bool component = account_.type == Account::Type::component;
  const auto own = component ? attribute(presence, "to") : std::string();
  subscribe(xmpp_stanza_get_context(presence), own, jid, accept ? "subscribed" : "unsubscribed");
}

}  // namespace missive::xmpp
