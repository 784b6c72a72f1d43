// A console's end of the local socket of a running server.
//
// Blocking, one thread. Errors are one line; the first is that nobody listens there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::app {

class ConsoleLink {
 public:
  struct Frame {
    std::string kind, text;
  };

  // The server whose state is kept in that folder.
  static base::Result<ConsoleLink> connect(const std::filesystem::path& state);
  ConsoleLink(ConsoleLink&& other) noexcept;
  ConsoleLink& operator=(ConsoleLink&&) = delete;
  ~ConsoleLink();

  // What it said of itself: its name and version, its process, its host.
  const std::string& server() const { return server_; }
  const std::string& process() const { return process_; }
  const std::string& host() const { return host_; }

  // Readable when there is something to take().
  int fd() const { return fd_; }
  base::Result<void> send(std::string_view kind, std::string_view text);
  // The next frame; waits for it.
  base::Result<Frame> next();
  // The next frame that has come; reads once at most.
  base::Result<std::optional<Frame>> take();

 private:
  explicit ConsoleLink(int fd) : fd_(fd) {}
  base::Result<std::optional<Frame>> from_input();
  base::Result<void> read_some(int flags);

  int fd_;
  std::string in_;
  std::string server_, process_, host_;
};

}  // namespace missive::app
