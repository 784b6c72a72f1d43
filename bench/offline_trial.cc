#include "offline_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "registrations.h"
#include "temporary_folder.h"
#include "udp_phones.h"

namespace missive::bench {
namespace {

// A restart reads everything back, and a passing failure waits for the schedule.
constexpr std::chrono::seconds patience{120};
constexpr std::chrono::milliseconds settling{1000};
// A retransmission is legal, but more than a few mean that datagrams get lost.
constexpr std::uint64_t messages_per_duplicate = 1000;

double seconds_since(std::int64_t begin, std::int64_t end) {
  return static_cast<double>(end - begin) / 1e9;
}

double size_in_mb(const std::filesystem::path& folder) {
  double octets = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) octets += static_cast<double>(entry.file_size());
  }
  return octets / (1024 * 1024);
}

class OfflineTrial {
 public:
  OfflineTrial(const OfflineLoad& load, const OfflineSubject& subject)
      : load_(load),
        subject_(subject),
        folder_(subject.folder),
        ledger_(load.messages),
        phones_(load.sockets, 0, load.body_size, ledger_),
        last_(load.users, 0) {
    if (!folder_.on_disk()) {
      throw std::runtime_error(fmt::format("{} is in memory; name a folder on a disk with --folder",
                                           folder_.path().string()));
    }
    ports_ = {free_port(SOCK_STREAM), free_port(SOCK_DGRAM), phones_.ports()};
    write_offline_config(folder_.path() / "config", ports_, subject_.settings, load_.users);
    std::filesystem::create_directories(state());
    phones_.on_arrival(
        [this](std::uint32_t number, std::string_view request) { note_arrival(number, request); });
  }

  OfflineFigures run() {
    try {
      start();
      queue();
      restart("SIGTERM");
      restart("SIGKILL");
      deliver();
      look_for_more();
      stop();
      judge();
    } catch (const std::exception& error) {
      folder_.keep();
      throw std::runtime_error(
          fmt::format("{}\nits output is in {}", error.what(), log().string()));
    }
    if (!figures_.problems.empty()) {
      folder_.keep();
      figures_.problems.push_back("the server's output is in " + log().string());
    }
    return figures_;
  }

 private:
  std::filesystem::path state() const { return folder_.path() / "state"; }
  std::filesystem::path log() const { return folder_.path() / "server.log"; }
  std::function<void()> still_alive() {
    return [this] { server_->require_running(); };
  }

  // Until it answers a login.
  double start() {
    const auto begin = now_ns();
    const auto config = (folder_.path() / "config").string();
    server_ = std::make_unique<ServerProcess>(
        std::vector<std::string>{subject_.program, "serve", "--config", config, "--state",
                                 state().string()},
        log(), subject_.pinned);
    const AmiConnection ready(loopback(ports_.ami), Credentials{}, patience, still_alive());
    return seconds_since(begin, now_ns());
  }

  void stop() {
    const auto ended = server_->stop();
    complain(!ended.empty(), "the server did not end well after SIGTERM: " + ended);
  }

  void restart(const std::string& signal) {
    if (signal == "SIGKILL") {
      server_->kill();
    } else {
      stop();
    }
    Restart restart;
    restart.ended_by = signal;
    restart.ready_seconds = start();
    restart.memory = memory_of(server_->pid());
    figures_.restarts.push_back(restart);
  }

  void queue() {
    Load load;
    load.messages = load_.messages;
    load.connections = load_.connections;
    load.in_flight = load_.in_flight;
    load.body_size = load_.body_size;
    load.phones = load_.users;
    load.recipient = recipient_name;
    load.arrives = false;
    AmiDriver driver(load, loopback(ports_.ami), Credentials{}, ledger_, phones_, still_alive());
    const auto before = usage_of(server_->pid());
    try {
      driver.run();
    } catch (const std::exception&) {
      server_->require_running();  // says more than a closed connection does
      throw;
    }
    driver.settle(settling);
    server_->require_running();
    figures_.queued = {seconds_since(driver.first_sent(), driver.last_reply()), cpu_since(before),
                       memory_of(server_->pid())};
    figures_.reply = percentiles(ledger_.reply_latency());
    figures_.state_mb = size_in_mb(state());
    figures_.success = driver.counts().success;
    judge_queued(driver);
  }

  void judge_queued(const AmiDriver& driver) {
    const auto& counts = driver.counts();
    complain(driver.stalled(), "nothing has moved while messages were queued");
    complain(counts.success != load_.messages,
             fmt::format("{} actions, but {} times Success; the first error: {}", load_.messages,
                         counts.success, counts.first_error));
    complain(counts.strange + counts.events + counts.out_of_order != 0,
             fmt::format("{} replies belong to no action, {} events, {} replies out of order",
                         counts.strange, counts.events, counts.out_of_order));
    complain(phones_.counts().distinct != 0,
             fmt::format("{} messages came to users who were away", phones_.counts().distinct));
  }

  void deliver() {
    Registrations registrations(load_.users, load_.window, loopback(ports_.sip), phones_.ports());
    const auto before = usage_of(server_->pid());
    const auto begin = now_ns();
    auto moved = begin;
    while (phones_.counts().distinct < figures_.success || !registrations.finished()) {
      if (!registrations.finished()) {
        if (registrations.turn()) moved = now_ns();
        if (registrations.finished()) figures_.registered_seconds = seconds_since(begin, now_ns());
      }
      drain();
      moved = std::max(moved, phones_.counts().last);
      if (now_ns() - moved > std::chrono::nanoseconds(patience).count()) {
        complain(true, fmt::format("nothing has come for {} seconds", patience.count()));
        break;
      }
      if (++turns_ % 1000 == 0) server_->require_running();
    }
    const auto end = phones_.counts().last;
    settle();
    figures_.delivered = {std::max(seconds_since(begin, end), 0.0), cpu_since(before),
                          memory_of(server_->pid())};
  }

  // Everything was delivered and answered: a restart finds nothing more to send.
  void look_for_more() {
    const auto before = phones_.counts().duplicates;
    restart("SIGTERM");
    // Longer than the two seconds over which a restart spreads its deliveries.
    for (int i = 0; i < 3; ++i) settle();
    const auto more = phones_.counts().duplicates - before;
    complain(more != 0, fmt::format("{} messages came again after a restart", more));
  }

  void judge() {
    const auto& counts = phones_.counts();
    figures_.distinct = counts.distinct;
    figures_.again = counts.duplicates;
    complain(counts.distinct != figures_.success,
             fmt::format("{} times Success, but {} messages at the phones", figures_.success,
                         counts.distinct));
    complain(figures_.out_of_order != 0,
             fmt::format("{} messages came before an earlier one", figures_.out_of_order));
    complain(figures_.wrong_user != 0,
             fmt::format("{} messages came to somebody else", figures_.wrong_user));
    complain(counts.duplicates * messages_per_duplicate > load_.messages,
             fmt::format("{} messages came again", counts.duplicates));
    complain(counts.strange != 0, fmt::format("{} datagrams are no MESSAGE of this run; one: {}",
                                              counts.strange, counts.first_strange));
  }

  // Message n is for user n mod users; so what comes for one user has rising numbers.
  void note_arrival(std::uint32_t number, std::string_view request) {
    const auto user = number % load_.users;
    const auto round = number / load_.users;
    if (round != last_[user]) ++figures_.out_of_order;
    last_[user] = std::max(last_[user], round + 1);
    const auto expected = fmt::format("MESSAGE sip:{}@", recipient_name(user));
    if (!request.starts_with(expected)) ++figures_.wrong_user;
  }

  // Whatever waits at the phones; returns soon when nothing does.
  void drain() {
    for (std::size_t i = 0; i < phones_.size(); ++i) phones_.serve(i);
  }
  void settle() {
    const auto end = now_ns() + std::chrono::nanoseconds(settling).count();
    while (now_ns() < end) drain();
  }

  double cpu_since(const Usage& before) const {
    const auto spent = usage_of(server_->pid()).total_ns - before.total_ns;
    return static_cast<double>(spent) / 1e3 / load_.messages;
  }

  void complain(bool wrong, std::string text) {
    if (wrong) figures_.problems.push_back(std::move(text));
  }

  const OfflineLoad load_;
  const OfflineSubject subject_;
  TemporaryFolder folder_;
  Ledger ledger_;
  UdpPhones phones_;
  ServerPorts ports_;
  std::unique_ptr<ServerProcess> server_;
  OfflineFigures figures_;
  std::vector<std::uint32_t> last_;  // how many messages each user has had
  std::uint64_t turns_ = 0;
};

}  // namespace

OfflineFigures measure_offline(const OfflineLoad& load, const OfflineSubject& subject) {
  return OfflineTrial(load, subject).run();
}

}  // namespace missive::bench
