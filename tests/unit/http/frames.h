// WebSocket frames as octets, for a client that does what none should (RFC 6455 section 5.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace missive::http::test {

enum Opcode : unsigned char { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
  unsigned char opcode = text;
  bool last = true;
  std::string payload;
};

inline std::string length_field(std::uint64_t length, unsigned char mask_bit) {
  const auto octet = [](std::uint64_t value) { return static_cast<char>(value & 0xFF); };
  if (length < 126) return {octet(mask_bit | length)};
  const int octets = length <= 0xFFFF ? 2 : 8;
  std::string out{octet(mask_bit | (octets == 2 ? 126u : 127u))};
  for (int i = octets - 1; i >= 0; --i) out += octet(length >> (8 * i));
  return out;
}

// As a client sends it: masked.
inline std::string masked(unsigned char opcode, std::string_view payload, bool last = true) {
  static constexpr std::string_view mask = "\x12\x34\x56\x78";
  std::string out{static_cast<char>((last ? 0x80 : 0) | opcode)};
  out += length_field(payload.size(), 0x80);
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return out;
}

// Takes one whole frame of the server's from the front; nothing when it is not all there.
inline std::optional<Frame> take_frame(std::string& octets) {
  const auto at = [&octets](std::size_t i) { return static_cast<unsigned char>(octets[i]); };
  if (octets.size() < 2) return std::nullopt;
  std::size_t length = at(1);  // not masked
  std::size_t header = 2;
  if (length >= 126) {
    header += length == 126 ? 2 : 8;
    if (octets.size() < header) return std::nullopt;
    length = 0;
    for (std::size_t i = 2; i < header; ++i) length = length << 8 | at(i);
  }
  if (octets.size() < header + length) return std::nullopt;
  Frame out{static_cast<unsigned char>(at(0) & 0x0F), (at(0) & 0x80) != 0,
            octets.substr(header, length)};
  octets.erase(0, header + length);
  return out;
}

// The code in a close frame; 0 when there is none.
inline unsigned close_code(const Frame& frame) {
  if (frame.opcode != close || frame.payload.size() < 2) return 0;
  return static_cast<unsigned char>(frame.payload[0]) * 256u +
         static_cast<unsigned char>(frame.payload[1]);
}

}  // namespace missive::http::test
