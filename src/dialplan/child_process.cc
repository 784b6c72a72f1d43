#include "dialplan/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace missive::dialplan {
namespace {

constexpr int glance = 20;  // milliseconds between two looks at whether it has ended

// What posix_spawn() is told, freed in the end.
class Spawn {
 public:
  Spawn() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Spawn() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

base::Result<std::unique_ptr<ChildProcess>> ChildProcess::start(
    const std::vector<std::string>& command, Kind kind) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return base::fail("cannot run {}: {}", command[0], std::strerror(errno));
  }
  Spawn spawn;
  if (kind == Kind::interactive) {
    ::posix_spawn_file_actions_adddup2(&spawn.actions, pair[1], STDIN_FILENO);
  } else {
    ::posix_spawn_file_actions_addopen(&spawn.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&spawn.actions, pair[1], STDERR_FILENO);
  }
  ::posix_spawn_file_actions_adddup2(&spawn.actions, pair[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, arguments[0], &spawn.actions, &spawn.attributes,
                                  arguments.data(), environ);
  ::close(pair[1]);
  if (error != 0) {
    ::close(pair[0]);
    return base::fail("cannot run {}: {}", command[0], std::strerror(error));
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, pair[0]));
}

ChildProcess::~ChildProcess() {
  ::close(io_);
  if (status_) return;
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<int> ChildProcess::status() {
  int raw = 0;
  if (!status_ && ::waitpid(pid_, &raw, WNOHANG) == pid_) {
    status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  }
  return status_;
}

// False at the end of what there is.
bool ChildProcess::read_some(const std::function<void(std::string_view)>& take) {
  std::array<char, 4096> buffer;
  const auto count = ::recv(io_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) take({buffer.data(), static_cast<std::size_t>(count)});
  return count > 0;
}

std::optional<int> ChildProcess::finish(const std::function<void(std::string_view)>& take,
                                        const std::function<bool()>& gives_up) {
  bool open = true;  // something it started may hold its output open longer than it lives
  for (;;) {
    const auto ended = status();
    while (open && read_some(take)) {
    }
    if (ended) return ended;
    if (gives_up()) return std::nullopt;
    pollfd wait{open ? io_ : -1, POLLIN, 0};
    if (::poll(&wait, 1, glance) == 1 && (wait.revents & POLLIN) == 0) open = false;
  }
}

}  // namespace missive::dialplan
