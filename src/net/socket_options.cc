#include "net/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
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

void set_no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void set_keep_alive(int fd, const TcpKeepAlive& how) {
  const auto set = [fd](int level, int option, long long value) {
    const int number = static_cast<int>(value);
    ::setsockopt(fd, level, option, &number, sizeof number);
  };
  set(IPPROTO_TCP, TCP_KEEPIDLE, how.idle.count());
  set(IPPROTO_TCP, TCP_KEEPINTVL, how.interval.count());
  set(IPPROTO_TCP, TCP_KEEPCNT, how.probes);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
}

}  // namespace missive::net
