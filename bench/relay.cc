// relay: measures the way of a text from phone to phone: MESSAGE in, 202, the dialplan's
// MessageSend(), MESSAGE out to a registered contact, 200 back.
//
// Plays senders and recipients, and asks the kernel what the server spent. README.md in this
// folder says how to read the figures. Exit status 1: a run did not come about, or does not
// add up.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>

#include "program.h"
#include "relay_trial.h"

namespace missive::bench {
namespace {

struct Options {
  RelayLoad load;
  std::string server;
  std::string floor;
  std::string json;
  ServerSettings settings;
  std::string folder;
  std::uint32_t rounds = 1;
  bool pin = false;
};

void declare(CLI::App& app, Options& options) {
  app.option_defaults()->take_last();  // so that bench/run's own can be overridden
  auto* server = app.add_option("--server", options.server, "a missive program to start")
                     ->check(CLI::ExistingFile);
  app.add_option("--floor", options.floor, "the relay_floor program, to compare with")
      ->check(CLI::ExistingFile);
  RelayLoad& load = options.load;
  app.add_option("--messages", load.messages)->check(CLI::Range(1u, 100'000'000u));
  app.add_option("--pairs", load.pairs, "senders, each with a recipient of its own")
      ->check(CLI::Range(1u, 100'000u));
  app.add_option("--window", load.window, "messages under way, a pair")
      ->check(CLI::Range(1u, 100'000u));
  app.add_option("--sockets", load.sockets, "ports of the senders, and of the recipients")
      ->check(CLI::Range(1u, 256u));
  app.add_option("--body-size", load.body_size, "octets of a body")
      ->check(CLI::Range(10u, 60'000u));
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

std::vector<RelaySubject> subjects_of(const Options& options) {
  std::vector<RelaySubject> subjects;
  const auto add = [&](bool is_floor, const std::string& program) {
    if (program.empty()) return;
    subjects.push_back({is_floor, std::filesystem::absolute(program).string(), options.settings,
                        options.folder, options.pin});
  };
  add(true, options.floor);
  add(false, options.server);
  return subjects;
}

std::string in_words(const RelayLoad& load) {
  return fmt::format(
      "SIP MESSAGE -> 202, dialplan, MESSAGE -> 200 over UDP: {} messages, {} pair{} x {} under "
      "way, body {} octets, {} port{} on each side",
      load.messages, load.pairs, load.pairs == 1 ? "" : "s", load.window, load.body_size,
      load.sockets, load.sockets == 1 ? "" : "s");
}

std::string in_json(const RelayLoad& load) {
  return fmt::format(
      "\"messages\": {}, \"pairs\": {}, \"window\": {}, \"sockets\": {}, \"body_size\": {}",
      load.messages, load.pairs, load.window, load.sockets, load.body_size);
}

int run(Options options) {
  const auto subjects = subjects_of(options);
  if (subjects.empty()) throw std::runtime_error("nothing to measure: give --server or --floor");
  if (options.pin && !pin_load()) throw std::runtime_error("--pin needs two cores");
  std::vector<Figures> runs;
  bool adds_up = true;
  print_header(in_words(options.load), "2xx/refused/MESSAGEs/again/200s");
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    for (const auto& subject : subjects) {
      runs.push_back(measure_relay(options.load, subject, round));
      print_row(runs.back());
      adds_up = adds_up && runs.back().problems.empty();
    }
  }
  if (const auto ratio = ratio_to_floor(runs, "missive"); ratio > 0) {
    fmt::print("\nCPU a message, times the floor's: {:.2f}{}\n", ratio,
               options.rounds > 1 ? " (median of the rounds)" : "");
  }
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << to_json(in_json(options.load), runs);
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
      argc, argv, "relay",
      "texts from phone to phone through the dialplan: speed, CPU, latency, memory", declare, run);
}
