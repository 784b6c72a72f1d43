// Redirects and forks from the AMI octet to the outcome.
//
//  1. 302 that the endpoint does not follow: failed, and the text says where it pointed.
//  2. 302 that it follows: one Success, one outcome, of the contact that took it.
//  3. message_fork=all: one Success, one outcome; the event MessageStatus has a ContactResult for
//  each
//     contact.
//  4. message_fork=sequential: the second device takes what the first did not.
//  5. Nobody can be reached: kept as a whole, told with each contact's result, and sent to all
//  again.
//  6. A phone that registers gets what waits first.
//  7. The second device took it: the first one, that registers later, gets nothing.
//  8. Retry-After of a 486 is honoured: no attempt before.
//  9. Requests and their timers are all gone in the end.
#include <gmock/gmock.h>

#include "flow/flow_server.h"

namespace missive::flow {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view routes_conf = R"(
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:5060
[plain]
type = endpoint
aors = plain
[plain]
type = aor
contact = sip:plain@127.0.0.2:5060
[follows]
type = endpoint
aors = plain
follow_redirect_methods = message
[all]
type = endpoint
aors = pair
message_fork = all
[turns]
type = endpoint
aors = pair
message_fork = sequential
[pair]
type = aor
max_contacts = 3
contact = sip:first@127.0.0.2:5060
contact = sip:second@127.0.0.3:5060
)";

struct RoutesServer : FlowServer {
  explicit RoutesServer(std::optional<Kept> keep = {}) : FlowServer(routes_conf, std::move(keep)) {}

  void answer_place(std::size_t place, std::string_view status, std::string_view headers = {}) {
    const auto packet = loop->sent.at(place);
    answer(packet, status, headers);
  }
  void register_phone(const std::string& uri) {
    auto contact = std::make_shared<pjsip::Contact>();
    contact->aor = "pair";
    contact->uri = contact->given = uri;
    contact->transport = "udp";
    contact->q = 1;
    locations.change("pair", [&contact](pjsip::LocationService::Contacts& contacts) {
      contacts.push_back({contact, {}});
      return true;
    });
    turn();
  }
  void on_message_status(const message::Message& message, const message::Status& status) override {
    FlowServer::on_message_status(message, status);
    for (const auto& result : status.results) {
      results.push_back(fmt::format("{} {} {} {}", name_of(status.state), result.contact,
                                    result.response_code, result.response_text));
    }
  }
  std::vector<std::string> results;  // of contacts

  static std::string uri_of(const sip::LoopTransport::Sent& sent) {
    const auto begin = sent.text.find(' ') + 1;
    return sent.text.substr(begin, sent.text.find(' ', begin) - begin);
  }
};

TEST(RoutesFlow, RedirectNotFollowed) {  // 1
  RoutesServer server;
  EXPECT_THAT(server.send_message("pjsip:plain"), StartsWith("Response: Success"));
  server.answer_place(0, "302 Moved", "Contact: <sip:new@127.0.0.9>\r\n");
  EXPECT_THAT(server.outcomes,
              ElementsAre("plain failed 302 Moved to sip:new@127.0.0.9: not followed "
                          "(follow_redirect_methods does not contain message)"));
  EXPECT_THAT(server.loop->sent, SizeIs(1));
}

TEST(RoutesFlow, RedirectFollowed) {  // 2
  RoutesServer server;
  EXPECT_THAT(server.send_message("pjsip:follows"), StartsWith("Response: Success"));
  server.answer_place(0, "302 Moved", "Contact: <sip:new@127.0.0.9>\r\n");
  ASSERT_THAT(server.loop->sent, SizeIs(2));
  EXPECT_EQ(server.last_sent().to.str(), "127.0.0.9:5060");
  EXPECT_THAT(server.outcomes, IsEmpty());
  server.answer_place(1, "200 OK");
  EXPECT_THAT(server.outcomes, ElementsAre("follows delivered 200 OK"));
  EXPECT_EQ(server.read(), "");
  EXPECT_EQ(server.shard.timers().size(), 0u);
}

TEST(RoutesFlow, ForkToAll) {  // 3
  RoutesServer server;
  const auto reply = server.send_message("pjsip:all");
  EXPECT_THAT(reply, HasSubstr("Response: Success"));
  EXPECT_EQ(reply.find("Response: "), reply.rfind("Response: "));
  ASSERT_THAT(server.loop->sent, SizeIs(2));
  server.answer_place(0, "486 Busy \"now\"");
  EXPECT_THAT(server.outcomes, IsEmpty());
  server.answer_place(1, "200 OK");
  EXPECT_THAT(server.outcomes, ElementsAre("all delivered 200 OK"));
  EXPECT_THAT(server.results, ElementsAre("delivered sip:first@127.0.0.2:5060 486 Busy \"now\"",
                                          "delivered sip:second@127.0.0.3:5060 200 OK"));
  EXPECT_EQ(server.uac.under_way(), 0u);
}

TEST(RoutesFlow, ForkInTurns) {  // 4
  RoutesServer server;
  server.send_message("pjsip:turns");
  ASSERT_THAT(server.loop->sent, SizeIs(1));
  server.answer_place(0, "404 Not Found");
  ASSERT_THAT(server.loop->sent, SizeIs(2));
  server.answer_place(1, "202 Accepted");
  EXPECT_THAT(server.outcomes, ElementsAre("turns sent 202 Accepted"));
}

TEST(RoutesFlow, KeptAsAWhole) {  // 5, 9
  RoutesServer server(RoutesServer::kept());
  server.send_message("pjsip:all");
  server.turn();
  ASSERT_THAT(server.loop->sent, SizeIs(2));
  server.answer_place(0, "480 Away");
  server.answer_place(1, "404 Not Found");
  EXPECT_THAT(server.outcomes.back(), "all queued 480 Away");
  EXPECT_THAT(server.results, ElementsAre("queued sip:first@127.0.0.2:5060 480 Away",
                                          "queued sip:second@127.0.0.3:5060 404 Not Found"));
  for (int i = 0; i < 10 && server.loop->sent.size() < 4; ++i) server.leap(seconds{60});
  ASSERT_THAT(server.loop->sent, SizeIs(4));
  server.answer_place(2, "200 OK");
  server.answer_place(3, "200 OK");
  EXPECT_THAT(server.outcomes.back(), "all delivered 200 OK");
  EXPECT_EQ(server.uac.under_way(), 0u);
}

TEST(RoutesFlow, RegisteredPhoneFirst) {  // 6
  RoutesServer server(RoutesServer::kept());
  server.send_message("pjsip:turns");
  server.turn();
  server.answer_place(0, "480 Away");
  server.answer_place(1, "480 Away");
  EXPECT_THAT(server.outcomes.back(), "turns queued 480 Away");
  server.register_phone("sip:phone@127.0.0.4:5060");
  server.turn();
  ASSERT_THAT(server.loop->sent, SizeIs(3));
  EXPECT_EQ(RoutesServer::uri_of(server.last_sent()), "sip:phone@127.0.0.4:5060");
  server.answer_place(2, "200 OK");
  EXPECT_THAT(server.outcomes.back(), "turns delivered 200 OK");
  EXPECT_THAT(server.loop->sent, SizeIs(3));
}

TEST(RoutesFlow, NoDeviceTwice) {  // 7
  RoutesServer server(RoutesServer::kept());
  server.send_message("pjsip:all");
  server.turn();
  server.answer_place(0, "480 Away");
  server.answer_place(1, "200 OK");
  server.register_phone("sip:phone@127.0.0.4:5060");
  server.leap(seconds{3600});
  EXPECT_THAT(server.loop->sent, SizeIs(2));
  EXPECT_THAT(server.outcomes.back(), "all delivered 200 OK");
}

TEST(RoutesFlow, RetryAfter) {  // 8
  RoutesServer server(RoutesServer::kept());
  server.send_message("pjsip:plain");
  server.turn();
  server.answer_place(0, "486 Busy", "Retry-After: 1000\r\n");
  for (int i = 0; i < 9; ++i) server.leap(seconds{100});
  EXPECT_THAT(server.loop->sent, SizeIs(1));
  for (int i = 0; i < 10 && server.loop->sent.size() < 2; ++i) server.leap(seconds{60});
  EXPECT_THAT(server.loop->sent, SizeIs(2));
}

}  // namespace
}  // namespace missive::flow
