// MessageSend from the AMI octet to the SIP outcome, on a manual clock.
//
//  1. A message leaves, Success with a MessageID is said, 200 makes it delivered.
//  2. Success is said only after the packet left; a packet that cannot leave is an Error.
//  3. Without an answer it is sent again after 0.5, 1.5, 3.5, 7.5, 11.5 ... s, and fails after 32
//  s.
//  4. A lost request is made good by the first retransmission.
//  5. A provisional response slows the retransmissions to every 4 s.
//  6. Late and repeated responses change nothing, and never reach another message.
//  7. 4xx, 5xx and 6xx are failures with their code and reason.
//  8. 401 is answered with credentials, CSeq one higher, a new branch and the same Call-ID.
//  9. A peer that challenges again and again ends it after one retry.
// 10. 407 without outbound_auth is a failure, without a retry.
// 11. Pipelined actions are answered in order, though some complete at once.
// 12. Two messages under way: each gets its own answer, in whatever order they come.
// 13. A session that ends before its message has left disturbs nothing.
// 14. A thousand messages under way end in an empty pool, and the wheel is empty.
// 15. OPTIONS, INVITE, CANCEL, ACK and an unknown method are answered as documented.
// 16. A retransmitted request gets the same answer.
#include <gmock/gmock.h>

#include "flow/flow_server.h"

namespace missive::flow {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(MessageSendFlow, DeliversAndSaysSo) {
  FlowServer server;
  const auto reply = server.send_message("pjsip:alice", "From: sip:crm@example.net\r\n");
  EXPECT_THAT(reply, MatchesRegex("Response: Success\r\nActionID: m\r\n"
                                  "Message: Message successfully sent\r\n"
                                  "MessageID: [0-9a-f-]{36}\r\n\r\n"));
  ASSERT_EQ(server.loop->sent.size(), 1u);
  EXPECT_THAT(server.last_sent().text, HasSubstr("MESSAGE sip:alice@127.0.0.2:5060 SIP/2.0\r\n"));
  EXPECT_EQ(server.last_sent().to.str(), "127.0.0.2:5060");
  EXPECT_THAT(server.outcomes, IsEmpty());
  server.answer(server.last_sent(), "200 OK");
  EXPECT_THAT(server.outcomes, ElementsAre("alice delivered 200 OK"));
  EXPECT_EQ(server.uac.under_way(), 0u);
}

TEST(MessageSendFlow, SaysErrorWhenThePacketCannotLeave) {
  FlowServer server;
  server.loop->failure = base::Error{"127.0.0.2:5060: network is unreachable"};
  const auto reply = server.send_message("pjsip:alice");
  EXPECT_EQ(reply,
            "Response: Error\r\nActionID: m\r\nMessage: Message failed to send.\r\n"
            "Reason: 127.0.0.2:5060: network is unreachable\r\n\r\n");
  EXPECT_EQ(server.uac.under_way(), 0u);
  EXPECT_EQ(server.shard.timers().size(), 0u);
}

TEST(MessageSendFlow, RetransmitsByTimerEAndGivesUpByTimerF) {
  FlowServer server;
  const auto start = server.clock.now();
  server.send_message("pjsip:alice");
  std::vector<double> sent_at{0};
  while (server.uac.under_way() > 0 && sent_at.size() < 100) {
    const auto before = server.loop->sent.size();
    server.pass(net::TimerWheel::tick);
    if (server.loop->sent.size() > before) {
      sent_at.push_back(std::chrono::duration<double>(server.clock.now() - start).count());
    }
  }
  const auto near = [](double expected) { return ::testing::DoubleNear(expected, 0.011); };
  EXPECT_THAT(sent_at, ElementsAre(0, near(0.5), near(1.5), near(3.5), near(7.5), near(11.5),
                                   near(15.5), near(19.5), near(23.5), near(27.5), near(31.5)));
  EXPECT_NEAR(std::chrono::duration<double>(server.clock.now() - start).count(), 32, 0.02);
  EXPECT_THAT(server.outcomes, ElementsAre("alice failed 408 no answer"));
  for (const auto& packet : server.loop->sent) {
    EXPECT_EQ(packet.text, server.loop->sent.front().text) << "a retransmission is the same octets";
  }
}

TEST(MessageSendFlow, ALostRequestIsMadeGood) {
  FlowServer server;
  server.loop->drop_next = 1;
  server.loop->peer = [&](const sip::LoopTransport::Sent& packet) {
    server.loop->deliver(answer_to(packet.text, "200 OK"), packet.to);
  };
  server.send_message("pjsip:alice");
  EXPECT_THAT(server.outcomes, IsEmpty());
  server.pass(milliseconds{520});
  EXPECT_THAT(server.outcomes, ElementsAre("alice delivered 200 OK"));
  EXPECT_EQ(server.loop->sent.size(), 2u);
}

TEST(MessageSendFlow, AProvisionalResponseSlowsItDown) {
  FlowServer server;
  server.send_message("pjsip:alice");
  server.answer(server.last_sent(), "100 Trying");
  server.pass(milliseconds{600});
  EXPECT_EQ(server.loop->sent.size(), 2u) << "the Timer E that was running";
  server.pass(milliseconds{3800});
  EXPECT_EQ(server.loop->sent.size(), 2u);
  server.pass(milliseconds{300});
  EXPECT_EQ(server.loop->sent.size(), 3u) << "then every T2";
  server.answer(server.last_sent(), "200 OK");
  EXPECT_THAT(server.outcomes, ElementsAre("alice delivered 200 OK"));
}

TEST(MessageSendFlow, LateAndRepeatedResponsesChangeNothing) {
  FlowServer server;
  server.send_message("pjsip:alice");
  const auto first = server.last_sent();
  server.answer(first, "200 OK");
  server.answer(first, "200 OK");
  server.answer(first, "486 Busy Here");
  EXPECT_EQ(server.outcomes.size(), 1u);
  server.send_message("pjsip:bob");  // takes the same slot
  server.answer(first, "500 Late");
  EXPECT_EQ(server.outcomes.size(), 1u) << "an old branch is nobody's";
  EXPECT_EQ(server.uac.under_way(), 1u);
  server.answer(server.last_sent(), "202 Accepted");
  EXPECT_EQ(server.outcomes.back(), "bob sent 202 Accepted");
}

TEST(MessageSendFlow, OtherFinalResponsesAreFailures) {
  for (const auto* line : {"404 Not Found", "415 Unsupported Media Type", "486 Busy Here",
                           "503 Service Unavailable", "603 Decline"}) {
    FlowServer server;
    server.send_message("pjsip:alice");
    server.answer(server.last_sent(), line);
    EXPECT_THAT(server.outcomes, ElementsAre(fmt::format("alice failed {}", line)));
    EXPECT_EQ(server.uac.under_way(), 0u);
  }
}

constexpr std::string_view challenge =
    "WWW-Authenticate: Digest realm=\"atlanta\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256\r\n";

TEST(MessageSendFlow, AnswersAChallenge) {
  FlowServer server;
  server.send_message("pjsip:alice");
  const auto first = server.last_sent();
  server.answer(first, "401 Unauthorized", challenge);
  ASSERT_EQ(server.loop->sent.size(), 2u);
  const auto& second = server.last_sent();
  EXPECT_THAT(header_of(second.text, "Authorization"),
              MatchesRegex("Digest username=\"alice\".*realm=\"atlanta\".*response=\".*"));
  EXPECT_EQ(header_of(second.text, "Call-ID"), header_of(first.text, "Call-ID"));
  EXPECT_EQ(header_of(second.text, "From"), header_of(first.text, "From"));
  EXPECT_NE(header_of(second.text, "Via"), header_of(first.text, "Via"));
  EXPECT_EQ(std::stoi(header_of(second.text, "CSeq")),
            std::stoi(header_of(first.text, "CSeq")) + 1);
  server.answer(second, "200 OK");
  EXPECT_THAT(server.outcomes, ElementsAre("alice delivered 200 OK"));
}

TEST(MessageSendFlow, AWrongPasswordIsNoLoop) {
  FlowServer server;
  server.send_message("pjsip:alice");
  int nonce = 0;
  while (server.uac.under_way() > 0 && nonce < 10) {
    server.answer(
        server.last_sent(), "401 Unauthorized",
        fmt::format("WWW-Authenticate: Digest realm=\"atlanta\", nonce=\"n{}\"\r\n", ++nonce));
  }
  EXPECT_EQ(server.loop->sent.size(), 2u);
  EXPECT_THAT(server.outcomes, ElementsAre("alice failed 401 Unauthorized"));
}

TEST(MessageSendFlow, AChallengeWithoutCredentialsIsAFailure) {
  FlowServer server;
  server.send_message("pjsip:bob");
  server.answer(server.last_sent(), "407 Proxy Authentication Required",
                "Proxy-Authenticate: Digest realm=\"atlanta\", nonce=\"n1\"\r\n");
  EXPECT_EQ(server.loop->sent.size(), 1u);
  EXPECT_THAT(server.outcomes, ElementsAre("bob failed 407 Proxy Authentication Required"));
}

TEST(MessageSendFlow, PipelinedActionsAreAnsweredInOrder) {
  FlowServer server;
  const auto replies = server.ask(
      "Action: MessageSend\r\nActionID: 1\r\nDestination: pjsip:alice\r\nBody: a\r\n\r\n"
      "Action: Ping\r\nActionID: 2\r\n\r\n"
      "Action: MessageSend\r\nActionID: 3\r\nDestination: pjsip:nobody\r\nBody: b\r\n\r\n"
      "Action: MessageSend\r\nActionID: 4\r\nDestination: pjsip:bob\r\nBody: c\r\n");
  std::vector<std::string> ids;
  for (std::size_t at = 0; (at = replies.find("ActionID: ", at)) != std::string::npos; ++at) {
    ids.push_back(replies.substr(at + 10, 1));
  }
  EXPECT_THAT(ids, ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(replies, HasSubstr("Reason: endpoint 'nobody' not found"));
}

TEST(MessageSendFlow, TwoMessagesGetEachItsOwnAnswer) {
  FlowServer server;
  server.send_message("pjsip:alice");
  const auto to_alice = server.last_sent();
  server.send_message("pjsip:bob");
  const auto to_bob = server.last_sent();
  server.answer(to_bob, "486 Busy Here");
  server.answer(to_alice, "200 OK");
  EXPECT_THAT(server.outcomes, ElementsAre("bob failed 486 Busy Here", "alice delivered 200 OK"));
}

TEST(MessageSendFlow, ASessionThatEndsEarlyDisturbsNothing) {
  FlowServer server;
  const std::string action =
      "Action: MessageSend\r\nActionID: m\r\nDestination: pjsip:alice\r\nBody: hi\r\n\r\n";
  server.session->on_data(action);  // queued: the turn has not ended
  server.session.reset();
  server.turn();
  ASSERT_EQ(server.loop->sent.size(), 1u);
  server.answer(server.last_sent(), "200 OK");
  EXPECT_THAT(server.outcomes, ElementsAre("alice delivered 200 OK"));
}

TEST(MessageSendFlow, AThousandUnderWayLeaveNothingBehind) {
  FlowServer server;
  for (int i = 0; i < 1000; ++i) server.send_message("pjsip:alice");
  EXPECT_EQ(server.uac.under_way(), 1000u);
  const auto sent = server.loop->sent;
  for (auto packet = sent.rbegin(); packet != sent.rend(); ++packet) {
    server.loop->deliver(answer_to(packet->text, "200 OK"), packet->to);
  }
  server.turn();
  EXPECT_EQ(server.outcomes.size(), 1000u);
  EXPECT_EQ(server.uac.under_way(), 0u);
  EXPECT_EQ(server.transactions.clients().size(), 0u);
  EXPECT_EQ(server.shard.timers().size(), 0u);
}

std::string request(std::string_view method, std::string_view branch = "z9hG4bKone") {
  return fmt::format(
      "{0} sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5060;rport;branch={1}\r\n"
      "From: <sip:x@127.0.0.9>;tag=a\r\nTo: <sip:127.0.0.1>\r\nCall-ID: c1\r\n"
      "CSeq: 7 {0}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
      method, branch);
}

TEST(IncomingRequests, AreAnsweredAsDocumented) {
  FlowServer server;
  const auto phone = *net::Address::from_ip("127.0.0.9", 5060);
  const auto ask = [&](std::string_view method) {
    const auto before = server.loop->sent.size();
    server.loop->deliver(request(method, fmt::format("z9hG4bK{}", method)), phone);
    server.turn();
    return server.loop->sent.size() > before ? server.last_sent().text : std::string("nothing");
  };
  const auto options = ask("OPTIONS");
  EXPECT_THAT(options, HasSubstr("SIP/2.0 200 OK\r\n"));
  EXPECT_EQ(header_of(options, "Accept"), "text/plain");
  EXPECT_THAT(header_of(options, "Allow"), HasSubstr("OPTIONS"));
  EXPECT_THAT(ask("INVITE"), HasSubstr("SIP/2.0 488 "));
  EXPECT_EQ(ask("ACK"), "nothing");
  EXPECT_THAT(ask("CANCEL"), HasSubstr("SIP/2.0 481 "));
  EXPECT_THAT(ask("FROBNICATE"), HasSubstr("SIP/2.0 501 "));
  EXPECT_THAT(ask("SUBSCRIBE"), HasSubstr("SIP/2.0 405 "));
}

TEST(IncomingRequests, ARetransmissionGetsTheSameAnswer) {
  FlowServer server;
  const auto phone = *net::Address::from_ip("127.0.0.9", 5060);
  server.loop->deliver(request("OPTIONS"), phone);
  server.turn();
  server.pass(milliseconds{500});
  server.loop->deliver(request("OPTIONS"), phone);
  server.turn();
  ASSERT_EQ(server.loop->sent.size(), 2u);
  EXPECT_EQ(server.loop->sent[0].text, server.loop->sent[1].text);
  EXPECT_EQ(server.transactions.servers().size(), 1u);
  server.pass(seconds{33});
  EXPECT_EQ(server.transactions.servers().size(), 0u) << "Timer J";
}

}  // namespace
}  // namespace missive::flow
