// An address as one source of requests: its IP without the port, of IPv6 the first 64 bits, since
// that is what one subscriber has.
#pragma once

#include <cstdint>

#include "net/address.h"

namespace missive::pjsip {

std::uint64_t source_key(const net::Address& address);

}  // namespace missive::pjsip
