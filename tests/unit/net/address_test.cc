// Addresses and their text.
//
//  1. IPv4 and IPv6 text round trips, with and without brackets.
//  2. A port in the text, the default port without one.
//  3. What is no address is refused, and the error says what would be right.
//  4. Equality and hash depend on family, address and port.
//  5. An unset address is harmless to ask.
//  6. The unspecified addresses are known.
//  7. The local address towards a peer is the kernel's choice.
//  8. A sockaddr of another family gives an unset address.
//  9. None of its octets depends on what was in its place before.
#include "net/address.h"

#include <gtest/gtest.h>
#include <sys/un.h>

#include <cstring>
#include <unordered_set>

namespace missive::net {
namespace {

TEST(Address, TextRoundTrips) {  // 1
  const auto v4 = Address::from_ip("127.0.0.1", 5060);
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->ip(), "127.0.0.1");
  EXPECT_EQ(v4->uri_host(), "127.0.0.1");
  EXPECT_EQ(v4->str(), "127.0.0.1:5060");
  EXPECT_EQ(v4->size(), sizeof(sockaddr_in));
  EXPECT_FALSE(v4->is_v6());
  for (const auto* text : {"::1", "[::1]"}) {
    const auto v6 = Address::from_ip(text, 5061);
    ASSERT_TRUE(v6) << text;
    EXPECT_TRUE(v6->is_v6());
    EXPECT_EQ(v6->ip(), "::1");
    EXPECT_EQ(v6->uri_host(), "[::1]");
    EXPECT_EQ(v6->str(), "[::1]:5061");
    EXPECT_EQ(v6->size(), sizeof(sockaddr_in6));
  }
}

TEST(Address, ParseTakesPortOrDefault) {  // 2
  EXPECT_EQ(Address::parse("10.1.2.3:99", 5060)->str(), "10.1.2.3:99");
  EXPECT_EQ(Address::parse("10.1.2.3", 5060)->str(), "10.1.2.3:5060");
  EXPECT_EQ(Address::parse("[2001:db8::1]:99", 5060)->str(), "[2001:db8::1]:99");
  EXPECT_EQ(Address::parse("[2001:db8::1]", 5060)->str(), "[2001:db8::1]:5060");
  EXPECT_EQ(Address::parse("2001:db8::1", 5060)->str(), "[2001:db8::1]:5060");
  EXPECT_EQ(Address::parse("2001:db8::1:99", 5060)->str(), "[2001:db8::1:99]:5060");
  EXPECT_EQ(Address::parse("0.0.0.0:0", 1)->port(), 0);
  EXPECT_EQ(Address::parse("0.0.0.0:65535", 1)->port(), 65535);
}

TEST(Address, RefusesWhatIsNoAddress) {  // 3
  for (const auto* text :
       {"",          ":",         "localhost",     "1.2.3",      "1.2.3.4.5",
        "256.1.1.1", "[1.2.3.4]", "[::1",          "::1]",       "[]",
        "[]:5060",   "1.2.3.4:",  "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4: 5",
        "1.2.3.4:x", "[::1]:x",   "[::1]x",        " 1.2.3.4",   "2001:db8:1:2:3:4:5:6:5060"}) {
    EXPECT_FALSE(Address::parse(text, 5060)) << text;
  }
  EXPECT_FALSE(Address::from_ip(std::string_view("1.2.3.4\0", 8), 1));
  EXPECT_FALSE(Address::from_ip(std::string(1000, '1'), 1));
  EXPECT_EQ(Address::parse("pbx", 1).error().text,
            "'pbx' is not an IP address; 127.0.0.1:5060 or [::1]:5060 would be right");
  EXPECT_EQ(Address::parse("1.2.3.4:x", 1).error().text,
            "'x' is not a port number in '1.2.3.4:x'; 0 to 65535 would be right");
}

TEST(Address, EqualityAndHash) {  // 4
  const auto a = *Address::from_ip("127.0.0.1", 5060);
  EXPECT_EQ(a, *Address::parse("127.0.0.1:5060", 1));
  EXPECT_EQ(a.hash(), Address::parse("127.0.0.1:5060", 1)->hash());
  EXPECT_FALSE(a == a.with_port(5061));
  EXPECT_EQ(a.with_port(5061).with_port(5060), a);
  EXPECT_FALSE(a == *Address::from_ip("127.0.0.2", 5060));
  EXPECT_FALSE(a == *Address::from_ip("::1", 5060));
  EXPECT_FALSE(a == *Address::from_ip("::ffff:127.0.0.1", 5060));
  EXPECT_FALSE(a == Address());
  EXPECT_EQ(Address(a.data()), a);
  std::unordered_set<std::size_t> hashes;
  for (unsigned i = 0; i < 1000; ++i) {
    hashes.insert(a.with_port(static_cast<std::uint16_t>(i)).hash());
    hashes.insert(Address::from_ip("::1", static_cast<std::uint16_t>(i))->hash());
  }
  EXPECT_EQ(hashes.size(), 2000u);
}

TEST(Address, UnsetIsHarmless) {  // 5
  const Address unset;
  EXPECT_FALSE(unset.is_set());
  EXPECT_FALSE(unset.is_v6());
  EXPECT_FALSE(unset.is_unspecified_ip());
  EXPECT_EQ(unset.port(), 0);
  EXPECT_EQ(unset.with_port(5), unset);
  EXPECT_EQ(unset.ip(), "unset");
  EXPECT_EQ(unset, Address());
  EXPECT_FALSE(local_address_towards(unset));
}

TEST(Address, Unspecified) {  // 6
  EXPECT_TRUE(Address::from_ip("0.0.0.0", 1)->is_unspecified_ip());
  EXPECT_TRUE(Address::from_ip("::", 1)->is_unspecified_ip());
  EXPECT_FALSE(Address::from_ip("0.0.0.1", 1)->is_unspecified_ip());
  EXPECT_FALSE(Address::from_ip("::1", 1)->is_unspecified_ip());
}

TEST(Address, LocalTowardsLoopback) {  // 7
  const auto local = local_address_towards(*Address::from_ip("127.0.0.1", 0));
  ASSERT_TRUE(local);
  EXPECT_EQ(local->str(), "127.0.0.1:0");
}

TEST(Address, OtherFamilyIsUnset) {  // 8
  sockaddr_un path{};
  path.sun_family = AF_UNIX;
  EXPECT_FALSE(Address(reinterpret_cast<const sockaddr*>(&path)).is_set());
}

TEST(Address, LeavesNothingOpen) {  // 9
  alignas(Address) unsigned char place[sizeof(Address)];
  std::memset(place, 0xFF, sizeof place);
  const auto* address = new (place) Address;
  EXPECT_EQ(address->family(), AF_UNSPEC);
  const unsigned char zeros[sizeof(Address)] = {};
  EXPECT_EQ(std::memcmp(place, zeros, sizeof place), 0);
}

}  // namespace
}  // namespace missive::net
