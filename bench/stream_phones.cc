#include "stream_phones.h"

#include <fmt/format.h>

#include <optional>

#include "config_files.h"
#include "register_request.h"
#include "web_socket.h"

namespace missive::bench {
namespace {

using sip::Protocol;

bool is_web_socket(Protocol protocol) {
  return protocol == Protocol::ws || protocol == Protocol::wss;
}

std::unique_ptr<SipConnection> open(const StreamServer& server, const TlsClients* tls, Fd connected,
                                    Deadline deadline) {
  Channel channel = tls == nullptr ? Channel(std::move(connected))
                                   : Channel(std::move(connected), *tls, deadline);
  std::unique_ptr<MessageFraming> framing = std::make_unique<StreamFraming>();
  if (is_web_socket(server.protocol)) {
    open_web_socket(channel, server.web_socket_path, ntohs(server.address.sin_port), deadline);
    framing = std::make_unique<WebSocketFraming>();
  }
  return std::make_unique<SipConnection>(std::move(channel), std::move(framing));
}

}  // namespace

StreamPhones::StreamPhones(std::uint32_t connections, std::uint32_t users,
                           const StreamServer& server, Ledger& ledger,
                           std::chrono::seconds patience, const std::function<void()>& still_alive)
    : Phones(ledger) {
  const auto deadline = deadline_in(patience);
  std::optional<TlsClients> tls;
  if (sip::is_secure(server.protocol)) tls.emplace(server.certificate);
  const auto whom = fmt::format("{} server", sip::via_name_of(server.protocol));
  for (std::uint32_t i = 0; i < connections; ++i) {
    Line line;
    line.connection = open(server, tls ? &*tls : nullptr,
                           connect_to(server.address, whom, patience, still_alive), deadline);
    lines_.push_back(std::move(line));
  }
  for (std::uint32_t i = 0; i < users; ++i) {
    register_user(lines_[i % lines_.size()], phone_name(i), server, deadline);
  }
}

void StreamPhones::register_user(Line& line, const std::string& user, const StreamServer& server,
                                 Deadline deadline) {
  const auto index = static_cast<std::size_t>(&line - lines_.data());
  const auto port = local_port(line.connection->fd());
  line.connection->append(
      write_register({user, server.protocol, ntohs(server.address.sin_port), port, port}));
  const auto before = line.registered;
  for (serve(index); line.registered == before; serve(index)) {
    wait_for(line.connection->fd(), line.connection->wanted(), deadline, "answer to a REGISTER");
  }
}

short StreamPhones::serve(std::size_t socket) {
  Line& line = lines_[socket];
  SipConnection& connection = *line.connection;
  for (bool more = true; more;) {
    more = connection.receive();
    const auto now = now_ns();
    while (const auto message = connection.next()) take(line, *message, now);
  }
  if (connection.flush()) {
    count_answered(line.unsent);
    line.unsent = 0;
  }
  return connection.wanted();
}

void StreamPhones::take(Line& line, std::string_view message, std::int64_t now) {
  if (message.starts_with("SIP/2.0 ")) {
    if (!registered_user(message).empty()) ++line.registered;
    return;
  }
  if (answer_.size() < message.size() + answer_extra) answer_.resize(message.size() + answer_extra);
  const auto length = answer(message, now, answer_.data());
  if (length == 0) return;
  line.connection->append({answer_.data(), length});
  ++line.unsent;
}

}  // namespace missive::bench
