// 3xx and several contacts: what MessageUac makes of them, over a network in memory.
//
//  1. Not followed: failed, with a text that says where it points and why.
//  2. Followed by follow_redirect_methods, and by redirect_method=uri_pjsip: Call-ID, From and To
//  stay,
//     CSeq goes up, in another branch; told once that it left.
//  3. Contacts by q, expires and the header part ignored; 4xx and 5xx go on to the next, a success
//  or
//     6xx ends it.
//  4. The best answer is told when none took it; passing where one is.
//  5. Never the same URI twice, also not the one that redirects; what is no SIP URI is left out.
//  6. A redirect behind a redirect goes before what is left; five contacts and five redirects at
//  most.
//  7. sips: is not left for sip:.
//  8. 305 is not followed.
//  9. The time of all is timer_b; each contact but the last gets an equal share.
// 10. A contact that cannot be reached goes on to the next; its challenge is answered.
// 11. message_fork=all: each contact, each contact's result; sequential: until one takes it.
// 12. The phone that has just registered goes first.
// 13. A contact on another shard's connection is sent to there, with the results back here.
//     So is that its contact was removed.
// 14. Only destinations that go by contacts fork; one contact is sent to as ever.
// 15. Each message has its own: one is redirected while others are sent.
// 16. What was redirected is not taken back when the contact that did so is removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pjsip/message_uac.h"
#include "unit/pjsip/location_lab.h"
#include "unit/pjsip/sending_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using message::Refusal;
using sip::LoopTransport;
using sip::test::address;
using test::put;
using test::some_contact;
using test::value_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view objects =
    "[alice]\ntype=aor\ncontact=sip:alice@127.0.0.2\n"
    "[alice]\ntype=endpoint\naors=alice\noutbound_auth=alice\n"
    "follow_redirect_methods=invite,message\n"
    "[alice]\ntype=auth\nusername=alice\npassword=secret\n"
    "[core]\ntype=endpoint\naors=alice\nredirect_method=uri_pjsip\n"
    "[bob]\ntype=endpoint\naors=alice\n"
    "[safe]\ntype=aor\ncontact=sips:safe@127.0.0.2\n"
    "[safe]\ntype=endpoint\naors=safe\nfollow_redirect_methods=message\n"
    "[every]\ntype=endpoint\naors=one,two\nmessage_fork=all\n"
    "[turns]\ntype=endpoint\naors=one,two\nmessage_fork=sequential\n"
    "[one]\ntype=aor\nmax_contacts=9\ncontact=sip:1@127.0.0.2\ncontact=sip:2@127.0.0.3\n"
    "[two]\ntype=aor\nmax_contacts=9\ncontact=sip:3@127.0.0.4\ncontact=sip:1@127.0.0.2\n";

class RedirectTest : public testing::Test {
 protected:
  RedirectTest() { locations.configure(*configuration); }

  void send(std::string_view destination, const message::Dispatch& dispatch = {}) {
    const auto id = fmt::format("m{}", ++sends);
    uac.send(
        message::Message::create({.id = id,
                                  .destination = fmt::format("pjsip:{}", destination),
                                  .from = "sip:crm@example.net",
                                  .body = id}),
        dispatch,
        [this](const std::optional<Refusal>& refusal) {
          log.push_back(refusal ? "refused: " + refusal->reason : "left");
        },
        [this](const message::Attempted& attempted) {
          const auto& status = attempted.status;
          log.push_back(fmt::format("{} {} {} {}{}", name_of(status.state), status.response_code,
                                    status.response_text, status.contact,
                                    attempted.passing ? " later" : ""));
          for (const auto& result : status.results) {
            results.push_back(fmt::format("{} {} {}", result.contact, result.response_code,
                                          result.response_text));
          }
        });
    settle();
  }
  void settle() {
    for (int i = 0; i < 4; ++i) {
      lab.settle();
      other.settle();
    }
  }
  LoopTransport& udp() { return *lab.udp; }
  void answer(int status, const std::string& headers = {}) {
    lab.answer(udp(), udp().sent.back(), status, headers);
  }
  void redirect(const std::string& contacts, int status = 302) {
    answer(status, fmt::format("Contact: {}\r\n", contacts));
  }
  // The Request-URIs, in order, each once.
  std::vector<std::string> uris() {
    std::vector<std::string> out;
    for (const auto& sent : udp().sent) {
      const auto begin = sent.text.find(' ') + 1;
      auto uri = sent.text.substr(begin, sent.text.find(' ', begin) - begin);
      if (out.empty() || out.back() != uri) out.push_back(std::move(uri));
    }
    return out;
  }
  void reset() {
    udp().sent.clear();
    log.clear();
    results.clear();
  }

  test::SendingLab lab;
  test::SendingLab other{{}, 1};
  LocationService locations;
  std::shared_ptr<const Configuration> configuration = test::configured(
      std::string(test::lab_transports) + std::string(test::lab_tls) + std::string(objects));
  MessageUac uac{lab.means(), locations, {}, configuration};
  MessageUac uac_there{other.means(), locations, {}, configuration};
  std::vector<std::string> log, results;
  int sends = 0;
};

TEST_F(RedirectTest, NotFollowed) {  // 1
  send("bob");
  redirect("<sip:a@127.0.0.7>;q=0.1, \"A\" <sip:b@127.0.0.8>;q=0.5");
  EXPECT_THAT(log, ElementsAre("left",
                               "failed 302 Moved Temporarily to sip:b@127.0.0.8: not followed "
                               "(follow_redirect_methods does not contain message) "
                               "sip:alice@127.0.0.2"));
  EXPECT_THAT(udp().sent, SizeIs(1));
  send("bob");
  answer(300);
  EXPECT_THAT(log.back(), StartsWith("failed 300 Multiple Choices: not followed (follow"));
  EXPECT_EQ(uac.under_way(), 0u);
}

TEST_F(RedirectTest, Followed) {  // 2
  for (const auto* endpoint : {"alice", "core"}) {
    for (const int status : {300, 301, 302}) {
      reset();
      send(endpoint);
      redirect("<sip:new@127.0.0.7:5077>", status);
      ASSERT_THAT(udp().sent, SizeIs(2));
      const auto &first = udp().sent[0], &second = udp().sent[1];
      EXPECT_EQ(second.to, address("127.0.0.7:5077"));
      EXPECT_THAT(second.text, StartsWith("MESSAGE sip:new@127.0.0.7:5077 SIP/2.0\r\n"));
      for (const auto* name : {"From", "To", "Call-ID", "Contact", "Max-Forwards"}) {
        EXPECT_EQ(value_of(second, name), value_of(first, name)) << name;
      }
      EXPECT_EQ(value_of(second, "To"), "<sip:alice@127.0.0.2>");
      EXPECT_EQ(std::stoi(value_of(second, "CSeq")), std::stoi(value_of(first, "CSeq")) + 1);
      EXPECT_NE(value_of(second, "Via"), value_of(first, "Via"));
      answer(200);
      EXPECT_THAT(log, ElementsAre("left", "delivered 200 OK sip:new@127.0.0.7:5077"));
      EXPECT_THAT(results, IsEmpty());
    }
  }
  EXPECT_EQ(uac.under_way(), 0u);
}

TEST_F(RedirectTest, ByQ) {  // 3
  send("alice");
  answer(302,
         "Contact: <sip:third@127.0.0.7>;q=0.3;expires=0, <sip:first@127.0.0.7?Subject=x>\r\n"
         "Contact: sip:fourth@127.0.0.7;q=0.05\r\nContact: <sip:second@127.0.0.7>;q=0.75\r\n");
  answer(404);
  answer(500);
  answer(415);
  answer(200);
  EXPECT_THAT(uris(),
              ElementsAre("sip:alice@127.0.0.2", "sip:first@127.0.0.7", "sip:second@127.0.0.7",
                          "sip:third@127.0.0.7", "sip:fourth@127.0.0.7"));
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 OK sip:fourth@127.0.0.7"));

  reset();
  send("alice");
  redirect("<sip:a@127.0.0.7>, <sip:b@127.0.0.7>");
  answer(603);
  EXPECT_THAT(udp().sent, SizeIs(2));
  EXPECT_THAT(log.back(), StartsWith("failed 603 Decline sip:a@127.0.0.7"));
}

TEST_F(RedirectTest, BestOfFailures) {  // 4
  send("alice");
  redirect("<sip:a@127.0.0.7>, <sip:b@127.0.0.8>, <sip:c@127.0.0.9>");
  answer(404);
  answer(486);
  answer(403);
  EXPECT_THAT(log, ElementsAre("left", "failed 486 Busy Here sip:b@127.0.0.8 later"));

  reset();
  send("alice");
  redirect("<sip:a@127.0.0.7>");
  answer(404);
  EXPECT_THAT(log.back(), "failed 404 Not Found sip:a@127.0.0.7");
}

TEST_F(RedirectTest, NeverTwice) {  // 5
  send("alice");
  redirect("<sip:alice@127.0.0.2>, <SIP:%61lice@127.0.0.2>");
  EXPECT_THAT(udp().sent, SizeIs(1));
  EXPECT_THAT(log.back(),
              StartsWith("failed 302 Moved Temporarily: not followed: none of its contacts can be "
                         "used (sip:alice@127.0.0.2)"));

  reset();
  send("alice");
  redirect("<sip:a@127.0.0.7>, <tel:+1555>, <sip:>, <sip:A@127.0.0.7>, <sip:a@127.0.0.7>;q=0.1, *");
  redirect("<sip:alice@127.0.0.2>, <sip:a@127.0.0.7>");
  EXPECT_THAT(uris(), ElementsAre("sip:alice@127.0.0.2", "sip:a@127.0.0.7", "sip:A@127.0.0.7"));
  answer(404);
  ASSERT_THAT(log, SizeIs(2));
  reset();
  send("alice");
  answer(302);
  EXPECT_THAT(log.back(), StartsWith("failed 302 Moved Temporarily: not followed: it names no"));
}

TEST_F(RedirectTest, Limits) {  // 6
  send("alice");
  redirect("<sip:a@127.0.0.7>, <sip:b@127.0.0.7>");
  redirect("<sip:c@127.0.0.7>");
  answer(404);
  EXPECT_THAT(uris(), ElementsAre("sip:alice@127.0.0.2", "sip:a@127.0.0.7", "sip:c@127.0.0.7",
                                  "sip:b@127.0.0.7"));
  answer(200);

  reset();
  send("alice");
  redirect(
      "<sip:1@127.0.0.7>, <sip:2@127.0.0.7>, <sip:3@127.0.0.7>, <sip:4@127.0.0.7>, "
      "<sip:5@127.0.0.7>, <sip:6@127.0.0.7>, <sip:7@127.0.0.7>");
  for (int i = 0; i < 5; ++i) answer(404);
  EXPECT_EQ(uris().back(), "sip:5@127.0.0.7");
  EXPECT_THAT(log.back(), StartsWith("failed 404 Not Found"));
  EXPECT_EQ(uac.under_way(), 0u);

  reset();
  send("alice");
  for (int i = 0; i < 9; ++i) {
    if (log.size() < 2) redirect(fmt::format("<sip:loop{}@127.0.0.7>", i));
  }
  EXPECT_THAT(uris(), SizeIs(6)) << "five redirects are followed";
  EXPECT_THAT(log.back(), StartsWith("failed 302 Moved Temporarily: not followed: redirected more "
                                     "than 5 times"));
}

TEST_F(RedirectTest, Sips) {  // 7
  send("safe");
  ASSERT_THAT(lab.tls->inner.sent, SizeIs(1));
  lab.answer(lab.tls->inner, lab.tls->inner.sent[0], 302,
             "Contact: <sip:a@127.0.0.7>, <sips:b@127.0.0.8>;q=0.1\r\n");
  EXPECT_THAT(udp().sent, IsEmpty());
  ASSERT_THAT(lab.tls->inner.sent, SizeIs(2));
  EXPECT_THAT(lab.tls->inner.sent[1].text, StartsWith("MESSAGE sips:b@127.0.0.8 SIP/2.0\r\n"));

  // From sip: to sips: and no way back.
  send("alice");
  redirect("<sips:c@127.0.0.9>");
  ASSERT_THAT(lab.tls->inner.sent, SizeIs(3));
  lab.answer(lab.tls->inner, lab.tls->inner.sent[2], 302, "Contact: <sip:d@127.0.0.7>\r\n");
  EXPECT_THAT(udp().sent, SizeIs(1));
  EXPECT_THAT(log.back(), HasSubstr("none of its contacts can be used (sip:d@127.0.0.7)"));
}

TEST_F(RedirectTest, UseProxy) {  // 8
  send("alice");
  redirect("<sip:proxy@127.0.0.7>", 305);
  EXPECT_THAT(udp().sent, SizeIs(1));
  EXPECT_THAT(log.back(), StartsWith("failed 305 Use Proxy to sip:proxy@127.0.0.7: not followed "
                                     "(a proxy is chosen by outbound_proxy)"));
}

TEST_F(RedirectTest, TimeOfAll) {  // 9
  send("alice");
  lab.pass(2s);
  redirect("<sip:a@127.0.0.7>, <sip:b@127.0.0.7>, <sip:c@127.0.0.7>");
  lab.pass(9'900ms);
  EXPECT_THAT(uris(), SizeIs(2));
  lab.pass(200ms);
  EXPECT_THAT(uris(), SizeIs(3));
  lab.pass(19'700ms);
  EXPECT_THAT(uris(), SizeIs(4));
  EXPECT_THAT(log, SizeIs(1));
  lab.pass(400ms);
  EXPECT_THAT(log.back(), "failed 408 no answer sip:c@127.0.0.7 later");
}

TEST_F(RedirectTest, UnreachableContact) {  // 10
  send("alice");
  lab.tcp->failure = base::Error{"connection refused"};
  redirect("<sip:a@127.0.0.7;transport=tcp>, <sip:a@[::1]>, <sip:b@127.0.0.8>");
  EXPECT_EQ(uris().back(), "sip:b@127.0.0.8");
  answer(401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n");
  EXPECT_THAT(value_of(udp().sent.back(), "Authorization"), HasSubstr("uri=\"sip:b@127.0.0.8\""));
  EXPECT_EQ(std::stoi(value_of(udp().sent.back(), "CSeq")),
            std::stoi(value_of(udp().sent[0], "CSeq")) + 3);
  answer(202);
  EXPECT_THAT(log, ElementsAre("left", "sent 202 Accepted sip:b@127.0.0.8"));

  send("alice");
  redirect("<sip:a@127.0.0.7;transport=tcp>");
  EXPECT_THAT(log.back(), "failed 503 connection refused sip:a@127.0.0.7;transport=tcp later");
}

TEST_F(RedirectTest, Fork) {  // 11
  send("every");
  EXPECT_THAT(uris(), ElementsAre("sip:1@127.0.0.2", "sip:2@127.0.0.3", "sip:3@127.0.0.4"));
  EXPECT_NE(value_of(udp().sent[0], "Call-ID"), value_of(udp().sent[1], "Call-ID"));
  EXPECT_THAT(log, ElementsAre("left"));
  const auto sent = udp().sent;
  lab.answer(udp(), sent[1], 486);
  lab.answer(udp(), sent[2], 200);
  EXPECT_THAT(log, SizeIs(1));
  lab.answer(udp(), sent[0], 404);
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 OK sip:3@127.0.0.4"));
  EXPECT_THAT(results, ElementsAre("sip:1@127.0.0.2 404 Not Found", "sip:2@127.0.0.3 486 Busy Here",
                                   "sip:3@127.0.0.4 200 OK"));

  reset();
  send("turns");
  EXPECT_THAT(udp().sent, SizeIs(1));
  answer(480);
  answer(200);
  EXPECT_THAT(uris(), ElementsAre("sip:1@127.0.0.2", "sip:2@127.0.0.3"));
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 OK sip:2@127.0.0.3"));
  EXPECT_THAT(results,
              ElementsAre("sip:1@127.0.0.2 480 Temporarily Unavailable", "sip:2@127.0.0.3 200 OK"));

  reset();
  send("every/two");
  EXPECT_THAT(uris(), ElementsAre("sip:3@127.0.0.4", "sip:1@127.0.0.2"));
  reset();
  send("PJSIP/1555@every");
  EXPECT_THAT(uris(),
              ElementsAre("sip:1555@127.0.0.2", "sip:1555@127.0.0.3", "sip:1555@127.0.0.4"));
}

TEST_F(RedirectTest, JustRegistered) {  // 12
  message::Dispatch dispatch;
  const std::string contact = "sip:3@127.0.0.4";
  dispatch.contact = contact;
  send("turns", dispatch);
  EXPECT_THAT(uris(), ElementsAre("sip:3@127.0.0.4"));
  answer(486);
  EXPECT_EQ(uris().back(), "sip:1@127.0.0.2");
  reset();
  send("every", dispatch);
  EXPECT_THAT(uris(), ElementsAre("sip:3@127.0.0.4", "sip:1@127.0.0.2", "sip:2@127.0.0.3"));
}

TEST_F(RedirectTest, OtherShard) {  // 13
  uac.know_others({&uac, &uac_there});
  uac_there.know_others({&uac, &uac_there});
  auto phone = some_contact("two", "sip:phone@10.0.0.1;transport=tcp");
  phone->transport = "tcp";
  phone->flow = Flow{1, address("192.0.2.9:40000")};
  put(locations, phone);
  send("every");
  EXPECT_THAT(udp().sent, SizeIs(3));
  ASSERT_THAT(other.tcp->sent, SizeIs(1));
  EXPECT_EQ(other.tcp->sent[0].to, address("192.0.2.9:40000"));
  EXPECT_THAT(lab.tcp->sent, IsEmpty());
  const auto sent = udp().sent;
  for (const auto& one : sent) lab.answer(udp(), one, 404);
  EXPECT_THAT(log, ElementsAre("left"));
  other.answer(*other.tcp, other.tcp->sent[0], 200);
  settle();
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 OK sip:phone@10.0.0.1;transport=tcp"));
  ASSERT_THAT(results, SizeIs(4));
  EXPECT_THAT(results, testing::Contains("sip:phone@10.0.0.1;transport=tcp 200 OK"));

  reset();
  send("every");
  ASSERT_THAT(other.tcp->sent, SizeIs(2));
  const auto again = udp().sent;
  for (const auto& one : again) lab.answer(udp(), one, 404);
  EXPECT_THAT(log, ElementsAre("left"));
  test::remove(locations, "two", phone->uri);
  uac.abandon(phone->uri);
  settle();
  EXPECT_THAT(log, SizeIs(2));
  EXPECT_THAT(results, testing::Contains(fmt::format(
                           "{0} 503 contact '{0}' was removed before it answered", phone->uri)));
}

TEST_F(RedirectTest, OnlyContactsFork) {  // 14
  send("every/sip:x@127.0.0.9");
  EXPECT_THAT(uris(), ElementsAre("sip:x@127.0.0.9"));
  answer(200);
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 OK sip:x@127.0.0.9"));
  EXPECT_THAT(results, IsEmpty());
  reset();
  send("bob");
  answer(200);
  EXPECT_THAT(results, IsEmpty());
}

TEST_F(RedirectTest, ManyAtOnce) {  // 15
  for (int i = 0; i < 3; ++i) send("alice");
  const auto first = udp().sent;
  ASSERT_THAT(first, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) {
    lab.answer(udp(), first[i], 302,
               fmt::format("Contact: <sip:x{0}@127.0.0.7>, <sip:y{0}@127.0.0.7>\r\n", i));
  }
  const auto second = udp().sent;
  ASSERT_THAT(second, SizeIs(6));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(second[3 + i].text, StartsWith(fmt::format("MESSAGE sip:x{}@127.0.0.7 ", i)));
    EXPECT_TRUE(second[3 + i].text.ends_with(fmt::format("m{}", i + 1)));
    lab.answer(udp(), second[3 + i], 404);
    EXPECT_THAT(udp().sent.back().text, StartsWith(fmt::format("MESSAGE sip:y{}@127.0.0.7 ", i)));
    EXPECT_TRUE(udp().sent.back().text.ends_with(fmt::format("m{}", i + 1)));
    EXPECT_EQ(value_of(udp().sent.back(), "Call-ID"), value_of(first[i], "Call-ID"));
    send("bob");
  }
}

TEST_F(RedirectTest, ContactRemovedAfterwards) {  // 16
  send("alice");
  redirect("<sip:x@127.0.0.7>");
  locations.configure(*test::configured("[one]\ntype=aor\n"));
  uac.abandon("sip:alice@127.0.0.2");
  settle();
  EXPECT_THAT(log, ElementsAre("left"));
  answer(200);
  EXPECT_THAT(log, ElementsAre("left", "delivered 200 OK sip:x@127.0.0.7"));
}

}  // namespace
}  // namespace missive::pjsip
