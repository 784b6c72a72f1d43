// message_send: measures the main road, AMI MessageSend in, SIP MESSAGE out, 200 OK back.
//
// Drives the actions, plays the phones, and asks the kernel what the server spent.
// README.md in this folder says how to read the figures. Exit status 1: a run did not
// come about, or does not add up.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>

#include "program.h"
#include "trial.h"

namespace missive::bench {
namespace {

struct Options {
  Load load;
  std::optional<std::uint32_t> phones;
  std::optional<std::uint32_t> senders;
  std::optional<std::uint32_t> sockets;
  std::string server;
  std::string floor;
  std::string ami;
  std::string json;
  Subject running;
  ServerSettings settings;
  std::string folder;
  std::uint32_t rounds = 1;
  bool pin = false;
};

void declare(CLI::App& app, Options& options) {
  app.option_defaults()->take_last();  // so that bench/run's own can be overridden
  auto* server = app.add_option("--server", options.server, "a missive program to start")
                     ->check(CLI::ExistingFile);
  app.add_option("--floor", options.floor, "the floor program, to compare with")
      ->check(CLI::ExistingFile);
  auto* ami = app.add_option("--ami", options.ami, "a server that runs: 127.0.0.1:PORT");
  auto* pid = app.add_option("--pid", options.running.pid, "its process id");
  ami->needs(pid)->excludes(server);
  pid->needs(ami);
  app.add_option("--phone-port", options.running.first_phone_port,
                 "first port of the phones it knows as phone0, phone1, ...")
      ->needs(ami)
      ->check(CLI::Range(1, 65000));
  app.add_option("--user", options.running.credentials.user, "its AMI user")->needs(ami);
  app.add_option("--secret", options.running.credentials.secret, "and secret")->needs(ami);

  Load& load = options.load;
  app.add_option("--messages", load.messages)->check(CLI::Range(1u, 100'000'000u));
  app.add_option("--connections", load.connections, "AMI connections")->check(CLI::Range(1u, 60u));
  app.add_option("--in-flight", load.in_flight, "actions without a reply, a connection")
      ->check(CLI::Range(1u, 1'000'000u));
  app.add_option("--body-size", load.body_size, "octets of a body")
      ->check(CLI::Range(10u, 60'000u));
  app.add_option("--phones", options.phones, "endpoints; default: 1, and with --durability 8")
      ->check(CLI::Range(1u, 100'000u));
  app.add_option("--senders", options.senders,
                 "addresses the messages are from, by turns; default: 1, and with --durability "
                 "enough that none waits for another; a multiple of the phones, or the reverse")
      ->check(CLI::Range(1u, 100'000u));
  app.add_option("--sockets", options.sockets,
                 "ports of the phones, by turns; default: as many as phones, at most 8, but with "
                 "--ami one each")
      ->check(CLI::Range(1u, 256u));
  app.add_option("--rounds", options.rounds, "how often to measure, by turns")
      ->check(CLI::Range(1u, 1000u));
  app.add_option("--shards", options.settings.shards, "shards of missive")->needs(server);
  app.add_option("--durability", options.settings.durability, "of missive's outbox")
      ->check(CLI::IsMember({"always", "offline", "off"}));
  app.add_option("--folder", options.folder, "for missive's state, on a disk; default: TMPDIR");
  app.add_flag("--pin", options.pin, "the load on the first core, the server on the others");
  app.add_option("--json", options.json, "file for the figures");
  for (auto* option : app.get_options()) {
    if (option->get_items_expected() == 1) option->capture_default_str();
  }
}

std::vector<Subject> subjects_of(const Options& options) {
  std::vector<Subject> subjects;
  const auto started = [&](Subject::Kind kind, const std::string& program) {
    if (program.empty()) return;
    Subject subject;
    subject.kind = kind;
    subject.program = std::filesystem::absolute(program).string();
    subject.settings = options.settings;
    subject.folder = options.folder;
    subject.pinned = options.pin;
    subjects.push_back(subject);
  };
  started(Subject::Kind::floor, options.floor);
  started(Subject::Kind::missive, options.server);
  if (options.ami.empty()) return subjects;
  const auto address = parse_address(options.ami);
  if (!address) {
    throw std::runtime_error(
        fmt::format("--ami '{}' is no address and port such as 127.0.0.1:5038", options.ami));
  }
  subjects.push_back(options.running);
  subjects.back().kind = Subject::Kind::running;
  subjects.back().ami = *address;
  return subjects;
}

// What is kept goes from one sender to one recipient one after the other: twice as many senders as
// messages in flight, so that the last one of the same is done when its turn comes again.
Load load_of(const Options& options) {
  constexpr std::uint32_t enough_sockets = 8;
  Load load = options.load;
  const bool kept = options.settings.durability != "off";
  const auto pairs = kept ? 2 * load.connections * load.in_flight : 1;
  load.phones = options.phones.value_or(std::min(pairs, enough_sockets));
  load.senders = options.senders.value_or(load.phones >= pairs ? 1 : pairs);
  const auto ports = options.ami.empty() ? std::min(load.phones, enough_sockets) : load.phones;
  load.sockets = options.sockets.value_or(ports);
  return load;
}

std::string in_words(const Load& load, const std::string& durability) {
  return fmt::format(
      "AMI MessageSend -> SIP MESSAGE over UDP -> 200 OK: {} messages, {} connection{} x {} in "
      "flight, body {} octets, {} phone{}, {} sender{}, durability = {}",
      load.messages, load.connections, load.connections == 1 ? "" : "s", load.in_flight,
      load.body_size, load.phones, load.phones == 1 ? "" : "s", load.senders,
      load.senders == 1 ? "" : "s", durability);
}

std::string in_json(const Load& load, const std::string& durability) {
  return fmt::format(
      "\"messages\": {}, \"connections\": {}, \"in_flight\": {}, \"body_size\": {}, \"phones\": "
      "{}, \"senders\": {}, \"sockets\": {}, \"durability\": \"{}\"",
      load.messages, load.connections, load.in_flight, load.body_size, load.phones, load.senders,
      load.sockets, durability);
}

int run(Options options) {
  const auto subjects = subjects_of(options);
  if (subjects.empty()) {
    throw std::runtime_error("nothing to measure: give --server, --ami with --pid, or --floor");
  }
  if (options.pin && !pin_load()) {
    throw std::runtime_error("--pin needs two cores");
  }
  const auto load = load_of(options);
  const auto& durability = options.settings.durability;
  std::vector<Figures> runs;
  bool adds_up = true;
  print_header(in_words(load, durability), "Success/Error/MESSAGEs/again/200s");
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    for (const auto& subject : subjects) {
      runs.push_back(measure(load, subject, round));
      print_row(runs.back());
      adds_up = adds_up && runs.back().problems.empty();
    }
  }
  if (const auto ratio = ratio_to_floor(runs); ratio > 0) {
    fmt::print("\nCPU a message, times the floor's: {:.2f}{}\n", ratio,
               options.rounds > 1 ? " (median of the rounds)" : "");
  }
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << to_json(in_json(load, durability), runs);
    file.close();
    if (!file) throw std::runtime_error("cannot write " + options.json);
  }
  return adds_up ? 0 : 1;
}

}  // namespace
}  // namespace missive::bench

int main(int argc, char** argv) {
  using namespace missive::bench;
  return run_program<Options>(
      argc, argv, "message_send",
      "AMI MessageSend in, SIP MESSAGE out, 200 OK back: speed, CPU, latency, memory", declare,
      run);
}
