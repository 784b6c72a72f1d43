#include "net/poller.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/log.h"

namespace missive::net {

Watched::~Watched() {
  if (poller_ != nullptr) poller_->forget(*this);
}

Poller::Poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (fd_ < 0)
    throw std::system_error(errno, std::generic_category(), "cannot create an epoll set");
}

Poller::~Poller() { ::close(fd_); }

void Poller::watch(Watched& what, int fd, std::uint32_t events) {
  if (what.events_ == events) return;
  epoll_event event{};
  event.events = events;
  event.data.ptr = &what;
  const int operation = events == 0         ? EPOLL_CTL_DEL
                        : what.events_ == 0 ? EPOLL_CTL_ADD
                                            : EPOLL_CTL_MOD;
  if (::epoll_ctl(fd_, operation, fd, &event) != 0) {
    log::error("cannot watch descriptor {}: {}", fd, std::generic_category().message(errno));
    return;
  }
  what.poller_ = this;
  what.fd_ = fd;
  what.events_ = events;
}

void Poller::forget(Watched& what) {
  if (what.events_ != 0) watch(what, what.fd_, 0);
  forget_closed(what);
}

void Poller::forget_closed(Watched& what) {
  what.events_ = 0;
  for (int i = next_; i < ready_; ++i) {
    auto& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == &what) event.data.ptr = nullptr;
  }
  what.poller_ = nullptr;
}

int Poller::wait(int milliseconds) {
  const int count =
      ::epoll_wait(fd_, events_.data(), static_cast<int>(events_.size()), milliseconds);
  next_ = 0;
  ready_ = count < 0 ? 0 : count;  // EINTR: nothing is ready
  return ready_;
}

void Poller::dispatch() {
  while (next_ < ready_) {
    const epoll_event event = events_[static_cast<std::size_t>(next_++)];
    auto* what = static_cast<Watched*>(event.data.ptr);
    if (what == nullptr || what->events_ == 0) continue;
    if (const auto events = event.events & (what->events_ | EPOLLERR | EPOLLHUP); events != 0) {
      what->on_ready(events);
    }
  }
  ready_ = next_ = 0;
}

}  // namespace missive::net
