// The door: what becomes of a request before an EndpointUser sees it.
//
//  1. only methods that somebody takes; the others are left to the next RequestUser
//  2. an endpoint without auth passes, with the configuration and its name
//  3. with auth: 401, then the right password passes with the user name; a wrong one never does
//  4. nobody we know: 401 of the same form, and none of the users is asked
//  5. MESSAGE inside a dialog: 481; REGISTER with a To-tag is taken
//  6. type=acl: 403 for all, by address and by Contact
//  7. acl, permit and deny of an endpoint: 403 where it has no password; with one the same 401 as
//     for nobody, even when the password is right
//  8. contact rules: addresses in Contact; a host name is not let in; `*` is no address
//  9. unidentified_rate: no answer any more, for known ones of that address neither
// 10. request_rate holds for every method
// 11. events: invalid_account after unidentified_request_count, a wrong password, rules
// 12. force_rport: where the response goes
// 13. use(): another configuration from then on
// 14. the Request of an endpoint over the transaction layer: one answer for a retransmission
#include "pjsip/distributor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/incoming_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using test::authorization_for;
using test::challenges_of;
using test::configured;
using test::Parsed;
using test::RequestText;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class RecordingUser final : public EndpointUser {
 public:
  explicit RecordingUser(sip::Method method) : method_(method) {}
  bool takes(sip::Method method) const override { return method == method_; }
  void on_request(const EndpointRequest& request, sip::Response& response) override {
    seen.push_back(request.endpoint.name + "/" + std::string(request.authenticated_as));
    configuration = request.configuration;
    response.status = 200;
  }
  std::vector<std::string> seen;
  std::shared_ptr<const Configuration> configuration;

 private:
  sip::Method method_;
};

class RecordingEvents final : public AuthEvents {
 public:
  void invalid_account(const AuthSubject& subject) override { tell("invalid_account", subject); }
  void invalid_password(const AuthSubject& subject, std::string_view, std::string_view) override {
    tell("invalid_password", subject);
  }
  void challenge_sent(const AuthSubject&, std::string_view) override {}
  void successful_auth(const AuthSubject& subject) override { tell("successful_auth", subject); }
  void failed_acl(const AuthSubject& subject, std::string_view acl) override {
    tell(fmt::format("failed_acl ({})", acl), subject);
  }
  std::vector<std::string> told;

 private:
  void tell(std::string_view what, const AuthSubject& subject) {
    told.push_back(fmt::format("{}: {} {} {} {} {} to {}", what, subject.account, subject.session,
                               subject.method, subject.transport, subject.source.str(),
                               subject.local.str()));
  }
};

constexpr auto* phones =
    "[alice]\ntype=endpoint\nauth=a\n[a]\ntype=auth\nusername=alice\npassword=secret\n"
    "[open]\ntype=endpoint\n";

RequestText from(const std::string& user) { return {.from = "<sip:" + user + "@example.com>"}; }

class DistributorTest : public testing::Test {
 protected:
  void start(std::string_view text, const RateLimiter::Limits& limits = {}) {
    configuration = configured(text);
    distributor.emplace(lab.shard, resolver, nonces, events, limits, configuration);
    distributor->add(messages);
    distributor->add(registers);
    sip::test::settle(lab.shard);
  }

  // The status; 0 where it was not taken, -1 where it was dropped.
  int ask(const RequestText& request, std::string_view source = "192.0.2.1:5060") {
    const Parsed parsed(request);
    const auto address = sip::test::address(source);
    response = {};
    if (!distributor->on_request({*parsed, lab.udp, address}, response)) return 0;
    return response.drop ? -1 : response.status;
  }
  // With the credentials that the last response asks for.
  int answer(RequestText request, std::string_view password,
             std::string_view source = "192.0.2.1:5060") {
    const auto challenges = challenges_of(response.headers);
    if (challenges.empty()) return -2;
    request.headers += authorization_for(challenges[0], "alice", password, request);
    return ask(request, source);
  }
  // Lets the loop see a later time.
  void pass(base::Duration time) {
    clock().advance(time);
    lab.shard.post([] {});
    sip::test::settle(lab.shard);
  }
  base::ManualClock& clock() { return lab.clock; }

  sip::test::Lab lab;
  Nonces nonces{lab.clock};
  RecordingEvents events;
  RecordingUser messages{sip::Method::MESSAGE};
  RecordingUser registers{sip::Method::REGISTER};
  net::Resolver resolver{lab.shard};
  std::shared_ptr<const Configuration> configuration;
  std::optional<Distributor> distributor;
  sip::Response response;
};

TEST_F(DistributorTest, OnlyWhatIsTaken) {  // 1
  start(phones);
  for (const auto* method : {"OPTIONS", "INVITE", "SUBSCRIBE", "FOO"}) {
    auto request = from("open");
    request.method = method;
    EXPECT_EQ(ask(request), 0) << method;
  }
  auto request = from("open");
  request.method = "REGISTER";
  EXPECT_EQ(ask(request), 200);
  EXPECT_THAT(registers.seen, SizeIs(1));
  EXPECT_THAT(messages.seen, IsEmpty());
}

TEST_F(DistributorTest, WithoutPassword) {  // 2
  start(phones);
  EXPECT_EQ(ask(from("open")), 200);
  EXPECT_THAT(messages.seen, ElementsAre("open/"));
  EXPECT_EQ(messages.configuration, configuration);
  EXPECT_THAT(events.told, IsEmpty());
}

TEST_F(DistributorTest, WithPassword) {  // 3
  start(phones);
  EXPECT_EQ(ask(from("alice")), 401);
  EXPECT_EQ(answer(from("alice"), "wrong"), 401);
  EXPECT_THAT(messages.seen, IsEmpty());
  EXPECT_EQ(answer(from("alice"), "secret"), 200);
  EXPECT_THAT(messages.seen, ElementsAre("alice/alice"));
  // The name does not stay for the next one.
  EXPECT_EQ(ask(from("open")), 200);
  EXPECT_EQ(messages.seen.back(), "open/");
}

TEST_F(DistributorTest, Nobody) {  // 4
  start(phones);
  EXPECT_EQ(ask(from("alice")), 401);
  const auto known = response.headers.size();
  const bool to_source = response.to_source;
  EXPECT_EQ(ask(from("nobody")), 401);
  EXPECT_EQ(response.headers.size(), known);
  EXPECT_EQ(response.to_source, to_source);
  EXPECT_EQ(answer(from("nobody"), "secret"), 401);
  EXPECT_EQ(response.headers.size(), known);
  EXPECT_THAT(messages.seen, IsEmpty());
}

TEST_F(DistributorTest, InDialog) {  // 5
  start(phones);
  auto request = from("open");
  request.to = "<sip:bob@example.com>;tag=x";
  request.body = "";
  request.headers = "";
  EXPECT_EQ(ask(request), 481);
  EXPECT_THAT(messages.seen, IsEmpty());
  request.method = "REGISTER";
  EXPECT_EQ(ask(request), 200);
}

TEST_F(DistributorTest, Acls) {  // 6
  start(std::string(phones) + "[no]\ntype=acl\ndeny=198.51.100.0/24\ncontact_deny=10.0.0.0/8\n");
  EXPECT_EQ(ask(from("open"), "198.51.100.7:5060"), 403);
  EXPECT_EQ(ask(from("nobody"), "198.51.100.7:5060"), 403);
  EXPECT_EQ(ask(from("open")), 200);
  auto request = from("open");
  request.headers += "Contact: <sip:a@192.0.2.1>, <sip:a@10.0.0.1>\r\n";
  EXPECT_EQ(ask(request), 403);
  EXPECT_THAT(events.told,
              ElementsAre("failed_acl (acl no): open call-1 MESSAGE UDP 198.51.100.7:5060 to "
                          "127.0.0.1:5060",
                          StartsWith("failed_acl (acl no): nobody "),
                          StartsWith("failed_acl (acl no): open ")));
}

TEST_F(DistributorTest, RulesOfAnEndpoint) {  // 7
  start(
      "[alice]\ntype=endpoint\nauth=a\ndeny=0.0.0.0/0\npermit=10.0.0.0/8\n"
      "[a]\ntype=auth\nusername=alice\npassword=secret\n"
      "[open]\ntype=endpoint\ndeny=0.0.0.0/0\npermit=10.0.0.0/8\n");
  EXPECT_EQ(ask(from("open")), 403);
  EXPECT_EQ(ask(from("open"), "10.0.0.1:5060"), 200);
  EXPECT_EQ(ask(from("nobody")), 401);
  const auto nobody = response.headers.size();
  EXPECT_EQ(ask(from("alice")), 401);
  EXPECT_EQ(response.headers.size(), nobody);
  EXPECT_EQ(answer(from("alice"), "secret"), 401);
  EXPECT_EQ(ask(from("alice"), "10.0.0.1:5060"), 401);
  EXPECT_EQ(answer(from("alice"), "secret", "10.0.0.1:5060"), 200);
  EXPECT_THAT(messages.seen, ElementsAre("open/", "alice/alice"));
  EXPECT_THAT(events.told[1], StartsWith("failed_acl (endpoint alice): alice call-1 "));
}

TEST_F(DistributorTest, ContactRules) {  // 8
  start("[open]\ntype=endpoint\ncontact_deny=0.0.0.0/0\ncontact_permit=192.0.2.0/24\n");
  const auto with = [this](const std::string& contact) {
    auto request = from("open");
    request.headers += contact;
    return ask(request);
  };
  EXPECT_EQ(with(""), 200);
  EXPECT_EQ(with("Contact: *\r\n"), 200);
  EXPECT_EQ(with("Contact: <sip:a@192.0.2.9:5071>;expires=60\r\n"), 200);
  EXPECT_EQ(with("Contact: <sip:a@10.0.0.1>\r\n"), 403);
  EXPECT_EQ(with("Contact: <sip:a@192.0.2.9>\r\nm: <sip:a@10.0.0.1>\r\n"), 403);
  EXPECT_EQ(with("Contact: <sip:a@phone.example>\r\n"), 403);
}

TEST_F(DistributorTest, TooManyUnidentified) {  // 9
  start(phones, {.requests = 0, .unidentified = 3});
  EXPECT_EQ(ask(from("alice")), 401);  // asking for a password is no failure
  EXPECT_EQ(ask(from("alice")), 401);
  EXPECT_EQ(answer(from("alice"), "wrong"), 401);
  EXPECT_EQ(ask(from("n1")), 401);
  EXPECT_EQ(ask(from("n2"), "192.0.2.1:9999"), 401);
  EXPECT_EQ(ask(from("n3")), -1);
  EXPECT_EQ(ask(from("open")), -1);
  EXPECT_EQ(ask(from("open"), "192.0.2.2:5060"), 200);
  pass(1s);
  EXPECT_EQ(ask(from("open")), 200);
}

TEST_F(DistributorTest, TooManyRequests) {  // 10
  start(phones, {.requests = 2, .unidentified = 0});
  auto options = from("open");
  options.method = "OPTIONS";
  EXPECT_EQ(ask(options), 0);
  EXPECT_EQ(ask(from("open")), 200);
  EXPECT_EQ(ask(from("open")), -1);
  EXPECT_EQ(ask(options), -1);
}

TEST_F(DistributorTest, Events) {  // 11
  start("[global]\nunidentified_request_count=3\n" + std::string(phones));
  EXPECT_EQ(ask(from("eve")), 401);
  EXPECT_EQ(ask(from("eve")), 401);
  EXPECT_THAT(events.told, IsEmpty());
  EXPECT_EQ(ask(from("eve")), 401);
  EXPECT_THAT(events.told, ElementsAre("invalid_account: eve call-1 MESSAGE UDP 192.0.2.1:5060 to "
                                       "127.0.0.1:5060"));
  events.told.clear();
  EXPECT_EQ(ask(from("alice")), 401);
  EXPECT_EQ(answer(from("alice"), "wrong"), 401);
  EXPECT_EQ(answer(from("alice"), "secret"), 200);
  EXPECT_THAT(events.told, ElementsAre(StartsWith("invalid_password: alice call-1 "),
                                       StartsWith("successful_auth: alice call-1 ")));
  events.told.clear();
  EXPECT_EQ(ask(from("eve")), 401);  // alice came from there: counted anew
  EXPECT_THAT(events.told, IsEmpty());
}

TEST_F(DistributorTest, WhereTheResponseGoes) {  // 12
  start("[near]\ntype=endpoint\n[far]\ntype=endpoint\nforce_rport=no\n");
  ask(from("near"));
  EXPECT_TRUE(response.to_source);
  ask(from("far"));
  EXPECT_FALSE(response.to_source);
}

TEST_F(DistributorTest, AnotherConfiguration) {  // 13
  start(phones);
  const auto next = configured("[bob]\ntype=endpoint\n");
  distributor->use(next);
  EXPECT_EQ(ask(from("open")), 401);
  EXPECT_EQ(ask(from("bob")), 200);
  EXPECT_EQ(messages.configuration, next);
}

TEST_F(DistributorTest, OverTheWire) {  // 14
  start(phones, {.requests = 3, .unidentified = 0});
  lab.layer.add(*distributor);
  const auto source = sip::test::address("192.0.2.1:5062");
  auto request = from("open");
  for (int i = 0; i < 2; ++i) lab.udp.deliver(request.str(), source);
  sip::test::settle(lab.shard);
  EXPECT_THAT(messages.seen, ElementsAre("open/"));
  ASSERT_EQ(lab.udp.sent.size(), 2u);
  EXPECT_EQ(lab.udp.sent[0].text, lab.udp.sent[1].text);
  EXPECT_EQ(lab.udp.sent[0].to.str(), "192.0.2.1:5062");  // force_rport
  for (const auto* branch : {"z9hG4bK2", "z9hG4bK3", "z9hG4bK4"}) {
    request.branch = branch;
    lab.udp.deliver(request.str(), source);
  }
  sip::test::settle(lab.shard);
  EXPECT_EQ(lab.udp.sent.size(), 4u);  // the last one is dropped
  pass(1s);
  lab.udp.deliver(request.str(), source);  // and new when it comes again
  sip::test::settle(lab.shard);
  EXPECT_EQ(lab.udp.sent.size(), 5u);
}

}  // namespace
}  // namespace missive::pjsip
