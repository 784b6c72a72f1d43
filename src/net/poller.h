// Which of a shard's descriptors can be read or written.
//
// A thin level-triggered epoll set: a descriptor that is watched costs no system call a
// turn, unlike a wait of Asio's, which is armed anew each time. wait() asks the kernel
// once, dispatch() then calls whoever is ready. Whoever is called may watch, forget and
// destroy any Watched, itself included. The descriptor belongs to the Watched, which
// forgets it before closing it. All on the shard's thread. Source: epoll(7).
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>

namespace missive::net {

class Poller;

// One descriptor's place in a Poller; forgets itself when destroyed.
class Watched {
 public:
  Watched() = default;
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  virtual ~Watched();

 protected:
  // `events`: EPOLLIN, EPOLLOUT as asked for, EPOLLERR and EPOLLHUP always.
  virtual void on_ready(std::uint32_t events) = 0;

 private:
  friend class Poller;
  Poller* poller_ = nullptr;
  int fd_ = -1;
  std::uint32_t events_ = 0;
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // From now on calls `what` when `fd` is ready for `events` (EPOLLIN, EPOLLOUT, both, or
  // 0 for nothing at all). Cheap when nothing changes.
  void watch(Watched& what, int fd, std::uint32_t events);
  void forget(Watched& what);
  // The same for one whose descriptor somebody else has closed, which the kernel forgets by itself.
  void forget_closed(Watched& what);

  // Waits until something is ready, at most `milliseconds` (-1: for ever); how much is.
  int wait(int milliseconds);
  void dispatch();

  // Readable while something is ready, so that Asio or a test can wait for it.
  int fd() const { return fd_; }

 private:
  int fd_;
  int ready_ = 0;
  int next_ = 0;
  std::array<epoll_event, 256> events_{};
};

}  // namespace missive::net
