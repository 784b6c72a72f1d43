// Who a message is from, as the dialplan is told: MESSAGE(from).
//
// Pure. A From passes as it is when it is the endpoint's own: its user is the endpoint's name,
// one of its aors, its from_user, contact_user, callerid number, a user name of its auth, or the
// one that has authenticated; and its host is that of the Request-URI, one of our transports'
// addresses or domains, a domain_alias or what it stands for, or from_domain. Any other is replaced
// by <sip:ENDPOINT@host of the Request-URI> with the name of callerid; trust_id_inbound=yes, meant
// for trunks, lets everything pass. The header as sent stays readable as message data.
//
// The form is Asterisk's: `"Name" <sip:user@host>`, without port, parameters and tag; a name is
// always quoted, with control characters made spaces.
#pragma once

#include <string>
#include <string_view>

#include "net/address.h"
#include "pjsip/configuration.h"
#include "sip/name_addr.h"
#include "sip/uri.h"

namespace missive::pjsip {

struct Sender {
  const Configuration& configuration;
  const Endpoint& endpoint;
  std::string_view authenticated_as;  // may be empty
  const sip::Uri& request_uri;
  const net::Address& local;  // where the request arrived
};

bool is_own_identity(const Sender& sender, const sip::Uri& from);

// Appends what MESSAGE(from) is; false when From was replaced.
bool append_sender(std::string& out, const Sender& sender, const sip::NameAddr& from,
                   const sip::Uri& from_uri);

}  // namespace missive::pjsip
