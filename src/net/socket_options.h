// Options of sockets.
#pragma once

#include <chrono>

#include "net/address.h"

namespace missive::net {

// The type of service octet of what leaves (ip(7) IP_TOS, ipv6(7) IPV6_TCLASS); 0 leaves it.
void set_type_of_service(int fd, int family, int tos);

// TCP only: what is written goes out at once, however small it is (tcp(7) TCP_NODELAY).
void set_no_delay(int fd);

// TCP only: the kernel asks a peer that has been silent for `idle` whether it is there, every
// `interval`, and gives the connection up after `probes` without an answer (tcp(7)).
struct TcpKeepAlive {
  std::chrono::seconds idle{30};
  std::chrono::seconds interval{10};
  unsigned probes = 5;
};
void set_keep_alive(int fd, const TcpKeepAlive& how);

}  // namespace missive::net
