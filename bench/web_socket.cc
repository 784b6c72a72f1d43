#include "web_socket.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <poll.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "base/base64.h"
#include "base/text.h"

namespace missive::bench {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";
constexpr unsigned final_bit = 0x80;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned short_length = 125;  // the longest in the second octet itself
constexpr unsigned two_octets = 126;
constexpr unsigned eight_octets = 127;

// What proves that the other end speaks WebSocket (RFC 6455 section 4.2.2).
std::string accept_for(const std::string& key) {
  const auto text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot make a SHA-1 digest");
  }
  return base::base64_encode({reinterpret_cast<const char*>(digest.data()), length});
}

// The value of the header `name` of an HTTP answer; empty where it is not there.
std::string_view header(std::string_view head, std::string_view name) {
  for (auto end = head.find("\r\n"); end != std::string_view::npos; end = head.find("\r\n")) {
    head.remove_prefix(end + 2);
    const auto line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (base::iequals(base::trim(line.substr(0, colon)), name)) {
      return base::trim(line.substr(colon + 1));
    }
  }
  return {};
}

void write_all(Channel& channel, std::string_view text, Deadline deadline) {
  for (;;) {
    text.remove_prefix(channel.write(text));
    if (text.empty()) return;
    wait_for(channel.fd(), POLLOUT, deadline, "room for a WebSocket handshake");
  }
}

std::string read_head(Channel& channel, Deadline deadline) {
  std::string head;
  std::array<char, 4096> piece{};
  while (head.find(head_end) == std::string::npos) {
    const auto got = channel.read(piece);
    head.append(piece.data(), got);
    if (got == 0) wait_for(channel.fd(), POLLIN, deadline, "answer to a WebSocket handshake");
  }
  return head;
}

// `from` with each octet changed by its one of the four of `mask`.
void copy_masked(char* to, std::string_view from, std::uint32_t mask) {
  const std::uint64_t twice = mask | std::uint64_t{mask} << 32;
  std::size_t done = 0;
  for (; done + sizeof twice <= from.size(); done += sizeof twice) {
    std::uint64_t piece = 0;
    std::memcpy(&piece, from.data() + done, sizeof piece);
    piece ^= twice;
    std::memcpy(to + done, &piece, sizeof piece);
  }
  std::array<char, sizeof mask> octets{};
  std::memcpy(octets.data(), &mask, sizeof mask);
  for (; done < from.size(); ++done) {
    to[done] = static_cast<char>(from[done] ^ octets.at(done % octets.size()));
  }
}

struct FrameHead {
  std::size_t head = 0;  // octets; 0: more have to come
  std::uint64_t payload = 0;
};

FrameHead read_frame_head(std::string_view unread) {
  const auto octet = [unread](std::size_t at) { return static_cast<unsigned char>(unread[at]); };
  if (unread.size() < 2) return {};
  if ((octet(1) & mask_bit) != 0) throw std::runtime_error("the server masks WebSocket frames");
  const unsigned length = octet(1);
  if (length <= short_length) return {2, length};
  const std::size_t head = length == two_octets ? 4 : 10;
  if (unread.size() < head) return {};
  std::uint64_t payload = 0;
  for (std::size_t at = 2; at < head; ++at) payload = payload << 8 | octet(at);
  return {head, payload};
}

}  // namespace

void open_web_socket(Channel& channel, std::string_view path, std::uint16_t port,
                     Deadline deadline) {
  const auto key = base::base64_encode("a bench phone's!");  // any sixteen octets
  write_all(channel,
            fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nUpgrade: websocket\r\n"
                        "Connection: Upgrade\r\nSec-WebSocket-Key: {}\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n",
                        path, port, key),
            deadline);
  const auto head = read_head(channel, deadline);
  const bool agreed = head.starts_with("HTTP/1.1 101 ") && head.ends_with(head_end) &&
                      header(head, "Sec-WebSocket-Accept") == accept_for(key) &&
                      header(head, "Sec-WebSocket-Protocol") == "sip";
  if (!agreed) {
    throw std::runtime_error("no WebSocket for SIP comes about: " + base::printable(head, 1000));
  }
}

Cut WebSocketFraming::next(std::string_view unread, std::string& out) {
  const auto frame = read_frame_head(unread);
  if (frame.head == 0 || unread.size() - frame.head < frame.payload) return {};
  const auto size = frame.head + static_cast<std::size_t>(frame.payload);
  const unsigned first = static_cast<unsigned char>(unread[0]);
  if ((first & 0x70) != 0) {
    throw std::runtime_error("the server uses a WebSocket extension that was not asked for");
  }
  const auto payload = unread.substr(frame.head, static_cast<std::size_t>(frame.payload));
  return {size, take(static_cast<Opcode>(first & 0x0f), (first & final_bit) != 0, payload, out)};
}

// The message that is complete with this frame.
std::string_view WebSocketFraming::take(Opcode opcode, bool last, std::string_view payload,
                                        std::string& out) {
  switch (opcode) {
    case Opcode::text:
    case Opcode::binary:
      if (in_fragments_) break;
      if (last) return payload;
      in_fragments_ = true;
      fragments_ = payload;
      return {};
    case Opcode::more:
      if (!in_fragments_) break;
      fragments_ += payload;
      if (!last) return {};
      in_fragments_ = false;
      whole_.swap(fragments_);
      return whole_;
    case Opcode::ping:
      append_frame(out, Opcode::pong, payload);
      return {};
    case Opcode::pong:
      return {};
    case Opcode::close:
      throw std::runtime_error("the server closes the WebSocket of a phone");
  }
  throw std::runtime_error(fmt::format("the server sends a WebSocket frame of kind {} out of place",
                                       static_cast<unsigned>(opcode)));
}

void WebSocketFraming::append(std::string& out, std::string_view message) {
  append_frame(out, Opcode::text, message);
}

void WebSocketFraming::append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  const auto put = [&out](std::uint64_t octet) { out.push_back(static_cast<char>(octet)); };
  put(final_bit | static_cast<unsigned>(opcode));
  if (payload.size() <= short_length) {
    put(mask_bit | payload.size());
  } else {
    const bool is_long = payload.size() > 0xffff;
    put(mask_bit | (is_long ? eight_octets : two_octets));
    for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8) put(payload.size() >> shift & 0xff);
  }
  const auto mask = next_mask();
  out.append(reinterpret_cast<const char*>(&mask), sizeof mask);
  const auto at = out.size();
  out.resize(at + payload.size());
  copy_masked(out.data() + at, payload, mask);
}

// Another one each time, by xorshift: there is no cache between to be deceived, which is why a
// browser's have to be unguessable.
std::uint32_t WebSocketFraming::next_mask() {
  mask_ ^= mask_ << 13;
  mask_ ^= mask_ >> 17;
  mask_ ^= mask_ << 5;
  return mask_;
}

}  // namespace missive::bench
