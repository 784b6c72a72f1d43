#include "ami_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <stdexcept>

#include "connecting.h"

namespace missive::bench {

AmiConnection::AmiConnection(sockaddr_in server, const Credentials& credentials,
                             std::chrono::seconds patience,
                             const std::function<void()>& still_alive)
    : fd_(connect_to(server, "AMI server", patience, still_alive)) {
  log_in(credentials, patience);
}

void AmiConnection::log_in(const Credentials& credentials, std::chrono::seconds patience) {
  const auto deadline = deadline_in(patience);
  auto banner = reader_.banner();
  for (; !banner; banner = reader_.banner()) {
    wait_for(fd(), POLLIN, deadline, "AMI banner");
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
    wait_for(fd(), POLLIN, deadline, "answer to the AMI login");
    read();
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
