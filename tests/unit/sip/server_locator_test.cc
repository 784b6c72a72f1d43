// Finding servers by RFC 3263, against a name server that the test itself is.
//
//  1. A numeric host asks nobody: the port of the URI or of the protocol; sips: means TLS.
//  2. An explicit port asks for addresses alone, IPv4 first.
//  3. A fixed protocol asks no NAPTR, and the SRV of that protocol alone; sips: and TLS _sips._tcp.
//  4. NAPTR: by order and preference, only with flag s, services and protocols that are there.
//  5. NAPTR without anything of use: SRV of each available protocol, the preferred one first.
//  6. Without SRV: the addresses, by the preferred protocol and its port.
//  7. SRV by priority, then by weight, anew for each question.
//  8. Targets that are not found are skipped; when none is found the error says so.
//  9. The target "." is "decidedly not"; a port of 0 is skipped.
// 10. No answer to SRV is an error, not "there are none"; to NAPTR it is passed over.
// 11. Aliases of SRV names and of targets.
// 12. At most 16 hosts are looked up, at most 32 targets come; none comes twice.
// 13. Names without a dot and those of the hosts file are hosts: no NAPTR, no SRV.
// 14. What cannot be sent by: the error says what is missing.
// 15. Letter case and a last dot make no difference; the cache serves the second question.
// 16. The trace shows each step, with "none" and with errors.
// 17. The callback may destroy the locator; destroying it drops what is being looked for.
// 18. Search domains are not for SRV targets.
#include "sip/server_locator.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "unit/net/fake_dns.h"

namespace missive::sip {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Strings = std::vector<std::string>;
using Found = base::Result<ServerLocator::Targets>;

class Steps final : public LocatorTrace {
 public:
  void step(std::string_view what, std::string_view found) override {
    lines.push_back(std::string(what) + " " + std::string(found));
  }
  Strings lines;
};

class ServerLocatorTest : public testing::Test {
 protected:
  ServerLocatorTest() {
    auto name = (std::filesystem::temp_directory_path() / "missive-locator-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    options.servers = {dns.address()};
    options.resolv_conf = write("resolv.conf", "");
    options.hosts_file = write("hosts", "192.0.2.77 gate.example.org gate\n");
    options.tries = 1;
    make();
  }
  ~ServerLocatorTest() override { std::filesystem::remove_all(folder); }

  void make() {
    locator.reset();
    resolver = std::make_unique<net::Resolver>(shard, options);
    locator = std::make_unique<ServerLocator>(*resolver, random);
  }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(folder / name) << text;
    return folder / name;
  }
  static ServerLocator::Question question(std::string host) {
    ServerLocator::Question out;
    out.host = std::move(host);
    for (const auto protocol : {Protocol::udp, Protocol::tcp, Protocol::tls}) {
      out.available.add(protocol);
    }
    return out;
  }
  static ServerLocator::Question sips(std::string host) {
    auto out = question(std::move(host));
    out.sips = true;
    return out;
  }
  static ServerLocator::Question by(Protocol protocol, std::string host) {
    auto out = question(std::move(host));
    out.protocol = protocol;
    return out;
  }
  static ServerLocator::Question with_port(std::string host, std::uint16_t port) {
    auto out = question(std::move(host));
    out.port = port;
    return out;
  }

  Found locate(ServerLocator::Question asked) {
    std::optional<Found> out;
    steps.lines.clear();
    locator->locate(
        std::move(asked),
        [&out](const Found& found) {
          EXPECT_FALSE(out) << "a second call";
          out = found;
        },
        &steps);
    EXPECT_TRUE(net::run_until(shard, [&] {
      dns.work();
      return out.has_value();
    }));
    return out.value_or(base::fail("the callback never came"));
  }
  static Strings texts(const Found& found) {
    Strings out;
    if (!found) return {found.error().text};
    for (const auto& target : *found) {
      out.push_back(std::string(name_of(target.protocol)) + " " + target.address.str());
    }
    return out;
  }
  Strings targets(ServerLocator::Question asked) { return texts(locate(std::move(asked))); }
  std::string error(ServerLocator::Question asked) {
    const auto found = locate(std::move(asked));
    return found ? "no error" : found.error().text;
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  net::FakeDns dns;
  std::filesystem::path folder;
  net::ResolverOptions options;
  base::RandomSource random;
  Steps steps;
  std::unique_ptr<net::Resolver> resolver;
  std::unique_ptr<ServerLocator> locator;
};

TEST_F(ServerLocatorTest, NumericHosts) {  // 1
  EXPECT_THAT(targets(question("192.0.2.1")), ElementsAre("udp 192.0.2.1:5060"));
  EXPECT_THAT(targets(with_port("192.0.2.1", 5070)), ElementsAre("udp 192.0.2.1:5070"));
  EXPECT_THAT(targets(question("2001:db8::1")), ElementsAre("udp [2001:db8::1]:5060"));
  EXPECT_THAT(targets(question("[2001:db8::1]")), ElementsAre("udp [2001:db8::1]:5060"));
  EXPECT_THAT(targets(by(Protocol::tcp, "192.0.2.1")), ElementsAre("tcp 192.0.2.1:5060"));
  EXPECT_THAT(targets(by(Protocol::tls, "192.0.2.1")), ElementsAre("tls 192.0.2.1:5061"));
  EXPECT_THAT(targets(sips("192.0.2.1")), ElementsAre("tls 192.0.2.1:5061"));
  auto preferred = question("192.0.2.1");
  preferred.preferred = Protocol::tcp;
  EXPECT_THAT(targets(preferred), ElementsAre("tcp 192.0.2.1:5060"));
  EXPECT_THAT(dns.questions, IsEmpty());
}

TEST_F(ServerLocatorTest, ExplicitPort) {  // 2
  dns.host("example.org", {"2001:db8::1", "192.0.2.1"});
  dns.srv("_sip._udp.example.org", 1, 1, 5099, "wrong.example.org");
  dns.naptr("example.org", 1, 1, "s", "SIP+D2T", "_sip._tcp.wrong.example.org");
  EXPECT_THAT(targets(with_port("example.org", 5062)),
              ElementsAre("udp 192.0.2.1:5062", "udp [2001:db8::1]:5062"));
  EXPECT_THAT(dns.questions, UnorderedElementsAre("A example.org", "AAAA example.org"));
}

TEST_F(ServerLocatorTest, FixedProtocol) {  // 3
  dns.naptr("example.org", 1, 1, "s", "SIP+D2U", "_sip._udp.wrong.example.org");
  dns.srv("_sip._udp.example.org", 1, 1, 5071, "a.example.org");
  dns.srv("_sip._tcp.example.org", 1, 1, 5072, "a.example.org");
  dns.srv("_sips._tcp.example.org", 1, 1, 5073, "a.example.org");
  dns.host("a.example.org", {"192.0.2.1"});
  EXPECT_THAT(targets(by(Protocol::udp, "example.org")), ElementsAre("udp 192.0.2.1:5071"));
  EXPECT_THAT(dns.questions, UnorderedElementsAre("SRV _sip._udp.example.org", "A a.example.org",
                                                  "AAAA a.example.org"));
  EXPECT_THAT(targets(by(Protocol::tcp, "example.org")), ElementsAre("tcp 192.0.2.1:5072"));
  EXPECT_THAT(targets(by(Protocol::tls, "example.org")), ElementsAre("tls 192.0.2.1:5073"));
  auto secure_tcp = by(Protocol::tcp, "example.org");
  secure_tcp.sips = true;
  EXPECT_THAT(targets(secure_tcp), ElementsAre("tls 192.0.2.1:5073"));
  EXPECT_EQ(dns.count("NAPTR example.org"), 0U);
  // No SRV records: its addresses, by that protocol.
  dns.host("plain.example", {"192.0.2.9"});
  EXPECT_THAT(targets(by(Protocol::tls, "plain.example")), ElementsAre("tls 192.0.2.9:5061"));
}

TEST_F(ServerLocatorTest, Naptr) {  // 4
  dns.naptr("example.org", 90, 50, "s", "SIP+D2T", "_t.example.org");
  dns.naptr("example.org", 100, 50, "S", "sip+d2u", "_u.example.org");
  dns.naptr("example.org", 50, 60, "s", "SIPS+D2T", "_s2.example.org");
  dns.naptr("example.org", 50, 50, "s", "SIPS+D2T", "_s1.example.org");
  dns.naptr("example.org", 1, 1, "u", "E2U+sip", "_wrong.example.org");
  dns.naptr("example.org", 1, 2, "a", "SIP+D2U", "_wrong.example.org");
  dns.naptr("example.org", 1, 3, "s", "SIP+D2S", "_wrong.example.org");
  dns.naptr("example.org", 1, 4, "s", "SIPS+D2W", "_wrong.example.org");
  dns.naptr("example.org", 1, 5, "s", "SIP+D2T", "");
  int port = 1;
  for (const auto* name : {"_t", "_u", "_s1", "_s2"}) {
    dns.srv(std::string(name) + ".example.org", 1, 1, port++, "a.example.org");
  }
  dns.host("a.example.org", {"192.0.2.1"});
  EXPECT_THAT(targets(question("example.org")), ElementsAre("tls 192.0.2.1:3", "tls 192.0.2.1:4",
                                                            "tcp 192.0.2.1:1", "udp 192.0.2.1:2"));
  EXPECT_THAT(targets(sips("example.org")), ElementsAre("tls 192.0.2.1:3", "tls 192.0.2.1:4"));
  auto udp_only = question("example.org");
  udp_only.available = Protocols::only(Protocol::udp);
  EXPECT_THAT(targets(udp_only), ElementsAre("udp 192.0.2.1:2"));
  EXPECT_EQ(dns.count("SRV _wrong.example.org"), 0U);
  // NAPTR whose SRV name does not exist: the domain's addresses, by the protocol that it names.
  dns.naptr("half.example", 1, 1, "s", "SIP+D2T", "_sip._tcp.half.example");
  dns.host("nothing.example", {});
  dns.srv("_other.half.example", 1, 1, 1, "x.example");
  dns.naptr("half.example", 2, 1, "s", "SIP+D2U", "_gone.half.example");
  EXPECT_EQ(error(question("half.example")),
            "no server for sip:half.example: host 'half.example' not found: DNS server returned "
            "answer with no data");
}

TEST_F(ServerLocatorTest, SrvOfEachProtocol) {  // 5
  dns.naptr("example.org", 1, 1, "s", "SIPS+D2W", "_wss.example.org");
  dns.srv("_sip._udp.example.org", 1, 1, 5071, "a.example.org");
  dns.srv("_sip._tcp.example.org", 1, 1, 5072, "a.example.org");
  dns.srv("_sips._tcp.example.org", 1, 1, 5073, "a.example.org");
  dns.host("a.example.org", {"192.0.2.1"});
  EXPECT_THAT(targets(question("example.org")),
              ElementsAre("udp 192.0.2.1:5071", "tcp 192.0.2.1:5072", "tls 192.0.2.1:5073"));
  auto preferred = question("example.org");
  preferred.preferred = Protocol::tcp;
  EXPECT_THAT(targets(preferred),
              ElementsAre("tcp 192.0.2.1:5072", "udp 192.0.2.1:5071", "tls 192.0.2.1:5073"));
  const auto asked = dns.questions.size();
  EXPECT_THAT(targets(sips("example.org")), ElementsAre("tls 192.0.2.1:5073"));
  EXPECT_EQ(dns.questions.size(), asked) << "all of it is cached";
}

TEST_F(ServerLocatorTest, AddressesAlone) {  // 6
  dns.host("example.org", {"192.0.2.1", "2001:db8::1"});
  EXPECT_THAT(targets(question("example.org")),
              ElementsAre("udp 192.0.2.1:5060", "udp [2001:db8::1]:5060"));
  auto preferred = question("example.org");
  preferred.preferred = Protocol::tls;
  EXPECT_THAT(targets(preferred), ElementsAre("tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"));
  EXPECT_THAT(targets(sips("example.org")),
              ElementsAre("tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"));
  EXPECT_EQ(error(question("nosuch.example")),
            "no server for sip:nosuch.example: host 'nosuch.example' not found: Domain name not "
            "found");
}

TEST_F(ServerLocatorTest, PriorityAndWeight) {  // 7
  const std::string name = "_sip._udp.example.org";
  dns.srv(name, 20, 0, 5060, "backup.example.org");
  dns.srv(name, 10, 50, 5060, "a.example.org");
  dns.srv(name, 10, 50, 5060, "b.example.org");
  dns.host("a.example.org", {"192.0.2.1", "2001:db8::1"});
  dns.host("b.example.org", {"192.0.2.2"});
  dns.host("backup.example.org", {"192.0.2.3"});
  int a_first = 0;
  for (int i = 0; i < 200; ++i) {
    const auto found = targets(by(Protocol::udp, "example.org"));
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found.back(), "udp 192.0.2.3:5060");
    if (found.front() == "udp 192.0.2.1:5060") {
      EXPECT_EQ(found[1], "udp [2001:db8::1]:5060");
      ++a_first;
    }
  }
  // Each with one half: outside of this one in 10^12 times.
  EXPECT_GT(a_first, 50);
  EXPECT_LT(a_first, 150);
}

TEST_F(ServerLocatorTest, TargetsThatAreNotFound) {  // 8
  dns.srv("_sip._udp.example.org", 1, 0, 5060, "gone.example.org");
  dns.srv("_sip._udp.example.org", 2, 0, 5060, "there.example.org");
  dns.host("there.example.org", {"192.0.2.2"});
  EXPECT_THAT(targets(by(Protocol::udp, "example.org")), ElementsAre("udp 192.0.2.2:5060"));
  dns.srv("_sip._tcp.example.org", 1, 0, 5060, "gone.example.org");
  EXPECT_EQ(error(by(Protocol::tcp, "example.org")),
            "no server for sip:example.org: host 'gone.example.org.' not found: Domain name not "
            "found");
  dns.srv("_sips._tcp.example.org", 1, 0, 5060, "gone.example.org");
  dns.srv("_sips._tcp.example.org", 2, 0, 5060, "far.example.org");
  EXPECT_EQ(error(sips("example.org")),
            "no server for sips:example.org: none of the 2 hosts that SRV names is found; host "
            "'gone.example.org.' not found: Domain name not found");
}

TEST_F(ServerLocatorTest, DecidedlyNot) {  // 9
  dns.host("example.org", {"192.0.2.1"});
  dns.srv("_sip._udp.example.org", 0, 0, 0, "");
  EXPECT_EQ(error(by(Protocol::udp, "example.org")),
            "no server for sip:example.org: SRV _sip._udp.example.org points to no host");
  EXPECT_EQ(error(question("example.org")),
            "no server for sip:example.org: SRV _sip._udp.example.org points to no host");
  dns.srv("_sip._tcp.other.example", 1, 0, 0, "a.example.org");
  dns.srv("_sip._tcp.other.example", 2, 0, 5060, "b.example.org");
  dns.host("a.example.org", {"192.0.2.1"});
  dns.host("b.example.org", {"192.0.2.2"});
  dns.srv("_sip._udp.other.example", 0, 0, 0, "");
  EXPECT_THAT(targets(question("other.example")), ElementsAre("tcp 192.0.2.2:5060"));
}

TEST_F(ServerLocatorTest, NoAnswer) {  // 10
  dns.host("example.org", {"192.0.2.1"});
  dns.refusing["_sip._udp.example.org"] = ns_r_servfail;
  EXPECT_EQ(error(question("example.org")),
            "no server for sip:example.org: no answer to SRV _sip._udp.example.org: Could not "
            "contact DNS servers");
  dns.srv("_sip._tcp.example.org", 1, 1, 5072, "a.example.org");
  dns.host("a.example.org", {"192.0.2.2"});
  clock.advance(30s);
  shard.run_once();
  EXPECT_THAT(targets(question("example.org")), ElementsAre("tcp 192.0.2.2:5072"));
  dns.refusing.clear();
  dns.refusing["third.example"] = ns_r_notimpl;
  dns.srv("_sip._udp.third.example", 1, 1, 5073, "a.example.org");
  EXPECT_THAT(targets(question("third.example")), ElementsAre("udp 192.0.2.2:5073"));
  EXPECT_EQ(dns.count("NAPTR third.example"), 1U);
}

TEST_F(ServerLocatorTest, Aliases) {  // 11
  dns.alias("_sip._udp.example.org", "sip.elsewhere.example");
  dns.srv("sip.elsewhere.example", 1, 1, 5072, "phone.example.org");
  dns.alias("phone.example.org", "real.example.org");
  dns.host("real.example.org", {"192.0.2.4"});
  EXPECT_THAT(targets(by(Protocol::udp, "example.org")), ElementsAre("udp 192.0.2.4:5072"));
  dns.alias("_sip._tcp.example.org", "round.example");
  dns.alias("round.example", "_sip._tcp.example.org");
  EXPECT_EQ(error(by(Protocol::tcp, "example.org")),
            "no server for sip:example.org: no answer to SRV _sip._tcp.example.org: the name is an "
            "alias that leads nowhere");
}

TEST_F(ServerLocatorTest, Limits) {  // 12
  for (int i = 0; i < 30; ++i) {
    const auto host = fmt::format("h{}.example.org", i);
    dns.srv("_sip._udp.example.org", i, 0, 5060, host);
    dns.host(host, {fmt::format("192.0.2.{}", i), fmt::format("198.51.100.{}", i),
                    fmt::format("2001:db8::{}", i + 1)});
  }
  const auto found = targets(by(Protocol::udp, "example.org"));
  EXPECT_EQ(found.size(), 32U);
  EXPECT_EQ(found.front(), "udp 192.0.2.0:5060");
  EXPECT_EQ(dns.count("A h15.example.org"), 1U);
  EXPECT_EQ(dns.count("A h16.example.org"), 0U);
  dns.srv("_sip._tcp.example.org", 1, 0, 5060, "h1.example.org");
  dns.srv("_sip._tcp.example.org", 2, 0, 5060, "H1.example.org");
  dns.srv("_sip._tcp.example.org", 3, 0, 5061, "h1.example.org");
  EXPECT_EQ(targets(by(Protocol::tcp, "example.org")).size(), 6U);
}

TEST_F(ServerLocatorTest, LocalHosts) {  // 13
  EXPECT_THAT(targets(question("gate.example.org")), ElementsAre("udp 192.0.2.77:5060"));
  EXPECT_THAT(targets(sips("gate")), ElementsAre("tls 192.0.2.77:5061"));
  EXPECT_THAT(targets(question("localhost")), ElementsAre("udp 127.0.0.1:5060", "udp [::1]:5060"));
  EXPECT_THAT(dns.questions, IsEmpty());
  dns.host("phone1", {"192.0.2.5"});
  EXPECT_THAT(targets(question("phone1")), ElementsAre("udp 192.0.2.5:5060"));
  EXPECT_THAT(dns.questions, UnorderedElementsAre("A phone1", "AAAA phone1"));
}

TEST_F(ServerLocatorTest, NothingToSendBy) {  // 14
  auto plain = question("192.0.2.1");
  plain.available = {};
  EXPECT_EQ(error(plain), "no server for sip:192.0.2.1: there is no transport to send by");
  plain.available.add(Protocol::ws);
  EXPECT_EQ(error(plain), "no server for sip:192.0.2.1: there is no transport to send by");
  plain.available.add(Protocol::tcp);
  EXPECT_THAT(targets(plain), ElementsAre("tcp 192.0.2.1:5060")) << "udp is only preferred";
  plain.sips = true;
  EXPECT_EQ(error(plain),
            "no server for sips:192.0.2.1: sips: needs TLS, and there is no TLS transport");
  plain.sips = false;
  plain.protocol = Protocol::udp;
  EXPECT_EQ(error(plain), "no server for sip:192.0.2.1: there is no UDP transport");
  plain.protocol = Protocol::wss;
  EXPECT_EQ(error(plain),
            "no server for sip:192.0.2.1: a WebSocket is opened by the phone, never towards it");
  auto contradiction = by(Protocol::udp, "example.org");
  contradiction.sips = true;
  EXPECT_EQ(error(contradiction),
            "no server for sips:example.org: sips: needs TLS, which transport=udp rules out");
  EXPECT_EQ(
      error(question("not\na.name")),
      "no server for sip:not\\x0aa.name: '_sip._udp.not\\x0aa.name' is not a legal host name; "
      "letters, digits, hyphens and dots would be right");
  EXPECT_THAT(dns.questions, IsEmpty());
}

TEST_F(ServerLocatorTest, OneName) {  // 15
  dns.srv("_sip._udp.example.org", 1, 0, 5060, "A.Example.Org");
  dns.host("a.example.org", {"192.0.2.1"});
  EXPECT_THAT(targets(by(Protocol::udp, "Example.ORG")), ElementsAre("udp 192.0.2.1:5060"));
  const auto asked = dns.questions.size();
  EXPECT_THAT(targets(by(Protocol::udp, "example.org.")), ElementsAre("udp 192.0.2.1:5060"));
  EXPECT_EQ(dns.questions.size(), asked);
}

TEST_F(ServerLocatorTest, Trace) {  // 16
  dns.naptr("example.org", 50, 40, "s", "SIP+D2U", "_sip._udp.example.org");
  dns.srv("_sip._udp.example.org", 10, 60, 5060, "a.example.org");
  dns.srv("_sip._udp.example.org", 20, 0, 5070, "b.example.org");
  dns.host("a.example.org", {"192.0.2.1", "2001:db8::1"});
  locate(question("example.org"));
  EXPECT_THAT(steps.lines,
              ElementsAre("NAPTR example.org: 50 40 s SIP+D2U _sip._udp.example.org",
                          "SRV _sip._udp.example.org: 10 60 5060 a.example.org, 20 0 5070 "
                          "b.example.org",
                          "A/AAAA a.example.org: 192.0.2.1, 2001:db8::1",
                          "A/AAAA b.example.org: host 'b.example.org.' not found: Domain name not "
                          "found"));
  dns.host("plain.example", {"192.0.2.1"});
  dns.refusing["_sips._tcp.plain.example"] = ns_r_servfail;
  locate(question("plain.example"));
  EXPECT_THAT(steps.lines,
              ElementsAre("NAPTR plain.example: none", "SRV _sip._udp.plain.example: none",
                          "SRV _sip._tcp.plain.example: none",
                          "SRV _sips._tcp.plain.example: no answer to SRV "
                          "_sips._tcp.plain.example: Could not contact DNS servers"));
  locate(question("192.0.2.1"));
  EXPECT_THAT(steps.lines, IsEmpty());
}

TEST_F(ServerLocatorTest, Lifetime) {  // 17
  dns.host("example.org", {"192.0.2.1"});
  int calls = 0;
  const auto destroy = [&](const Found&) {
    ++calls;
    locator.reset();
    resolver.reset();
  };
  for (const auto* host : {"example.org", "192.0.2.1", "localhost"}) {
    make();
    calls = 0;
    locator->locate(question(host), destroy);
    if (locator) locator->locate(question(host), destroy);
    EXPECT_TRUE(net::run_until(shard, [&] {
      dns.work();
      return calls > 0;
    }));
    net::run_idle(shard);
    EXPECT_EQ(calls, 1) << host;
  }
  make();
  const auto held = std::make_shared<int>(0);
  locator->locate(question("example.org"), [held](const Found&) { FAIL() << "dropped"; });
  EXPECT_EQ(held.use_count(), 2);
  locator.reset();
  EXPECT_EQ(held.use_count(), 1);
  dns.work();
  net::run_idle(shard);
}

TEST_F(ServerLocatorTest, NoSearchDomainsForTargets) {  // 18
  options.resolv_conf = write("resolv.conf", "search lan.example\n");
  make();
  dns.srv("_sip._udp.example.org", 1, 0, 5060, "a.example.org");
  dns.host("a.example.org.lan.example", {"192.0.2.66"});
  EXPECT_EQ(error(by(Protocol::udp, "example.org")),
            "no server for sip:example.org: host 'a.example.org.' not found: Domain name not "
            "found");
}

}  // namespace
}  // namespace missive::sip
