#include "net/connector.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace missive::net {

Connector::Connector(Shard& shard, const Address& from, const Address& to, base::Duration timeout,
                     Callback callback)
    : shard_(shard), to_(to), callback_(std::move(callback)), error_(begin(from)), timer_([this] {
        finish(error_ != 0 ? error_ : ETIMEDOUT);
      }) {
  // A failure known at once is told in the next turn, as every other end.
  shard_.arm(timer_, error_ != 0 ? base::Duration::zero() : timeout);
  if (error_ == 0) shard_.poller().watch(*this, fd_, EPOLLOUT);
}

Connector::~Connector() {
  shard_.poller().forget(*this);
  if (fd_ >= 0) ::close(fd_);
}

int Connector::begin(const Address& from) {
  fd_ = ::socket(to_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return errno;
  const bool pinned = from.is_set() && !from.is_unspecified_ip() && from.family() == to_.family();
  const auto local = from.with_port(0);
  if (pinned && ::bind(fd_, local.data(), local.size()) != 0) return errno;
  if (::connect(fd_, to_.data(), to_.size()) != 0 && errno != EINPROGRESS) return errno;
  return 0;
}

void Connector::on_ready(std::uint32_t) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  finish(error);
}

void Connector::finish(int error) {
  timer_.cancel();
  shard_.poller().forget(*this);
  auto callback = std::move(callback_);  // it may destroy this
  if (error == 0) return callback(std::exchange(fd_, -1));
  const auto why =
      error == ETIMEDOUT ? std::string("timed out") : std::generic_category().message(error);
  callback(base::fail("cannot connect to {}: {}", to_.str(), why));
}

}  // namespace missive::net
