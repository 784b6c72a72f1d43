#include "net/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace missive::net {
namespace {

constexpr unsigned accepts_per_turn = 64;
constexpr base::Duration pause_without_descriptors = std::chrono::milliseconds{200};

// A listening socket, or -1 with errno set.
int listening_socket(const Address& bind, bool v6_only) {
  const int fd = ::socket(bind.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  const int only = v6_only ? 1 : 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind.is_v6()) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  if (::bind(fd, bind.data(), bind.size()) == 0 && ::listen(fd, SOMAXCONN) == 0) return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

bool out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

}  // namespace

base::Result<std::unique_ptr<Listener>> Listener::open(Shard& shard, const Address& bind,
                                                       Accepted accepted, bool v6_only) {
  const int fd = listening_socket(bind, v6_only);
  if (fd < 0) {
    return base::fail("cannot listen on TCP {}: {}", bind.str(),
                      std::generic_category().message(errno));
  }
  auto listener = adopt(shard, fd, {}, std::move(accepted));
  listener->name_ = listener->local_.str();
  return listener;
}

std::unique_ptr<Listener> Listener::adopt(Shard& shard, int fd, std::string name,
                                          Accepted accepted) {
  return std::unique_ptr<Listener>(new Listener(shard, fd, std::move(name), std::move(accepted)));
}

Listener::Listener(Shard& shard, int fd, std::string name, Accepted accepted)
    : shard_(shard),
      fd_(fd),
      name_(std::move(name)),
      accepted_(std::move(accepted)),
      retry_([this] { shard_.poller().watch(*this, fd_, EPOLLIN); }) {
  socklen_t size = Address::capacity();
  ::getsockname(fd_, local_.data(), &size);
  shard_.poller().watch(*this, fd_, EPOLLIN);
}

Listener::~Listener() {
  *alive_ = false;
  shard_.poller().forget(*this);
  ::close(fd_);
}

void Listener::on_ready(std::uint32_t) {
  const auto alive = alive_;
  for (unsigned i = 0; i < accepts_per_turn; ++i) {
    Address peer;
    socklen_t size = Address::capacity();
    const int fd = ::accept4(fd_, peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (out_of_resources(errno)) return back_off(errno);
      continue;  // EINTR, or a connection that broke while it waited
    }
    short_of_descriptors_ = false;
    accepted_(fd, peer);
    if (!*alive) return;
  }
}

// The connections keep waiting in the kernel's queue.
void Listener::back_off(int error) {
  if (!std::exchange(short_of_descriptors_, true)) {
    log::warning("cannot accept connections on {} for now: {}", name_,
                 std::generic_category().message(error));
  }
  shard_.poller().watch(*this, fd_, 0);
  shard_.arm(retry_, pause_without_descriptors);
}

}  // namespace missive::net
