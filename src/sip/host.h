// Hosts and host:port as SIP writes them (RFC 3261 section 25.1, RFC 5954).
//
// Pure functions over views; what they return points into the argument. Hostnames
// are of letters, digits and inner hyphens, the last label with a letter, so `.1` and
// `1.2.3` are no hosts. Beyond the RFC, `_` inside and a digit before the first letter
// of the last label are let through: names of containers have them. An IPv6
// address stands in brackets wherever a port may follow. The form with a third
// colon before an embedded IPv4 address, a slip of the old grammar, is let
// through as RFC 5118 section 4.10 asks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace missive::sip {

struct HostPort {
  std::string_view host;  // an IPv6 address is without its brackets
  bool ipv6 = false;
  std::optional<std::uint16_t> port;
};

// `host`, `host:port`, `[v6]` or `[v6]:port`, nothing before or after.
base::Result<HostPort> parse_host_port(std::string_view text);

// 1 to 65535 in decimal.
std::optional<std::uint16_t> parse_port(std::string_view text);

// A hostname, an IPv4 address, or an IPv6 address in brackets.
bool is_valid_host(std::string_view text);

bool is_ipv4(std::string_view text);
// Without brackets and without a zone.
bool is_ipv6(std::string_view text);
// The 16 octets of an IPv6 address, whatever way it is spelled.
std::optional<std::array<std::uint8_t, 16>> ipv6_octets(std::string_view text);

// Same host: names without regard to case, IPv6 addresses by value.
bool same_host(std::string_view a, bool a_is_ipv6, std::string_view b, bool b_is_ipv6);

}  // namespace missive::sip
