#include "app/jabber_host.h"

#include <utility>

namespace missive::app {

bool JabberHost::has_account(std::string_view account) const {
  return accounts_.configuration()->account(account) != nullptr;
}

int JabberHost::status(std::string_view account, std::string_view jid) const {
  const auto show = accounts_.presence(account, jid);
  return show ? static_cast<int>(*show) : not_in_roster;
}

base::Result<void> JabberHost::join(std::string_view account, std::string_view room,
                                    std::string_view nickname) {
  return accounts_.join(account, room, nickname);
}

base::Result<void> JabberHost::leave(std::string_view account, std::string_view room) {
  return accounts_.leave(account, room);
}

base::Result<void> JabberHost::receive(std::string_view account, std::string_view jid,
                                       std::chrono::milliseconds time, net::Shard& asker,
                                       Received answer) {
  return accounts_.receive(account, jid, time, asker, std::move(answer));
}

}  // namespace missive::app
