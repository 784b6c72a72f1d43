// Host names: /etc/hosts, and a name server that the test itself is.
//
//  1. localhost is known without asking anybody, IPv4 before IPv6, each address once.
//  2. What is no legal host name fails at once with a text that helps.
//  3. A and AAAA records are asked for; IPv4 comes first whatever the order of the answers.
//  4. An answer is cached for its TTL, in any letter case, and then asked for again.
//  5. Requests for one name that come while it is being asked for share the query.
//  6. A name that is not found fails with a text, and is cached for 5 s.
//  7. No server there: a text, soon.
//  8. A callback may resolve again and may destroy the resolver; that drops the others.
//  9. Destroying the resolver drops what is being asked for.
#include "net/resolver.h"

#include <gtest/gtest.h>

#include <map>

#include "unit/net/loop_helper.h"

namespace missive::net {
namespace {

using namespace std::chrono_literals;
using Answer = base::Result<Resolver::Addresses>;

// Answers A and AAAA questions from a table (RFC 1035 section 4.1), but for silent ones.
class NameServer {
 public:
  struct Record {
    std::vector<std::string> v4;
    std::vector<std::string> v6;
    unsigned ttl = 60;
  };

  std::string address() const { return address_of(socket_.fd()).str(); }

  // Answers what waits; the AAAA questions last.
  void work() {
    std::array<char, 1500> query;
    while (true) {
      Address from;
      socklen_t size = Address::capacity();
      const auto got =
          ::recvfrom(socket_.fd(), query.data(), query.size(), MSG_DONTWAIT, from.data(), &size);
      if (got <= 0) return;
      answer({query.data(), static_cast<std::size_t>(got)}, from);
    }
  }

  std::map<std::string, Record> records;
  int questions = 0;

 private:
  void answer(std::string_view query, const Address& from) {
    ++questions;
    std::size_t at = 12;
    std::string name;
    while (query[at] != 0) {
      const auto length = static_cast<std::size_t>(query[at]);
      name += (name.empty() ? "" : ".") + std::string(query.substr(at + 1, length));
      at += length + 1;
    }
    if (name.substr(0, 6) == "silent") return;
    const bool wants_v6 = query[at + 2] == 28;
    const auto record = records.find(name);
    const auto texts = record == records.end() ? std::vector<std::string>{}
                       : wants_v6              ? record->second.v6
                                               : record->second.v4;
    // Header: the identifier, a response, one question, so many answers.
    std::string reply(query.substr(0, 2));
    reply += {'\x81', record == records.end() ? '\x83' : '\x80', 0, 1};
    reply += {0, static_cast<char>(texts.size()), 0, 0, 0, 0};
    reply += query.substr(12, at + 5 - 12);
    for (const auto& text : texts) {
      const auto ttl = record->second.ttl;
      reply += {'\xC0', 12, 0, static_cast<char>(wants_v6 ? 28 : 1), 0, 1};
      reply += {static_cast<char>(ttl >> 24), static_cast<char>(ttl >> 16),
                static_cast<char>(ttl >> 8), static_cast<char>(ttl)};
      reply += {0, static_cast<char>(wants_v6 ? 16 : 4)};
      std::array<char, 16> octets;
      ::inet_pton(wants_v6 ? AF_INET6 : AF_INET, text.c_str(), octets.data());
      reply.append(octets.data(), wants_v6 ? 16 : 4);
    }
    ::sendto(socket_.fd(), reply.data(), reply.size(), 0, from.data(), from.size());
  }

  PlainSocket socket_ = bound_udp();
};

class ResolverTest : public testing::Test {
 protected:
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
  static std::vector<std::string> texts(const std::optional<Answer>& answer) {
    std::vector<std::string> out;
    if (!answer || !*answer) return out;
    for (const auto& address : **answer) out.push_back(address.str());
    return out;
  }

  base::ManualClock clock;
  Shard shard{0, clock};
  NameServer server;
  std::unique_ptr<Resolver> resolver = std::make_unique<Resolver>(shard, server.address());
};

using Strings = std::vector<std::string>;

TEST_F(ResolverTest, Localhost) {  // 1
  server.records["localhost"] = {{"192.0.2.1"}, {}};
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
  server.records["phone.example"] = {{"192.0.2.7", "192.0.2.8"}, {"2001:db8::7"}};
  EXPECT_EQ(texts(ask("phone.example")),
            (Strings{"192.0.2.7:0", "192.0.2.8:0", "[2001:db8::7]:0"}));
  server.records["six.example"] = {{}, {"2001:db8::6"}};
  EXPECT_EQ(texts(ask("six.example")), Strings{"[2001:db8::6]:0"});
  server.records["four.example"] = {{"192.0.2.4"}, {}};
  EXPECT_EQ(texts(ask("four.example.")), Strings{"192.0.2.4:0"});
}

TEST_F(ResolverTest, CachedForTheTtl) {  // 4
  server.records["phone.example"] = {{"192.0.2.7"}, {}, 60};
  ASSERT_EQ(texts(ask("phone.example")), Strings{"192.0.2.7:0"});
  const auto asked = server.questions;
  server.records["phone.example"] = {{"192.0.2.9"}, {}, 60};
  clock.advance(59s);
  shard.run_once();
  std::optional<Answer> at_once;
  resolver->resolve("Phone.EXAMPLE", [&](const Answer& answer) { at_once = answer; });
  EXPECT_EQ(texts(at_once), Strings{"192.0.2.7:0"});
  EXPECT_EQ(server.questions, asked);
  clock.advance(1s);
  shard.run_once();
  EXPECT_EQ(texts(ask("phone.example")), Strings{"192.0.2.9:0"});
  EXPECT_GT(server.questions, asked);
}

TEST_F(ResolverTest, SharedQuery) {  // 5
  server.records["phone.example"] = {{"192.0.2.7"}, {}};
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
  EXPECT_EQ(server.questions, 2);  // A and AAAA
}

TEST_F(ResolverTest, NotFound) {  // 6
  const auto answer = ask("nosuch.example.");
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().text, "host 'nosuch.example.' not found: Domain name not found");
  const auto asked = server.questions;
  server.records["nosuch.example"] = {{"192.0.2.7"}, {}};
  clock.advance(4s);
  shard.run_once();
  EXPECT_FALSE(*ask("nosuch.example."));
  EXPECT_EQ(server.questions, asked);
  clock.advance(1s);
  shard.run_once();
  EXPECT_EQ(texts(ask("nosuch.example.")), Strings{"192.0.2.7:0"});
}

TEST_F(ResolverTest, NoServer) {  // 7
  auto gone = bound_udp();
  const auto nobody = address_of(gone.fd());
  gone.close();
  resolver = std::make_unique<Resolver>(shard, nobody.str());
  const auto answer = ask("phone.example.");
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().text, "host 'phone.example.' not found: Could not contact DNS servers");
}

TEST_F(ResolverTest, CallbacksMayResolveAndDestroy) {  // 8
  server.records["one.example"] = {{"192.0.2.1"}, {}};
  server.records["two.example"] = {{"192.0.2.2"}, {}};
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

}  // namespace
}  // namespace missive::net
