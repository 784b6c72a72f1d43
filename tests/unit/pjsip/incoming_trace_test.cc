// How a MESSAGE would be identified and routed, as `missive explain --incoming` tells it.
//
//  1. each step of a message that gets through, and what the dialplan would see
//  2. short forms: `alice`, `alice@host`, a name-addr
//  3. nobody we know: 401; type=acl: 403; the endpoint's rules: 401 with a password, 403 without
//  4. a foreign From; without options nothing is assumed of the source
//  5. what is no URI and an unknown transport are errors
#include "pjsip/incoming_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/configured.h"

namespace missive::pjsip {
namespace {

using test::configured;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Steps final : public Trace {
 public:
  void step(std::string_view what, std::string_view found) override {
    told.push_back(fmt::format("{}: {}", what, found));
  }
  std::vector<std::string> told;
};

class IncomingTraceTest : public testing::Test {
 protected:
  base::Result<IncomingAnswer> ask(std::string_view text, std::string_view from,
                                   std::string_view to, std::string_view source = {}) {
    configuration = configured(text);
    steps.told.clear();
    IncomingQuestion question{.from = from, .request_uri = to, .source = {}, .transport = {}};
    if (!source.empty()) question.source = *net::Address::parse(source, 5060);
    return trace_incoming(configuration, {}, question, steps);
  }

  std::shared_ptr<const Configuration> configuration;
  Steps steps;
};

constexpr auto* phones =
    "[udp]\ntype=transport\nbind=10.0.0.1\n"
    "[alice]\ntype=endpoint\nauth=a\nmessage_context=texts\n"
    "[a]\ntype=auth\nusername=alice\npassword=secret\n"
    "[gate]\ntype=endpoint\ndeny=0.0.0.0/0\n"
    "[door]\ntype=endpoint\nauth=a\ndeny=0.0.0.0/0\n"
    "[all]\ntype=acl\ndeny=198.51.100.0/24\n";

TEST_F(IncomingTraceTest, AllSteps) {  // 1
  const auto answer = ask(phones, "\"A\" <sip:alice@10.0.0.1>", "sip:bob@10.0.0.1", "192.0.2.7");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 202);
  EXPECT_EQ(answer->endpoint, configuration->endpoint("alice"));
  EXPECT_EQ(answer->context, "texts");
  EXPECT_EQ(answer->exten, "bob");
  EXPECT_EQ(answer->from, "\"A\" <sip:alice@10.0.0.1>");
  EXPECT_EQ(answer->to, "pjsip:bob@10.0.0.1");
  EXPECT_THAT(
      steps.told,
      ElementsAre("request: MESSAGE sip:bob@10.0.0.1 from \"A\" <sip:alice@10.0.0.1>, source "
                  "192.0.2.7:5060",
                  "acl: 'all' (pjsip.conf:19) lets in 192.0.2.7", "ip: no endpoint",
                  "username: endpoint 'alice' (pjsip.conf:4)",
                  "endpoint: alice (pjsip.conf:4), by username",
                  "password: of user 'alice' in realm 'asterisk', MD5 (pjsip.conf:8)",
                  "content: text/plain, at most 65536 octets",
                  "MESSAGE(from): \"A\" <sip:alice@10.0.0.1>", "MESSAGE(to): pjsip:bob@10.0.0.1",
                  "context: texts (message_context)", "extension: bob"));
  for (const auto& step : steps.told) EXPECT_THAT(step, ::testing::Not(HasSubstr("secret")));
}

TEST_F(IncomingTraceTest, ShortForms) {  // 2
  const auto answer = ask(phones, "alice", "bob");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->from, "<sip:alice@10.0.0.1>");
  EXPECT_EQ(answer->to, "pjsip:bob@10.0.0.1");
  EXPECT_EQ(ask(phones, "alice@x.example", "bob@x.example")->from, "<sip:alice@x.example>");
  EXPECT_EQ(ask("[alice]\ntype=endpoint\n", "alice", "bob")->to, "pjsip:bob@127.0.0.1");
}

TEST_F(IncomingTraceTest, Refusals) {  // 3
  EXPECT_EQ(ask(phones, "eve", "bob")->status, 401);
  EXPECT_EQ(steps.told.back(), "endpoint: nobody; it is asked for a password, in vain");
  EXPECT_EQ(ask(phones, "alice", "bob", "198.51.100.1")->status, 403);
  EXPECT_EQ(ask(phones, "gate", "bob")->status, 403);
  EXPECT_EQ(ask(phones, "door", "bob")->status, 401);
  EXPECT_THAT(steps.told.back(), HasSubstr("do not let in"));
}

TEST_F(IncomingTraceTest, ForeignFrom) {  // 4
  const auto* trunk =
      "[trunk]\ntype=endpoint\n[i]\ntype=identify\nendpoint=trunk\nmatch=192.0.2.0/24\n";
  const auto answer = ask(trunk, "sip:alice@else.example", "bob@us.example", "192.0.2.7");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->from, "<sip:trunk@us.example>");
  EXPECT_THAT(steps.told, Contains(HasSubstr("in place of a From that is not the endpoint's own")));
  EXPECT_THAT(steps.told, Contains("password: none is asked for"));
}

TEST_F(IncomingTraceTest, Errors) {  // 5
  EXPECT_THAT(ask(phones, "a b", "bob").error().text, HasSubstr("From"));
  EXPECT_THAT(ask(phones, "<sip:a", "bob").error().text, HasSubstr("From"));
  EXPECT_THAT(ask(phones, "alice", "sip:").error().text, HasSubstr("the Request-URI 'sip:'"));
  EXPECT_FALSE(ask(phones, "alice", "sip:bob@x\r\nX: y"));
  Steps none;
  EXPECT_EQ(
      trace_incoming(configured(phones), {},
                     {.from = "alice", .request_uri = "bob", .source = {}, .transport = "tc"}, none)
          .error()
          .text,
      "there is no transport 'tc' in pjsip.conf");
}

}  // namespace
}  // namespace missive::pjsip
