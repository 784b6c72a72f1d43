#include "connecting.h"

#include <fmt/format.h>
#include <poll.h>

#include <stdexcept>
#include <thread>

namespace missive::bench {
namespace {

// Blocking: on loopback a connect is answered at once.
Fd try_to_connect(sockaddr_in server) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require(fd.get() >= 0, "socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
    return Fd();
  }
  set_no_delay(fd.get());
  return fd;
}

}  // namespace

Fd connect_to(sockaddr_in server, std::string_view whom, std::chrono::seconds patience,
              const std::function<void()>& still_alive) {
  const auto deadline = deadline_in(patience);
  Fd fd = try_to_connect(server);
  for (; fd.get() < 0; fd = try_to_connect(server)) {
    still_alive();
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error(fmt::format("no {} listens on port {} after {} s", whom,
                                           ntohs(server.sin_port), patience.count()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return fd;
}

void wait_for(int fd, short events, Deadline deadline, std::string_view for_what) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  pollfd ready{fd, events, 0};
  if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) == 0) {
    throw std::runtime_error(fmt::format("no {} comes from the server", for_what));
  }
}

}  // namespace missive::bench
