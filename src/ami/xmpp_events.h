// The event JabberStatus: how the connections of the XMPP accounts go.
//
// Called on the XMPP thread. Told when an account is connected, when a connection is lost or could
// not be made, and when the server refused the login, each with its reason; not that an attempt
// begins. Ours: Asterisk tells its log alone.
#pragma once

#include "ami/event_bus.h"
#include "xmpp/operations.h"

namespace missive::ami {

class XmppEvents final : public xmpp::AccountEvents {
 public:
  explicit XmppEvents(EventBus& bus) : bus_(bus) {}

  void on_account(const xmpp::AccountStatus& status, bool failed_login) override;

 private:
  EventBus& bus_;
};

}  // namespace missive::ami
