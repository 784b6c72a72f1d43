// Phones behind connections: TCP, TLS, WebSocket and secure WebSocket.
//
// Each connection is opened by the phone, which registers over it; the server's MESSAGEs come down
// the same way and are answered there. The constructor waits, at most `patience`, until all are
// registered, and throws std::runtime_error with what did not come about. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "phone.h"
#include "sip/protocol.h"
#include "sip_connection.h"

namespace missive::bench {

struct StreamServer {
  sip::Protocol protocol = sip::Protocol::tcp;  // not udp
  sockaddr_in address{};
  std::filesystem::path certificate;         // tls, wss: the one it shows
  std::string_view web_socket_path = "/ws";  // ws, wss
};

class StreamPhones final : public Phones {
 public:
  // User phone_name(n), n < `users`, is behind connection n mod `connections`. `still_alive` is
  // asked while waiting; it throws when waiting has no sense.
  StreamPhones(std::uint32_t connections, std::uint32_t users, const StreamServer& server,
               Ledger& ledger, std::chrono::seconds patience,
               const std::function<void()>& still_alive);

  std::size_t size() const override { return lines_.size(); }
  int fd(std::size_t socket) const override { return lines_[socket].connection->fd(); }
  short serve(std::size_t socket) override;

 private:
  struct Line {
    std::unique_ptr<SipConnection> connection;
    std::size_t unsent = 0;      // answers the kernel has not taken yet
    std::size_t registered = 0;  // REGISTERs accepted
  };

  void register_user(Line& line, const std::string& user, const StreamServer& server,
                     Deadline deadline);
  void take(Line& line, std::string_view message, std::int64_t now);

  std::vector<Line> lines_;
  std::vector<char> answer_;
};

}  // namespace missive::bench
