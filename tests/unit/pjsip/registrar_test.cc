// REGISTER as the Registrar answers it.
//
//  1. Added: 200 with Contact, its time left, Date; the contact knows all about the request.
//  2. Expires is in the answer only where it was in the request, as granted.
//  3. Which AOR: user@domain, through domain_alias, user; escapes; the endpoint's own only; by
//     the credentials with identify_by=auth_username; disable_multi_domain; options in the user.
//  4. Not for an AOR: no aors=, another's, not configured, tel: and nonsense in To.
//  5. max_contacts=0 takes nothing, not even a query.
//  6. A query changes nothing.
//  7. rewrite_contact: host and port of the source, protocol of a stream, maddr gone; the phone
//  gets
//     back what it wrote; it is known again from another port; not behind a Path.
//  8. A stream binds the contact to its flow, UDP does not.
//  9. Path: stored and echoed; 420 without Supported; left alone where support_path=no; malformed.
// 10. Require: path and outbound, others 420 with Unsupported.
// 11. Outbound: Require: outbound with instance and reg-id; 439 where the first hop has no `ob`.
// 12. Refused requests change nothing and say why; the location service was told nothing.
// 13. A thousand contacts in one request: 403, or all of them where the AOR takes them.
// 14. Of a long User-Agent the beginning is kept.
#include "pjsip/registrar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/registrar_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using test::Register;
using test::RegistrarLab;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view alice =
    "[alice]\ntype=endpoint\naors=alice\n"
    "[alice]\ntype=aor\nmax_contacts=5\nsupport_path=no\n";
const auto contacts = RegistrarLab::contacts;
const auto values = RegistrarLab::values;

std::string with(std::string_view text, const std::string& from, const std::string& to) {
  return sip::test::replaced(std::string(text), from, to);
}

TEST(RegistrarTest, Added) {  // 1
  RegistrarLab lab(alice);
  const auto answer = lab.send({.contacts = {"\"A\" <sip:a@10.0.0.1:5070;x=1>;q=0.25;expires=600"},
                                .headers = {"User-Agent: phone/1"},
                                .call_id = "id@host",
                                .cseq = 77});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(contacts(answer), ElementsAre("<sip:a@10.0.0.1:5070;x=1>;expires=600;q=0.250"));
  EXPECT_THAT(values(answer, "Date"), ElementsAre("Fri, 02 Jan 2026 00:00:00 GMT"));
  const auto contact = lab.only();
  EXPECT_EQ(contact->aor, "alice");
  EXPECT_EQ(contact->uri, "sip:a@10.0.0.1:5070;x=1");
  EXPECT_EQ(contact->given, contact->uri);
  EXPECT_FALSE(contact->permanent);
  EXPECT_EQ(contact->q, 250u);
  EXPECT_EQ(contact->expiration, 600s);
  EXPECT_EQ(contact->expires, lab.clock.now() + 600s);
  EXPECT_EQ(contact->updated, lab.clock.now());
  EXPECT_EQ(contact->endpoint, "alice");
  EXPECT_EQ(contact->call_id, "id@host");
  EXPECT_EQ(contact->cseq, 77u);
  EXPECT_EQ(contact->user_agent, "phone/1");
  EXPECT_EQ(contact->via_address, "10.0.0.1:5070");
  EXPECT_EQ(contact->transport, "udp1");
  EXPECT_EQ(contact->source.str(), "192.0.2.1:5060");
  EXPECT_EQ(contact->flow, std::nullopt);
  lab.pass(1500ms);
  EXPECT_THAT(contacts(lab.send({})), ElementsAre(HasSubstr(";expires=599;")));
  lab.pass(1h);
  EXPECT_THAT(contacts(lab.send({})), ElementsAre(HasSubstr(";expires=0;")));
}

TEST(RegistrarTest, ExpiresHeader) {  // 2
  RegistrarLab lab(alice);
  EXPECT_THAT(values(lab.add({"<sip:a@10.0.0.1>"}), "Expires"), IsEmpty());
  const auto expires = [&lab](const std::string& value) {
    return values(lab.send({.contacts = {"<sip:a@10.0.0.1>"}, .headers = {"Expires: " + value}}),
                  "Expires");
  };
  EXPECT_THAT(expires("100"), ElementsAre("100"));
  EXPECT_THAT(expires("99999"), ElementsAre("7200"));
  EXPECT_THAT(expires("0"), ElementsAre("0"));
}

TEST(RegistrarTest, WhichAor) {  // 3
  constexpr std::string_view sections =
      "[house]\ntype=endpoint\naors=alice,alice@example.com,x y,bob@real.example\n"
      "identify_by=username,auth_username\n"
      "[alice]\ntype=aor\nmax_contacts=1\n[alice@example.com]\ntype=aor\nmax_contacts=1\n"
      "[x y]\ntype=aor\nmax_contacts=1\n[bob@real.example]\ntype=aor\nmax_contacts=1\n"
      "[eve]\ntype=aor\nmax_contacts=1\n"
      "[alias.example]\ntype=domain_alias\ndomain=real.example\n";
  const auto registers_at = [](const std::string& configuration, const std::string& to,
                               const std::string& authenticated_as = "") -> std::string {
    RegistrarLab lab(configuration);
    const auto answer =
        lab.send({.contacts = {"<sip:a@10.0.0.1>"}, .to = to, .authenticated_as = authenticated_as},
                 "house");
    if (answer.status != 200) return std::to_string(answer.status);
    return lab.log.lines.at(0);
  };
  const std::string all(sections);
  EXPECT_EQ(registers_at(all, "<sip:alice@example.com>"),
            "created alice@example.com sip:a@10.0.0.1 1");
  EXPECT_EQ(registers_at(all, "<sip:alice@other.com>"), "created alice sip:a@10.0.0.1 1");
  EXPECT_EQ(registers_at(all, "<sips:alice@other.com>"), "created alice sip:a@10.0.0.1 1");
  EXPECT_EQ(registers_at(all, "<sip:bob@ALIAS.example>"),
            "created bob@real.example sip:a@10.0.0.1 1");
  EXPECT_EQ(registers_at(all, "<sip:x%20y@h>"), "created x y sip:a@10.0.0.1 1");
  EXPECT_EQ(registers_at(all, "<sip:bob@h>"), "404");
  EXPECT_EQ(registers_at(all, "<sip:ALICE@h>"), "404") << "names have case";
  EXPECT_EQ(registers_at(all, "<sip:eve@h>"), "404") << "not its own";
  EXPECT_EQ(registers_at(all, "<sip:h>"), "404");
  EXPECT_EQ(registers_at(all, "<sip:someone@h>", "alice"), "created alice sip:a@10.0.0.1 1");
  EXPECT_EQ(registers_at(all, "<sip:someone@h>", "eve"), "404");
  const auto single = "[global]\ntype=global\ndisable_multi_domain=yes\n" + all;
  EXPECT_EQ(registers_at(single, "<sip:alice@example.com>"), "created alice sip:a@10.0.0.1 1");
  EXPECT_EQ(registers_at(all, "<sip:alice;cpc=1@h>"), "404");
  const auto options = "[global]\ntype=global\nignore_uri_user_options=yes\n" + all;
  EXPECT_EQ(registers_at(options, "<sip:alice;cpc=1@h>"), "created alice sip:a@10.0.0.1 1");
}

TEST(RegistrarTest, NoAor) {  // 4
  RegistrarLab lab(
      "[none]\ntype=endpoint\n[gone]\ntype=endpoint\naors=alice\n"
      "[own]\ntype=endpoint\naors=own\n[own]\ntype=aor\nmax_contacts=1\n");
  const auto status = [&lab](const char* endpoint, const std::string& to) {
    return lab.send({.contacts = {"<sip:a@10.0.0.1>"}, .to = to}, endpoint).status;
  };
  EXPECT_EQ(status("none", "<sip:alice@example.com>"), 403);
  EXPECT_EQ(status("gone", "<sip:alice@example.com>"), 404);
  EXPECT_EQ(status("own", "<sip:alice@example.com>"), 404);
  EXPECT_EQ(status("own", "<tel:+1555>"), 416);
  EXPECT_EQ(status("own", "<sip:>"), 400);
  EXPECT_EQ(status("own", "<sip:own@h>"), 200);
}

TEST(RegistrarTest, NoContactsAllowed) {  // 5
  RegistrarLab lab(with(alice, "max_contacts=5", "max_contacts=0"));
  EXPECT_EQ(lab.add({"<sip:a@10.0.0.1>"}).status, 403);
  EXPECT_EQ(lab.send({}).status, 403);
}

TEST(RegistrarTest, Query) {  // 6
  RegistrarLab lab(alice);
  lab.add({"<sip:a@10.0.0.1>", "<sip:b@10.0.0.1>"});
  lab.log.take();
  const auto answer = lab.send({.headers = {"Expires: 0"}});
  EXPECT_THAT(contacts(answer),
              ElementsAre("<sip:a@10.0.0.1>;expires=3600", "<sip:b@10.0.0.1>;expires=3600"));
  EXPECT_THAT(lab.log.take(), IsEmpty());
}

TEST(RegistrarTest, RewriteContact) {  // 7
  const auto rewriting = with(alice, "aors=alice", "aors=alice\nrewrite_contact=yes");
  const std::string given = "<sip:a@10.0.0.1:5070;transport=tcp;maddr=10.9.9.9;ob;x=1>";
  {
    RegistrarLab lab(rewriting);
    const auto answer = lab.add({given});
    EXPECT_THAT(contacts(answer), ElementsAre(given + ";expires=3600"));
    EXPECT_EQ(lab.only()->uri, "sip:a@192.0.2.1:5060;ob;x=1");
    EXPECT_FALSE(lab.only()->flow_only);
    // The NAT gave it another port, and the same phone is still one contact.
    lab.send({.contacts = {given}, .from_address = "192.0.2.1:6000"});
    EXPECT_THAT(lab.uris(), ElementsAre("sip:a@192.0.2.1:6000;ob;x=1"));
    // Another phone behind another NAT, with the same private address.
    lab.send({.contacts = {given}, .call_id = "call-2", .from_address = "192.0.2.2:5060"});
    EXPECT_THAT(lab.uris(), SizeIs(2));
    lab.send({.contacts = {given + ";expires=0"}, .from_address = "192.0.2.1:6001"});
    EXPECT_THAT(lab.uris(), ElementsAre("sip:a@192.0.2.2:5060;ob;x=1"));
  }
  {
    RegistrarLab lab(rewriting);
    lab.send(
        {.contacts = {"<sip:[2001:db8::9]>"}, .from_address = "[2001:db8::1]:7000", .tcp = true});
    EXPECT_EQ(lab.only()->uri, "sip:[2001:db8::1]:7000;transport=tcp");
    EXPECT_TRUE(lab.only()->flow_only);
  }
  {
    RegistrarLab lab(with(rewriting, "support_path=no", "support_path=yes"));
    lab.send({.contacts = {given}, .headers = {"Path: <sip:p;lr>", "Supported: path"}});
    EXPECT_EQ("<" + lab.only()->uri + ">", given);
  }
}

TEST(RegistrarTest, Flow) {  // 8
  RegistrarLab lab(alice);
  lab.send({.contacts = {"<sip:a@10.0.0.1;transport=tcp>"}, .tcp = true});
  const auto contact = lab.only();
  EXPECT_EQ(contact->flow, (Flow{3, sip::test::address("192.0.2.1:5060")}));
  EXPECT_EQ(contact->transport, "tcp1");
  EXPECT_FALSE(contact->flow_only) << "its own address leads there too";
  lab.send({.contacts = {"<sip:b@abc.invalid;transport=ws>"}, .tcp = true});
  EXPECT_TRUE(lab.locations.contacts("alice")[1].contact->flow_only);
}

TEST(RegistrarTest, Path) {  // 9
  const auto supporting = with(alice, "support_path=no", "support_path=yes");
  RegistrarLab lab(supporting);
  const auto answer = lab.send(
      {.contacts = {"<sip:a@10.0.0.1>"},
       .headers = {"Supported: gruu, PATH", "Path: <sip:p2@192.0.2.8;lr>, sip:p1@192.0.2.9;x=1",
                   "Path: \"P\" <sip:p0;lr>"}});
  EXPECT_THAT(values(answer, "Path"),
              ElementsAre("<sip:p2@192.0.2.8;lr>", "<sip:p1@192.0.2.9>;x=1", "\"P\" <sip:p0;lr>"));
  EXPECT_EQ(lab.only()->path, values(answer, "Path"));

  const auto unasked =
      lab.send({.contacts = {"<sip:b@10.0.0.1>"}, .headers = {"Path: <sip:p;lr>"}});
  EXPECT_EQ(unasked.status, 420);
  EXPECT_EQ(unasked.headers, "Unsupported: path\r\n");
  for (const std::string bad : {"<sip:p", "", "<tel:1>", "<sip:p>,", "*"}) {
    const auto refused = lab.send(
        {.contacts = {"<sip:b@10.0.0.1>"}, .headers = {"Path: " + bad, "Supported: path"}});
    EXPECT_EQ(refused.status, 400) << bad;
  }
  std::string list = "<sip:p0;lr>";
  for (int i = 0; i < 300; ++i) list += ",<sip:p;lr>";
  EXPECT_EQ(
      lab.send({.contacts = {"<sip:b@10.0.0.1>"}, .headers = {"Path: " + list, "Supported: path"}})
          .status,
      400);
  EXPECT_THAT(lab.uris(), SizeIs(1));

  RegistrarLab without(alice);
  const auto ignored = without.send(
      {.contacts = {"<sip:a@10.0.0.1>"}, .headers = {"Path: <sip:p;lr>", "Supported: path"}});
  EXPECT_EQ(ignored.status, 200);
  EXPECT_THAT(values(ignored, "Path"), IsEmpty());
  EXPECT_THAT(without.only()->path, IsEmpty());
}

TEST(RegistrarTest, Require) {  // 10
  const auto require = [](std::string_view configuration, const std::string& tags) {
    RegistrarLab lab(configuration);
    const auto answer =
        lab.send({.contacts = {"<sip:a@10.0.0.1>"}, .headers = {"Require: " + tags}});
    return fmt::format(
        "{} {}", answer.status,
        values(answer, "Unsupported").empty() ? "" : values(answer, "Unsupported").front());
  };
  const auto supporting = with(alice, "support_path=no", "support_path=yes");
  EXPECT_EQ(require(alice, "outbound"), "200 ");
  EXPECT_EQ(require(alice, "path"), "420 path");
  EXPECT_EQ(require(supporting, "path, Outbound"), "200 ");
  EXPECT_EQ(require(supporting, "gruu, path, 100rel"), "420 gruu, 100rel");
}

TEST(RegistrarTest, Outbound) {  // 11
  const std::string contact =
      "<sip:a@10.0.0.1>;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\";reg-id=1";
  RegistrarLab lab(with(alice, "support_path=no", "support_path=yes"));
  const auto answer =
      lab.send({.contacts = {contact}, .headers = {"Supported: outbound"}, .tcp = true});
  EXPECT_THAT(values(answer, "Require"), ElementsAre("outbound"));
  EXPECT_THAT(contacts(answer), ElementsAre("<sip:a@10.0.0.1>;expires=3600;" + contact.substr(17)));
  EXPECT_TRUE(lab.only()->flow_only);
  EXPECT_THAT(values(lab.send({.contacts = {contact}}), "Require"), IsEmpty());

  const std::vector<std::string> through_proxy{"SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK2",
                                               "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1"};
  const auto status = [&](const std::string& path) {
    std::vector<std::string> headers{"Supported: outbound, path"};
    if (!path.empty()) headers.push_back("Path: " + path);
    return lab.send({.contacts = {contact}, .headers = headers, .vias = through_proxy}).status;
  };
  EXPECT_EQ(status(""), 439);
  EXPECT_EQ(status("<sip:p;lr;ob>, <sip:q;lr>"), 439);
  EXPECT_EQ(status("<sip:p;lr>, <sip:q;lr;ob>"), 200);
}

TEST(RegistrarTest, Refused) {  // 12
  RegistrarLab lab(alice);
  lab.add({"<sip:a@10.0.0.1>;expires=100"});
  lab.log.take();
  const auto try_all = [&lab](const std::vector<std::string>& list,
                              const std::vector<std::string>& headers = {}) {
    return lab.send({.contacts = list, .headers = headers}).status;
  };
  EXPECT_EQ(try_all({"<sip:b@10.0.0.1>", "<sip:c@10.0.0.1>;expires=30"}), 423);
  EXPECT_EQ(try_all({"<sip:b@10.0.0.1>", "<sip:c@10.0.0.1"}), 400);
  EXPECT_EQ(try_all({"<sip:b@10.0.0.1>", "*"}, {"Expires: 0"}), 400);
  EXPECT_EQ(lab.send({.contacts = {"<sip:b@10.0.0.1>", "<sip:a@10.0.0.1>"}, .cseq = 1}).status,
            500);
  EXPECT_THAT(lab.uris(), ElementsAre("sip:a@10.0.0.1"));
  EXPECT_THAT(lab.log.take(), IsEmpty());
  const auto brief = lab.add({"<sip:b@10.0.0.1>;expires=1"});
  EXPECT_EQ(brief.headers, "Min-Expires: 60\r\n");
}

TEST(RegistrarTest, ThousandContacts) {  // 13
  std::string list;
  for (int i = 0; i < 1000; ++i) {
    list += fmt::format("{}<sip:c{}@10.0.0.1:5070>", i == 0 ? "" : ", ", i);
  }
  RegistrarLab small(alice);
  EXPECT_EQ(small.add({list}).status, 403);
  EXPECT_THAT(small.uris(), IsEmpty());
  RegistrarLab large(with(alice, "max_contacts=5", "max_contacts=1000"));
  const auto answer = large.add({list});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(contacts(answer), SizeIs(1000));
  EXPECT_THAT(large.log.take(), SizeIs(1000));
  EXPECT_EQ(large.add({list}).status, 200) << "refreshed";
  EXPECT_EQ(large.add({"<sip:one@10.0.0.1>"}).status, 403);
  EXPECT_EQ(large.send({.contacts = {"*"}, .headers = {"Expires: 0"}}).status, 200);
  EXPECT_THAT(large.uris(), IsEmpty());
}

TEST(RegistrarTest, LongUserAgent) {  // 14
  RegistrarLab lab(alice);
  lab.send({.contacts = {"<sip:a@10.0.0.1>"},
            .headers = {"User-Agent: phone " + std::string(5000, 'x')}});
  EXPECT_THAT(lab.only()->user_agent, StartsWith("phone xxx"));
  EXPECT_LT(lab.only()->user_agent.size(), 300u);
}

}  // namespace
}  // namespace missive::pjsip
