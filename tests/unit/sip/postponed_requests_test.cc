// Requests that are answered later.
//
//   The container
//  1. A record is found by its handle until it is released, and its key with it.
//  2. A handle that was used finds nothing, not even when its slot is in use again.
//  3. Full: is_full() says so, and no longer when one is released.
//  4. Lost connections: those of that transport and peer, no others.
//   The layer
//  5. Nothing is sent until the answer is given; then the same as if it had been given at once.
//  6. Retransmissions are absorbed meanwhile; afterwards they get the same answer, until Timer J.
//  7. Where the answer goes: by Via, to the source where the user says so, down the connection.
//  8. Headers and a reason of its own are kept for retransmissions.
//  9. Dropped: nothing is sent, and a retransmission is a new request.
// 10. Answered inside of on_request(): as one that was not postponed.
// 11. A connection that is lost: nothing is sent, later requests are served.
// 12. Over the limit the user is told, and answers at once.
// 13. Too late for anybody to listen (Timer F): nothing is sent.
// 14. What is postponed counts for the limit of what is remembered.
// 15. Over a reliable transport: absorbed while postponed, not remembered afterwards.
// 16. Thousands at a time, answered in another order.
#include "sip/postponed_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/sip/loop_lab.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using namespace std::chrono_literals;
using test::address;
using test::Lab;
using test::message_request;
using test::replaced;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const auto phone = address("192.0.2.1:40000");

class ContainerTest : public testing::Test {
 protected:
  PostponedRequest add(PostponedRequests::Key key, Transport* transport = nullptr,
                       const net::Address& to = phone) {
    PostponedRequest handle;
    auto& record = requests.claim(key, handle);
    EXPECT_EQ(record.repeated, "");
    record.transport = transport;
    record.to = to;
    record.repeated = std::to_string(key);
    return handle;
  }
  PostponedRequests requests{3};
};

TEST_F(ContainerTest, Found) {  // 1
  EXPECT_EQ(requests.find({}), nullptr);
  const auto one = add(1), two = add(2);
  ASSERT_NE(requests.find(one), nullptr);
  EXPECT_EQ(requests.find(one)->repeated, "1");
  EXPECT_EQ(requests.find(two)->key, 2u);
  EXPECT_TRUE(requests.contains(1));
  EXPECT_FALSE(requests.contains(3));
  requests.release(one);
  EXPECT_EQ(requests.find(one), nullptr);
  EXPECT_FALSE(requests.contains(1));
  EXPECT_TRUE(requests.contains(2));
  EXPECT_EQ(requests.size(), 1u);
}

TEST_F(ContainerTest, UsedHandles) {  // 2
  const auto before = add(1);
  requests.release(before);
  const auto now = add(2);
  EXPECT_EQ(now.slot, before.slot);
  EXPECT_EQ(requests.find(before), nullptr);
  requests.release(before);
  EXPECT_NE(requests.find(now), nullptr);
  EXPECT_EQ(requests.find({7, 0}), nullptr);
}

TEST_F(ContainerTest, Full) {  // 3
  add(1);
  add(2);
  EXPECT_FALSE(requests.is_full());
  const auto last = add(3);
  EXPECT_TRUE(requests.is_full());
  requests.release(last);
  EXPECT_FALSE(requests.is_full());
}

TEST_F(ContainerTest, LostConnections) {  // 4
  Lab lab;
  const auto lost = add(1, &lab.tcp), elsewhere = add(2, &lab.tcp, address("192.0.2.9:1"));
  const auto other = add(3, &lab.udp);
  requests.on_connection_lost(lab.tcp, phone);
  EXPECT_EQ(requests.find(lost)->transport, nullptr);
  EXPECT_EQ(requests.find(elsewhere)->transport, &lab.tcp);
  EXPECT_EQ(requests.find(other)->transport, &lab.udp);
  EXPECT_EQ(requests.size(), 3u);
}

// Postpones what it is asked.
class LateServer final : public RequestUser {
 public:
  explicit LateServer(TransactionLayer& layer) : layer_(layer) { layer.add(*this); }
  bool on_request(const IncomingRequest& request, Response& response) override {
    ++asked;
    response.to_source = to_source;
    if (const auto handle = layer_.postpone(request, response)) {
      handles.push_back(*handle);
      if (at_once) layer_.answer(*handle, {202, "", ""});
    } else {
      response.status = 503;
    }
    return true;
  }

  int asked = 0;
  bool to_source = false;
  bool at_once = false;
  std::vector<PostponedRequest> handles;

 private:
  TransactionLayer& layer_;
};

// Answers at once.
class PromptServer final : public RequestUser {
 public:
  explicit PromptServer(TransactionLayer& layer) { layer.add(*this); }
  bool on_request(const IncomingRequest&, Response& response) override {
    response = {202, "", ""};
    return true;
  }
};

class PostponeTest : public testing::Test {
 protected:
  void deliver(LoopTransport& transport, const std::string& text = message_request,
               const net::Address& from = phone) {
    transport.deliver(text, from);
    test::settle(lab.shard);
  }
  void answer(Response response) {
    lab.layer.answer(server.handles.back(), std::move(response));
    test::settle(lab.shard);
  }
  void pass(base::Duration time) { test::pass(lab.shard, lab.clock, time); }

  Lab lab;
  LateServer server{lab.layer};
};

// Without the To-tag, which hangs on a secret of the layer.
std::string untagged(std::string text) {
  const auto at = text.find(";tag=", text.find("\r\nTo:"));
  return text.erase(at, text.find("\r\n", at) - at);
}

TEST_F(PostponeTest, TheSameAnswerLater) {  // 5
  deliver(lab.udp);
  EXPECT_THAT(lab.udp.sent, IsEmpty());
  EXPECT_EQ(lab.layer.postponed(), 1u);
  pass(3s);
  EXPECT_THAT(lab.udp.sent, IsEmpty());
  answer({202, "", ""});
  ASSERT_THAT(lab.udp.sent, SizeIs(1));
  EXPECT_EQ(lab.layer.postponed(), 0u);
  EXPECT_EQ(lab.layer.servers().size(), 1u);

  Lab other;
  PromptServer prompt(other.layer);
  other.udp.deliver(message_request, phone);
  test::settle(other.shard);
  ASSERT_THAT(other.udp.sent, SizeIs(1));
  EXPECT_EQ(untagged(lab.udp.sent[0].text), untagged(other.udp.sent[0].text));
  EXPECT_EQ(lab.udp.sent[0].to, other.udp.sent[0].to);
}

TEST_F(PostponeTest, Retransmissions) {  // 6
  deliver(lab.udp);
  for (int i = 0; i < 3; ++i) {
    deliver(lab.udp);
    pass(500ms);
  }
  EXPECT_THAT(lab.udp.sent, IsEmpty());
  EXPECT_EQ(server.asked, 1);
  answer({202, "", ""});
  deliver(lab.udp);
  ASSERT_THAT(lab.udp.sent, SizeIs(2));
  EXPECT_EQ(lab.udp.sent[1].text, lab.udp.sent[0].text);
  EXPECT_EQ(server.asked, 1);
  pass(31s);
  deliver(lab.udp);
  EXPECT_EQ(server.asked, 1);
  pass(2s);
  deliver(lab.udp);
  EXPECT_EQ(server.asked, 2) << "forgotten after Timer J";
  answer({202, "", ""});
  EXPECT_EQ(lab.layer.servers().size(), 1u);
}

TEST_F(PostponeTest, WhereItGoes) {  // 7
  const auto no_rport = replaced(replaced(message_request, ";rport", ""), ":5060", ":5077");
  deliver(lab.udp, no_rport);
  answer({202, "", ""});
  EXPECT_EQ(lab.udp.sent.back().to.str(), "192.0.2.1:5077");
  server.to_source = true;
  deliver(lab.udp, replaced(no_rport, "z9hG4bKabc", "z9hG4bKabd"));
  answer({202, "", ""});
  EXPECT_EQ(lab.udp.sent.back().to, phone);
  deliver(lab.udp, replaced(no_rport, "z9hG4bKabc", "z9hG4bKabd"));
  EXPECT_EQ(lab.udp.sent.size(), 3u);
  EXPECT_EQ(lab.udp.sent.back().to, phone) << "and so does a retransmission's";
  server.to_source = false;
  deliver(lab.tcp, replaced(no_rport, "z9hG4bKabc", "z9hG4bKabe"));
  answer({202, "", ""});
  EXPECT_EQ(lab.tcp.sent.back().to, phone);
}

TEST_F(PostponeTest, HeadersAndReason) {  // 8
  deliver(lab.udp);
  answer({503, "Disk Full", "Retry-After: 30\r\n"});
  ASSERT_THAT(lab.udp.sent, SizeIs(1));
  EXPECT_THAT(lab.udp.sent[0].text, StartsWith("SIP/2.0 503 Disk Full\r\nVia: "));
  EXPECT_THAT(lab.udp.sent[0].text, HasSubstr("CSeq: 7 MESSAGE\r\nRetry-After: 30\r\nContent-Le"));
  deliver(lab.udp);
  ASSERT_THAT(lab.udp.sent, SizeIs(2));
  EXPECT_EQ(lab.udp.sent[1].text, lab.udp.sent[0].text);
}

TEST_F(PostponeTest, Dropped) {  // 9
  deliver(lab.udp);
  Response drop;
  drop.drop = true;
  answer(drop);
  EXPECT_THAT(lab.udp.sent, IsEmpty());
  EXPECT_EQ(lab.layer.postponed(), 0u);
  deliver(lab.udp);
  EXPECT_EQ(server.asked, 2);
  answer({202, "", ""});
  EXPECT_THAT(lab.udp.sent, SizeIs(1));
  lab.layer.answer(server.handles.front(), {404, "", ""});
  lab.layer.answer(server.handles.back(), {404, "", ""});
  test::settle(lab.shard);
  EXPECT_THAT(lab.udp.sent, SizeIs(1)) << "one answer each";
}

TEST_F(PostponeTest, AnsweredInside) {  // 10
  server.at_once = true;
  deliver(lab.udp);
  deliver(lab.udp);
  ASSERT_THAT(lab.udp.sent, SizeIs(2));
  EXPECT_THAT(lab.udp.sent[0].text, StartsWith("SIP/2.0 202 Accepted\r\n"));
  EXPECT_EQ(lab.udp.sent[1].text, lab.udp.sent[0].text);
  EXPECT_EQ(server.asked, 1);
  EXPECT_EQ(lab.layer.postponed(), 0u);
  EXPECT_EQ(lab.layer.servers().size(), 1u);
}

TEST_F(PostponeTest, LostConnection) {  // 11
  deliver(lab.tcp);
  lab.tcp.lose_connection(phone, {"closed"});
  answer({202, "", ""});
  EXPECT_THAT(lab.tcp.sent, IsEmpty());
  EXPECT_EQ(lab.layer.postponed(), 0u);
  deliver(lab.tcp);
  EXPECT_EQ(server.asked, 2);
  answer({202, "", ""});
  EXPECT_THAT(lab.tcp.sent, SizeIs(1));
}

TEST(Postpone, OverTheLimit) {  // 12
  TransactionLimits limits;
  limits.postponed_requests = 1;
  Lab lab(limits);
  LateServer server(lab.layer);
  lab.udp.deliver(message_request, phone);
  lab.udp.deliver(replaced(message_request, "z9hG4bKabc", "z9hG4bKabd"), phone);
  test::settle(lab.shard);
  ASSERT_THAT(lab.udp.sent, SizeIs(1));
  EXPECT_THAT(lab.udp.sent[0].text, StartsWith("SIP/2.0 503 "));
  EXPECT_THAT(lab.udp.sent[0].text, HasSubstr("z9hG4bKabd"));
  lab.layer.answer(server.handles.at(0), {202, "", ""});
  lab.udp.deliver(replaced(message_request, "z9hG4bKabc", "z9hG4bKabe"), phone);
  EXPECT_THAT(server.handles, SizeIs(2));
}

TEST_F(PostponeTest, TooLate) {  // 13
  deliver(lab.udp);
  pass(32s);
  answer({202, "", ""});
  EXPECT_THAT(lab.udp.sent, IsEmpty());
  EXPECT_EQ(lab.layer.postponed(), 0u);
  EXPECT_EQ(lab.layer.servers().size(), 0u);
}

TEST(Postpone, CountsAsRemembered) {  // 14
  TransactionLimits limits;
  limits.server_transactions = 1;
  Lab lab(limits);
  LateServer server(lab.layer);
  lab.udp.deliver(message_request, phone);
  lab.udp.deliver(replaced(message_request, "z9hG4bKabc", "z9hG4bKabd"), phone);
  EXPECT_EQ(server.asked, 1);
  lab.layer.answer(server.handles.at(0), {202, "", ""});
  EXPECT_EQ(lab.layer.servers().size(), 1u);
}

TEST_F(PostponeTest, Reliable) {  // 15
  deliver(lab.tcp);
  deliver(lab.tcp);
  EXPECT_EQ(server.asked, 1);
  answer({202, "", ""});
  EXPECT_THAT(lab.tcp.sent, SizeIs(1));
  EXPECT_EQ(lab.layer.servers().size(), 0u);
  EXPECT_EQ(lab.shard.timers().size(), 0u);
  deliver(lab.tcp);
  EXPECT_EQ(server.asked, 2);
}

TEST_F(PostponeTest, Thousands) {  // 16
  constexpr int count = 5000;
  const auto branch = [](int i) { return "z9hG4bKmany" + std::to_string(i) + "x"; };
  const auto round = [&](int status) {
    server.handles.clear();
    lab.udp.sent.clear();
    for (int i = 0; i < count; ++i) {
      const auto name = std::to_string(status) + branch(i);
      lab.udp.deliver(replaced(message_request, "z9hG4bKabc", "z9hG4bK" + name), phone);
    }
    EXPECT_EQ(lab.layer.postponed(), std::size_t{count});
    // Every seventh first, and so on: slots are used again in an order of their own.
    for (int first = 0; first < 7; ++first) {
      for (std::size_t i = static_cast<std::size_t>(first); i < server.handles.size(); i += 7) {
        lab.layer.answer(server.handles[i], {status, "", ""});
      }
    }
    test::settle(lab.shard);
    ASSERT_THAT(lab.udp.sent, SizeIs(count));
    for (int i = 0, first = 0; first < 7; ++first) {
      for (int at = first; at < count; at += 7, ++i) {
        ASSERT_THAT(lab.udp.sent[static_cast<std::size_t>(i)].text, HasSubstr(branch(at)));
      }
    }
  };
  round(202);
  round(404);
  EXPECT_EQ(lab.layer.postponed(), 0u);
  EXPECT_EQ(lab.layer.servers().size(), std::size_t{2 * count});
}

}  // namespace
}  // namespace missive::sip
