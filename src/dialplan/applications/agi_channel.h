// The line to an AGI server or script: lines out, lines in, with an end to all patience.
//
// Blocks, so it is a worker's. Gives up when the run does (Run::gives_up()), when the other side
// closes, or on a line that is longer than the limit. Owns the descriptor.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dialplan/run.h"

namespace missive::dialplan {

class AgiChannel {
 public:
  static constexpr std::size_t longest_line = 256 * 1024;

  // Connects to host:port over TCP.
  static base::Result<int> connect(const Run& run, const std::string& host,
                                   const std::string& port);

  AgiChannel(const Run& run, int fd) : run_(run), fd_(fd) {}
  ~AgiChannel();
  AgiChannel(const AgiChannel&) = delete;
  AgiChannel& operator=(const AgiChannel&) = delete;

  // Without its line end. nullopt: there is no more, and error() says why if it should not be so.
  std::optional<std::string> read_line();
  // False when it did not get out.
  bool write(std::string_view octets);
  const std::string& error() const { return error_; }

 private:
  bool wait_for(short events);
  bool receive();

  const Run& run_;
  int fd_;
  std::string in_;
  std::size_t searched_ = 0;  // of in_, for a line end
  std::string error_;
};

}  // namespace missive::dialplan
