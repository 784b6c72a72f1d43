// A FastAGI server on the loopback: says its lines one by one and writes down what it hears.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace missive::dialplan::test {

class AgiServer {
 public:
  // `silent`: takes the connection and says nothing until the other side closes.
  explicit AgiServer(std::vector<std::string> commands, bool silent = false)
      : commands_(std::move(commands)), silent_(silent) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    ::listen(listener_, 1);
    thread_ = std::thread([this] { serve(); });
  }
  ~AgiServer() { join(); }
  AgiServer(const AgiServer&) = delete;
  AgiServer& operator=(const AgiServer&) = delete;

  std::string url(std::string_view rest = {}) const {
    return "agi://127.0.0.1:" + std::to_string(port_) + std::string(rest);
  }
  // All it heard after the environment; waits for its end.
  const std::vector<std::string>& replies() {
    join();
    return replies_;
  }
  const std::string& environment() {
    join();
    return environment_;
  }

 private:
  void join() {
    if (!thread_.joinable()) return;
    ::shutdown(listener_, SHUT_RDWR);  // nobody came
    thread_.join();
    ::close(listener_);
  }
  void serve() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    for (auto line = read_line(fd); !line.empty(); line = read_line(fd))
      environment_ += line + "\n";
    for (const auto& command : commands_) {
      const auto text = command + "\n";
      ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      const auto reply = read_line(fd);
      replies_.push_back(reply);
      // An answer of more than one line.
      if (reply.starts_with("100 ")) replies_.push_back(read_line(fd));
      if (reply.starts_with("520-")) {
        while (!replies_.back().starts_with("520 ") && !replies_.back().empty()) {
          replies_.push_back(read_line(fd));
        }
      }
      if (command == "HANGUP") replies_.push_back(read_line(fd));
    }
    while (silent_ && !read_line(fd).empty()) {
    }
    ::close(fd);
  }
  static std::string read_line(int fd) {
    std::string line;
    for (char c = 0; ::recv(fd, &c, 1, 0) == 1 && c != '\n';) line += c;
    return line;
  }

  std::vector<std::string> commands_;
  bool silent_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::string environment_;
  std::vector<std::string> replies_;
  std::thread thread_;
};

}  // namespace missive::dialplan::test
