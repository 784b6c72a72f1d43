// Host names, SRV and NAPTR: a hosts file, and a name server that the test itself is.
//
//  1. localhost is known without asking anybody, IPv4 before IPv6, each address once.
//  2. What is no legal host name fails at once with a text that helps.
//  3. A and AAAA records are asked for; IPv4 comes first whatever the order of the answers.
//  4. An answer is cached for its TTL, in any letter case, and then asked for again.
//  5. Requests for one name that come while it is being asked for share the query.
//  6. A name that is not found fails with a text, and is cached for the negative TTL.
//  7. No server there: a text, soon.
//  8. A callback may resolve again and may destroy the resolver; that drops the others.
//  9. Destroying the resolver drops what is being asked for.
// 10. SRV and NAPTR records come as they are in the answer, and are cached by TTL and kind.
// 11. No such name and no such records are empty lists, cached for the time of the SOA record or
//     the negative TTL, 3 hours at most.
// 12. SERVFAIL, REFUSED and silence are errors that name the question, cached for 5 s.
// 13. A truncated answer is asked for again by TCP.
// 14. A malformed answer is an error; the next answer is taken.
// 15. Aliases are followed; a circle of them is an error for SRV and "not found" for addresses.
// 16. The TTL is bounded from above and below, and so is the number of what is cached.
// 17. A second name server is asked where the first fails; resolv_conf_too adds those of a file.
// 18. A hosts file is asked first and read again when it changes; is_local() knows it.
// 19. use() asks the new server what is being asked for, and forgets what was known.
// 20. Search domains are for names without a last dot alone.
#include "net/resolver.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "unit/net/fake_dns.h"

namespace missive::net {
namespace {

using namespace std::chrono_literals;
using Answer = base::Result<Resolver::Addresses>;

using Srv = base::Result<Resolver::SrvRecords>;
using Naptr = base::Result<Resolver::NaptrRecords>;

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() : folder(make_folder()) { make(); }
  ~ResolverTest() override { std::filesystem::remove_all(folder); }

  static std::string make_folder() {
    auto name = (std::filesystem::temp_directory_path() / "missive-dns-XXXXXX").string();
    return ::mkdtemp(name.data());
  }
  void make() {
    options.servers = {server.address()};
    options.resolv_conf = write("resolv.conf", "");
    resolver = std::make_unique<Resolver>(shard, options);
  }
  std::string write(const std::string& name, std::string_view text) const {
    const auto path = folder + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  void pass(base::Duration time) {
    clock.advance(time);
    shard.run_once();
  }

  template <class Condition>
  bool work_until(Condition condition) {
    return run_until(shard, [&] {
      server.work();
      return condition();
    });
  }
  std::optional<Answer> ask(std::string_view name) {
    std::optional<Answer> out;
    resolver->resolve(name, [&out](const Answer& answer) { out = answer; });
    work_until([&out] { return out.has_value(); });
    return out;
  }
  // For silent servers the shard's time must go on too.
  Srv ask_srv(std::string_view name) {
    std::optional<Srv> out;
    resolver->srv(name, [&out](const Srv& answer) { out = answer; });
    EXPECT_TRUE(work_until([&] {
      if (!server.silent.empty()) clock.advance(5ms);
      return out.has_value();
    }));
    return out.value_or(base::fail("the callback never came"));
  }
  Naptr ask_naptr(std::string_view name) {
    std::optional<Naptr> out;
    resolver->naptr(name, [&out](const Naptr& answer) { out = answer; });
    EXPECT_TRUE(work_until([&out] { return out.has_value(); }));
    return out.value_or(base::fail("the callback never came"));
  }
  static std::vector<std::string> texts(const std::optional<Answer>& answer) {
    std::vector<std::string> out;
    if (!answer || !*answer) return out;
    for (const auto& address : **answer) out.push_back(address.str());
    return out;
  }

  base::ManualClock clock;
  Shard shard{0, clock};
  FakeDns server;
  std::string folder;
  ResolverOptions options;
  std::unique_ptr<Resolver> resolver;
};

using Strings = std::vector<std::string>;

TEST_F(ResolverTest, Localhost) {  // 1
  server.host("localhost", {"192.0.2.1"});
  const auto answer = ask("localhost");
  ASSERT_TRUE(answer);
  ASSERT_TRUE(*answer) << answer->error().text;
  const auto& addresses = **answer;
  ASSERT_FALSE(addresses.empty());
  EXPECT_EQ(addresses[0].str(), "127.0.0.1:0");
  for (std::size_t i = 1; i < addresses.size(); ++i) {
    EXPECT_FALSE(addresses[i] == addresses[0]);
    EXPECT_GE(addresses[i].is_v6(), addresses[i - 1].is_v6());
  }
}

TEST_F(ResolverTest, IllegalNames) {  // 2
  for (const auto& name :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a b"),
        std::string("-a.example"), std::string("a-.example"), std::string("ex\nample"),
        std::string("a/b"), std::string("ex\0ample", 8),
        std::string("b\xC3\xBC"
                    "cher.example"),
        std::string(64, 'a') + ".example", std::string(254, 'a')}) {
    std::optional<Answer> out;
    resolver->resolve(name, [&out](const Answer& answer) { out = answer; });
    ASSERT_TRUE(out) << name;
    EXPECT_FALSE(*out) << name;
  }
  const auto answer = ask("not a name");
  EXPECT_EQ(answer->error().text,
            "'not a name' is not a legal host name; letters, digits, hyphens and dots would be "
            "right");
}

TEST_F(ResolverTest, BothFamilies) {  // 3
  server.host("phone.example", {"2001:db8::7", "192.0.2.7", "192.0.2.8"});
  EXPECT_EQ(texts(ask("phone.example")),
            (Strings{"192.0.2.7:0", "192.0.2.8:0", "[2001:db8::7]:0"}));
  server.host("six.example", {"2001:db8::6"});
  EXPECT_EQ(texts(ask("six.example")), Strings{"[2001:db8::6]:0"});
  server.host("four.example", {"192.0.2.4"});
  EXPECT_EQ(texts(ask("four.example.")), Strings{"192.0.2.4:0"});
}

TEST_F(ResolverTest, CachedForTheTtl) {  // 4
  server.host("phone.example", {"192.0.2.7"});
  ASSERT_EQ(texts(ask("phone.example")), Strings{"192.0.2.7:0"});
  const auto asked = server.questions.size();
  server.host("phone.example", {"192.0.2.9"});
  pass(59s);
  std::optional<Answer> at_once;
  resolver->resolve("Phone.EXAMPLE", [&](const Answer& answer) { at_once = answer; });
  EXPECT_EQ(texts(at_once), Strings{"192.0.2.7:0"});
  EXPECT_EQ(server.questions.size(), asked);
  pass(1s);
  EXPECT_EQ(texts(ask("phone.example")), Strings{"192.0.2.9:0"});
  EXPECT_GT(server.questions.size(), asked);
}

TEST_F(ResolverTest, SharedQuery) {  // 5
  server.host("phone.example", {"192.0.2.7"});
  int answered = 0;
  for (int i = 0; i < 10; ++i) {
    resolver->resolve("phone.example", [&](const Answer& answer) {
      EXPECT_TRUE(answer);
      ++answered;
    });
  }
  EXPECT_EQ(answered, 0);
  EXPECT_TRUE(work_until([&] { return answered > 0; }));
  EXPECT_EQ(answered, 10);
  EXPECT_EQ(server.questions.size(), 2U);  // A and AAAA
}

TEST_F(ResolverTest, NotFound) {  // 6
  const auto answer = ask("nosuch.example.");
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().text, "host 'nosuch.example.' not found: Domain name not found");
  EXPECT_FALSE(Resolver::is_no_answer(answer->error().text));
  const auto asked = server.questions.size();
  server.host("nosuch.example", {"192.0.2.7"});
  pass(29s);
  EXPECT_FALSE(*ask("nosuch.example."));
  EXPECT_EQ(server.questions.size(), asked);
  pass(1s);
  EXPECT_EQ(texts(ask("nosuch.example.")), Strings{"192.0.2.7:0"});
}

TEST_F(ResolverTest, NoServer) {  // 7
  auto gone = bound_udp();
  const auto nobody = address_of(gone.fd());
  gone.close();
  options.servers = {nobody};
  resolver = std::make_unique<Resolver>(shard, options);
  const auto answer = ask("phone.example.");
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().text,
            "no answer to A/AAAA phone.example.: Could not contact DNS servers");
  EXPECT_TRUE(Resolver::is_no_answer(answer->error().text));
}

TEST_F(ResolverTest, CallbacksMayResolveAndDestroy) {  // 8
  server.host("one.example", {"192.0.2.1"});
  server.host("two.example", {"192.0.2.2"});
  std::vector<std::string> order;
  resolver->resolve("one.example", [&](const Answer&) {
    order.push_back("one");
    resolver->resolve("one.example", [&](const Answer& again) {
      EXPECT_TRUE(again);
      order.push_back("one again");
    });
    resolver->resolve("two.example", [&](const Answer&) {
      order.push_back("two");
      resolver.reset();
    });
    resolver->resolve("two.example", [&](const Answer&) { order.push_back("dropped"); });
    server.silent.insert("silent.example");
    resolver->resolve("silent.example", [&](const Answer&) { order.push_back("dropped"); });
  });
  EXPECT_TRUE(work_until([&] { return resolver == nullptr; }));
  run_idle(shard);
  EXPECT_EQ(order, (Strings{"one", "one again", "two"}));
}

TEST_F(ResolverTest, DestroyedWhileAsking) {  // 9
  const auto held = std::make_shared<int>(0);
  resolver->resolve("phone.example", [held](const Answer&) { FAIL() << "must not be called"; });
  EXPECT_EQ(held.use_count(), 2);
  resolver.reset();
  EXPECT_EQ(held.use_count(), 1);
  server.work();
  run_idle(shard);
  EXPECT_EQ(shard.timers().size(), 0u);
}

TEST_F(ResolverTest, SrvAndNaptr) {  // 10
  server.srv("_sip._udp.example.org", 10, 60, 5060, "a.example.org");
  server.srv("_sip._udp.example.org", 20, 0, 5070, "B.Example.org", 30);
  server.naptr("example.org", 50, 40, "s", "SIPS+D2T", "_sips._tcp.example.org");
  const auto srv = ask_srv("_SIP._udp.Example.org");
  ASSERT_TRUE(srv) << srv.error().text;
  EXPECT_EQ(*srv, (Resolver::SrvRecords{{10, 60, 5060, "a.example.org"},
                                        {20, 0, 5070, "b.example.org"}}));
  const auto naptr = ask_naptr("example.org");
  ASSERT_TRUE(naptr) << naptr.error().text;
  EXPECT_EQ(*naptr,
            (Resolver::NaptrRecords{{50, 40, "s", "SIPS+D2T", "", "_sips._tcp.example.org"}}));
  pass(29s);
  EXPECT_TRUE(ask_srv("_sip._udp.EXAMPLE.org"));
  EXPECT_EQ(server.count("SRV _sip._udp.example.org"), 1U);
  pass(1s);  // the least TTL of the records
  EXPECT_TRUE(ask_srv("_sip._udp.example.org"));
  EXPECT_EQ(server.count("SRV _sip._udp.example.org"), 2U);
  EXPECT_TRUE(ask_naptr("example.org"));
  EXPECT_EQ(server.count("NAPTR example.org"), 1U);
}

TEST_F(ResolverTest, NoneOfThem) {  // 11
  server.host("known.example", {"192.0.2.1"});
  for (const auto* name : {"known.example", "unknown.example"}) {
    const auto question = std::string("SRV ") + name;
    auto none = ask_srv(name);
    ASSERT_TRUE(none) << none.error().text;
    EXPECT_TRUE(none->empty());
    pass(29s);
    EXPECT_TRUE(ask_srv(name));
    EXPECT_EQ(server.count(question), 1U) << "negative TTL";
    pass(1s);
    server.soa_minimum = 300;
    EXPECT_TRUE(ask_srv(name));
    pass(299s);
    EXPECT_TRUE(ask_srv(name));
    EXPECT_EQ(server.count(question), 2U) << "time of the SOA record";
    pass(1s);
    server.soa_minimum = 1'000'000;  // the TTL of the SOA record itself is an hour
    EXPECT_TRUE(ask_srv(name));
    pass(3599s);
    EXPECT_TRUE(ask_srv(name));
    EXPECT_EQ(server.count(question), 3U);
    pass(1s);
    EXPECT_TRUE(ask_srv(name));
    EXPECT_EQ(server.count(question), 4U);
    server.soa_minimum = 0;
  }
}

TEST_F(ResolverTest, NoAnswer) {  // 12
  server.refusing["servfail.example"] = ns_r_servfail;
  server.refusing["refused.example"] = ns_r_refused;
  server.silent.insert("silent.example");
  for (const auto* name : {"servfail.example", "refused.example"}) {
    const auto answer = ask_srv(name);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().text,
              fmt::format("no answer to SRV {}: Could not contact DNS servers", name));
  }
  options.timeout = 20ms;  // c-ares counts real time
  options.tries = 1;
  make();
  EXPECT_EQ(ask_srv("silent.example").error().text,
            "no answer to SRV silent.example: Timeout while contacting DNS servers");
  server.silent.clear();
  options = ResolverOptions{};
  make();
  const auto naptr = ask_naptr("refused.example");
  ASSERT_FALSE(naptr);
  EXPECT_EQ(naptr.error().text,
            "no answer to NAPTR refused.example: Could not contact DNS servers");
  server.refusing.clear();
  server.srv("refused.example", 1, 1, 1, "a.example");
  pass(4s);
  EXPECT_FALSE(ask_naptr("refused.example"));
  pass(1s);
  EXPECT_TRUE(ask_naptr("refused.example"));
  EXPECT_EQ(ask_srv("refused.example")->size(), 1U);
}

TEST_F(ResolverTest, Truncated) {  // 13
  for (int i = 0; i < 40; ++i) {
    server.srv("long.example", i, 0, 5060, "a-rather-long-host-name.example");
  }
  server.truncated.insert("long.example");
  const auto answer = ask_srv("long.example");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->size(), 40U);
  EXPECT_EQ(server.questions, (Strings{"SRV long.example", "SRV long.example by TCP"}));
}

TEST_F(ResolverTest, Malformed) {  // 14
  server.srv("_sip._udp.example.org", 10, 60, 5060, "a.example.org");
  server.mangle = [](std::string answer) { return answer.substr(0, answer.size() - 3); };
  const auto broken = ask_srv("_sip._udp.example.org");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().text,
            "no answer to SRV _sip._udp.example.org: the name server's answer is malformed");
  server.mangle = nullptr;
  pass(5s);
  EXPECT_TRUE(ask_srv("_sip._udp.example.org"));
}

TEST_F(ResolverTest, Aliases) {  // 15
  server.alias("_sip._udp.example.org", "elsewhere.example", 7);
  server.srv("elsewhere.example", 1, 2, 3, "a.example");
  const auto found = ask_srv("_sip._udp.example.org");
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(*found, (Resolver::SrvRecords{{1, 2, 3, "a.example"}}));
  pass(7s);  // the alias has the least TTL
  EXPECT_TRUE(ask_srv("_sip._udp.example.org"));
  EXPECT_EQ(server.count("SRV _sip._udp.example.org"), 2U);
  server.alias("phone.example", "there.example");
  server.host("there.example", {"192.0.2.3"});
  EXPECT_EQ(texts(ask("phone.example")), Strings{"192.0.2.3:0"});
  server.alias("round.example", "about.example");
  server.alias("about.example", "round.example");
  const auto circle = ask_srv("round.example");
  ASSERT_FALSE(circle);
  EXPECT_EQ(circle.error().text,
            "no answer to SRV round.example: the name is an alias that leads nowhere");
  EXPECT_FALSE(*ask("round.example."));
}

TEST_F(ResolverTest, Bounds) {  // 16
  options.max_ttl = 100s;
  options.max_cached = 2;
  make();
  server.srv("one.example", 1, 1, 1, "a.example", 4'000'000'000U);
  server.srv("long.example", 1, 1, 1, "a.example", 2'000'000'000U);
  server.srv("zero.example", 1, 1, 1, "a.example", 0);
  EXPECT_TRUE(ask_srv("long.example"));
  EXPECT_TRUE(ask_srv("zero.example"));
  EXPECT_TRUE(ask_srv("zero.example"));
  EXPECT_EQ(server.count("SRV zero.example"), 1U) << "the same moment";
  pass(1s);
  EXPECT_TRUE(ask_srv("zero.example"));
  EXPECT_EQ(server.count("SRV zero.example"), 2U);
  pass(98s);
  EXPECT_TRUE(ask_srv("long.example"));
  EXPECT_EQ(server.count("SRV long.example"), 1U);
  pass(1s);
  EXPECT_TRUE(ask_srv("long.example"));
  EXPECT_EQ(server.count("SRV long.example"), 2U);
  // RFC 2181: a TTL with the highest bit is none. Two are kept, so one of three is asked again.
  EXPECT_TRUE(ask_srv("one.example"));
  pass(1s);
  EXPECT_TRUE(ask_srv("one.example"));
  EXPECT_EQ(server.count("SRV one.example"), 2U);
  for (const auto* name : {"x.example", "y.example", "z.example"}) EXPECT_TRUE(ask_srv(name));
  const auto asked = server.questions.size();
  for (const auto* name : {"x.example", "y.example", "z.example"}) EXPECT_TRUE(ask_srv(name));
  EXPECT_GT(server.questions.size(), asked);
}

TEST_F(ResolverTest, SeveralServers) {  // 17
  auto gone = bound_udp();
  const auto nobody = address_of(gone.fd());
  gone.close();
  server.srv("example.org", 1, 1, 1, "a.example");
  options.servers = {nobody, server.address()};
  resolver = std::make_unique<Resolver>(shard, options);
  EXPECT_TRUE(ask_srv("example.org"));
  EXPECT_EQ(server.count("SRV example.org"), 1U);
  // resolv.conf names servers without a port: what is added is not to be reached here, but the
  // ones that are named explicitly go first.
  options.servers = {server.address()};
  options.resolv_conf_too = true;
  options.resolv_conf = write("resolv.conf", "nameserver 127.0.0.1\nnameserver ::1\n");
  resolver = std::make_unique<Resolver>(shard, options);
  EXPECT_TRUE(ask_srv("example.org"));
  EXPECT_EQ(server.count("SRV example.org"), 2U);
}

TEST_F(ResolverTest, HostsFile) {  // 18
  options.hosts_file = write("hosts",
                             "# comment\n2001:db8::5 Phone.lan # its IPv6\n"
                             "192.0.2.5\tphone.lan  phone\n192.0.2.5 phone\nnonsense\n");
  make();
  EXPECT_EQ(texts(ask("phone.LAN")), (Strings{"192.0.2.5:0", "[2001:db8::5]:0"}));
  EXPECT_EQ(texts(ask("phone.lan.")), (Strings{"192.0.2.5:0", "[2001:db8::5]:0"}));
  EXPECT_EQ(texts(ask("phone")), Strings{"192.0.2.5:0"});
  EXPECT_TRUE(resolver->is_local("phone.lan"));
  EXPECT_TRUE(resolver->is_local("a.localhost"));
  EXPECT_FALSE(resolver->is_local("alocalhost"));
  EXPECT_TRUE(server.questions.empty());
  write("hosts", "192.0.2.6 other.lan\n");
  std::filesystem::last_write_time(options.hosts_file,
                                   std::filesystem::file_time_type::clock::now() + 1h);
  pass(1s);
  EXPECT_FALSE(resolver->is_local("phone.lan"));
  EXPECT_EQ(texts(ask("other.lan")), Strings{"192.0.2.6:0"});
  std::filesystem::remove(options.hosts_file);
  pass(1s);
  EXPECT_FALSE(resolver->is_local("other.lan"));
}

TEST_F(ResolverTest, OtherOptions) {  // 19
  FakeDns other;
  server.srv("known.example", 1, 1, 1, "old.example");
  other.srv("known.example", 1, 1, 1, "new.example");
  other.srv("asked.example", 1, 1, 1, "new.example");
  EXPECT_EQ(ask_srv("known.example")->front().target, "old.example");
  server.silent.insert("asked.example");
  std::optional<Srv> asked;
  resolver->srv("asked.example", [&asked](const Srv& answer) { asked = answer; });
  EXPECT_TRUE(work_until([this] { return server.count("SRV asked.example") > 0; }));
  options.servers = {other.address()};
  resolver->use(options);
  EXPECT_TRUE(run_until(shard, [&] {
    other.work();
    return asked.has_value();
  }));
  ASSERT_TRUE(asked && *asked);
  EXPECT_EQ((*asked)->front().target, "new.example");
  std::optional<Srv> known;
  resolver->srv("known.example", [&known](const Srv& answer) { known = answer; });
  EXPECT_TRUE(run_until(shard, [&] {
    other.work();
    return known.has_value();
  }));
  EXPECT_EQ((*known)->front().target, "new.example");
}

TEST_F(ResolverTest, SearchDomains) {  // 20
  options.resolv_conf = write("search.conf", "search lan.example\n");
  resolver = std::make_unique<Resolver>(shard, options);
  server.host("phone.lan.example", {"192.0.2.8"});
  server.host("a.b.lan.example", {"192.0.2.9"});
  EXPECT_EQ(texts(ask("phone")), Strings{"192.0.2.8:0"});
  EXPECT_EQ(texts(ask("a.b")), Strings{"192.0.2.9:0"});
  EXPECT_FALSE(*ask("a.b."));
  EXPECT_TRUE(ask_srv("a.b")->empty());
  EXPECT_EQ(server.count("SRV a.b.lan.example"), 0U);
}

}  // namespace
}  // namespace missive::net
