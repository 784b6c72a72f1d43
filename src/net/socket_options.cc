#include "net/socket_options.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace missive::net {

void set_type_of_service(int fd, int family, int tos) {
  if (tos == 0) return;
  if (family == AF_INET6) {
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof tos);
  } else {
    ::setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos);
  }
}

}  // namespace missive::net
