// Requests and responses between a network in memory and those who use them.
//
//   Client side
//  1. A request is sent, its response comes back, once; the transaction is over.
//  2. A lost request is sent again at T1, 2*T1 ... and answered then; without an answer: timeout.
//  3. Over a reliable transport it is sent once.
//  4. A send that fails tells the user so; what becomes of a retransmission is nobody's concern.
//  5. Provisional responses are not final; late and duplicate finals are dropped.
//  6. A response that comes before "sent" was told ends the transaction all the same.
//  7. Dropped: a response to nobody, with another method in CSeq, without Via or CSeq, with two
//  Vias
//     (two lines or one), malformed.
//  8. A response after line ends, or that spells SIP in lower case, is a response, never a request.
//  9. The user may start the same transaction again from inside the final response.
//   Server side
// 10. A request gets its answer at the source (rport); a retransmission the same one, and the user
//     is asked once; after Timer J it is new.
// 11. Over a reliable transport nothing is remembered.
// 12. An RFC 2543 peer, without the cookie, is matched by the whole of its request.
// 13. ACK is absorbed; INVITE is answered without a record; an unknown method gets 501.
// 14. Users are asked in order until one takes the request.
// 15. Malformed with enough headers: 400 with the reason; not enough: nothing. Nobody is asked.
// 16. What is checked before anybody is asked: version 505, scheme 416, CSeq 400.
// 17. Rubbish is dropped.
// 18. Beyond the limit of records requests over UDP wait until some are forgotten.
//   Shards
// 19. A response whose branch names another shard reaches its transaction there, several in order.
// 20. A branch of a shard that does not exist, or of nobody's transaction, is dropped.
#include "sip/transaction_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "unit/sip/loop_lab.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using namespace std::chrono_literals;
using test::address;
using test::answer_to;
using test::crlf;
using test::Lab;
using test::message_request;
using test::RecordingClient;
using test::replaced;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const auto phone = address("192.0.2.2:5060");

class TransactionLayerTest : public testing::Test {
 protected:
  void start(Transport& transport, Method method = Method::MESSAGE) {
    test::write_request(request, method);
    ASSERT_TRUE(transaction.start(lab.layer, request, transport, phone));
  }
  void settle() { test::settle(lab.shard); }
  void pass(base::Duration time) { test::pass(lab.shard, lab.clock, time); }
  std::string answer(int status) { return answer_to(std::string(request.text()), status); }

  Lab lab;
  RecordingClient user;
  OutgoingRequest request;
  ClientTransaction transaction{user};
};

TEST_F(TransactionLayerTest, RequestAndResponse) {  // 1
  lab.udp.peer = [this](const LoopTransport::Sent& sent) {
    EXPECT_EQ(sent.text, request.text());
    EXPECT_EQ(sent.to, phone);
    lab.udp.deliver(answer_to(sent.text, 202), phone);
  };
  start(lab.udp);
  EXPECT_THAT(user.log, IsEmpty());
  EXPECT_TRUE(transaction.active());
  settle();
  EXPECT_THAT(user.log, ElementsAre("sent", "202 Accepted"));
  EXPECT_FALSE(transaction.active());
  EXPECT_EQ(lab.layer.clients().size(), 0u);
  pass(40s);
  EXPECT_THAT(user.log, SizeIs(2));
  EXPECT_THAT(lab.udp.sent, SizeIs(1));
  EXPECT_EQ(lab.shard.timers().size(), 0u);
}

TEST_F(TransactionLayerTest, Retransmission) {  // 2
  lab.udp.peer = [this](const LoopTransport::Sent& sent) {
    lab.udp.deliver(answer_to(sent.text, 200), phone);
  };
  lab.udp.drop_next = 3;
  start(lab.udp);
  pass(490ms);
  EXPECT_THAT(lab.udp.sent, SizeIs(1));
  pass(20ms);
  EXPECT_THAT(lab.udp.sent, SizeIs(2));
  pass(1s);
  EXPECT_THAT(lab.udp.sent, SizeIs(3));
  EXPECT_THAT(user.log, ElementsAre("sent"));
  pass(2s);
  EXPECT_THAT(lab.udp.sent, SizeIs(4));
  EXPECT_EQ(lab.udp.sent[3].text, lab.udp.sent[0].text);
  EXPECT_THAT(user.log, ElementsAre("sent", "200 OK"));

  user.log.clear();
  lab.udp.sent.clear();
  lab.udp.drop_next = 1000;
  start(lab.udp);
  pass(31'950ms);
  EXPECT_THAT(lab.udp.sent, SizeIs(11));
  EXPECT_THAT(user.log, ElementsAre("sent"));
  pass(100ms);
  EXPECT_THAT(user.log, ElementsAre("sent", "timeout"));
  EXPECT_FALSE(transaction.active());
  pass(40s);
  EXPECT_THAT(lab.udp.sent, SizeIs(11));
  EXPECT_THAT(user.log, SizeIs(2));
}

TEST_F(TransactionLayerTest, ReliableOnce) {  // 3
  start(lab.tcp);
  pass(31'950ms);
  EXPECT_THAT(user.log, ElementsAre("sent"));
  pass(100ms);
  EXPECT_THAT(user.log, ElementsAre("sent", "timeout"));
  EXPECT_THAT(lab.tcp.sent, SizeIs(1));
}

TEST_F(TransactionLayerTest, SendFails) {  // 4
  lab.udp.failure = base::Error{"no route"};
  start(lab.udp);
  EXPECT_THAT(user.log, IsEmpty()) << "never from within start()";
  settle();
  EXPECT_THAT(user.log, ElementsAre("error: no route"));
  EXPECT_FALSE(transaction.active());

  user.log.clear();
  lab.udp.failure.reset();
  start(lab.udp);
  settle();
  lab.udp.failure = base::Error{"no route"};
  pass(600ms);
  EXPECT_THAT(user.log, ElementsAre("sent"));
  lab.udp.failure.reset();
  lab.udp.deliver(answer(200), phone);
  EXPECT_THAT(user.log, ElementsAre("sent", "200 OK"));
}

TEST_F(TransactionLayerTest, ProvisionalLateAndDuplicate) {  // 5
  start(lab.udp);
  settle();
  lab.udp.deliver(answer(100), phone);
  lab.udp.deliver(answer(183), phone);
  EXPECT_THAT(user.log, ElementsAre("sent"));
  EXPECT_TRUE(transaction.active());
  pass(510ms);
  EXPECT_THAT(lab.udp.sent, SizeIs(2));
  pass(3'900ms);
  EXPECT_THAT(lab.udp.sent, SizeIs(2)) << "Timer E is T2 now";
  lab.udp.deliver(answer(486), phone);
  lab.udp.deliver(answer(486), phone);
  lab.udp.deliver(answer(200), phone);
  lab.udp.deliver(answer(100), phone);
  EXPECT_THAT(user.log, ElementsAre("sent", "486 Busy Here"));

  user.log.clear();
  const auto late = answer(200);
  start(lab.udp);  // the same slot
  settle();
  lab.udp.deliver(late, phone);
  EXPECT_THAT(user.log, ElementsAre("sent"));
  EXPECT_TRUE(transaction.active());
}

TEST_F(TransactionLayerTest, ResponseBeforeSent) {  // 6
  start(lab.udp);
  lab.udp.deliver(answer(200), phone);
  EXPECT_THAT(user.log, ElementsAre("200 OK"));
  settle();
  EXPECT_THAT(user.log, ElementsAre("200 OK")) << "nothing after the end";
}

TEST_F(TransactionLayerTest, DroppedResponses) {  // 7
  start(lab.udp);
  settle();
  const auto good = answer(200);
  const std::string branch(request.branch());
  const auto via_end = good.find("\r\n", good.find("Via:"));
  const auto via = good.substr(good.find("Via:"), via_end + 2 - good.find("Via:"));
  for (const auto& bad : {
           replaced(good, branch, "z9hG4bKms000000abcdefghijkl"),
           replaced(good, branch, "z9hG4bK-of-somebody-else"),
           replaced(good, ";branch=" + branch, ""),
           replaced(good, "12345 MESSAGE", "12345 INFO"),
           replaced(good, "CSeq: 12345 MESSAGE\r\n", ""),
           replaced(good, "12345 MESSAGE", "x MESSAGE"),
           replaced(good, via, ""),
           replaced(good, via, via + "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\n"),
           replaced(good, via,
                    via.substr(0, via.size() - 2) + ", SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\n"),
           replaced(good, via, "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\n" + via),
           replaced(good, "SIP/2.0 200 OK", "SIP/2.0 2000 OK"),
           replaced(good, "SIP/2.0 200 OK", "SIP/3.0 200 OK"),
           replaced(good, "Content-Length: 0", "Content-Length: 10"),
           good.substr(0, good.size() - 3),
           std::string("SIP/"),
           std::string("SIP/2.0 200 OK\r\n\r\n"),
       }) {
    lab.udp.deliver(bad, phone);
    settle();
    EXPECT_THAT(user.log, ElementsAre("sent")) << bad;
  }
  EXPECT_THAT(lab.udp.sent, SizeIs(1)) << "a response is never answered";
  lab.udp.deliver(good, phone);
  EXPECT_THAT(user.log, ElementsAre("sent", "200 OK"));
}

TEST_F(TransactionLayerTest, ResponsesThatLookUnusual) {  // 8
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"SIP/2.0 200", "\r\nSIP/2.0 200"},
                                                        {"SIP/2.0 200", "\r\n\r\nSIP/2.0 200"},
                                                        {"SIP/2.0 200", "sip/2.0 200"}}) {
    user.log.clear();
    lab.udp.sent.clear();
    start(lab.udp);
    settle();
    const auto unusual = replaced(answer(200), from, to);
    lab.udp.deliver(unusual, phone);
    settle();
    EXPECT_THAT(user.log, ElementsAre("sent", "200 OK")) << unusual;
    lab.udp.deliver(unusual, phone);
    settle();
    EXPECT_THAT(lab.udp.sent, SizeIs(1)) << "a response is never answered: " << unusual;
  }
}

// Answers the first final response with another attempt.
struct Retrying final : RecordingClient {
  explicit Retrying(Lab& lab) : lab_(lab) {
    test::write_request(request);
    EXPECT_TRUE(transaction.start(lab.layer, request, lab.udp, phone));
  }
  void on_final_response(const Packet& response) override {
    RecordingClient::on_final_response(response);
    if (response.status() != 401) return;
    request.retry_with("Authorization: Digest x=1\r\n");
    EXPECT_TRUE(transaction.start(lab_.layer, request, lab_.udp, phone));
  }

  Lab& lab_;
  OutgoingRequest request;
  ClientTransaction transaction{*this};
};

TEST_F(TransactionLayerTest, StartedAgainFromInside) {  // 9
  Retrying client(lab);
  settle();
  const std::string first_branch(client.request.branch());
  lab.udp.deliver(answer_to(std::string(client.request.text()), 401), phone);
  EXPECT_TRUE(client.transaction.active());
  EXPECT_NE(client.request.branch(), first_branch);
  settle();
  ASSERT_THAT(lab.udp.sent, SizeIs(2));
  EXPECT_THAT(lab.udp.sent[1].text, HasSubstr("CSeq: 12346 MESSAGE\r\nAuthorization: Digest x=1"));
  lab.udp.deliver(answer_to(lab.udp.sent[0].text, 401), phone);
  EXPECT_TRUE(client.transaction.active()) << "a copy of the first response";
  lab.udp.deliver(answer_to(lab.udp.sent[1].text, 200), phone);
  EXPECT_THAT(client.log, ElementsAre("sent", "401 Unauthorized", "sent", "200 OK"));
}

// A user of requests that writes down what it is shown.
struct Server final : RequestUser {
  explicit Server(bool take = true) : takes(take) {}
  bool on_request(const IncomingRequest& request, Response& response) override {
    asked.emplace_back(request.packet.method_name());
    if (takes) response = {202, "", "X-Count: " + std::to_string(asked.size()) + "\r\n"};
    return takes;
  }

  bool takes;
  std::vector<std::string> asked;
};

class ServerSideTest : public TransactionLayerTest {
 protected:
  // What is answered to `text` over `transport`, "" for nothing.
  std::string ask(LoopTransport& transport, const std::string& text) {
    transport.sent.clear();
    transport.deliver(text, address("192.0.2.1:40000"));
    settle();
    EXPECT_LE(transport.sent.size(), 1u);
    return transport.sent.empty() ? "" : transport.sent[0].text;
  }
  static std::string line_of(const std::string& text) { return text.substr(0, text.find("\r\n")); }

  Server server;
};

TEST_F(ServerSideTest, Retransmission) {  // 10
  lab.layer.add(server);
  const auto first = ask(lab.udp, message_request);
  EXPECT_EQ(lab.udp.sent.at(0).to.str(), "192.0.2.1:40000");
  EXPECT_THAT(first, StartsWith("SIP/2.0 202 Accepted\r\n"));
  EXPECT_THAT(first, HasSubstr("X-Count: 1\r\n"));
  pass(500ms);
  EXPECT_EQ(ask(lab.udp, message_request), first);
  pass(31'400ms);
  EXPECT_EQ(ask(lab.udp, message_request), first);
  EXPECT_THAT(server.asked, ElementsAre("MESSAGE"));
  EXPECT_EQ(lab.layer.servers().size(), 1u);
  pass(200ms);
  EXPECT_EQ(lab.layer.servers().size(), 0u);
  EXPECT_THAT(ask(lab.udp, message_request), HasSubstr("X-Count: 2\r\n"));

  // Without rport: to the port of Via.
  ask(lab.udp, replaced(replaced(message_request, ";rport", ""), "5060", "5077"));
  EXPECT_EQ(lab.udp.sent.at(0).to.str(), "192.0.2.1:5077");
}

TEST_F(ServerSideTest, Reliable) {  // 11
  lab.layer.add(server);
  EXPECT_THAT(ask(lab.tcp, replaced(message_request, ";rport", "")), HasSubstr("X-Count: 1\r\n"));
  EXPECT_EQ(lab.tcp.sent.at(0).to.str(), "192.0.2.1:40000") << "down the same connection";
  EXPECT_EQ(lab.layer.servers().size(), 0u);
  EXPECT_EQ(lab.shard.timers().size(), 0u);
}

TEST_F(ServerSideTest, Rfc2543) {  // 12
  lab.layer.add(server);
  const auto old = replaced(message_request, ";branch=z9hG4bKabc", ";branch=1");
  const auto first = ask(lab.udp, old);
  EXPECT_THAT(first, HasSubstr("X-Count: 1\r\n"));
  EXPECT_EQ(ask(lab.udp, old), first);
  EXPECT_THAT(ask(lab.udp, replaced(old, "CSeq: 7", "CSeq: 8")), HasSubstr("X-Count: 2\r\n"));
  EXPECT_THAT(ask(lab.udp, replaced(old, "1234@", "1235@")), HasSubstr("X-Count: 3\r\n"));
  const auto none = replaced(message_request, ";branch=z9hG4bKabc", "");
  const auto fourth = ask(lab.udp, none);
  EXPECT_THAT(fourth, HasSubstr("X-Count: 4\r\n"));
  EXPECT_EQ(ask(lab.udp, none), fourth);
}

std::string of_method(const std::string& method) {
  return replaced(replaced(message_request, "MESSAGE sip", method + " sip"), "7 MESSAGE",
                  "7 " + method);
}

TEST_F(ServerSideTest, Methods) {  // 13
  lab.layer.add(server);
  EXPECT_EQ(ask(lab.udp, of_method("ACK")), "");
  EXPECT_THAT(server.asked, IsEmpty());
  EXPECT_THAT(ask(lab.udp, of_method("INVITE")), HasSubstr("X-Count: 1\r\n"));
  EXPECT_THAT(ask(lab.udp, of_method("INVITE")), HasSubstr("X-Count: 2\r\n")) << "no record";
  EXPECT_EQ(lab.layer.servers().size(), 0u);
  server.takes = false;
  for (const auto* method : {"FOO", "message", "MESSAGE"}) {
    EXPECT_EQ(line_of(ask(lab.udp, of_method(method))), "SIP/2.0 501 Not Implemented") << method;
  }
  EXPECT_THAT(server.asked, ElementsAre("INVITE", "INVITE", "FOO", "message", "MESSAGE"));
}

TEST_F(ServerSideTest, UsersInOrder) {  // 14
  Server first(false), last;
  lab.layer.add(first);
  lab.layer.add(server);
  lab.layer.add(last);
  EXPECT_EQ(line_of(ask(lab.udp, message_request)), "SIP/2.0 202 Accepted");
  EXPECT_THAT(first.asked, SizeIs(1));
  EXPECT_THAT(server.asked, SizeIs(1));
  EXPECT_THAT(last.asked, IsEmpty());
}

TEST_F(ServerSideTest, Malformed) {  // 15
  lab.layer.add(server);
  for (const auto& [from, to, reason] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"Content-Length: 5", "Content-Length: 500", "Content-Length is 500"},
           {"Content-Length: 5", "Content-Length: -1", "Content-Length: '-1'"},
           {"Max-Forwards: 70", "Max-Forwards 70", "the header line 'Max-Forwards 70"},
           {"Max-Forwards: 70", "Max-Forwards: 700", "Malformed Max-Forwards header"},
           {"To: <sip:bob@example.com>", "To: <sip:bob@example.com", "Malformed To header"},
           {"Content-Type: ", std::string("X: a\0b\r\nContent-Type: ", 22), "control character"}}) {
    const auto answer = ask(lab.udp, replaced(message_request, from, to));
    EXPECT_THAT(line_of(answer), StartsWith("SIP/2.0 400 ")) << to;
    EXPECT_THAT(line_of(answer), HasSubstr(reason));
    EXPECT_THAT(answer, HasSubstr("Call-ID: 1234@192.0.2.1\r\nCSeq: 7 MESSAGE\r\n"));
  }
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=z9hG4bKabc\r\n", ""},
           {"SIP/2.0/UDP 192.0.2.1:5060", "SIP/2.0/UDP 192.0.2.1:99999"},
           {"From: \"Alice\" <sip:alice@example.com>;tag=a1\r\n", ""},
           {"To: <sip:bob@example.com>\r\n", ""},
           {"Call-ID: 1234@192.0.2.1\r\n", ""},
           {"CSeq: 7 MESSAGE\r\n", ""},
           {"MESSAGE sip", "ACK sip"}}) {
    EXPECT_EQ(ask(lab.udp, replaced(message_request, from, to)), "") << from;
  }
  EXPECT_THAT(server.asked, IsEmpty());
  EXPECT_EQ(lab.layer.servers().size(), 0u);
}

TEST_F(ServerSideTest, Refused) {  // 16
  lab.layer.add(server);
  const auto line = [&](const std::string& from, const std::string& to) {
    return line_of(ask(lab.udp, replaced(message_request, from, to)));
  };
  EXPECT_EQ(line("com SIP/2.0", "com SIP/7.0"), "SIP/2.0 505 Version Not Supported");
  EXPECT_EQ(line("sip:bob@example.com SIP", "news:comp.text SIP"),
            "SIP/2.0 416 Unsupported URI Scheme");
  EXPECT_EQ(line("7 MESSAGE", "7 INFO"),
            "SIP/2.0 400 Method in CSeq is not the method of the request");
  EXPECT_EQ(line("7 MESSAGE", "4294967296 MESSAGE"), "SIP/2.0 400 Malformed CSeq header");
  EXPECT_THAT(server.asked, IsEmpty());
}

TEST_F(ServerSideTest, Rubbish) {  // 17
  lab.layer.add(server);
  for (const auto& text :
       {std::string("hello\r\n\r\n"), std::string(1, '\0'), std::string("\x16\x03\x01\x02"),
        std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string(70000, 'A'),
        std::string("MESSAGE"), message_request.substr(0, 60), std::string("\r\n\r\n\r\n"),
        std::string("MESSAGE sip:a SIP/2.0\n\n")}) {
    EXPECT_EQ(ask(lab.udp, text), "") << text.substr(0, 40);
  }
  lab.layer.on_message(lab.udp, {}, phone);
  EXPECT_THAT(server.asked, IsEmpty());
  EXPECT_EQ(lab.layer.servers().size(), 0u);
  EXPECT_EQ(line_of(ask(lab.udp, message_request)), "SIP/2.0 202 Accepted");
}

TEST(TransactionLayer, RecordLimit) {  // 18
  TransactionLimits limits;
  limits.server_transactions = 1;
  Lab lab(limits);
  Server server;
  lab.layer.add(server);
  const auto other = replaced(message_request, "z9hG4bKabc", "z9hG4bKabd");
  for (const auto& text : {message_request, other, other, message_request}) {
    lab.udp.deliver(text, phone);
    test::settle(lab.shard);
  }
  // The other one could be handled twice, so it is not handled: its sender tries again.
  ASSERT_THAT(lab.udp.sent, SizeIs(2));
  EXPECT_THAT(lab.udp.sent[0].text, HasSubstr("X-Count: 1\r\n"));
  EXPECT_EQ(lab.udp.sent[1].text, lab.udp.sent[0].text);
  EXPECT_EQ(lab.layer.servers().size(), 1u);
  lab.tcp.deliver(other, phone);
  test::settle(lab.shard);
  ASSERT_THAT(lab.tcp.sent, SizeIs(1));
  EXPECT_THAT(lab.tcp.sent[0].text, HasSubstr("X-Count: 2\r\n"));
}

class TwoShardsTest : public testing::Test {
 protected:
  TwoShardsTest() {
    for (auto* lab : {&one, &two}) lab->layer.know_others({&one.layer, &two.layer});
  }
  void settle() {
    test::settle(one.shard);
    test::settle(two.shard);
    test::settle(one.shard);
  }

  Lab one{{}, 0};
  Lab two{{}, 1};
};

struct Client : RecordingClient {
  explicit Client(Lab& lab) {
    test::write_request(request);
    EXPECT_TRUE(transaction.start(lab.layer, request, lab.udp, phone));
  }
  std::string answer(int status) { return answer_to(std::string(request.text()), status); }

  OutgoingRequest request;
  ClientTransaction transaction{*this};
};

TEST_F(TwoShardsTest, Forwarded) {  // 19
  Client first(two), second(two), own(one);
  settle();
  one.udp.deliver(first.answer(100), phone);
  one.udp.deliver(second.answer(404), phone);
  one.udp.deliver(own.answer(200), phone);
  one.udp.deliver(first.answer(486), phone);
  one.udp.deliver(first.answer(200), phone);
  EXPECT_THAT(own.log, ElementsAre("sent", "200 OK"));
  EXPECT_THAT(first.log, ElementsAre("sent")) << "not on this thread";
  settle();
  EXPECT_THAT(first.log, ElementsAre("sent", "486 Busy Here"));
  EXPECT_THAT(second.log, ElementsAre("sent", "404 Not Found"));

  Client third(one);
  settle();
  two.udp.deliver(third.answer(202), phone);
  settle();
  EXPECT_THAT(third.log, ElementsAre("sent", "202 Accepted"));
}

TEST_F(TwoShardsTest, ForwardedToNobody) {  // 20
  Client client(one);
  settle();
  const auto good = client.answer(200);
  for (const auto* branch :
       {"z9hG4bKms010000abcdefghijkl", "z9hG4bKms020000abcdefghijkl", "z9hG4bKmsvv0000abcdefghijkl",
        "z9hG4bKms--0000abcdefghijkl", "z9hG4bKms0"}) {
    one.udp.deliver(replaced(good, std::string(client.request.branch()), branch), phone);
    settle();
  }
  one.udp.deliver("SIP/2.0 z9hG4bKms", phone);
  one.udp.deliver("SIP/2.0 z9hG4bKms01", phone);
  settle();
  EXPECT_THAT(client.log, ElementsAre("sent"));
  one.udp.deliver(good, phone);
  EXPECT_THAT(client.log, ElementsAre("sent", "200 OK"));
}

}  // namespace
}  // namespace missive::sip
