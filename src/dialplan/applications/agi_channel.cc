#include "dialplan/applications/agi_channel.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace missive::dialplan {
namespace {

constexpr int glance = 100;  // milliseconds between two looks at Run::gives_up()
constexpr std::chrono::seconds connect_timeout{5};

// 0 or errno.
int connect_to(const Run& run, const addrinfo& to, int fd) {
  if (::connect(fd, to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  const auto until = std::chrono::steady_clock::now() + connect_timeout;
  while (!run.gives_up() && std::chrono::steady_clock::now() < until) {
    pollfd wait{fd, POLLOUT, 0};
    if (::poll(&wait, 1, glance) <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
  return ETIMEDOUT;
}

}  // namespace

base::Result<int> AgiChannel::connect(const Run& run, const std::string& host,
                                      const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return base::fail("AGI host '{}' not found: {}", host, ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  int error = 0;
  for (const auto* address = found; address != nullptr; address = address->ai_next) {
    const int fd =
        ::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
      error = errno;
      continue;
    }
    error = connect_to(run, *address, fd);
    if (error == 0) return fd;
    ::close(fd);
  }
  return base::fail("cannot connect to the AGI server {}:{}: {}", host, port, std::strerror(error));
}

AgiChannel::~AgiChannel() { ::close(fd_); }

bool AgiChannel::wait_for(short events) {
  while (!run_.gives_up()) {
    pollfd wait{fd_, events, 0};
    if (::poll(&wait, 1, glance) > 0) return true;
  }
  error_ = "the AGI server has taken too long";
  return false;
}

bool AgiChannel::receive() {
  if (!wait_for(POLLIN)) return false;
  std::array<char, 16 * 1024> buffer;
  const auto count = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) {
    in_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  return false;
}

std::optional<std::string> AgiChannel::read_line() {
  for (;;) {
    const auto end = in_.find('\n', searched_);
    if (end != std::string::npos) {
      auto line = in_.substr(0, end);
      in_.erase(0, end + 1);
      searched_ = 0;
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    searched_ = in_.size();
    if (in_.size() > longest_line) {
      error_ =
          "the AGI server has sent a line longer than " + std::to_string(longest_line) + " octets";
      return std::nullopt;
    }
    if (!receive()) return std::nullopt;
  }
}

bool AgiChannel::write(std::string_view octets) {
  while (!octets.empty()) {
    const auto count = ::send(fd_, octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) {
      octets.remove_prefix(static_cast<std::size_t>(count));
    } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
      return false;
    } else if (!wait_for(POLLOUT)) {
      return false;
    }
  }
  return true;
}

}  // namespace missive::dialplan
