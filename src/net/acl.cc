#include "net/acl.h"

#include <cstring>

#include "base/text.h"

namespace missive::net {
namespace {

// The octets of the IP address in network order.
std::string_view octets_of(const Address& address) {
  if (address.is_v6()) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address.data());
    return {reinterpret_cast<const char*>(&v6->sin6_addr), sizeof v6->sin6_addr};
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(address.data());
  return {reinterpret_cast<const char*>(&v4->sin_addr), sizeof v4->sin_addr};
}

bool is_v4_mapped(std::string_view octets) {
  static constexpr std::string_view prefix("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  return octets.size() == 16 && octets.substr(0, 12) == prefix;
}

bool same_prefix(std::string_view a, std::string_view b, unsigned bits) {
  const auto whole = bits / 8;
  if (a.substr(0, whole) != b.substr(0, whole)) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xFF << (8 - bits % 8));
  return ((static_cast<unsigned char>(a[whole]) ^ static_cast<unsigned char>(b[whole])) & mask) ==
         0;
}

// 255.255.0.0 -> 16; nothing when the ones are not all in front.
std::optional<unsigned> prefix_of_mask(const Address& mask) {
  unsigned ones = 0;
  bool ended = false;
  for (const char c : octets_of(mask)) {
    for (int bit = 7; bit >= 0; --bit) {
      const bool one = ((static_cast<unsigned char>(c) >> bit) & 1) != 0;
      if (one && ended) return std::nullopt;
      if (one) ++ones;
      if (!one) ended = true;
    }
  }
  return ones;
}

}  // namespace

base::Result<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = Address::from_ip(base::trim(text.substr(0, slash)), 0);
  if (!base) {
    return base::fail("'{}' is not an IP address or network; 10.0.0.0/8 would be right",
                      base::printable(text));
  }
  const unsigned longest = base->is_v6() ? 128 : 32;
  if (slash == std::string_view::npos) return Network{*base, longest};

  const auto mask = base::trim(text.substr(slash + 1));
  if (const auto length = base::parse_number<unsigned>(mask)) {
    if (*length <= longest) return Network{*base, *length};
    return base::fail("prefix length {} of network '{}' is too long; 0 to {} would be right",
                      *length, base::printable(text), longest);
  }
  const auto address = Address::from_ip(mask, 0);
  const auto prefix =
      address && address->family() == base->family() ? prefix_of_mask(*address) : std::nullopt;
  if (!prefix) {
    return base::fail("'{}' is not a netmask in '{}'; 255.255.255.0 or 24 would be right",
                      base::printable(mask), base::printable(text));
  }
  return Network{*base, *prefix};
}

bool Network::contains(const Address& address) const {
  if (!address.is_set() || !base.is_set()) return false;
  auto octets = octets_of(address);
  if (!base.is_v6() && is_v4_mapped(octets)) octets.remove_prefix(12);
  const auto wanted = octets_of(base);
  return octets.size() == wanted.size() && same_prefix(octets, wanted, prefix);
}

base::Result<void> Acl::add(bool permit, std::string_view text) {
  const auto parts = base::split_list(text);
  if (parts.empty()) return base::fail("an empty address list; 10.0.0.0/8 would be right");
  std::vector<Rule> added;
  for (const auto part : parts) {
    const bool inverted = part.front() == '!';
    auto network = Network::parse(inverted ? base::trim(part.substr(1)) : part);
    if (!network) return tl::unexpected(network.error());
    added.push_back(Rule{permit != inverted, *network});
  }
  rules_.insert(rules_.end(), added.begin(), added.end());
  return {};
}

bool Acl::permits(const Address& address) const {
  bool permitted = true;
  for (const auto& rule : rules_) {
    if (rule.network.contains(address)) permitted = rule.permit;
  }
  return permitted;
}

}  // namespace missive::net
