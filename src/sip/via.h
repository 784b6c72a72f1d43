// One Via value: where a request came from and where its response goes
// (RFC 3261 section 20.42, RFC 3581 for rport).
//
// Views into the header value it was read from. A header may hold several values
// joined by commas; parse_via() takes the first off the front.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace missive::sip {

struct Via {
  std::string_view protocol;   // "SIP"
  std::string_view version;    // "2.0"
  std::string_view transport;  // "UDP", "TCP", ...; compare without regard to case
  std::string_view host;       // of sent-by; an IPv6 address is without its brackets
  bool host_is_ipv6 = false;
  std::optional<std::uint16_t> port;
  std::string_view params;  // raw, from the first ';'; empty when there are none

  std::string_view branch;
  std::string_view received;  // an address, without brackets
  std::string_view maddr;
  bool has_rport = false;              // the flag form or the value form
  std::optional<std::uint16_t> rport;  // the value form
  std::optional<std::uint8_t> ttl;

  // The branch begins with the cookie of RFC 3261 and so identifies a transaction.
  bool has_magic_cookie() const { return branch.starts_with("z9hG4bK"); }
};

// Takes one value and the ',' after it off `rest`. A comma that nothing follows
// is an error.
base::Result<Via> parse_via(std::string_view& rest);

}  // namespace missive::sip
