#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "app/commands.h"
#include "app/instance.h"
#include "app/settings.h"
#include "base/log.h"
#include "base/log_channels.h"

namespace missive::app {
namespace {

// The signals of a server, taken one by one by its main thread instead of by handlers.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGQUIT}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);  // threads made from now on block them too
    ::signal(SIGPIPE, SIG_IGN);
  }

  int wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }
  // 0 when none came in time.
  int wait_for(std::chrono::milliseconds time) const {
    const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
    const int signal = sigtimedwait(&set_, nullptr, &limit);
    return signal < 0 ? 0 : signal;
  }

 private:
  sigset_t set_;
};

bool is_stop(int signal) { return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT; }

void drain(Instance& instance, const Signals& signals) {
  log::info("stopping: waiting for what is under way; a second signal stops at once");
  instance.stop_accepting();
  // A request has its answer or its time-out by then; a dialplan may wait for longer.
  const auto deadline = std::chrono::steady_clock::now() + instance.drain_limit();
  while (!instance.drained() && std::chrono::steady_clock::now() < deadline) {
    if (is_stop(signals.wait_for(std::chrono::milliseconds{20}))) break;
  }
}

// SIGHUP is a reload; SIGTERM and SIGINT stop in good order, SIGQUIT at once.
void run_until_stopped(Instance& instance, const Signals& signals) {
  int signal = 0;
  while (!is_stop(signal = signals.wait())) {
    instance.reload({}, instance.console_shard(), [](const console::Reloaded&) {});
  }
  if (signal != SIGQUIT) drain(instance, signals);
  instance.stop();
  log::info("stopped");
}

// Where the log goes besides; a file that cannot be written is no reason not to serve.
void open_logs(const conf::LoggerConf& conf, const std::filesystem::path& state) {
  if (conf.console) base::set_log_levels(*conf.console);
  for (const auto& file : conf.files) {
    const auto path = state / "log" / file.name;  // an absolute one stays as it is
    if (auto opened = base::add_log_file(path.string(), file.levels); !opened) {
      log::error("{}: {}", file.where.str(), opened.error().text);
    }
  }
}

}  // namespace

int serve(const ServeOptions& options) {
  const Signals signals;
  conf::Problems problems;
  const auto settings = Settings::load(options.config, problems);
  if (!settings) return complain(settings.error().text);
  if (auto ready = base::set_up_log(settings->missive.general.log_level); !ready) {
    return complain(ready.error().text);
  }
  open_logs(settings->logger, options.state);
  log_problems(problems);
  using Durability = conf::MissiveConf::Outbox::Durability;
  auto state = State::open(options.state, settings->missive.outbox.durability != Durability::off);
  if (!state) return complain(state.error().text);

  const base::SystemClock clock{};
  Instance instance(*settings, clock, std::move(*state));
  if (auto opened = instance.open(); !opened) return complain(opened.error().text);
  instance.when_asked_to_stop([](console::StopMode mode) {
    ::kill(::getpid(), mode == console::StopMode::now ? SIGQUIT : SIGTERM);
  });
  instance.start();
  const auto ami = instance.ami_address();
  log::info("missive " MISSIVE_VERSION " is ready: AMI on {}",
            ami.is_set() ? ami.str() : "no address (manager.conf, enabled)");
  run_until_stopped(instance, signals);
  return 0;
}

}  // namespace missive::app
