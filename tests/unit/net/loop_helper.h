// Driving a shard by hand, without a thread and without sleeping.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "net/address.h"
#include "net/shard.h"

namespace missive::net {

// Runs turns until `condition` holds; gives up after five seconds of nothing to do.
template <class Condition>
bool run_until(Shard& shard, Condition condition) {
  for (int idle = 0; idle < 500;) {
    if (condition()) return true;
    if (shard.run_once()) continue;
    ++idle;
    pollfd ready{shard.poller().fd(), POLLIN, 0};
    ::poll(&ready, 1, 10);
  }
  return condition();
}

// Runs turns until there is nothing to do.
inline void run_idle(Shard& shard) {
  for (int i = 0; i < 10000 && shard.run_once(); ++i) {
  }
}

// A blocking socket of the test's own, closed at its end.
class PlainSocket {
 public:
  explicit PlainSocket(int fd) : fd_(fd) { EXPECT_GE(fd_, 0); }
  PlainSocket(PlainSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  PlainSocket& operator=(PlainSocket&&) = delete;
  ~PlainSocket() { close(); }

  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void send(std::string_view octets) const {
    while (!octets.empty()) {
      const auto put = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
      ASSERT_GT(put, 0);
      octets.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  // What is there now, without waiting; "" for nothing and for the end.
  std::string read_now(std::size_t most = 1 << 17) const {
    std::string out(most, '\0');
    const auto got = ::recv(fd_, out.data(), out.size(), MSG_DONTWAIT);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  // The peer has closed and everything was read.
  bool at_end() const {
    char c = 0;
    return ::recv(fd_, &c, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
  }

 private:
  int fd_;
};

inline Address address_of(int fd) {
  Address out;
  socklen_t size = Address::capacity();
  EXPECT_EQ(::getsockname(fd, out.data(), &size), 0);
  return out;
}

inline PlainSocket bound_udp(const char* ip = "127.0.0.1") {
  const auto any = *Address::from_ip(ip, 0);
  PlainSocket out(::socket(any.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(out.fd(), any.data(), any.size()), 0);
  return out;
}

inline PlainSocket tcp_listener(const char* ip = "127.0.0.1") {
  const auto any = *Address::from_ip(ip, 0);
  PlainSocket out(::socket(any.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(out.fd(), any.data(), any.size()), 0);
  EXPECT_EQ(::listen(out.fd(), 16), 0);
  return out;
}

inline PlainSocket tcp_connect(const Address& to) {
  PlainSocket out(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(out.fd(), to.data(), to.size()), 0);
  return out;
}

}  // namespace missive::net
