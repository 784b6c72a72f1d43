// What is remembered of answered requests.
//
//  1. The key of a retransmission is the same; another branch, method, sent-by host or port makes
//     another one; From, To, Call-ID do not count where the branch has the cookie.
//  2. Without the cookie (RFC 2543) Request-URI, From, To, Call-ID and CSeq count too.
//  3. Keys and tags hang on a secret: another process has others.
//  4. The tag is the same for a retransmission, another for another transaction, and a token.
//  5. An answer is found again, a plain one and one with headers; where it goes is kept too.
//  6. Beyond the limit nothing is remembered, but known ones are found.
//  7. Answers go when Timer J has run out and not before.
#include "sip/server_transactions.h"

#include <gtest/gtest.h>

#include "sip/packet.h"
#include "unit/sip/loop_lab.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using namespace std::chrono_literals;
using test::message_request;
using test::replaced;

class ServerTransactionsTest : public testing::Test {
 protected:
  ServerTransactions::Key key(std::string text) { return of(std::move(text), transactions); }
  static ServerTransactions::Key of(std::string text, const ServerTransactions& transactions) {
    Packet packet;
    EXPECT_TRUE(packet.parse(text));
    return transactions.key_of(packet);
  }
  std::string tag(std::string text) {
    Packet packet;
    EXPECT_TRUE(packet.parse(text));
    const auto tag = transactions.tag_of(transactions.key_of(packet));
    return {tag.begin(), tag.end()};
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  const Timers timers{};
  ServerTransactions transactions{shard, timers, 3};
};

TEST_F(ServerTransactionsTest, Key) {  // 1
  const auto known = key(message_request);
  EXPECT_EQ(key(message_request), known);
  EXPECT_EQ(key(replaced(message_request, "1234@192.0.2.1", "other")), known);
  EXPECT_EQ(key(replaced(message_request, "tag=a1", "tag=a2")), known);
  EXPECT_NE(key(replaced(message_request, "z9hG4bKabc", "z9hG4bKabd")), known);
  EXPECT_NE(key(replaced(message_request, "UDP 192.0.2.1:5060", "UDP 192.0.2.2:5060")), known);
  EXPECT_NE(key(replaced(message_request, "UDP 192.0.2.1:5060", "UDP 192.0.2.1:5061")), known);
  EXPECT_NE(key(replaced(message_request, "UDP 192.0.2.1:5060", "UDP 192.0.2.1")), known);
  auto info = replaced(message_request, "MESSAGE sip", "INFO sip");
  EXPECT_NE(key(replaced(info, "7 MESSAGE", "7 INFO")), known);
}

TEST_F(ServerTransactionsTest, KeyOfRfc2543) {  // 2
  const auto old = replaced(message_request, "z9hG4bKabc", "1");
  const auto known = key(old);
  EXPECT_EQ(key(old), known);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"sip:bob@example.com SIP", "sip:bobby@example.com SIP"},
           {"tag=a1", "tag=a2"},
           {"To: <sip:bob@example.com>", "To: <sip:bob@example.com>;tag=1"},
           {"1234@192.0.2.1", "1235@192.0.2.1"},
           {"CSeq: 7", "CSeq: 8"},
           {"branch=1", "branch=2"}}) {
    EXPECT_NE(key(replaced(old, from, to)), known) << from;
  }
  const auto no_branch = replaced(message_request, ";branch=z9hG4bKabc", "");
  EXPECT_EQ(key(no_branch), key(no_branch));
  EXPECT_NE(key(no_branch), key(replaced(no_branch, "CSeq: 7", "CSeq: 8")));
}

TEST_F(ServerTransactionsTest, Secret) {  // 3
  const ServerTransactions other(shard, timers, 3);
  EXPECT_NE(of(message_request, other), key(message_request));
}

TEST_F(ServerTransactionsTest, Tag) {  // 4
  const auto known = tag(message_request);
  EXPECT_EQ(tag(message_request), known);
  EXPECT_EQ(known.size(), 16u);
  EXPECT_EQ(known.find_first_not_of("0123456789abcdef"), std::string::npos) << known;
  EXPECT_NE(tag(replaced(message_request, "z9hG4bKabc", "z9hG4bKabd")), known);
}

Response answer(int status, std::string headers = {}, bool to_source = false) {
  Response response;
  response.status = status;
  response.headers = std::move(headers);
  response.to_source = to_source;
  return response;
}

TEST_F(ServerTransactionsTest, Found) {  // 5
  EXPECT_EQ(transactions.find(1), nullptr);
  transactions.remember(1, answer(202, "", true), shard.now() + 32s);
  transactions.remember(2, answer(415, "Accept: text/plain\r\n"), shard.now() + 32s);
  const auto* plain = transactions.find(1);
  ASSERT_NE(plain, nullptr);
  EXPECT_EQ(plain->status, 202);
  EXPECT_TRUE(plain->to_source);
  EXPECT_EQ(plain->headers, "");
  const auto* other = transactions.find(2);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(other->status, 415);
  EXPECT_EQ(other->headers, "Accept: text/plain\r\n");
  EXPECT_FALSE(other->to_source);
  EXPECT_EQ(transactions.find(3), nullptr);
}

TEST_F(ServerTransactionsTest, Full) {  // 6
  for (const ServerTransactions::Key key : {1, 2, 3, 4}) {
    EXPECT_EQ(transactions.is_full(), key == 4);
    transactions.remember(key, answer(202), shard.now() + 32s);
  }
  EXPECT_EQ(transactions.size(), 3u);
  EXPECT_NE(transactions.find(1), nullptr);
  EXPECT_EQ(transactions.find(4), nullptr);
}

TEST_F(ServerTransactionsTest, Sweep) {  // 7
  const auto remember = [&](ServerTransactions::Key key, const char* headers) {
    transactions.remember(key, answer(200, headers), shard.now() + timers.timer_j());
  };
  remember(1, "");
  test::pass(shard, clock, 10s);
  remember(2, "");
  remember(3, "X: y\r\n");
  test::pass(shard, clock, 21'990ms);
  EXPECT_EQ(transactions.size(), 3u);
  test::pass(shard, clock, 20ms);
  EXPECT_EQ(transactions.size(), 2u);
  test::pass(shard, clock, 9'970ms);
  EXPECT_EQ(transactions.size(), 2u);
  test::pass(shard, clock, 30ms);
  EXPECT_EQ(transactions.size(), 0u);
  EXPECT_EQ(shard.timers().size(), 0u);
  remember(5, "");
  EXPECT_EQ(transactions.size(), 1u);
  test::pass(shard, clock, 33s);
  EXPECT_EQ(transactions.size(), 0u);
}

}  // namespace
}  // namespace missive::sip
