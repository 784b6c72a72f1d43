// What a REGISTER asks for, and what it does to a list of contacts (RFC 3261 section 10.3).
//
//  1. How long: the parameter before the header before the default; the limits; 423 and when not.
//  2. Numbers that are none, negative, or huge.
//  3. q: three decimals, nothing else.
//  4. Contact: * only alone and with Expires: 0.
//  5. Refused URIs: other schemes, malformed, too long, addresses that nobody can have.
//  6. The header part of a URI is not sent to; instance and reg-id are read, or refused.
//  7. Add, refresh, remove; removing what is not there; the same contact twice in one request.
//  8. Equivalent URIs are one contact.
//  9. CSeq order: per Call-ID, for what the request names; all or nothing.
// 10. instance and reg-id name the contact whatever its URI; two devices with one URI.
// 11. max_contacts: 403, counting what stays; refreshing and removing are possible at the limit.
// 12. remove_existing: those that expire first go, never those of this request.
// 13. remove_unavailable: only unreachable ones go; with remove_existing they go first.
// 14. Contact lines: time left rounded up, q, instance, reg-id.
#include "pjsip/registrar_bindings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/location_lab.h"
#include "unit/pjsip/registrar_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using test::some_contact;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const base::TimePoint start{24h};

class RegistrarBindingsTest : public testing::Test {
 protected:
  RegistrarBindingsTest() {
    aor.name = "alice";
    aor.max_contacts = 10;
  }

  OrRefused<RequestedBindings> read(std::vector<std::string> values,
                                    std::vector<std::string> headers = {}) {
    auto text = test::Register{.contacts = std::move(values), .headers = std::move(headers)}.text();
    text = sip::test::replaced(text, "CSeq: 0", "CSeq: 1");
    sip::Packet packet;
    EXPECT_TRUE(packet.parse(text));
    return read_bindings(packet, aor, origin);
  }
  // The status, or the seconds that are granted.
  std::string granted(const std::string& value, std::vector<std::string> headers = {}) {
    const auto requested = read({value}, std::move(headers));
    if (!requested) return fmt::format("refused {}", requested.error().status);
    return fmt::format("{}", requested->bindings.at(0).expiration.count());
  }
  int status(const std::string& value, std::vector<std::string> headers = {}) {
    const auto requested = read({value}, std::move(headers));
    return requested ? 200 : requested.error().status;
  }

  // Applies it: the status. Counts CSeq up by itself.
  int apply(std::vector<std::string> values, std::vector<std::string> headers = {}) {
    const auto requested = read(std::move(values), std::move(headers));
    if (!requested) return requested.error().status;
    Contact common;
    common.aor = "alice";
    common.call_id = call_id;
    common.cseq = cseq++;
    common.updated = now;
    auto result = apply_bindings(*requested, common, aor, contacts);
    if (!result) return result.error().status;
    applied = std::move(*result);
    return 200;
  }
  std::vector<std::string> uris() const {
    std::vector<std::string> out;
    for (const auto& known : contacts) out.push_back(known.contact->uri);
    return out;
  }
  static std::vector<std::string> uris_of(const AppliedBindings::Contacts& list) {
    std::vector<std::string> out;
    for (const auto& contact : list) out.push_back(contact->uri);
    return out;
  }
  void unreachable(std::size_t place) {
    contacts.at(place).status.reachability = Reachability::unreachable;
  }

  Aor aor;
  ContactOrigin origin{sip::test::address("192.0.2.1:5060"), "UDP", false, false};
  std::vector<KnownContact> contacts;
  AppliedBindings applied;
  std::string call_id = "call-1";
  std::uint32_t cseq = 1;
  base::TimePoint now = start;
};

TEST_F(RegistrarBindingsTest, HowLong) {  // 1
  EXPECT_EQ(granted("<sip:a@h>"), "3600");
  EXPECT_EQ(granted("<sip:a@h>", {"Expires: 100"}), "100");
  EXPECT_EQ(granted("<sip:a@h>;expires=200", {"Expires: 100"}), "200");
  EXPECT_EQ(granted("sip:a@h;expires=200"), "200") << "a bare URI's parameters are the header's";
  EXPECT_EQ(granted("<sip:a@h;expires=200>"), "3600") << "the URI's are not";
  EXPECT_EQ(granted("<sip:a@h>;expires=7201"), "7200");
  EXPECT_EQ(granted("<sip:a@h>;expires=60"), "60");
  EXPECT_EQ(granted("<sip:a@h>;expires=59"), "refused 423");
  EXPECT_EQ(granted("<sip:a@h>", {"Expires: 59"}), "refused 423");
  EXPECT_EQ(granted("<sip:a@h>;expires=100", {"Expires: 59"}), "100") << "nobody asked for 59";
  EXPECT_EQ(granted("<sip:a@h>;expires=0"), "0");
  const auto brief = read({"<sip:a@h>;expires=1"});
  EXPECT_EQ(brief.error().headers, "Min-Expires: 60\r\n");
  aor.minimum_expiration = 5000s;
  EXPECT_EQ(granted("<sip:a@h>;expires=3599"), "refused 423");
  EXPECT_EQ(granted("<sip:a@h>;expires=3600"), "5000") << "an hour is never too brief";
  EXPECT_EQ(granted("<sip:a@h>"), "5000") << "the phone did not ask for 3600";
}

TEST_F(RegistrarBindingsTest, Numbers) {  // 2
  aor.maximum_expiration = 4294967295s;
  EXPECT_EQ(granted("<sip:a@h>;expires=4294967295"), "4294967295");
  EXPECT_EQ(granted("<sip:a@h>;expires=4294967296"), "4294967295");
  EXPECT_EQ(granted("<sip:a@h>;expires=" + std::string(500, '9')), "4294967295");
  EXPECT_EQ(granted("<sip:a@h>;expires=000000000000000000000120"), "120");
  for (const std::string bad : {"-1", "+5", "abc", "1.5", "0x10", "\"600\"x"}) {
    const auto got = granted("<sip:a@h>;expires=" + bad);
    EXPECT_TRUE(got == "3600" || got == "refused 400") << bad << ": " << got;
  }
  EXPECT_EQ(granted("<sip:a@h>;expires=-1"), "3600");
  EXPECT_EQ(granted("<sip:a@h>;expires"), "3600");
  EXPECT_EQ(granted("<sip:a@h>", {"Expires: soon"}), "3600");
  EXPECT_EQ(granted("<sip:a@h>", {"Expires:"}), "3600");
}

TEST_F(RegistrarBindingsTest, Preference) {  // 3
  for (const auto& [text, q] : std::vector<std::pair<std::string, unsigned>>{{"0", 0},
                                                                             {"1", 1000},
                                                                             {"0.5", 500},
                                                                             {"0.25", 250},
                                                                             {"0.001", 1},
                                                                             {"1.000", 1000},
                                                                             {"0.", 0},
                                                                             {"1.0", 1000}}) {
    const auto requested = read({"<sip:a@h>;q=" + text});
    ASSERT_TRUE(requested) << text;
    EXPECT_EQ(requested->bindings[0].q, q) << text;
  }
  EXPECT_EQ(read({"<sip:a@h>"})->bindings[0].q, 1000u);
  for (const std::string bad : {"1.001", "2", "-0.1", ".5", "0.1234", "1e9", "99999999999", "x"}) {
    EXPECT_EQ(status("<sip:a@h>;q=" + bad), 400) << bad;
  }
  EXPECT_EQ(status("<sip:a@h>;q"), 400);
}

TEST_F(RegistrarBindingsTest, Star) {  // 4
  EXPECT_TRUE(read({"*"}, {"Expires: 0"})->remove_all);
  EXPECT_EQ(status("*"), 400);
  EXPECT_EQ(status("*", {"Expires: 60"}), 400);
  EXPECT_EQ(status("*", {"Expires: zero"}), 400);
  EXPECT_EQ(status("*;expires=0"), 400);
  EXPECT_EQ(status("*, <sip:a@h>", {"Expires: 0"}), 400);
  EXPECT_EQ(status("*, *", {"Expires: 0"}), 400);
  EXPECT_FALSE(read({"<sip:a@h>", "*"}, {"Expires: 0"}));
  EXPECT_TRUE(read({})->query());
}

TEST_F(RegistrarBindingsTest, RefusedUris) {  // 5
  for (const std::string bad : {"<tel:+1555>",
                                "<mailto:a@h>",
                                "<http://h>",
                                "sip:",
                                "<sip:@h>",
                                "<sip:a@>",
                                "<sip:a@h",
                                "<>",
                                "",
                                "<sip:a@h:0>",
                                "<sip:a@h:65536>",
                                "<sip:a@h>, ",
                                "<sip:a@h> <sip:b@h>",
                                "<sip:a@0.0.0.0>",
                                "<sip:a@224.0.0.1>",
                                "<sip:a@239.255.255.255:5060>",
                                "<sip:a@255.255.255.255>",
                                "<sip:a@[::]>",
                                "<sip:a@[ff02::1]>",
                                "<sip:a b@h>"}) {
    const auto refused = read({bad});
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().status, 400) << bad;
    EXPECT_THAT(refused.error().reason, HasSubstr("Contact")) << bad;
  }
  const auto of_length = [](std::size_t octets) {
    return "<sip:" + std::string(octets - 6, 'a') + "@h>";
  };
  EXPECT_EQ(status(of_length(255)), 200);
  EXPECT_EQ(status(of_length(256)), 400);
  EXPECT_EQ(status("<sip:a@127.0.0.1>"), 200);
  EXPECT_EQ(status("<sips:a@[2001:db8::1]:5061>"), 200);
  origin.rewrite = true;
  EXPECT_EQ(status("<sip:a@0.0.0.0>"), 200) << "another address takes its place";
}

TEST_F(RegistrarBindingsTest, Parts) {  // 6
  const auto binding = read({"<sip:a@h;x=1?Subject=hi>;reg-id=002;+SIP.instance=\"<urn:x>\""});
  ASSERT_TRUE(binding);
  EXPECT_EQ(binding->bindings[0].given, "sip:a@h;x=1?Subject=hi");
  EXPECT_EQ(binding->bindings[0].uri, "sip:a@h;x=1");
  EXPECT_EQ(binding->bindings[0].instance, "<urn:x>");
  EXPECT_EQ(binding->bindings[0].reg_id, "2");
  EXPECT_EQ(read({"<sip:a@h>;reg-id=1"})->bindings[0].reg_id, "") << "nothing by itself";
  for (const std::string bad : {"0", "x", "-1", "2147483648"}) {
    EXPECT_EQ(status("<sip:a@h>;+sip.instance=\"<i>\";reg-id=" + bad), 400) << bad;
  }
  EXPECT_EQ(status("<sip:a@h>;+sip.instance=\"" + std::string(256, 'i') + "\""), 400);
}

TEST_F(RegistrarBindingsTest, AddRefreshRemove) {  // 7
  EXPECT_EQ(apply({"<sip:a@h>, <sip:b@h>", "<sip:c@h>;expires=100"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h", "sip:b@h", "sip:c@h"));
  EXPECT_EQ(contacts[2].contact->expires, start + 100s);
  EXPECT_THAT(applied.added, SizeIs(3));
  now += 10s;
  EXPECT_EQ(apply({"<sip:b@h>;expires=0", "<sip:c@h>;q=0.1", "<sip:none@h>;expires=0"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h", "sip:c@h"));
  EXPECT_EQ(contacts[1].contact->q, 100u);
  EXPECT_EQ(contacts[1].contact->expires, now + 3600s);
  EXPECT_THAT(uris_of(applied.refreshed), ElementsAre("sip:c@h"));
  EXPECT_THAT(uris_of(applied.removed), ElementsAre("sip:b@h"));
  EXPECT_EQ(apply({"<sip:d@h>;q=0.1, <sip:d@h>;q=0.2"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h", "sip:c@h", "sip:d@h"));
  EXPECT_EQ(contacts[2].contact->q, 200u) << "the last one holds";
  EXPECT_EQ(apply({"*"}, {"Expires: 0"}), 200);
  EXPECT_THAT(uris(), IsEmpty());
  EXPECT_THAT(applied.removed, SizeIs(3));
}

TEST_F(RegistrarBindingsTest, Equivalent) {  // 8
  call_id = "first";
  apply({"<sip:al%69ce@Example.com:5060;x=1>"});
  call_id = "second";
  EXPECT_EQ(apply({"<SIP:alice@EXAMPLE.COM:5060;X=1;newparam>"}), 200);
  EXPECT_THAT(uris(), SizeIs(1));
  for (const auto* other :
       {"<sip:Alice@example.com:5060>", "<sip:alice@example.com>", "<sips:alice@example.com:5060>",
        "<sip:alice@example.com:5060;transport=tcp>"}) {
    EXPECT_EQ(apply({other}), 200);
  }
  EXPECT_THAT(uris(), SizeIs(5));
  apply({"<sip:a@[2001:db8::1]>"});
  apply({"<sip:a@[2001:DB8:0::1]>"});
  EXPECT_THAT(uris(), SizeIs(6));
}

TEST_F(RegistrarBindingsTest, Order) {  // 9
  cseq = 10;
  apply({"<sip:a@h>", "<sip:b@h>"});
  for (const std::uint32_t late : {10u, 9u, 0u}) {
    cseq = late;
    EXPECT_EQ(apply({"<sip:a@h>"}), 500) << late;
    cseq = late;
    EXPECT_EQ(apply({"<sip:c@h>", "<sip:a@h>;expires=0"}), 500) << late;
    cseq = late;
    EXPECT_EQ(apply({"*"}, {"Expires: 0"}), 500) << late;
  }
  EXPECT_THAT(uris(), ElementsAre("sip:a@h", "sip:b@h"));
  cseq = 5;
  EXPECT_EQ(apply({"<sip:c@h>"}), 200) << "nothing is known of this one";
  call_id = "another";
  cseq = 1;
  EXPECT_EQ(apply({"<sip:a@h>"}), 200) << "CSeq counts within a Call-ID";
  call_id = "call-1";
  cseq = 2147483647;
  EXPECT_EQ(apply({"*"}, {"Expires: 0"}), 200);
}

TEST_F(RegistrarBindingsTest, Instances) {  // 10
  const auto device = [](const std::string& uri, const std::string& instance, int reg_id) {
    return fmt::format("<{}>;+sip.instance=\"<{}>\";reg-id={}", uri, instance, reg_id);
  };
  apply({device("sip:a@h1", "i", 1), device("sip:a@h2", "i", 2)});
  call_id = "after a restart";
  EXPECT_EQ(apply({device("sip:a@h3", "i", 1)}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h3", "sip:a@h2"));
  EXPECT_EQ(apply({device("sip:a@h2", "i", 1)}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h2")) << "a URI is there once";
  EXPECT_EQ(apply({device("sip:a@h9", "other", 1)}), 200);
  EXPECT_THAT(uris(), SizeIs(2));
  EXPECT_EQ(apply({device("sip:whatever@h", "other", 1) + ";expires=0"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h2"));
}

TEST_F(RegistrarBindingsTest, Limit) {  // 11
  aor.max_contacts = 2;
  EXPECT_EQ(apply({"<sip:a@h>", "<sip:b@h>", "<sip:c@h>"}), 403);
  EXPECT_THAT(uris(), IsEmpty());
  EXPECT_EQ(apply({"<sip:a@h>", "<sip:b@h>"}), 200);
  EXPECT_EQ(apply({"<sip:c@h>"}), 403);
  EXPECT_EQ(apply({"<sip:a@h>"}), 200);
  EXPECT_EQ(apply({"<sip:c@h>", "<sip:a@h>;expires=0"}), 200) << "one goes, one comes";
  EXPECT_THAT(uris(), UnorderedElementsAre("sip:b@h", "sip:c@h"));
  aor.max_contacts = 1;
  EXPECT_EQ(apply({"<sip:b@h>"}), 403) << "the limit was lowered";
  EXPECT_EQ(apply({"<sip:b@h>;expires=0"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:c@h"));
}

TEST_F(RegistrarBindingsTest, RemoveExisting) {  // 12
  aor.max_contacts = 3;
  aor.remove_existing = true;
  apply({"<sip:a@h>;expires=300", "<sip:b@h>;expires=100", "<sip:c@h>;expires=200"});
  EXPECT_EQ(apply({"<sip:d@h>"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h", "sip:c@h", "sip:d@h"));
  EXPECT_THAT(uris_of(applied.evicted), ElementsAre("sip:b@h"));
  EXPECT_EQ(apply({"<sip:c@h>;expires=60", "<sip:e@h>", "<sip:f@h>"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:c@h", "sip:e@h", "sip:f@h")) << "c is of this request";
  EXPECT_EQ(apply({"<sip:1@h>", "<sip:2@h>", "<sip:3@h>", "<sip:4@h>"}), 403);
  EXPECT_THAT(uris(), ElementsAre("sip:c@h", "sip:e@h", "sip:f@h"));
}

TEST_F(RegistrarBindingsTest, RemoveUnavailable) {  // 13
  aor.max_contacts = 2;
  aor.remove_unavailable = true;
  apply({"<sip:a@h>;expires=100", "<sip:b@h>;expires=200"});
  EXPECT_EQ(apply({"<sip:c@h>"}), 403);
  unreachable(1);
  EXPECT_EQ(apply({"<sip:c@h>"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h", "sip:c@h"));
  EXPECT_EQ(apply({"<sip:d@h>"}), 403);
  aor.remove_existing = true;
  unreachable(1);
  EXPECT_EQ(apply({"<sip:d@h>"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:a@h", "sip:d@h")) << "though a expires sooner";
  EXPECT_EQ(apply({"<sip:e@h>"}), 200);
  EXPECT_THAT(uris(), ElementsAre("sip:d@h", "sip:e@h"));
}

TEST_F(RegistrarBindingsTest, Lines) {  // 14
  auto contact = some_contact("alice", "sip:rewritten@h");
  contact->given = "sip:given@h;x";
  contact->expires = start + 59001ms;
  contact->q = 5;
  contact->instance = "<urn:uuid:1>";
  contact->reg_id = "1";
  EXPECT_EQ(contact_lines({{contact, {}}}, start),
            "Contact: <sip:given@h;x>;expires=60;q=0.005;+sip.instance=\"<urn:uuid:1>\";reg-id=1"
            "\r\n");
  EXPECT_EQ(contact_lines({}, start), "");
}

}  // namespace
}  // namespace missive::pjsip
