#include "dialplan/jabber.h"

#include "base/text.h"
#include "dialplan/environment.h"

namespace missive::dialplan {

base::Result<Jabber*> jabber_of(const Shared& shared, std::string_view account) {
  if (shared.jabber == nullptr) return base::fail("there is no XMPP: xmpp.conf has no account");
  if (shared.jabber->has_account(account)) return shared.jabber;
  return base::fail("there is no account '{}' in xmpp.conf", base::printable(account, 80));
}

base::Result<std::string> jabber_status(const Shared& shared, std::string_view account,
                                        std::string_view jid) {
  const auto jabber = jabber_of(shared, account);
  if (!jabber) return tl::unexpected(jabber.error());
  return std::to_string((*jabber)->status(account, jid));
}

}  // namespace missive::dialplan
