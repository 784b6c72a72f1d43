// Options that UDP and TCP sockets have in common.
#pragma once

#include "net/address.h"

namespace missive::net {

// The type of service octet of what leaves (ip(7) IP_TOS, ipv6(7) IPV6_TCLASS); 0 leaves it.
void set_type_of_service(int fd, int family, int tos);

}  // namespace missive::net
