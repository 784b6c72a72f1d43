#include "pjsip/source_key.h"

#include <arpa/inet.h>

#include <cstring>

namespace missive::pjsip {
namespace {

// In a block of IPv6 that is for documentation only, so that no IPv6 source has the same key.
std::uint64_t key_of_v4(std::uint32_t octets) { return std::uint64_t{0x20010db8} << 32 | octets; }

}  // namespace

std::uint64_t source_key(const net::Address& address) {
  if (!address.is_set()) return 0;
  if (!address.is_v6()) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address.data());
    return key_of_v4(ntohl(v4->sin_addr.s_addr));
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address.data());
  const auto* octets = v6->sin6_addr.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
    std::uint32_t v4 = 0;
    std::memcpy(&v4, octets + 12, sizeof v4);
    return key_of_v4(ntohl(v4));
  }
  std::uint64_t key = 0;
  for (int i = 0; i < 8; ++i) key = key << 8 | octets[i];
  return key;
}

}  // namespace missive::pjsip
