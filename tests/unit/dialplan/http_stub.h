// An HTTP server of one thread on loopback: answers each request with the next answer it was
// given, and keeps the request. A request without an answer is left waiting.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/text.h"

namespace missive::dialplan {

class HttpStub {
 public:
  HttpStub() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpStub() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const int waiting : waiting_) ::close(waiting);
  }

  std::uint16_t port() const { return port_; }
  void answer(std::string_view status, std::string_view body, std::string_view headers = {}) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(
        "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\nConnection: close\r\n" + std::string(headers) + "\r\n" + std::string(body));
  }
  void silence() {
    const std::lock_guard lock(mutex_);
    answers_.clear();
  }
  std::string last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  void serve() {
    for (;;) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      auto request = read_request(connection);
      const std::lock_guard lock(mutex_);
      last_ = std::move(request);
      if (answers_.empty()) {
        waiting_.push_back(connection);
        continue;
      }
      const auto answer = std::move(answers_.front());
      answers_.pop_front();
      ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(connection);
    }
  }

  // To the end of its body.
  static std::string read_request(int connection) {
    std::string request;
    char buffer[4096];
    for (;;) {
      const auto end = request.find("\r\n\r\n");
      if (end != request.npos && request.size() >= end + 4 + body_size(request)) return request;
      const auto count = ::recv(connection, buffer, sizeof buffer, 0);
      if (count <= 0) return request;
      request.append(buffer, static_cast<std::size_t>(count));
    }
  }
  static std::size_t body_size(std::string_view request) {
    constexpr std::string_view name = "Content-Length: ";
    const auto place = request.find(name);
    if (place == request.npos) return 0;
    const auto rest = request.substr(place + name.size());
    return base::parse_number<std::size_t>(rest.substr(0, rest.find('\r'))).value_or(0);
  }

  int listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::deque<std::string> answers_;
  std::string last_;
  std::vector<int> waiting_;
  std::thread thread_;
};

}  // namespace missive::dialplan
