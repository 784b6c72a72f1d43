#include "console/xmpp_text.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "base/text.h"

namespace missive::console {

using base::printable;
using xmpp::AccountStatus;

namespace {

template <class... Args>
void add_line(std::string& out, fmt::format_string<Args...> text, Args&&... args) {
  fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
  out += '\n';
}

// What there is no text for is left out.
void add_field(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) add_line(out, "{}: {}", name, printable(value));
}

void add_resource(std::string& out, const xmpp::Resource& resource) {
  add_line(out, "\t\tResource: {}", printable(resource.name));
  add_field(out, "\t\t\tStatus", show_text(resource.show));
  add_field(out, "\t\t\tMessage", resource.status);
  add_field(out, "\t\t\tPriority", std::to_string(resource.priority));
}

void add_buddy(std::string& out, const xmpp::Buddy& buddy) {
  add_line(out, "\tBuddy:\t{}", printable(buddy.jid));
  add_field(out, "\t\tName", buddy.name);
  add_field(out, "\t\tSubscription", buddy.subscription);
  for (const auto& resource : buddy.resources) add_resource(out, resource);
}

}  // namespace

std::string_view show_text(xmpp::Resource::Show show) {
  constexpr std::array<std::string_view, 6> texts{"Online",        "Chatty",         "Away",
                                                  "Extended Away", "Do Not Disturb", "Offline"};
  return texts.at(static_cast<std::size_t>(show) - 1);
}

std::string connections_text(const std::vector<AccountStatus>& accounts) {
  std::string out = "Jabber Users and their status:\n";
  for (const auto& account : accounts) {
    const bool says_why =
        account.state != AccountStatus::State::connected && !account.reason.empty();
    add_line(out, "       [{}] {}     - {}{}", account.name, printable(account.jid),
             xmpp::name_of(account.state),
             says_why ? fmt::format(" ({})", printable(account.reason)) : "");
    for (const auto& room : account.rooms) add_line(out, "           Room: {}", printable(room));
  }
  out += "----\n";
  add_line(out, "   Number of clients: {}", accounts.size());
  return out;
}

std::string account_text(const AccountStatus& account) {
  std::string out;
  add_field(out, "Account", account.name);
  add_field(out, "Address", account.jid);
  const bool says_why = account.state != AccountStatus::State::connected && !account.reason.empty();
  add_line(out, "Connection: {}{}", xmpp::name_of(account.state),
           says_why ? fmt::format(" ({})", printable(account.reason)) : "");
  for (const auto& room : account.rooms) add_field(out, "Room", room);
  return out;
}

std::string presence_text(std::string_view jid, std::optional<xmpp::Resource::Show> show) {
  return fmt::format("Presence: {} is {}\n", printable(jid),
                     show ? show_text(*show) : "not in the roster, so it is not known");
}

std::string buddies_text(const std::vector<BuddyList>& lists) {
  std::string out = "XMPP buddy lists\n";
  for (const auto& [account, buddies] : lists) {
    add_line(out, "Client: {}", account);
    for (const auto& buddy : buddies) add_buddy(out, buddy);
  }
  return out;
}

}  // namespace missive::console
