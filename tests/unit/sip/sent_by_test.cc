// The address a transport asks to be answered at.
//
//  1. The bound address, IPv4 and IPv6, as host and as host:port.
//  2. The external address for everybody when there is no local_net.
//  3. Peers in local_net see the bound address, all others the external one.
//  4. Without an external port the bound one holds; an IPv6 external address gets brackets; a name
//     stays as it is.
//  5. Bound to 0.0.0.0 or ::, the address the kernel would send from, with the bound port; asked
//     again, the same answer, whatever the peer's port.
//  6. The external address goes before the kernel's.
//  7. More peers than are remembered do no harm.
#include "sip/sent_by.h"

#include <gtest/gtest.h>

namespace missive::sip {
namespace {

net::Address address(std::string_view text) { return *net::Address::parse(text, 5060); }

TEST(SentBy, Bound) {  // 1
  SentByChooser v4(address("127.0.0.1:5070"), {});
  EXPECT_EQ(v4.towards(address("192.0.2.1")).host, "127.0.0.1");
  EXPECT_EQ(v4.towards(address("192.0.2.1")).host_port, "127.0.0.1:5070");
  SentByChooser v6(address("[::1]:5060"), {});
  EXPECT_EQ(v6.towards(address("[2001:db8::1]:5060")).host, "[::1]");
  EXPECT_EQ(v6.towards(address("[2001:db8::1]:5060")).host_port, "[::1]:5060");
}

TEST(SentBy, External) {  // 2
  SentByChooser chooser(address("127.0.0.1:5070"), {"sip.example.com", 5090, {}});
  EXPECT_EQ(chooser.towards(address("127.0.0.2")).host, "sip.example.com");
  EXPECT_EQ(chooser.towards(address("192.0.2.1")).host_port, "sip.example.com:5090");
}

TEST(SentBy, LocalNet) {  // 3
  SentByChooser chooser(address("10.1.1.1:5060"), {"203.0.113.9",
                                                   5091,
                                                   {*net::Network::parse("10.0.0.0/8"),
                                                    *net::Network::parse("192.168.0.0/16")}});
  EXPECT_EQ(chooser.towards(address("10.200.0.1:9")).host_port, "10.1.1.1:5060");
  EXPECT_EQ(chooser.towards(address("192.168.3.4")).host_port, "10.1.1.1:5060");
  EXPECT_EQ(chooser.towards(address("192.169.3.4")).host_port, "203.0.113.9:5091");
  EXPECT_EQ(chooser.towards(address("192.169.3.4")).host, "203.0.113.9");
}

TEST(SentBy, ExternalForms) {  // 4
  SentByChooser no_port(address("10.1.1.1:5066"), {"203.0.113.9", 0, {}});
  EXPECT_EQ(no_port.towards(address("192.0.2.1")).host_port, "203.0.113.9:5066");
  SentByChooser v6(address("[::1]:5060"), {"2001:db8::9", 0, {}});
  EXPECT_EQ(v6.towards(address("[2001:db8::1]:5060")).host, "[2001:db8::9]");
  EXPECT_EQ(v6.towards(address("[2001:db8::1]:5060")).host_port, "[2001:db8::9]:5060");
  SentByChooser bracketed(address("[::1]:5060"), {"[2001:db8::9]", 0, {}});
  EXPECT_EQ(bracketed.towards(address("[2001:db8::1]:5060")).host, "[2001:db8::9]");
}

TEST(SentBy, Unspecified) {  // 5
  SentByChooser v4(address("0.0.0.0:5070"), {});
  EXPECT_EQ(v4.towards(address("127.0.0.1:1")).host_port, "127.0.0.1:5070");
  EXPECT_EQ(v4.towards(address("127.0.0.1:2")).host, "127.0.0.1");
  const auto* first = &v4.towards(address("127.0.0.1:3"));
  EXPECT_EQ(first, &v4.towards(address("127.0.0.1:4")));
  SentByChooser v6(address("[::]:5070"), {});
  EXPECT_EQ(v6.towards(address("[::1]:1")).host_port, "[::1]:5070");
  EXPECT_EQ(v6.towards(address("[::1]:1")).host, "[::1]");
}

TEST(SentBy, ExternalBeforeTheKernels) {  // 6
  SentByChooser chooser(address("0.0.0.0:5070"),
                        {"203.0.113.9", 0, {*net::Network::parse("127.0.0.0/8")}});
  EXPECT_EQ(chooser.towards(address("192.0.2.1")).host_port, "203.0.113.9:5070");
  EXPECT_EQ(chooser.towards(address("127.0.0.1")).host_port, "127.0.0.1:5070");
}

TEST(SentBy, ManyPeers) {  // 7
  SentByChooser chooser(address("0.0.0.0:5070"), {});
  for (int i = 0; i < 5000; ++i) {
    const auto ip = fmt::format("127.0.{}.{}", i / 250, 1 + i % 250);
    const auto& sent_by = chooser.towards(*net::Address::from_ip(ip, 5060));
    ASSERT_EQ(sent_by.host_port, sent_by.host + ":5070");
    ASSERT_TRUE(sent_by.host.starts_with("127."));
  }
}

}  // namespace
}  // namespace missive::sip
