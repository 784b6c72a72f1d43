// Error conditions of XMPP and status codes of SIP, one as the other.
//
// Pure tables. What RFC 7247 leaves open is decided here. Source: RFC 6120 section 8.3.3 (the
// conditions), RFC 7247 section 5 (the mapping).
#pragma once

#include <string_view>

namespace missive::xmpp {

// "item-not-found" is 404; 400 for one that is unknown.
int sip_status_of(std::string_view condition);

struct Condition {
  std::string_view name;
  std::string_view type;  // of the error: cancel, modify, wait, auth
};
// What a message that SIP refused so is refused with towards XMPP.
Condition condition_of(int sip_status);

}  // namespace missive::xmpp
