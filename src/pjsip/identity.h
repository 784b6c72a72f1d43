// Who a message says it is from and to: the From, To and Contact of a MESSAGE.
//
// Pure. The rules are those observed of Asterisk 20.7, its defects left out:
//
//   From  a SIP URI or name-addr: its user and host; a port or parameters do not belong
//         in From (RFC 3261 table 1). `user@host`: the same. A bare `user`: at from_domain, or
//         at our own host. Nothing, or a URI of another scheme: from_user, else the number
//         (and name) of callerid unless callerid_privacy forbids it, else the endpoint's name.
//   To    a SIP URI, name-addr or `user@host` as given, else that of the Request-URI.
//
//   Contact  contact_user, else from_user, else the endpoint's name, at our own address.
//
// Both From and To are written with the scheme sip:, without a tag. A text that begins like a URI
// and is none is an error, never sent.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "pjsip/endpoint.h"
#include "sip/uri.h"

namespace missive::pjsip {

// Each appends a header value to `out`. `own_host`: our address as the peer sees it.
base::Result<void> append_from(std::string& out, std::string_view from, const Endpoint& endpoint,
                               std::string_view own_host);
base::Result<void> append_to(std::string& out, std::string_view to, std::string_view display_name,
                             const sip::Uri& request_uri);
void append_contact(std::string& out, const Endpoint& endpoint, std::string_view own_host_port);

}  // namespace missive::pjsip
