// A program that a dialplan runs: System(), local AGI scripts.
//
// Runs in a process group of its own, with this server's environment, and talks by one
// descriptor: what it writes to standard output (and, of `merged`, standard error) is read from
// io(); where `interactive`, what is written to io() is its standard input, else that is
// empty. Destroying it ends the whole group. One thread; it may block in finish() only.
// Source: posix_spawn(3), socketpair(2).
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace missive::dialplan {

class ChildProcess {
 public:
  enum class Kind { merged, interactive };
  static base::Result<std::unique_ptr<ChildProcess>> start(const std::vector<std::string>& command,
                                                           Kind kind);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int io() const { return io_; }
  // Reads what it writes, `take` getting it as it comes, until it has ended; nothing when
  // `gives_up` said so first. The status is exit()'s, or 128 and the signal.
  std::optional<int> finish(const std::function<void(std::string_view)>& take,
                            const std::function<bool()>& gives_up);

 private:
  ChildProcess(pid_t pid, int io) : pid_(pid), io_(io) {}
  bool read_some(const std::function<void(std::string_view)>& take);
  std::optional<int> status();

  pid_t pid_;
  int io_;
  std::optional<int> status_;
};

}  // namespace missive::dialplan
