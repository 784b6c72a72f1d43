// A small AMI client for the program's own commands: one action, one answer or one list.
//
// Blocking, one thread. Every wait is bounded by the time given; errors are one line.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace missive::app {

class AmiClient {
 public:
  // Header lines in order.
  struct Packet {
    std::vector<std::pair<std::string, std::string>> headers;
    // The first of that name, "" when there is none.
    std::string_view get(std::string_view name) const;
  };

  base::Result<void> connect(const std::string& host, std::uint16_t port);
  base::Result<void> log_in(const std::string& username, const std::string& secret,
                            const std::string& events);
  // Sends `lines` (whole header lines with their CRLF) and returns the response. Events that
  // come first are kept for next_event().
  base::Result<Packet> ask(const std::string& lines, std::chrono::seconds within);
  base::Result<Packet> next_event(std::chrono::seconds within);
  // Asks for a list: its events up to and with the one whose EventList is Complete. An answer
  // that is no list comes back alone.
  base::Result<std::vector<Packet>> ask_list(const std::string& lines, std::chrono::seconds within);

 private:
  base::Result<Packet> read_packet();

  boost::asio::ip::tcp::iostream stream_;
  std::vector<Packet> events_;
};

}  // namespace missive::app
