// pjsip set logger, pjsip set history, pjsip show history.
#include <fmt/format.h>

#include <ctime>

#include "base/text.h"
#include "console/commands/parts.h"

namespace missive::console {
namespace {

constexpr std::string_view logger_usage =
    "Usage: pjsip set logger {on|off|host ADDRESS|add ADDRESS}\n";

Result set_logger(SipTrace& trace, const Call& call) {
  const auto how = base::lower(call.arguments.front());
  if (call.arguments.size() == 1 && how == "on") {
    trace.log_all();
    return success("PJSIP Logging enabled\n");
  }
  if (call.arguments.size() == 1 && how == "off") {
    trace.log_nothing();
    return success("PJSIP Logging disabled\n");
  }
  if (call.arguments.size() != 2 || (how != "host" && how != "add")) {
    return failure(std::string(logger_usage));
  }
  const auto& name = call.arguments[1];
  const auto host = net::Network::parse(name);
  if (!host) return failure(host.error().text);
  trace.log_host(*host, how == "add");
  return success(fmt::format("PJSIP Logging Enabled for host: {}\n", name));
}

Result set_history(SipTrace& trace, const Call& call) {
  const auto how = base::lower(call.arguments.front());
  if (how == "on" || how == "off") {
    trace.keep_history(how == "on");
    return success(fmt::format("PJSIP History {}\n", how == "on" ? "enabled" : "disabled"));
  }
  if (how != "clear") return failure("Usage: pjsip set history {on|off|clear}\n");
  trace.clear_history();
  return success("PJSIP History cleared\n");
}

bool is_sent(const SipTrace::Packet& packet) {
  return packet.direction == sip::WireTap::Direction::out;
}

std::string first_line(const SipTrace::Packet& packet) {
  return base::printable(base::trim(packet.message.substr(0, packet.message.find('\n'))));
}

std::string list_of(const std::vector<SipTrace::Packet>& packets) {
  auto out = fmt::format("{:<5} {:<10} {:<30} {:<35}\n", "No.", "Timestamp", "(Dir) Address",
                         "SIP Message");
  out += "===== ========== ============================== ===================================\n";
  for (const auto& packet : packets) {
    out += fmt::format("{:05} {:<10} {:<5} {:<24.24} {}\n", packet.number,
                       std::chrono::system_clock::to_time_t(packet.at),
                       is_sent(packet) ? "* ==>" : "* <==", packet.peer.str(), first_line(packet));
  }
  return out;
}

Result show_entry(const std::vector<SipTrace::Packet>& packets, const std::string& number) {
  const auto wanted = base::parse_number<std::uint64_t>(number);
  for (const auto& packet : packets) {
    if (packet.number != wanted) continue;
    return success(fmt::format("<--- History Entry {} {} {} at {:<10} --->\n{}\n", packet.number,
                               is_sent(packet) ? "Sent to" : "Received from", packet.peer.str(),
                               std::chrono::system_clock::to_time_t(packet.at),
                               base::printable_lines(packet.message)));
  }
  return failure(fmt::format("No entry {} in the history\n", base::printable(number)));
}

Result show_history(const SipTrace& trace, const Call& call) {
  const auto packets = trace.history();
  if (call.arguments.empty()) return success(list_of(packets));
  if (call.arguments.size() != 2 || call.arguments[0] != "entry") {
    return failure("Usage: pjsip show history [entry NUMBER]\n");
  }
  return show_entry(packets, call.arguments[1]);
}

auto first_of(std::vector<std::string> choices) {
  return [choices = std::move(choices)](const Arguments& before) {
    return before.empty() ? choices : Command::Choices{};
  };
}

}  // namespace

void add_pjsip_trace_commands(Registry& registry, Environment& environment) {
  auto& trace = environment.trace;
  registry.add({"pjsip set logger", "{on|off|host ADDRESS|add ADDRESS}", 1, 2,
                "Shows SIP packets at consoles as they come and go",
                at_once([&trace](const Call& call) { return set_logger(trace, call); }),
                first_of({"on", "off", "host", "add"})});
  registry.add({"pjsip set history", "{on|off|clear}", 1, 1, "Keeps the last SIP packets",
                at_once([&trace](const Call& call) { return set_history(trace, call); }),
                first_of({"on", "off", "clear"})});
  registry.add({"pjsip show history", "[entry NUMBER]", 0, 2, "Shows the last SIP packets",
                at_once([&trace](const Call& call) { return show_history(trace, call); }),
                first_of({"entry"})});
}

}  // namespace missive::console
