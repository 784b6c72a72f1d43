// offline: measures store and forward: messages queued for users who are away, restarts with all
// of them waiting, and the delivery when the users come back.
//
// Drives the actions, registers the users, plays their phones, and asks the kernel what the server
// spent. README.md in this folder says how to read the figures. Exit status 1: the run did not
// come about, or does not add up.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "offline_trial.h"
#include "program.h"

namespace missive::bench {
namespace {

struct Options {
  OfflineLoad load;
  OfflineSubject subject;
  std::string folder;
  bool pin = false;
};

void declare(CLI::App& app, Options& options) {
  app.option_defaults()->take_last();  // so that bench/run's own can be overridden
  // 'queued' is what this measures, so what is not needed in the log is left out of it.
  options.subject.settings = {.shards = {}, .durability = "always", .log_level = "warning"};
  app.add_option("--server", options.subject.program, "the missive program to start")
      ->required()
      ->check(CLI::ExistingFile);
  OfflineLoad& load = options.load;
  app.add_option("--messages", load.messages)->check(CLI::Range(1u, 10'000'000u));
  app.add_option("--users", load.users, "who are away; message n is for user n mod users")
      ->check(CLI::Range(1u, 100'000u));
  app.add_option("--connections", load.connections, "AMI connections")->check(CLI::Range(1u, 60u));
  app.add_option("--in-flight", load.in_flight, "actions without a reply, a connection")
      ->check(CLI::Range(1u, 100'000u));
  app.add_option("--body-size", load.body_size, "octets of a body")
      ->check(CLI::Range(10u, 60'000u));
  app.add_option("--sockets", load.sockets, "ports of the phones")->check(CLI::Range(1u, 256u));
  app.add_option("--window", load.window, "REGISTERs without an answer")
      ->check(CLI::Range(1u, 10'000u));
  auto& settings = options.subject.settings;
  app.add_option("--shards", settings.shards, "shards of missive");
  app.add_option("--durability", settings.durability, "of missive's outbox")
      ->check(CLI::IsMember({"always", "offline"}));
  app.add_option("--log-level", settings.log_level, "of missive")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  app.add_option("--folder", options.folder, "for missive's state, on a disk; default: TMPDIR");
  app.add_flag("--pin", options.pin, "the load on the first core, the server on the others");
  for (auto* option : app.get_options()) {
    if (option->get_items_expected() == 1) option->capture_default_str();
  }
}

template <class... Args>
void print_line(const char* what, fmt::format_string<Args...> text, Args&&... args) {
  fmt::print("{:<28}{}\n", what, fmt::format(text, std::forward<Args>(args)...));
}

std::string in_words(const Memory& memory) {
  return fmt::format("{:.1f} MB resident, {:.1f} MB at the peak", memory.resident_mb,
                     memory.peak_mb);
}

double rate(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

void print(const OfflineFigures& figures) {
  const auto& queued = figures.queued;
  print_line("queued", "{} messages in {:.1f} s: {:.0f}/s, {:.1f} us of CPU a message",
             figures.success, queued.seconds, rate(figures.success, queued.seconds), queued.cpu_us);
  print_line("  reply", "p50 {:.0f} us, p99 {:.0f} us", figures.reply.p50_us, figures.reply.p99_us);
  print_line("  memory", "{}", in_words(queued.memory));
  print_line("  state folder", "{:.0f} MB", figures.state_mb);
  for (const auto& restart : figures.restarts) {
    const bool last = &restart == &figures.restarts.back();
    print_line(last ? "restart, nothing waits" : "restart, all wait",
               "after {}: ready in {:.2f} s, {}", restart.ended_by, restart.ready_seconds,
               in_words(restart.memory));
  }
  const auto& delivered = figures.delivered;
  print_line("registered", "in {:.1f} s", figures.registered_seconds);
  print_line("delivered", "{} messages in {:.1f} s: {:.0f}/s, {:.1f} us of CPU a message",
             figures.distinct, delivered.seconds, rate(figures.distinct, delivered.seconds),
             delivered.cpu_us);
  print_line("  memory", "{}", in_words(delivered.memory));
  print_line("  came again", "{}", figures.again);
  print_line("  out of order", "{}", figures.out_of_order);
  for (const auto& problem : figures.problems) fmt::print("does not add up: {}\n", problem);
}

int run(Options options) {
  const auto& load = options.load;
  if (load.connections * load.in_flight > load.users && load.connections > 1) {
    throw std::runtime_error(
        "more actions are in flight than there are users, over several connections: the order of "
        "a user's messages would not be known; give more --users or one connection");
  }
  if (options.pin && !pin_load()) throw std::runtime_error("--pin needs two cores");
  options.subject.program = std::filesystem::absolute(options.subject.program).string();
  options.subject.folder = options.folder;
  options.subject.pinned = options.pin;
  fmt::print("{} messages for {} users who are away, body {} octets, durability = {}\n\n",
             load.messages, load.users, load.body_size, options.subject.settings.durability);
  std::fflush(stdout);
  const auto figures = measure_offline(load, options.subject);
  print(figures);
  return figures.problems.empty() ? 0 : 1;
}

}  // namespace
}  // namespace missive::bench

int main(int argc, char** argv) {
  using namespace missive::bench;
  return run_program<Options>(
      argc, argv, "offline",
      "messages for users who are away: queued, kept over restarts, delivered", declare, run);
}
