#include "unit/net/faults.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace missive::net {
namespace {

// Whether the call is to fail; errno is set then.
bool fails(std::deque<int>& errors) {
  if (errors.empty()) return false;
  const int error = errors.front();
  errors.pop_front();
  errno = error;
  return error != 0;
}

}  // namespace

Faults& faults() {
  static Faults instance;
  return instance;
}

}  // namespace missive::net

extern "C" int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  auto& faults = missive::net::faults();
  ++faults.sendmmsg_calls;
  if (missive::net::fails(faults.sendmmsg_errors)) return -1;
  return static_cast<int>(::syscall(SYS_sendmmsg, fd, messages, count, flags));
}

extern "C" int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  if (missive::net::fails(missive::net::faults().accept4_errors)) return -1;
  return static_cast<int>(::syscall(SYS_accept4, fd, address, size, flags));
}
