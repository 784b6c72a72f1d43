// How many sessions are let in.
//
// 1. The limits on all sessions and on those that have not logged in, each with its words.
// 2. The same for one address, whichever port; another address is let in meanwhile.
// 3. A login and an end free the place; nothing is kept of an address that has left.
// 4. Addresses of one IPv6 /64 are one.
#include "ami/admission.h"

#include <gtest/gtest.h>

#include <vector>

namespace missive::ami {
namespace {

net::Address at(std::string_view ip, std::uint16_t port = 1000) {
  return *net::Address::from_ip(ip, port);
}

std::string refusal(Gatekeeper& gatekeeper, std::string_view ip, const Gatekeeper::Limits& limits) {
  const auto admitted = gatekeeper.admit(at(ip), limits);
  return admitted ? "" : admitted.error().text;
}

TEST(Gatekeeper, LimitsAll) {
  Gatekeeper gatekeeper;
  const Gatekeeper::Limits limits{3, 2, 100, 100};
  std::vector<Admission> inside;
  inside.push_back(std::move(*gatekeeper.admit(at("192.0.2.1"), limits)));
  inside.push_back(std::move(*gatekeeper.admit(at("192.0.2.2"), limits)));
  EXPECT_EQ(refusal(gatekeeper, "192.0.2.3", limits),
            "Too many sessions that have not logged in, 2 at most");
  inside[0].set_authenticated();
  inside[0].set_authenticated();  // once is enough
  inside.push_back(std::move(*gatekeeper.admit(at("192.0.2.3"), limits)));
  EXPECT_EQ(refusal(gatekeeper, "192.0.2.4", limits), "Too many sessions, 3 at most");
  EXPECT_EQ(gatekeeper.sessions(), 3u);
  inside.clear();
  EXPECT_EQ(gatekeeper.sessions(), 0u);
  EXPECT_EQ(refusal(gatekeeper, "192.0.2.4", limits), "");
}

TEST(Gatekeeper, LimitsOneAddress) {
  Gatekeeper gatekeeper;
  const Gatekeeper::Limits limits{100, 100, 2, 1};
  std::vector<Admission> inside;
  inside.push_back(std::move(*gatekeeper.admit(at("192.0.2.1", 1), limits)));
  EXPECT_EQ(refusal(gatekeeper, "192.0.2.1", limits),
            "Too many sessions of this address that have not logged in, 1 at most");
  EXPECT_EQ(refusal(gatekeeper, "192.0.2.2", limits), "");
  inside[0].set_authenticated();
  inside.push_back(std::move(*gatekeeper.admit(at("192.0.2.1", 2), limits)));
  inside[1].set_authenticated();
  EXPECT_EQ(refusal(gatekeeper, "192.0.2.1", limits),
            "Too many sessions of this address, 2 at most");
  inside.pop_back();
  EXPECT_EQ(refusal(gatekeeper, "192.0.2.1", limits), "");
}

TEST(Gatekeeper, TakesAnIpv6NetworkForOneAddress) {
  Gatekeeper gatekeeper;
  const Gatekeeper::Limits limits{100, 100, 1, 1};
  const auto inside = std::move(*gatekeeper.admit(at("2001:db8:0:1::1"), limits));
  EXPECT_NE(refusal(gatekeeper, "2001:db8:0:1:ffff::2", limits), "");
  EXPECT_EQ(refusal(gatekeeper, "2001:db8:0:2::1", limits), "");
}

}  // namespace
}  // namespace missive::ami
