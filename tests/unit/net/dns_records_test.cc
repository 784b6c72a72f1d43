// SRV and NAPTR records from the octets of an answer.
//
//  1. Records of the question's name, whatever its case, and no others.
//  2. Compressed names.
//  3. The root as a target; octets that are no letters are escaped.
//  4. An answer without records has the TTL of the SOA record; without one, none.
//  5. No more than 64 records.
//  6. An error code is an error with its number; NXDOMAIN is none.
//  7. Cut anywhere, an answer is an error or without what was cut; nothing beyond it is read.
//  8. Each octet changed to each of some values: nothing bad happens.
//  9. Names that point at themselves, lengths and counts that are too large.
#include "net/dns_records.h"

#include "unit/net/fake_dns.h"

namespace missive::net {
namespace {

using std::chrono::seconds;

struct Parts {
  unsigned code = 0;
  unsigned answers = 0;
  unsigned authorities = 0;
  std::string text;
};

std::string message(const std::string& question, int type, const Parts& parts) {
  return wire::number(7, 2) + wire::number(0x8180u | parts.code, 2) + wire::number(1, 2) +
         wire::number(parts.answers, 2) + wire::number(parts.authorities, 2) + wire::number(0, 2) +
         wire::name(question) + wire::number(static_cast<unsigned long>(type), 2) +
         wire::number(1, 2) + parts.text;
}

// A copy of exactly its size, so that a sanitizer sees what is read beyond its end.
std::vector<unsigned char> octets(std::string_view text) { return {text.begin(), text.end()}; }

base::Result<DnsAnswer<SrvRecord>> srv(const std::string& text, std::string_view name) {
  return read_srv_answer(octets(text), name);
}
base::Result<DnsAnswer<NaptrRecord>> naptr(const std::string& text, std::string_view name) {
  return read_naptr_answer(octets(text), name);
}

std::string two_records() {
  return wire::resource("_Sip._udp.example", ns_t_srv, 60, wire::srv(1, 2, 3, "a.example")) +
         wire::resource("other.example", ns_t_srv, 5, wire::srv(9, 9, 9, "z.example")) +
         wire::resource("_sip._udp.example", ns_t_a, 5, wire::ip("192.0.2.1")) +
         wire::resource("_sip._udp.example", ns_t_srv, 30, wire::srv(4, 5, 6, "B.example"));
}

TEST(DnsRecords, OfTheQuestion) {  // 1
  const auto answer =
      srv(message("_sip._udp.example", ns_t_srv, {0, 4, 0, two_records()}), "_SIP._udp.example.");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->records,
            (std::vector<SrvRecord>{{1, 2, 3, "a.example"}, {4, 5, 6, "b.example"}}));
  EXPECT_EQ(answer->ttl, seconds{30});
  const auto text = wire::resource("example", ns_t_naptr, 9,
                                   wire::naptr(1, 2, "U", "E2U+sip", "!^.*$!sip:a@b!", ""));
  const auto pointer = naptr(message("example", ns_t_naptr, {0, 1, 0, text}), "example");
  ASSERT_TRUE(pointer) << pointer.error().text;
  EXPECT_EQ(pointer->records,
            (std::vector<NaptrRecord>{{1, 2, "U", "E2U+sip", "!^.*$!sip:a@b!", "."}}));
}

TEST(DnsRecords, Compressed) {  // 2
  // The question's name stands at octet 12, "example" of it at 12 + 5 + 5.
  const std::string owner("\xC0\x0C", 2);
  const std::string target = std::string("\x01") + "a\xC0\x16";
  const auto data = wire::number(1, 2) + wire::number(2, 2) + wire::number(3, 2) + target;
  const auto text = owner + wire::number(ns_t_srv, 2) + wire::number(1, 2) + wire::number(60, 4) +
                    wire::number(data.size(), 2) + data;
  const auto answer =
      srv(message("_sip._udp.example", ns_t_srv, {0, 1, 0, text}), "_sip._udp.example");
  ASSERT_TRUE(answer) << answer.error().text;
  EXPECT_EQ(answer->records, (std::vector<SrvRecord>{{1, 2, 3, "a.example"}}));
}

TEST(DnsRecords, OddNames) {  // 3
  const auto odd = wire::number(1, 2) + wire::number(2, 2) + wire::number(3, 2) +
                   std::string("\x03\x00 \xFF\x00", 5);
  const auto text = wire::resource("x.example", ns_t_srv, 60, wire::srv(0, 0, 0, "")) +
                    wire::resource("x.example", ns_t_srv, 60, odd);
  const auto answer = srv(message("x.example", ns_t_srv, {0, 2, 0, text}), "x.example");
  ASSERT_TRUE(answer) << answer.error().text;
  ASSERT_EQ(answer->records.size(), 2U);
  EXPECT_EQ(answer->records[0].target, ".");
  for (const char c : answer->records[1].target) EXPECT_TRUE(c >= ' ' && c <= '~');
}

TEST(DnsRecords, None) {  // 4
  const auto soa = wire::resource("example", ns_t_soa, 900,
                                  wire::name("ns.example") + wire::name("admin.example") +
                                      std::string(16, 'x') + wire::number(300, 4));
  const auto with = srv(message("x.example", ns_t_srv, {3, 0, 1, soa}), "x.example");
  ASSERT_TRUE(with) << with.error().text;
  EXPECT_TRUE(with->records.empty());
  EXPECT_EQ(with->ttl, seconds{300});
  const auto without = srv(message("x.example", ns_t_srv, {0, 0, 0, ""}), "x.example");
  ASSERT_TRUE(without);
  EXPECT_EQ(without->ttl, std::nullopt);
}

TEST(DnsRecords, NotTooMany) {  // 5
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += wire::resource("x.example", ns_t_srv, 60, wire::srv(i, 0, 1, "a.example"));
  }
  const auto answer = srv(message("x.example", ns_t_srv, {0, 100, 0, text}), "x.example");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->records.size(), 64U);
}

TEST(DnsRecords, ErrorCodes) {  // 6
  EXPECT_TRUE(srv(message("x.example", ns_t_srv, {3, 0, 0, ""}), "x.example"));
  const auto refused = srv(message("x.example", ns_t_srv, {5, 0, 0, ""}), "x.example");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text, "the name server answers with error 5");
}

TEST(DnsRecords, CutAnywhere) {  // 7
  const auto whole = message("_sip._udp.example", ns_t_srv, {0, 4, 0, two_records()});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto answer = srv(whole.substr(0, size), "_sip._udp.example");
    EXPECT_FALSE(answer) << size;
    EXPECT_FALSE(naptr(whole.substr(0, size), "_sip._udp.example")) << size;
  }
  // A record whose own length cuts it, in a whole message.
  for (std::size_t size = 0; size < 17; ++size) {
    const auto data = wire::srv(1, 2, 3, "a.example").substr(0, size);
    const auto text = wire::resource("x.example", ns_t_srv, 60, data) + std::string(20, '\0');
    EXPECT_FALSE(srv(message("x.example", ns_t_srv, {0, 1, 0, text}), "x.example")) << size;
  }
  for (std::size_t size = 0; size < 15; ++size) {
    const auto data = wire::naptr(1, 2, "s", "SIP", "", "a.b").substr(0, size);
    const auto text = wire::resource("x.example", ns_t_naptr, 60, data) + std::string(20, '\0');
    EXPECT_FALSE(naptr(message("x.example", ns_t_naptr, {0, 1, 0, text}), "x.example")) << size;
  }
}

TEST(DnsRecords, AnyOctets) {  // 8
  const auto whole = message("_sip._udp.example", ns_t_srv, {0, 4, 0, two_records()});
  std::size_t understood = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char value : {'\x00', '\x01', '\x3F', '\x40', '\x7F', '\x80', '\xC0', '\xFF'}) {
      auto changed = whole;
      changed[at] = value;
      const auto answer = srv(changed, "_sip._udp.example");
      if (answer) {
        ++understood;
        EXPECT_LE(answer->records.size(), 4U);
      }
      naptr(changed, "_sip._udp.example");
    }
  }
  EXPECT_GT(understood, 0U);
}

TEST(DnsRecords, Lies) {                    // 9
  const std::string itself("\xC0\x1B", 2);  // points at where it stands
  const auto question = message("x.example", ns_t_srv, {0, 1, 0, ""});
  ASSERT_EQ(question.size(), 27U);
  EXPECT_FALSE(srv(question + itself + std::string(10, '\0'), "x.example"));
  EXPECT_FALSE(srv(question + "\xC0\xFF" + std::string(10, '\0'), "x.example"));
  EXPECT_FALSE(srv(message("x.example", ns_t_srv, {0, 65535, 0, two_records()}), "x.example"));
  const auto long_text = wire::number(1, 2) + wire::number(2, 2) + "\xFF" + "s";
  EXPECT_FALSE(naptr(message("x.example", ns_t_naptr,
                             {0, 1, 0, wire::resource("x.example", ns_t_naptr, 1, long_text)}),
                     "x.example"));
  std::string circle;
  for (const auto* pair : {"a.example", "b.example"}) {
    circle +=
        wire::resource(pair, ns_t_cname, 1, wire::name(*pair == 'a' ? "b.example" : "a.example"));
  }
  const auto round = srv(message("a.example", ns_t_srv, {0, 2, 0, circle}), "a.example");
  ASSERT_FALSE(round);
  EXPECT_EQ(round.error().text, "the name is an alias that leads nowhere");
}

}  // namespace
}  // namespace missive::net
