#include "xmpp/account.h"

#include <tuple>

namespace missive::xmpp {

bool Account::operator==(const Account& other) const {
  const auto all = [](const Account& a) {
    return std::tie(a.name, a.type, a.jid, a.server_host, a.port, a.secret, a.use_tls, a.use_sasl,
                    a.force_old_ssl, a.verify_server, a.ca_list_file, a.ca_list_path, a.keep_alive,
                    a.ping_interval, a.status, a.status_message, a.priority, a.buddies, a.rooms,
                    a.send_to_dialplan, a.context, a.timeout);
  };
  return all(*this) == all(other);
}

}  // namespace missive::xmpp
