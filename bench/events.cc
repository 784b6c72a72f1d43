// events: measures how events spread: `--readers` AMI sessions that listen, one that publishes.
//
// The publisher sends UserEvents, at a rate or as fast as they are answered; every reader gets
// every one, in order, or the run does not add up. What is counted is deliveries: one event at one
// reader. README.md in this folder says how to read the figures. Exit status 1: the run did not
// come about, or does not add up.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "ami_connection.h"
#include "config_files.h"
#include "figures.h"
#include "program.h"
#include "server_process.h"
#include "temporary_folder.h"

namespace missive::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string server;
  std::uint32_t readers = 1000;
  std::uint32_t events = 5000;
  std::uint32_t rate = 0;        // events a second; 0: as fast as they are answered
  std::uint32_t in_flight = 64;  // UserEvents without a reply
  std::uint32_t rounds = 3;
  std::uint32_t fill = 50;  // octets of a header beside the number
  ServerSettings settings;
  bool pin = false;
};

void declare(CLI::App& app, Options& options) {
  app.option_defaults()->take_last();
  app.add_option("--server", options.server, "the missive program to start")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("--readers", options.readers, "sessions that listen")
      ->check(CLI::Range(1u, 20'000u));
  app.add_option("--events", options.events, "of a round")->check(CLI::Range(1u, 10'000'000u));
  app.add_option("--rate", options.rate, "events a second; 0: as fast as they are answered");
  app.add_option("--in-flight", options.in_flight, "events without a reply")
      ->check(CLI::Range(1u, 8000u));
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1u, 100u));
  app.add_option("--fill", options.fill, "octets of a further header")
      ->check(CLI::Range(1u, 10'000u));
  app.add_option("--shards", options.settings.shards, "shards of missive");
  app.add_flag("--pin", options.pin, "the load on the first core, the server on the others");
}

constexpr std::size_t number_width = 8;
constexpr std::string_view reply_text = "Response: Success\r\nMessage: Event Sent\r\n\r\n";

// What a reader gets for event `number`.
std::string event_text(std::uint32_t number, std::size_t fill) {
  return fmt::format(
      "Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: Bench\r\nNumber: {:08}\r\n"
      "Fill: {}\r\n\r\n",
      number, std::string(fill, 'f'));
}
std::string action_text(std::uint32_t number, std::size_t fill) {
  return fmt::format("Action: UserEvent\r\nUserEvent: Bench\r\nNumber: {:08}\r\nFill: {}\r\n\r\n",
                     number, std::string(fill, 'f'));
}

// One session that listens: holds what it gets against what it is to get.
class Reader {
 public:
  Reader(AmiConnection connection, std::size_t fill)
      : connection_(std::move(connection)), event_(event_text(0, fill)) {
    number_at_ = event_.find("Number: ") + std::string_view("Number: ").size();
  }

  int fd() const { return connection_.fd(); }
  std::uint32_t received() const { return received_; }
  std::uint32_t wrong() const { return wrong_; }

  // Takes what waits; the number of events that became whole by it.
  std::uint32_t take(std::vector<char>& room) {
    const auto got = ::recv(fd(), room.data(), room.size(), MSG_DONTWAIT);
    if (got == 0) throw std::runtime_error("the server has closed a reader's connection");
    if (got < 0) return 0;
    const auto before = received_;
    rest_.append(room.data(), static_cast<std::size_t>(got));
    std::size_t at = 0;
    for (; rest_.size() - at >= event_.size(); at += event_.size()) check(rest_.data() + at);
    rest_.erase(0, at);
    return received_ - before;
  }

 private:
  void check(const char* octets) {
    auto number = fmt::format("{:08}", received_);
    std::memcpy(event_.data() + number_at_, number.data(), number_width);
    if (std::memcmp(octets, event_.data(), event_.size()) != 0) ++wrong_;
    ++received_;
  }

  AmiConnection connection_;
  std::string event_;
  std::size_t number_at_;
  std::string rest_;
  std::uint32_t received_ = 0;
  std::uint32_t wrong_ = 0;
};

struct Result {
  double seconds = 0;
  double cpu_us = 0;  // of the server, a delivery
  double load_cores = 0;
  double server_cores = 0;
  Percentiles arrival;  // event sent -> at the last reader that was looked at
  Memory memory;
  std::vector<std::string> problems;
};

// The server, its readers and the publisher of one round.
class Trial {
 public:
  explicit Trial(const Options& options) : options_(options), room_(256 * 1024) {
    const ServerPorts ports{.ami = free_port(SOCK_STREAM), .sip = free_port(SOCK_DGRAM)};
    write_events_config(folder_.path(), ports, options.settings, options.readers);
    server_ = std::make_unique<ServerProcess>(
        std::vector<std::string>{options.server, "serve", "--config", folder_.path().string(),
                                 "--state", (folder_.path() / "state").string()},
        folder_.path() / "log", options.pin);
    publisher_ = std::make_unique<AmiConnection>(open(ports.ami));
    for (std::uint32_t i = 0; i < options.readers; ++i) add_reader(ports.ami);
  }

  Result run() {
    const auto before = usage_of(server_->pid());
    const auto own = own_cpu_seconds();
    begun_ = moved_ = Clock::now();
    sent_at_.reserve(options_.events);
    while (!done()) turn();
    Result out;
    out.seconds = seconds_since(begun_);
    const auto after = usage_of(server_->pid());
    const auto spent = static_cast<double>(after.total_ns - before.total_ns);
    out.cpu_us = spent / 1000 / (static_cast<double>(options_.events) * options_.readers);
    out.server_cores = spent / 1e9 / out.seconds;
    out.load_cores = (own_cpu_seconds() - own) / out.seconds;
    out.arrival = percentiles(arrivals_);
    out.memory = memory_of(server_->pid());
    for (const auto& reader : readers_) {
      if (reader->wrong() > 0) {
        out.problems.push_back(fmt::format("a reader got {} wrong events", reader->wrong()));
      }
    }
    const auto ended = server_->stop();
    if (!ended.empty()) out.problems.push_back("the server ended with " + ended);
    return out;
  }

 private:
  static double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }

  AmiConnection open(std::uint16_t port) {
    return {loopback(port), Credentials{}, std::chrono::seconds{20},
            [this] { server_->require_running(); }};
  }

  void add_reader(std::uint16_t port) {
    auto connection = open(port);
    connection.append("Action: Events\r\nActionID: on\r\nEventMask: user\r\n\r\n");
    connection.flush();
    const auto deadline = Clock::now() + std::chrono::seconds{20};
    for (bool answered = false; !answered;) {
      if (Clock::now() > deadline) throw std::runtime_error("no answer to Events");
      connection.read();
      while (const auto reply = connection.next()) answered = reply->action_id == "on";
    }
    readers_.push_back(std::make_unique<Reader>(std::move(connection), options_.fill));
    poller_.add(readers_.back()->fd(), EPOLLIN, readers_.size() - 1);
  }

  bool done() const { return delivered_ == std::uint64_t{options_.events} * options_.readers; }

  void turn() {
    publish();
    const auto ready = poller_.wait(0);
    for (const auto& event : ready) take(event.data.u64);
    if (!ready.empty()) moved_ = Clock::now();
    if (seconds_since(moved_) < 10) return;
    server_->require_running();
    throw std::runtime_error(fmt::format("nothing has come for 10 seconds; {} of {} deliveries",
                                         delivered_,
                                         std::uint64_t{options_.events} * options_.readers));
  }

  void publish() {
    take_replies();
    const auto due = options_.rate == 0
                         ? options_.events
                         : static_cast<std::uint32_t>(seconds_since(begun_) * options_.rate) + 1;
    while (sent_ < std::min(options_.events, due) && sent_ - answered_ < options_.in_flight) {
      publisher_->append(action_text(sent_++, options_.fill));
      sent_at_.push_back(Clock::now());
    }
    publisher_->flush();
  }

  void take_replies() {
    const auto got = ::recv(publisher_->fd(), room_.data(), room_.size(), MSG_DONTWAIT);
    if (got == 0) throw std::runtime_error("the server has closed the publisher's connection");
    if (got < 0) return;
    replies_.append(room_.data(), static_cast<std::size_t>(got));
    for (; replies_.starts_with(reply_text); ++answered_) replies_.erase(0, reply_text.size());
    if (replies_.size() >= reply_text.size()) {
      throw std::runtime_error("an unexpected reply: " + base::printable(replies_));
    }
  }

  void take(std::uint64_t index) {
    auto& reader = *readers_[index];
    delivered_ += reader.take(room_);
    // One reader in a hundred is timed: the clock is not free either.
    if (index % 100 != 0 || reader.received() == 0) return;
    arrivals_.push_back(
        std::chrono::nanoseconds(Clock::now() - sent_at_[reader.received() - 1]).count());
  }

  const Options& options_;
  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<AmiConnection> publisher_;
  std::vector<std::unique_ptr<Reader>> readers_;
  Poller poller_;
  std::vector<char> room_;
  std::string replies_;
  std::uint32_t sent_ = 0;
  std::uint32_t answered_ = 0;
  std::uint64_t delivered_ = 0;
  Clock::time_point begun_{};
  Clock::time_point moved_{};
  std::vector<Clock::time_point> sent_at_;
  std::vector<std::int64_t> arrivals_;
};

int run(Options options) {
  if (options.pin && !pin_load()) throw std::runtime_error("--pin needs two cores");
  options.server = std::filesystem::absolute(options.server).string();
  options.settings.log_level = "warning";
  fmt::print("{} readers, {} events of {} octets a round, {}\n\n", options.readers, options.events,
             event_text(0, options.fill).size(),
             options.rate == 0 ? std::string("as fast as they are answered")
                               : fmt::format("{} a second", options.rate));
  fmt::print("{:>5} {:>10} {:>13} {:>10} {:>12} {:>10} {:>10} {:>8} {:>8} {:>6}\n", "round",
             "events/s", "deliveries/s", "CPU us", "server cores", "p50 us", "p99 us", "RSS MB",
             "peak MB", "load");
  bool good = true;
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    const auto result = Trial(options).run();
    const auto per_second = options.events / result.seconds;
    fmt::print(
        "{:>5} {:>10.0f} {:>13.0f} {:>10.3f} {:>12.2f} {:>10.0f} {:>10.0f} {:>8.1f} "
        "{:>8.1f} {:>5.0f}%\n",
        round, per_second, per_second * options.readers, result.cpu_us, result.server_cores,
        result.arrival.p50_us, result.arrival.p99_us, result.memory.resident_mb,
        result.memory.peak_mb, result.load_cores * 100);
    for (const auto& problem : result.problems) fmt::print("does not add up: {}\n", problem);
    std::fflush(stdout);
    good = good && result.problems.empty();
  }
  return good ? 0 : 1;
}

}  // namespace
}  // namespace missive::bench

int main(int argc, char** argv) {
  using namespace missive::bench;
  return run_program<Options>(argc, argv, "events", "events to many who listen", declare, run);
}
