#include "app/ami_client.h"

#include "base/text.h"

namespace missive::app {

std::string_view AmiClient::Packet::get(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (base::iequals(known, name)) return value;
  }
  return "";
}

base::Result<void> AmiClient::connect(const std::string& host, std::uint16_t port) {
  stream_.expires_after(std::chrono::seconds{5});
  stream_.connect(host, std::to_string(port));
  std::string banner;
  if (!stream_ || !std::getline(stream_, banner)) {
    return base::fail("no AMI at {}:{}: {}; is the server running?", host, port,
                      stream_.error() ? stream_.error().message() : "it closed the connection");
  }
  return {};
}

base::Result<void> AmiClient::log_in(const std::string& username, const std::string& secret,
                                     const std::string& events) {
  const auto answer =
      ask(fmt::format("Action: Login\r\nUsername: {}\r\nSecret: {}\r\nEvents: {}\r\n", username,
                      secret, events),
          std::chrono::seconds{5});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->get("Response") == "Success") return {};
  return base::fail("AMI refused user '{}': {}", username, answer->get("Message"));
}

base::Result<AmiClient::Packet> AmiClient::ask(const std::string& lines,
                                               std::chrono::seconds within) {
  stream_.expires_after(within);
  stream_ << lines << "\r\n" << std::flush;
  for (;;) {
    auto packet = read_packet();
    if (!packet || packet->get("Event").empty()) return packet;
    events_.push_back(std::move(*packet));
  }
}

base::Result<AmiClient::Packet> AmiClient::next_event(std::chrono::seconds within) {
  if (!events_.empty()) {
    auto event = std::move(events_.front());
    events_.erase(events_.begin());
    return event;
  }
  stream_.expires_after(within);
  return read_packet();
}

base::Result<std::vector<AmiClient::Packet>> AmiClient::ask_list(const std::string& lines,
                                                                 std::chrono::seconds within) {
  auto answer = ask(lines, within);
  if (!answer) return tl::unexpected(answer.error());
  std::vector<Packet> packets;
  bool ended = answer->get("EventList") != "start";
  if (ended) packets.push_back(std::move(*answer));
  while (!ended) {
    auto event = next_event(within);
    if (!event) return tl::unexpected(event.error());
    ended = event->get("EventList") == "Complete";
    packets.push_back(std::move(*event));
  }
  return packets;
}

base::Result<AmiClient::Packet> AmiClient::read_packet() {
  Packet packet;
  std::string line;
  while (std::getline(stream_, line)) {
    const auto text = base::trim_right(line);
    if (text.empty()) {
      if (packet.headers.empty()) continue;
      return packet;
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) continue;
    auto value = text.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    packet.headers.emplace_back(text.substr(0, colon), value);
  }
  return base::fail("AMI: {}",
                    stream_.error() ? stream_.error().message() : "the connection was closed");
}

}  // namespace missive::app
