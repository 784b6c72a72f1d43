// An IP address with a port: what packets come from and go to.
//
// A value of 28 octets, IPv4 and IPv6. Text forms are `127.0.0.1:5060` and
// `[::1]:5060`. Parsing takes numeric addresses only; names are the Resolver's.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::net {

class Address {
 public:
  Address() { storage_.v4.sin_family = AF_UNSPEC; }
  explicit Address(const sockaddr* address);

  // "127.0.0.1", "::1" or "[::1]".
  static std::optional<Address> from_ip(std::string_view ip, std::uint16_t port);
  // "127.0.0.1:5060", "[::1]:5060"; without a port `default_port` holds.
  static base::Result<Address> parse(std::string_view text, std::uint16_t default_port);

  int family() const { return storage_.any.sa_family; }
  bool is_v6() const { return family() == AF_INET6; }
  bool is_set() const { return family() != AF_UNSPEC; }
  bool is_unspecified_ip() const;  // 0.0.0.0 or ::
  std::uint16_t port() const;
  Address with_port(std::uint16_t port) const;

  std::string ip() const;        // "127.0.0.1", "::1"
  std::string uri_host() const;  // "127.0.0.1", "[::1]"
  std::string str() const;       // "127.0.0.1:5060", "[::1]:5060"

  const sockaddr* data() const { return &storage_.any; }
  sockaddr* data() { return &storage_.any; }
  socklen_t size() const { return is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
  static constexpr socklen_t capacity() { return sizeof(sockaddr_in6); }

  bool operator==(const Address& other) const;
  std::size_t hash() const;

 private:
  union {
    sockaddr_in6 v6;  // the first and largest: what is set to zero at the beginning
    sockaddr_in v4;
    sockaddr any;
  } storage_{};
};

struct AddressHash {
  std::size_t operator()(const Address& address) const { return address.hash(); }
};

// The local address a packet to `peer` would leave from, asked of the kernel's
// routing table without sending anything; nothing where there is no route.
std::optional<Address> local_address_towards(const Address& peer);

}  // namespace missive::net
