#include "relay_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "config_files.h"
#include "temporary_folder.h"

namespace missive::bench {
namespace {

// Longer than T1 of RFC 3261: a server that lost an answer has asked again by then.
constexpr std::chrono::milliseconds settling{700};
// A retransmission is legal, but more than a few mean that datagrams get lost.
constexpr std::uint64_t messages_per_duplicate = 1000;

std::vector<std::string> command(const RelaySubject& subject, const RelayLoad& load,
                                 const ServerPorts& ports, const TemporaryFolder& folder) {
  if (subject.is_floor) {
    return {subject.program,
            "--sip-port",
            std::to_string(ports.sip),
            "--to",
            fmt::format("127.0.0.1:{}", ports.phones.front()),
            "--body-size",
            std::to_string(load.body_size)};
  }
  if (subject.settings.durability != "off" && !folder.on_disk()) {
    throw std::runtime_error(fmt::format("{} is in memory; name a folder on a disk with --folder",
                                         folder.path().string()));
  }
  const auto config = folder.path() / "config";
  const auto state = folder.path() / "state";
  write_relay_config(config, ports, subject.settings, load.pairs);
  std::filesystem::create_directories(state);
  return {subject.program, "serve", "--config", config.string(), "--state", state.string()};
}

std::vector<std::string> find_relay_problems(const Figures& figures, const RelayLoad& load,
                                             const RelayDriver& driver) {
  std::vector<std::string> problems;
  const auto& replies = figures.replies;
  const auto& phone = figures.phone;
  const auto check = [&problems](bool wrong, std::string text) {
    if (wrong) problems.push_back(std::move(text));
  };
  check(driver.stalled(), fmt::format("nothing has moved for {} seconds", stall_limit.count()));
  check(driver.sent() != load.messages,
        fmt::format("{} of {} messages were sent", driver.sent(), load.messages));
  check(replies.all() != driver.sent(),
        fmt::format("{} messages, but {} answers", driver.sent(), replies.all()));
  check(replies.error != 0,
        fmt::format("{} messages were refused; the first: {}", replies.error, replies.first_error));
  check(replies.strange != 0, fmt::format("{} datagrams answer no message; the first: {}",
                                          replies.strange, replies.first_strange));
  check(phone.distinct != replies.success,
        fmt::format("{} messages were accepted, but {} came to a phone", replies.success,
                    phone.distinct));
  check(phone.duplicates * messages_per_duplicate > load.messages,
        fmt::format("{} messages came again", phone.duplicates));
  check(driver.retransmissions() * messages_per_duplicate > load.messages,
        fmt::format("{} messages had to be sent again", driver.retransmissions()));
  check(phone.strange != 0, fmt::format("{} datagrams are no MESSAGE of this run; the first: {}",
                                        phone.strange, phone.first_strange));
  return problems;
}

Figures run_against(ServerProcess& server, sockaddr_in address, const RelayLoad& load,
                    UdpPhones& phones, Ledger& ledger) {
  RelayDriver driver(load, address, ledger, phones);
  driver.register_recipients([&server] { server.require_running(); });
  Figures figures;
  const auto before = usage_of(server.pid());
  const auto begin = now_ns();
  const auto own_before = own_cpu_seconds();
  driver.run();
  figures.load_cores =
      (own_cpu_seconds() - own_before) / (static_cast<double>(now_ns() - begin) / 1e9);
  driver.settle(settling);
  server.require_running();
  const auto after = usage_of(server.pid());
  figures.memory = memory_of(server.pid());
  figures.replies = driver.counts();
  figures.phone = phones.counts();
  figures.reply = percentiles(ledger.reply_latency());
  figures.arrival = percentiles(ledger.arrival_latency());
  const auto end = std::max(driver.last_reply(), phones.counts().last);
  figures.seconds = std::max(static_cast<double>(end - driver.first_sent()) / 1e9, 0.0);
  note_speed(figures, before, after);
  figures.problems = find_relay_problems(figures, load, driver);
  return figures;
}

}  // namespace

Figures measure_relay(const RelayLoad& load, const RelaySubject& subject, std::uint32_t round) {
  TemporaryFolder folder(subject.folder);
  const auto log = folder.path() / "server.log";
  Ledger ledger(load.messages);
  UdpPhones phones(load.sockets, 0, load.body_size, ledger);
  const ServerPorts ports{free_port(SOCK_STREAM), free_port(SOCK_DGRAM), phones.ports()};
  try {
    ServerProcess server(command(subject, load, ports, folder), log, subject.pinned);
    Figures figures = run_against(server, loopback(ports.sip), load, phones, ledger);
    figures.server = subject.is_floor ? "floor" : "missive";
    figures.round = round;
    const auto ended = server.stop();
    if (!subject.is_floor && !ended.empty()) {
      figures.problems.push_back("the server did not end well after SIGTERM: " + ended);
    }
    if (!figures.problems.empty()) {
      folder.keep();
      figures.problems.push_back("the server's output is in " + log.string());
    }
    return figures;
  } catch (const std::exception& error) {
    folder.keep();
    throw std::runtime_error(fmt::format("{}\nits output is in {}", error.what(), log.string()));
  }
}

}  // namespace missive::bench
