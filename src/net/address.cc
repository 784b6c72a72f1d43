#include "net/address.h"

#include <arpa/inet.h>
#include <fmt/compile.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/text.h"

namespace missive::net {

Address::Address(const sockaddr* address) : Address() {
  if (address->sa_family == AF_INET) {
    std::memcpy(&storage_.v4, address, sizeof storage_.v4);
  } else if (address->sa_family == AF_INET6) {
    std::memcpy(&storage_.v6, address, sizeof storage_.v6);
  }
}

std::optional<Address> Address::from_ip(std::string_view ip, std::uint16_t port) {
  const bool bracketed = ip.size() > 2 && ip.front() == '[' && ip.back() == ']';
  if (bracketed) ip = ip.substr(1, ip.size() - 2);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (ip.size() >= text.size() || ip.find('\0') != std::string_view::npos) return std::nullopt;
  ip.copy(text.data(), ip.size());

  Address out;
  if (!bracketed && ::inet_pton(AF_INET, text.data(), &out.storage_.v4.sin_addr) == 1) {
    out.storage_.v4.sin_family = AF_INET;
    out.storage_.v4.sin_port = htons(port);
    return out;
  }
  if (::inet_pton(AF_INET6, text.data(), &out.storage_.v6.sin6_addr) == 1) {
    out.storage_.v6.sin6_family = AF_INET6;
    out.storage_.v6.sin6_port = htons(port);
    return out;
  }
  return std::nullopt;
}

base::Result<Address> Address::parse(std::string_view text, std::uint16_t default_port) {
  if (const auto whole = from_ip(text, default_port)) return *whole;
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const auto host = text.substr(0, colon);
    // An IPv6 address with a port must be in brackets, or the port is not to be told apart.
    const bool ambiguous = !host.empty() && host.front() != '[' && host.find(':') != host.npos;
    const auto port = base::parse_number<std::uint16_t>(text.substr(colon + 1));
    const auto address = ambiguous ? std::nullopt : from_ip(host, 0);
    if (address && port) return address->with_port(*port);
    if (address) {
      return base::fail("'{}' is not a port number in '{}'; 0 to 65535 would be right",
                        base::printable(text.substr(colon + 1)), base::printable(text));
    }
  }
  return base::fail("'{}' is not an IP address; 127.0.0.1:5060 or [::1]:5060 would be right",
                    base::printable(text));
}

bool Address::is_unspecified_ip() const {
  if (family() == AF_INET) return storage_.v4.sin_addr.s_addr == htonl(INADDR_ANY);
  if (is_v6()) return IN6_IS_ADDR_UNSPECIFIED(&storage_.v6.sin6_addr);
  return false;
}

std::uint16_t Address::port() const {
  if (!is_set()) return 0;
  return ntohs(is_v6() ? storage_.v6.sin6_port : storage_.v4.sin_port);
}

Address Address::with_port(std::uint16_t port) const {
  Address out = *this;
  if (is_v6()) {
    out.storage_.v6.sin6_port = htons(port);
  } else if (is_set()) {
    out.storage_.v4.sin_port = htons(port);
  }
  return out;
}

std::string Address::ip() const {
  if (!is_set()) return "unset";
  if (!is_v6()) {  // inet_ntop() takes its time, and every message has two of them
    std::array<unsigned char, 4> octets{};
    std::memcpy(octets.data(), &storage_.v4.sin_addr, octets.size());
    return fmt::format(FMT_COMPILE("{}.{}.{}.{}"), octets[0], octets[1], octets[2], octets[3]);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &storage_.v6.sin6_addr, text.data(), text.size());
  return text.data();
}

std::string Address::uri_host() const { return is_v6() ? "[" + ip() + "]" : ip(); }

std::string Address::str() const { return fmt::format("{}:{}", uri_host(), port()); }

bool Address::operator==(const Address& other) const {
  if (family() != other.family()) return false;
  if (is_v6()) {
    return storage_.v6.sin6_port == other.storage_.v6.sin6_port &&
           storage_.v6.sin6_scope_id == other.storage_.v6.sin6_scope_id &&
           IN6_ARE_ADDR_EQUAL(&storage_.v6.sin6_addr, &other.storage_.v6.sin6_addr);
  }
  if (!is_set()) return true;
  return storage_.v4.sin_port == other.storage_.v4.sin_port &&
         storage_.v4.sin_addr.s_addr == other.storage_.v4.sin_addr.s_addr;
}

std::size_t Address::hash() const {
  const auto mix = [](std::uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    return x ^ (x >> 33);
  };
  if (is_v6()) {
    std::array<std::uint64_t, 2> half{};
    std::memcpy(half.data(), &storage_.v6.sin6_addr, sizeof half);
    return mix(mix(half[0] + port()) ^ half[1]);
  }
  if (!is_set()) return 0;
  return mix((std::uint64_t{storage_.v4.sin_addr.s_addr} << 16) | port());
}

std::optional<Address> local_address_towards(const Address& peer) {
  const int fd = ::socket(peer.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  // Connecting a datagram socket sends nothing; a port of 0 would be refused.
  const Address to = peer.port() == 0 ? peer.with_port(9) : peer;
  Address local;
  socklen_t size = Address::capacity();
  const bool found =
      ::connect(fd, to.data(), to.size()) == 0 && ::getsockname(fd, local.data(), &size) == 0;
  ::close(fd);
  if (!found) return std::nullopt;
  return local.with_port(0);
}

}  // namespace missive::net
