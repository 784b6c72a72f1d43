// A server under measurement: started and ended here, or one that runs already.
//
// ServerProcess starts a program with its output in a log file and ends it with
// SIGTERM (SIGKILL after ten seconds); it dies with the benchmark. Usage and Memory
// read what the kernel counts for any process id. Failures are std::runtime_error
// with one sentence and, for a server that ended early, the end of its log.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace missive::bench {

// CPU time of all threads of a process, the ended ones too. `total` has the
// scheduler's nanoseconds; user and system come in clock ticks of 10 ms.
struct Usage {
  std::int64_t total_ns = 0;
  double user_s = 0;
  double system_s = 0;
};
Usage usage_of(pid_t pid);

// Of the calling process.
double own_cpu_seconds();

struct Memory {
  double resident_mb = 0;  // VmRSS
  double peak_mb = 0;      // VmHWM
};
Memory memory_of(pid_t pid);

// The calling process on the first core, servers on the others: `pin_load` once
// at the start, then ServerProcess with pinned = true. False on a single core.
bool pin_load();

class ServerProcess {
 public:
  ServerProcess(const std::vector<std::string>& command, const std::filesystem::path& log,
                bool pinned);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  pid_t pid() const { return pid_; }
  // Throws when the server has ended.
  void require_running();
  // How it ended after SIGTERM: empty for exit status 0, otherwise in words.
  std::string stop();
  // SIGKILL, and waits until it is gone.
  void kill();

 private:
  std::string log_end() const;

  std::filesystem::path log_;
  pid_t pid_ = -1;
};

}  // namespace missive::bench
