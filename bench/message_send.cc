// message_send: measures the main road, AMI MessageSend in, SIP MESSAGE out, 200 OK back, over
// UDP, TCP, TLS and WebSocket, or XMPP out.
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
#include <functional>

#include "base/text.h"
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
  std::string transport = "udp";
  bool registers = false;
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
  app.add_option(
      "--transport", options.transport,
      "how missive reaches the phones: udp, tcp, tls, ws, wss, xmpp, or several of them, "
      "separated by commas, to compare; by tcp to wss the phones register");
  app.add_flag("--register", options.registers,
               "the phones register by udp, too; default: static contacts");
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

Road road_named(std::string_view name, bool registers) {
  if (name == "xmpp") return {.xmpp = true};
  const auto protocol = sip::protocol_named(name);
  if (!protocol) {
    throw std::runtime_error(fmt::format(
        "--transport '{}' is none of udp, tcp, tls, ws, wss and xmpp", base::printable(name)));
  }
  return {.protocol = *protocol, .registers = registers};
}

std::vector<Road> roads_of(const Options& options) {
  std::vector<Road> roads;
  for (const auto part : base::split_list(options.transport)) {
    const auto road = road_named(part, options.registers);
    const auto again = std::find_if(roads.begin(), roads.end(),
                                    [&](const Road& one) { return one.name() == road.name(); });
    if (again != roads.end()) {
      throw std::runtime_error(fmt::format("--transport names {} twice", part));
    }
    roads.push_back(road);
  }
  if (roads.empty()) throw std::runtime_error("--transport is empty; it takes udp, tcp, ...");
  return roads;
}

bool is_default(const std::vector<Road>& roads) {
  const auto& road = roads.front();
  return roads.size() == 1 && !road.by_connection() && !road.registers && !road.xmpp;
}

// Only a missive that is started here is known to reach its phones that way.
void require_own_server(const Options& options, const std::vector<Road>& roads) {
  if (is_default(roads) || !options.server.empty()) return;
  throw std::runtime_error(
      fmt::format("--transport and --register need --server: {} sends by UDP to ports that {}",
                  options.ami.empty() ? "the floor" : "what --ami names",
                  options.ami.empty() ? "it is told" : "it is configured with"));
}

Subject started(const Options& options, Subject::Kind kind, const std::string& program,
                std::string name) {
  Subject subject;
  subject.kind = kind;
  subject.program = std::filesystem::absolute(program).string();
  subject.settings = options.settings;
  subject.folder = options.folder;
  subject.pinned = options.pin;
  subject.name = std::move(name);
  return subject;
}

// The floor comes before each of the others, so that it stands beside it in time.
std::vector<Subject> subjects_of(const Options& options, const std::vector<Road>& roads) {
  std::vector<Subject> subjects;
  const auto add_floor = [&] {
    if (options.floor.empty()) return;
    subjects.push_back(started(options, Subject::Kind::floor, options.floor, "floor"));
  };
  if (options.server.empty()) add_floor();
  for (const auto& road : roads) {
    if (options.server.empty()) break;
    add_floor();
    const auto name =
        is_default(roads) ? std::string("missive") : fmt::format("missive {}", road.name());
    subjects.push_back(started(options, Subject::Kind::missive, options.server, name));
    subjects.back().road = road;
  }
  if (options.ami.empty()) return subjects;
  const auto address = parse_address(options.ami);
  if (!address) {
    throw std::runtime_error(
        fmt::format("--ami '{}' is no address and port such as 127.0.0.1:5038", options.ami));
  }
  subjects.push_back(options.running);
  subjects.back().kind = Subject::Kind::running;
  subjects.back().ami = *address;
  subjects.back().name = fmt::format("pid {}", options.running.pid);
  return subjects;
}

// What is kept goes from one sender to one recipient one after the other: twice as many senders as
// messages in flight, so that the last one of the same is done when its turn comes again.
Load load_of(const Options& options, const std::vector<Road>& roads) {
  constexpr std::uint32_t enough_sockets = 8;
  Load load = options.load;
  const bool kept = options.settings.durability != "off";
  const auto pairs = kept ? 2 * load.connections * load.in_flight : 1;
  // One XMPP account is one sender.
  const bool one_sender = std::any_of(roads.begin(), roads.end(), std::mem_fn(&Road::xmpp));
  load.phones = options.phones.value_or(one_sender ? pairs : std::min(pairs, enough_sockets));
  load.senders = options.senders.value_or(load.phones >= pairs ? 1 : pairs);
  const auto ports = options.ami.empty() ? std::min(load.phones, enough_sockets) : load.phones;
  load.sockets = options.sockets.value_or(ports);
  return load;
}

std::string in_words(const Load& load, const std::vector<Road>& roads,
                     const std::string& durability) {
  std::string over;
  for (const auto& road : roads) {
    over += fmt::format("{}{}{}", over.empty() ? "" : ", ",
                        road.xmpp ? "XMPP" : sip::via_name_of(road.protocol),
                        road.registers && !road.by_connection() ? " (registered)" : "");
  }
  return fmt::format(
      "AMI MessageSend -> {} -> phone: {} messages, {} connection{} x {} in "
      "flight, body {} octets, {} phone{}, {} sender{}, durability = {}",
      over, load.messages, load.connections, load.connections == 1 ? "" : "s", load.in_flight,
      load.body_size, load.phones, load.phones == 1 ? "" : "s", load.senders,
      load.senders == 1 ? "" : "s", durability);
}

std::string in_json(const Load& load, const Options& options) {
  return fmt::format(
      "\"messages\": {}, \"connections\": {}, \"in_flight\": {}, \"body_size\": {}, \"phones\": "
      "{}, \"senders\": {}, \"sockets\": {}, \"durability\": \"{}\", \"transport\": \"{}\", "
      "\"registers\": {}",
      load.messages, load.connections, load.in_flight, load.body_size, load.phones, load.senders,
      load.sockets, options.settings.durability, options.transport, options.registers);
}

int run(Options options) {
  const auto roads = roads_of(options);
  require_own_server(options, roads);
  const auto subjects = subjects_of(options, roads);
  if (subjects.empty()) {
    throw std::runtime_error("nothing to measure: give --server, --ami with --pid, or --floor");
  }
  if (options.pin && !pin_load()) {
    throw std::runtime_error("--pin needs two cores");
  }
  const auto load = load_of(options, roads);
  const auto& durability = options.settings.durability;
  std::vector<Figures> runs;
  bool adds_up = true;
  print_header(in_words(load, roads, durability), "Success/Error/MESSAGEs/again/200s");
  for (std::uint32_t round = 1; round <= options.rounds; ++round) {
    for (const auto& subject : subjects) {
      runs.push_back(measure(load, subject, round));
      print_row(runs.back());
      adds_up = adds_up && runs.back().problems.empty();
    }
  }
  for (const auto& server : servers_of(runs)) {
    const auto ratio = ratio_to_floor(runs, server);
    if (ratio <= 0 || roads.size() > 1) continue;
    fmt::print("\nCPU a message, times the floor's: {:.2f}{}\n", ratio,
               options.rounds > 1 ? " (median of the rounds)" : "");
  }
  if (roads.size() > 1) print_comparison(runs);
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << to_json(in_json(load, options), runs);
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
