// What is remembered of answered requests.
//
//  1. The key of a retransmission is the same; another branch, method, sent-by host or port makes
//     another one; From, To, Call-ID do not count where the branch has the cookie.
//  2. Without the cookie (RFC 2543) Request-URI, From, To, Call-ID and CSeq count too.
//  3. Keys and tags hang on a secret: another process has others.
//  4. The tag is the same for a retransmission, another for another transaction, and a token.
//  5. A record is made once and found again; beyond the limit there is none, but known ones are
//  found.
//  6. Records go when Timer J has run out, in any order, and not before.
//  7. A record that was erased early does not disturb the sweep.
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
    return transactions.tag_of(packet);
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

TEST_F(ServerTransactionsTest, FindOrAdd) {  // 5
  auto* first = transactions.find_or_add(1, false);
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(first->machine.on_request(shard.now()).pass_request);
  EXPECT_EQ(transactions.find_or_add(1, false), first);
  EXPECT_FALSE(first->machine.on_request(shard.now()).pass_request);
  EXPECT_NE(transactions.find_or_add(2, false), nullptr);
  EXPECT_NE(transactions.find_or_add(3, false), nullptr);
  EXPECT_EQ(transactions.find_or_add(4, false), nullptr);
  EXPECT_EQ(transactions.find_or_add(1, false), first);
  EXPECT_EQ(transactions.size(), 3u);
  transactions.erase(2);
  EXPECT_NE(transactions.find_or_add(4, false), nullptr);
}

TEST_F(ServerTransactionsTest, Sweep) {  // 6
  const auto answer = [&](ServerTransactions::Key key) {
    auto* record = transactions.find_or_add(key, false);
    record->machine.on_request(shard.now());
    transactions.schedule(key, *record->machine.on_final_response(shard.now()).wake);
  };
  answer(1);
  test::pass(shard, clock, 10s);
  answer(2);
  answer(3);
  test::pass(shard, clock, 21'990ms);
  EXPECT_EQ(transactions.size(), 3u);
  test::pass(shard, clock, 20ms);
  EXPECT_EQ(transactions.size(), 2u);
  test::pass(shard, clock, 9'970ms);
  EXPECT_EQ(transactions.size(), 2u);
  test::pass(shard, clock, 30ms);
  EXPECT_EQ(transactions.size(), 0u);
  EXPECT_EQ(shard.timers().size(), 0u);
  answer(5);
  EXPECT_EQ(transactions.size(), 1u);
  test::pass(shard, clock, 33s);
  EXPECT_EQ(transactions.size(), 0u);
}

TEST_F(ServerTransactionsTest, ErasedEarly) {  // 7
  for (const ServerTransactions::Key key : {1, 2}) {
    auto* record = transactions.find_or_add(key, false);
    record->machine.on_request(shard.now());
    transactions.schedule(key, *record->machine.on_final_response(shard.now()).wake);
  }
  transactions.erase(1);
  test::pass(shard, clock, 33s);
  EXPECT_EQ(transactions.size(), 0u);
}

}  // namespace
}  // namespace missive::sip
