#include "ami/xmpp_events.h"

namespace missive::ami {

using State = xmpp::AccountStatus::State;

void XmppEvents::on_account(const xmpp::AccountStatus& status, bool failed_login) {
  if (status.state == State::connecting && !failed_login) return;
  bus_.publish(Class::system, "JabberStatus", [&](EventText& text) {
    text.header("Account", status.name)
        .header("JID", status.jid)
        .header("Status", failed_login ? "Rejected" : xmpp::name_of(status.state));
    if (!status.reason.empty()) text.header("Reason", status.reason);
  });
}

}  // namespace missive::ami
