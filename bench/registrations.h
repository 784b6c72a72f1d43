// Registers users name(0), name(1), ... at the phones' ports by turns, over UDP.
//
// One UDP socket sends the REGISTERs, `window` at a time without an answer; what has none after
// half a second is sent again. Whoever owns it polls fd() and calls turn(): it never waits. A
// refusal is thrown as std::runtime_error with the answer. Not thread-safe.
//
// Source: RFC 3261 section 10.2.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config_files.h"
#include "datagram_batch.h"
#include "socket.h"

namespace missive::bench {

class Registrations {
 public:
  using Name = std::string (*)(std::uint32_t);

  Registrations(std::uint32_t users, std::uint32_t window, sockaddr_in server,
                std::vector<std::uint16_t> phone_ports, Name name = recipient_name);

  int fd() const { return socket_.get(); }
  // Takes the answers that are there and sends what may go; true when an answer came.
  bool turn();
  std::uint32_t done() const { return done_; }
  bool finished() const { return done_ == users_; }

 private:
  struct Waiting {
    std::uint32_t user = 0;
    std::int64_t again = 0;
  };

  bool take_answers();
  bool take(std::string_view answer);
  void fill(std::int64_t now);
  void send(std::uint32_t user);

  const std::uint32_t users_;
  const std::uint32_t window_;
  const sockaddr_in server_;
  const std::vector<std::uint16_t> phone_ports_;
  const Name name_;
  Fd socket_;
  DatagramBatch in_;
  std::vector<Waiting> waiting_;
  std::uint32_t next_ = 0;
  std::uint32_t done_ = 0;
};

}  // namespace missive::bench
