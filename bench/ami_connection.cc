#include "ami_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <stdexcept>
#include <thread>

namespace missive::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Blocking: on loopback a connect is answered at once.
Fd connect_to(sockaddr_in server) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require(fd.get() >= 0, "socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
    return Fd();
  }
  set_no_delay(fd.get());
  return fd;
}

}  // namespace

AmiConnection::AmiConnection(sockaddr_in server, const Credentials& credentials,
                             std::chrono::seconds patience,
                             const std::function<void()>& still_alive) {
  const auto deadline = SteadyClock::now() + patience;
  for (fd_ = connect_to(server); fd_.get() < 0; fd_ = connect_to(server)) {
    still_alive();
    if (SteadyClock::now() > deadline) {
      throw std::runtime_error(fmt::format("no AMI server listens on port {} after {} s",
                                           ntohs(server.sin_port), patience.count()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  log_in(credentials, patience);
}

void AmiConnection::log_in(const Credentials& credentials, std::chrono::seconds patience) {
  const auto deadline = SteadyClock::now() + patience;
  auto banner = reader_.banner();
  for (; !banner; banner = reader_.banner()) {
    wait_readable(deadline, "banner");
    read();
  }
  if (!banner->starts_with("Asterisk Call Manager/")) {
    throw std::runtime_error(
        fmt::format("the server's first line is '{}', no AMI banner", base::printable(*banner)));
  }
  append(fmt::format(
      "Action: Login\r\nActionID: login\r\nUsername: {}\r\nSecret: {}\r\nEvents: off\r\n\r\n",
      credentials.user, credentials.secret));
  flush();
  for (;;) {
    while (const auto reply = next()) {
      if (reply->is_event()) continue;
      if (reply->response == "Success" && reply->action_id == "login") return;
      throw std::runtime_error(
          fmt::format("login of '{}' refused: {}", credentials.user, base::printable(reply->text)));
    }
    wait_readable(deadline, "answer to the login");
    read();
  }
}

void AmiConnection::wait_readable(SteadyClock::time_point deadline, std::string_view for_what) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
  pollfd ready{fd(), POLLIN, 0};
  if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) == 0) {
    throw std::runtime_error(fmt::format("the AMI server sends no {}", for_what));
  }
}

bool AmiConnection::flush() {
  while (written_ < output_.size()) {
    const auto sent = ::send(fd(), output_.data() + written_, output_.size() - written_,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      written_ += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      return false;
    } else if (errno != EINTR) {
      require(false, "writing to the AMI server");
    }
  }
  output_.clear();
  written_ = 0;
  return true;
}

bool AmiConnection::read() {
  const auto space = reader_.space();
  if (space.empty()) throw std::runtime_error("the AMI server sends a reply without an end");
  const auto got = ::recv(fd(), space.data(), space.size(), MSG_DONTWAIT);
  if (got == 0) throw std::runtime_error("the AMI server has closed the connection");
  if (got < 0) {
    require(errno == EAGAIN || errno == EINTR, "reading from the AMI server");
    return false;
  }
  reader_.commit(static_cast<std::size_t>(got));
  return true;
}

}  // namespace missive::bench
