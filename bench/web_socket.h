// The client's end of a WebSocket that carries SIP: the handshake, and the frames.
//
// One SIP message is one WebSocket message. What the client writes is masked; fragments from the
// server are put together, pings answered. Whatever breaks the protocol, and a close, is a
// std::runtime_error. Source: RFC 6455; RFC 7118.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "channel.h"
#include "message_framing.h"

namespace missive::bench {

// Asks for `path` and the sub-protocol sip, and waits for the server to agree.
void open_web_socket(Channel& channel, std::string_view path, std::uint16_t port,
                     Deadline deadline);

class WebSocketFraming final : public MessageFraming {
 public:
  Cut next(std::string_view unread, std::string& out) override;
  void append(std::string& out, std::string_view message) override;

 private:
  enum class Opcode : unsigned { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

  std::string_view take(Opcode opcode, bool last, std::string_view payload, std::string& out);
  void append_frame(std::string& out, Opcode opcode, std::string_view payload);
  std::uint32_t next_mask();

  std::string fragments_;
  bool in_fragments_ = false;
  std::string whole_;  // what next() has put together
  std::uint32_t mask_ = 0x9e3779b9;
};

}  // namespace missive::bench
