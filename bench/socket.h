// Sockets for the benchmark programs: IPv4, non-blocking, no framework between.
//
// Everything here throws std::system_error when the kernel refuses: a benchmark
// that cannot have its sockets ends. An Fd owns its descriptor. Not thread-safe.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace missive::bench {

inline void require(bool ok, const std::string& what) {
  if (!ok) throw std::system_error(errno, std::generic_category(), what);
}

class Fd {
 public:
  Fd() = default;
  explicit Fd(int descriptor) : descriptor_(descriptor) {}
  Fd(Fd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Fd() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// "127.0.0.1:5038"; nothing where that is no IPv4 address and port.
inline std::optional<sockaddr_in> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = base::parse_number<std::uint16_t>(text.substr(colon + 1));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const std::string host(text.substr(0, colon));
  if (!port || inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return std::nullopt;
  address.sin_port = htons(*port);
  return address;
}

inline Fd bound_socket(int type, std::uint16_t port) {
  Fd fd(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  require(fd.get() >= 0, "socket");
  const int on = 1;
  if (type == SOCK_STREAM) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  require(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
          "cannot bind 127.0.0.1:" + std::to_string(port));
  return fd;
}

// Deep buffers, so that a burst shows as latency and not as loss.
inline Fd bind_udp(std::uint16_t port) {
  Fd fd = bound_socket(SOCK_DGRAM, port);
  const int octets = 16 << 20;
  for (const auto& [force, plain] :
       {std::pair{SO_RCVBUFFORCE, SO_RCVBUF}, std::pair{SO_SNDBUFFORCE, SO_SNDBUF}}) {
    if (setsockopt(fd.get(), SOL_SOCKET, force, &octets, sizeof octets) != 0) {
      setsockopt(fd.get(), SOL_SOCKET, plain, &octets, sizeof octets);
    }
  }
  return fd;
}

inline Fd listen_tcp(std::uint16_t port) {
  Fd fd = bound_socket(SOCK_STREAM, port);
  require(::listen(fd.get(), 128) == 0, "listen");
  return fd;
}

inline std::uint16_t local_port(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  require(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0, "getsockname");
  return ntohs(address.sin_port);
}
inline std::uint16_t local_port(const Fd& fd) { return local_port(fd.get()); }

// A port that is free now; another program may take it before it is used.
inline std::uint16_t free_port(int type) { return local_port(bound_socket(type, 0)); }

inline void set_no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// epoll, level-triggered; `tag` comes back with the event.
class Poller {
 public:
  Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) { require(epoll_.get() >= 0, "epoll_create1"); }
  void add(int fd, std::uint32_t events, std::uint64_t tag) { set(EPOLL_CTL_ADD, fd, events, tag); }
  void change(int fd, std::uint32_t events, std::uint64_t tag) {
    set(EPOLL_CTL_MOD, fd, events, tag);
  }

  // What is ready, within `milliseconds` (-1: as long as it takes).
  std::span<const epoll_event> wait(int milliseconds) {
    const int count =
        ::epoll_wait(epoll_.get(), ready_.data(), static_cast<int>(ready_.size()), milliseconds);
    require(count >= 0 || errno == EINTR, "epoll_wait");
    return {ready_.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

 private:
  void set(int operation, int fd, std::uint32_t events, std::uint64_t tag) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    require(::epoll_ctl(epoll_.get(), operation, fd, &event) == 0, "epoll_ctl");
  }

  Fd epoll_;
  std::array<epoll_event, 64> ready_{};
};

}  // namespace missive::bench
