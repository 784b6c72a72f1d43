#include "server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace missive::bench {
namespace {

constexpr int load_core = 0;

std::string in_words(int status) {
  if (WIFEXITED(status)) {
    return WEXITSTATUS(status) == 0 ? "" : fmt::format("exit status {}", WEXITSTATUS(status));
  }
  return fmt::format("signal {}", WTERMSIG(status));
}

cpu_set_t cores_of_server() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  const long count = sysconf(_SC_NPROCESSORS_ONLN);
  for (int i = 0; i < count; ++i) {
    if (i != load_core) CPU_SET(i, &cores);
  }
  return cores;
}

[[noreturn]] void become(std::vector<char*> arguments, int log, bool pinned) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_DFL);  // the phones may ignore it
  if (pinned) {
    const auto cores = cores_of_server();
    sched_setaffinity(0, sizeof cores, &cores);
  }
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  dprintf(STDERR_FILENO, "cannot run %s: %m\n", arguments[0]);
  _exit(127);
}

// `name` of /proc/PID/status, in kB.
double status_kb(pid_t pid, std::string_view name) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::stod(line.substr(name.size()));
  }
  throw std::runtime_error(fmt::format("/proc/{}/status has no {}", pid, name));
}

}  // namespace

Usage usage_of(pid_t pid) {
  Usage usage;
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    throw std::runtime_error(fmt::format("there is no process {}", pid));
  }
  usage.total_ns = time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;

  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  // Fields after the name in brackets, which may hold anything; utime is the 14th.
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  fields >> usage.user_s >> usage.system_s;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  usage.user_s /= ticks;
  usage.system_s /= ticks;
  return usage;
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Memory memory_of(pid_t pid) {
  constexpr double kb_per_mb = 1024;
  return {status_kb(pid, "VmRSS:") / kb_per_mb, status_kb(pid, "VmHWM:") / kb_per_mb};
}

bool pin_load() {
  if (sysconf(_SC_NPROCESSORS_ONLN) < 2) return false;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(load_core, &cores);
  return sched_setaffinity(0, sizeof cores, &cores) == 0;
}

ServerProcess::ServerProcess(const std::vector<std::string>& command,
                             const std::filesystem::path& log, bool pinned)
    : log_(log) {
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error(fmt::format("cannot write {}", log.string()));
  pid_ = fork();
  if (pid_ == 0) become(std::move(arguments), file, pinned);
  ::close(file);
  if (pid_ < 0) throw std::runtime_error("cannot start another process");
}

ServerProcess::~ServerProcess() { stop(); }

void ServerProcess::require_running() {
  int status = 0;
  if (pid_ < 0 || waitpid(pid_, &status, WNOHANG) == 0) return;
  pid_ = -1;
  const auto end = in_words(status);
  throw std::runtime_error(fmt::format("the server has ended ({}); the end of its output:\n{}",
                                       end.empty() ? "exit status 0" : end, log_end()));
}

std::string ServerProcess::stop() {
  if (pid_ < 0) return "";
  ::kill(pid_, SIGTERM);
  int status = 0;
  for (int i = 0; i < 1000; ++i) {
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return in_words(status);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill();
  return "still there ten seconds after SIGTERM";
}

void ServerProcess::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string ServerProcess::log_end() const {
  std::ifstream file(log_);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (text.ends_with('\n')) text.pop_back();
  constexpr std::size_t enough = 2000;
  return text.size() > enough ? text.substr(text.size() - enough) : text;
}

}  // namespace missive::bench
