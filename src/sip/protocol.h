// What carries SIP: the transport protocols, with their names and default ports.
//
// Plain values. Source: RFC 3261 sections 18, 19.1.2; RFC 7118 section 5.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace missive::sip {

enum class Protocol : std::uint8_t { udp, tcp, tls, ws, wss };

inline constexpr std::array<Protocol, 5> all_protocols{Protocol::udp, Protocol::tcp, Protocol::tls,
                                                       Protocol::ws, Protocol::wss};

// As a URI's transport parameter and pjsip.conf write it.
constexpr std::string_view name_of(Protocol protocol) {
  constexpr std::array<std::string_view, 5> names{"udp", "tcp", "tls", "ws", "wss"};
  return names.at(static_cast<std::size_t>(protocol));
}
// As Via writes it.
constexpr std::string_view via_name_of(Protocol protocol) {
  constexpr std::array<std::string_view, 5> names{"UDP", "TCP", "TLS", "WS", "WSS"};
  return names.at(static_cast<std::size_t>(protocol));
}
inline std::optional<Protocol> protocol_named(std::string_view name) {
  for (const auto protocol : all_protocols) {
    if (base::iequals(name, name_of(protocol))) return protocol;
  }
  return std::nullopt;
}

constexpr bool is_secure(Protocol protocol) {
  return protocol == Protocol::tls || protocol == Protocol::wss;
}
constexpr std::uint16_t default_port_of(Protocol protocol) {
  constexpr std::array<std::uint16_t, 5> ports{5060, 5060, 5061, 80, 443};
  return ports.at(static_cast<std::size_t>(protocol));
}

// Some of them.
class Protocols {
 public:
  constexpr Protocols() = default;
  constexpr void add(Protocol protocol) { bits_ |= bit(protocol); }
  constexpr bool has(Protocol protocol) const { return (bits_ & bit(protocol)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  static constexpr Protocols only(Protocol protocol) {
    Protocols one;
    one.add(protocol);
    return one;
  }

 private:
  static constexpr unsigned bit(Protocol protocol) { return 1u << static_cast<unsigned>(protocol); }
  unsigned bits_ = 0;
};

}  // namespace missive::sip
