#include "trial.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "config_files.h"
#include "registrations.h"
#include "stream_phones.h"
#include "temporary_folder.h"
#include "udp_phones.h"
#include "xmpp_server.h"

namespace missive::bench {
namespace {

// Longer than T1 of RFC 3261: a server that lost an answer has asked again by then.
constexpr std::chrono::milliseconds settling{700};

// The server of a run: started in a folder of its own, or just named.
class Server {
 public:
  // `ports`: those of the load; the server's own are chosen here.
  Server(const Subject& subject, const Load& load, ServerPorts ports)
      : folder_(subject.folder), ami_(subject.ami), pid_(subject.pid) {
    if (subject.kind == Subject::Kind::running) return;
    const auto kind = subject.road.by_connection() ? SOCK_STREAM : SOCK_DGRAM;
    ports.ami = free_port(SOCK_STREAM);
    ports.sip = free_port(kind);
    ami_ = loopback(ports.ami);
    sip_ = loopback(ports.sip);
    process_ = std::make_unique<ServerProcess>(command(subject, load, ports),
                                               folder_.path() / "server.log", subject.pinned);
    pid_ = process_->pid();
  }

  sockaddr_in ami() const { return ami_; }
  sockaddr_in sip() const { return sip_; }
  std::filesystem::path certificate() const { return certificate_in(config()); }
  pid_t pid() const { return pid_; }
  void require_running() {
    if (process_) process_->require_running();
  }
  std::string stop() { return process_ ? process_->stop() : ""; }
  std::string keep_log() {
    if (!process_) return "";
    folder_.keep();
    return (folder_.path() / "server.log").string();
  }

 private:
  std::filesystem::path config() const { return folder_.path() / "config"; }

  std::vector<std::string> command(const Subject& subject, const Load& load,
                                   const ServerPorts& ports) {
    if (subject.kind == Subject::Kind::floor) {
      std::vector<std::string> line{
          subject.program,           "--ami-port",  std::to_string(ports.ami),      "--sip-port",
          std::to_string(ports.sip), "--body-size", std::to_string(load.body_size), "--to"};
      for (const auto port : ports.phones) line.push_back(fmt::format("127.0.0.1:{}", port));
      return line;
    }
    if (subject.settings.durability != "off" && !folder_.on_disk()) {
      throw std::runtime_error(fmt::format("{} is in memory; name a folder on a disk with --folder",
                                           folder_.path().string()));
    }
    const auto state = folder_.path() / "state";
    write_config(config(), ports, subject.settings, load.phones, subject.road);
    std::filesystem::create_directories(state);
    return {subject.program, "serve", "--config", config().string(), "--state", state.string()};
  }

  TemporaryFolder folder_;
  sockaddr_in ami_;
  sockaddr_in sip_{};
  pid_t pid_;
  std::unique_ptr<ServerProcess> process_;
};

// By UDP, where the road wants it.
void register_by_udp(Server& server, std::uint32_t users, const UdpPhones& phones) {
  constexpr std::uint32_t window = 16;
  Registrations registrations(users, window, server.sip(), phones.ports(), phone_name);
  auto moved = now_ns();
  while (!registrations.finished()) {
    server.require_running();
    pollfd wanted{registrations.fd(), POLLIN, 0};
    ::poll(&wanted, 1, 1);
    if (registrations.turn()) moved = now_ns();
    if (now_ns() - moved > std::chrono::nanoseconds(stall_limit).count()) {
      throw std::runtime_error("the server answers no REGISTER");
    }
  }
}

std::unique_ptr<Phones> connected_phones(Server& server, const Load& load, const Road& road,
                                         Ledger& ledger) {
  StreamServer address;
  address.protocol = road.protocol;
  address.address = server.sip();
  address.certificate = server.certificate();
  return std::make_unique<StreamPhones>(load.sockets, load.phones, address, ledger, stall_limit,
                                        [&server] { server.require_running(); });
}

// Drives the load; `load_cores` tells what the load itself needed for it.
void drive(AmiDriver& driver, Server& server, Figures& figures) {
  const auto begin = now_ns();
  const auto own_before = own_cpu_seconds();
  try {
    driver.run();
  } catch (const std::exception&) {
    server.require_running();  // says more than a closed connection does
    throw;
  }
  const auto seconds = static_cast<double>(now_ns() - begin) / 1e9;
  figures.load_cores = (own_cpu_seconds() - own_before) / seconds;
  driver.settle(settling);
  server.require_running();
}

Figures run_against(Server& server, const Load& load, const Subject& subject, Phones& phones,
                    Ledger& ledger) {
  AmiDriver driver(load, server.ami(), subject.credentials, ledger, phones,
                   [&server] { server.require_running(); });
  Figures figures;
  figures.server = subject.name;
  const auto before = usage_of(server.pid());
  drive(driver, server, figures);
  const auto after = usage_of(server.pid());
  figures.memory = memory_of(server.pid());
  figures.replies = driver.counts();
  figures.phone = phones.counts();
  figures.reply = percentiles(ledger.reply_latency());
  figures.arrival = percentiles(ledger.arrival_latency());
  const auto end = std::max(driver.last_reply(), phones.counts().last);
  figures.seconds = std::max(static_cast<double>(end - driver.first_sent()) / 1e9, 0.0);
  note_speed(figures, before, after);
  figures.problems = find_problems(figures, load, driver.sent(), driver.stalled());
  return figures;
}

}  // namespace

Figures measure(const Load& given, const Subject& subject, std::uint32_t round) {
  const auto& road = subject.road;
  Load load = given;
  load.xmpp = road.xmpp;
  Ledger ledger(load.messages);
  std::unique_ptr<UdpPhones> udp;
  std::unique_ptr<XmppServer> xmpp;
  ServerPorts ports;
  if (road.xmpp) {
    xmpp = std::make_unique<XmppServer>(ledger);
    ports.xmpp = xmpp->port();
  } else if (!road.by_connection()) {
    udp =
        std::make_unique<UdpPhones>(load.sockets, subject.first_phone_port, load.body_size, ledger);
    ports.phones = udp->ports();
  }
  Server server(subject, load, std::move(ports));
  try {
    if (xmpp) xmpp->await_account(stall_limit);
    if (udp && road.registers) register_by_udp(server, load.phones, *udp);
    std::unique_ptr<Phones> phones = std::move(udp);
    if (xmpp) phones = std::move(xmpp);
    if (!phones) phones = connected_phones(server, load, road, ledger);
    Figures figures = run_against(server, load, subject, *phones, ledger);
    figures.round = round;
    phones.reset();  // whose answer to a goodbye would be waited for
    const auto ended = server.stop();
    if (subject.kind == Subject::Kind::missive && !ended.empty()) {
      figures.problems.push_back("the server did not end well after SIGTERM: " + ended);
    }
    if (!figures.problems.empty()) {
      const auto log = server.keep_log();
      if (!log.empty()) figures.problems.push_back("the server's output is in " + log);
    }
    return figures;
  } catch (const std::exception& error) {
    const auto log = server.keep_log();
    throw std::runtime_error(error.what() + (log.empty() ? "" : "\nits output is in " + log));
  }
}

}  // namespace missive::bench
