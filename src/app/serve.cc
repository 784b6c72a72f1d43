#include <fmt/format.h>
#include <signal.h>

#include <filesystem>

#include "app/commands.h"
#include "app/instance.h"
#include "app/settings.h"
#include "base/log.h"

namespace missive::app {
namespace {

// The signals of a server, taken one by one by its main thread instead of by handlers.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&set_, signal);
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

void log_problems(const conf::Problems& problems) {
  for (const auto& problem : problems) {
    if (problem.severity == conf::Problem::Severity::error) {
      log::error("{}", problem.str());
    } else {
      log::warning("{}", problem.str());
    }
  }
}

void reload(Instance& instance, const std::filesystem::path& config) {
  conf::Problems problems;
  const auto settings = Settings::load(config, problems);
  log_problems(problems);
  if (!settings) {
    log::error("reload: {}; the configuration in force stays", settings.error().text);
    return;
  }
  instance.reload(*settings);
  log::info("reloaded {}; transports, type=system and missive.conf are read at the next start only",
            config.string());
}

void stop(Instance& instance, const Signals& signals) {
  log::info("stopping: waiting for what is under way; a second signal stops at once");
  instance.stop_accepting();
  // A request has its answer or its time-out by then; a dialplan may wait for longer.
  const auto deadline = std::chrono::steady_clock::now() + instance.drain_limit();
  while (!instance.drained() && std::chrono::steady_clock::now() < deadline) {
    const int signal = signals.wait_for(std::chrono::milliseconds{20});
    if (signal == SIGTERM || signal == SIGINT) break;
  }
  instance.stop();
  log::info("stopped");
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
  log_problems(problems);
  using Durability = conf::MissiveConf::Outbox::Durability;
  auto state = State::open(options.state, settings->missive.outbox.durability != Durability::off);
  if (!state) return complain(state.error().text);

  const base::SystemClock clock{};
  Instance instance(*settings, clock, std::move(*state));
  if (auto opened = instance.open(); !opened) return complain(opened.error().text);
  instance.start();
  const auto ami = instance.ami_address();
  log::info("missive " MISSIVE_VERSION " is ready: AMI on {}",
            ami.is_set() ? ami.str() : "no address (manager.conf, enabled)");
  for (;;) {
    if (signals.wait() != SIGHUP) break;
    reload(instance, options.config);
  }
  stop(instance, signals);
  return 0;
}

}  // namespace missive::app
