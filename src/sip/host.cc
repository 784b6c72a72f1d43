#include "sip/host.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"
#include "sip/chars.h"

namespace missive::sip {

namespace {

constexpr std::size_t max_name = 255;  // RFC 1035 section 2.3.4
constexpr std::size_t max_label = 63;

constexpr bool is_alphanum(char c) { return base::is_alpha(c) || base::is_digit(c); }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label && is_alphanum(label.front()) &&
         is_alphanum(label.back()) && std::all_of(label.begin(), label.end(), [](char c) {
           return is_alphanum(c) || c == '-' || c == '_';
         });
}

// The last label: what could be a number is an address gone wrong ("1.2.3", ".1").
bool is_top_label(std::string_view label) {
  return std::any_of(label.begin(), label.end(), base::is_alpha);
}

bool is_hostname(std::string_view name) {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  if (name.empty() || name.size() > max_name) return false;
  while (true) {
    const auto dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return is_top_label(name);
    name.remove_prefix(dot + 1);
  }
}

// The address between the brackets at the front, which are taken off with it.
std::optional<std::string_view> take_ipv6_reference(std::string_view& text) {
  const auto end = text.find(']');
  if (text.empty() || text.front() != '[' || end == std::string_view::npos) return std::nullopt;
  const auto address = text.substr(1, end - 1);
  if (!is_ipv6(address)) return std::nullopt;
  text.remove_prefix(end + 1);
  return address;
}

}  // namespace

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    std::size_t digits = 0;
    unsigned value = 0;
    while (digits < text.size() && digits < 4 && base::is_digit(text[digits])) {
      value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    }
    if (digits == 0 || digits > 3 || value > 255) return false;
    text.remove_prefix(digits);
    if (part == 3) break;
    if (text.empty() || text.front() != '.') return false;
    text.remove_prefix(1);
  }
  return text.empty();
}

std::optional<std::array<std::uint8_t, 16>> ipv6_octets(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> copy{};
  if (text.size() >= copy.size()) return std::nullopt;
  auto* end = std::copy(text.begin(), text.end(), copy.begin());
  const auto extra = text.find(":::");
  if (extra != std::string_view::npos && is_ipv4(text.substr(extra + 3))) {
    end = std::copy(text.begin() + static_cast<std::ptrdiff_t>(extra) + 1, text.end(),
                    copy.begin() + extra);
  }
  *end = '\0';
  if (std::find(copy.begin(), end, '\0') != end) return std::nullopt;
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET6, copy.data(), octets.data()) != 1) return std::nullopt;
  return octets;
}

bool is_ipv6(std::string_view text) { return ipv6_octets(text).has_value(); }

bool is_valid_host(std::string_view text) {
  if (text.empty()) return false;
  if (text.front() == '[') return take_ipv6_reference(text).has_value() && text.empty();
  return is_ipv4(text) || is_hostname(text);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  // from_chars takes no sign for an unsigned type, so only digits get through.
  const auto port = base::parse_number<std::uint16_t>(text);
  return port && *port > 0 ? port : std::nullopt;
}

base::Result<HostPort> parse_host_port(std::string_view text) {
  HostPort result;
  auto rest = text;
  if (!text.empty() && text.front() == '[') {
    const auto address = take_ipv6_reference(rest);
    if (!address) {
      return base::fail("'{}' is no IPv6 address in brackets", base::printable(text, 80));
    }
    result.host = *address;
    result.ipv6 = true;
  } else {
    result.host = text.substr(0, text.find(':'));
    rest.remove_prefix(result.host.size());
    if (!is_valid_host(result.host)) {
      return base::fail("'{}' is no host name or address", base::printable(result.host, 80));
    }
  }
  if (rest.empty()) return result;
  if (rest.front() == ':') result.port = parse_port(rest.substr(1));
  if (!result.port) {
    return base::fail("'{}' after the host is no port; it is ':' and 1 to 65535",
                      base::printable(rest, 80));
  }
  return result;
}

bool same_host(std::string_view a, bool a_is_ipv6, std::string_view b, bool b_is_ipv6) {
  if (a_is_ipv6 != b_is_ipv6) return false;
  if (base::iequals(a, b)) return true;
  return a_is_ipv6 && ipv6_octets(a) == ipv6_octets(b);
}

}  // namespace missive::sip
