// The dialplan's view of the XMPP accounts.
//
// Any thread, as those it asks.
#pragma once

#include "dialplan/jabber.h"
#include "xmpp/operations.h"

namespace missive::app {

class JabberHost final : public dialplan::Jabber {
 public:
  explicit JabberHost(xmpp::Operations& accounts) : accounts_(accounts) {}

  bool has_account(std::string_view account) const override;
  int status(std::string_view account, std::string_view jid) const override;
  base::Result<void> join(std::string_view account, std::string_view room,
                          std::string_view nickname) override;
  base::Result<void> leave(std::string_view account, std::string_view room) override;
  base::Result<void> receive(std::string_view account, std::string_view jid,
                             std::chrono::milliseconds time, net::Shard& asker,
                             Received answer) override;

 private:
  xmpp::Operations& accounts_;
};

}  // namespace missive::app
