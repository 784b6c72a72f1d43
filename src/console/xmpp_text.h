// The XMPP accounts as a person reads them on a terminal, in the layout of Asterisk's commands.
// Pure functions; whole lines. Source: Asterisk documentation, res_xmpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmpp/operations.h"

namespace missive::console {

// Online, Chatty, Away, Extended Away, Do Not Disturb, Offline.
std::string_view show_text(xmpp::Resource::Show show);

// "xmpp show connections": each account, why it is not connected, and the rooms it is in.
std::string connections_text(const std::vector<xmpp::AccountStatus>& accounts);

// "xmpp show account": one account, and where somebody is online; nullopt: nobody it knows.
std::string account_text(const xmpp::AccountStatus& account);
std::string presence_text(std::string_view jid, std::optional<xmpp::Resource::Show> show);

// "xmpp show buddies": of each account, by its name, whom it knows and where they are online.
using BuddyList = std::pair<std::string, std::vector<xmpp::Buddy>>;
std::string buddies_text(const std::vector<BuddyList>& lists);

}  // namespace missive::console
