// From the branch of a response to its client transaction.
//
//  1. A branch is the cookie, two digits of shard, four of slot and twelve random ones.
//  2. shard_of() reads the shard of our branches and of no others.
//  3. A transaction is found by its branch and by no other: wrong random part, length, shard, slot.
//  4. Once it has ended its branch finds nothing, also when the slot has a new owner.
//  5. A full table refuses with a text; a slot that ends makes room.
//  6. A lost connection ends what waits for that peer on that transport, and nothing else.
//  7. What is started while others are told of a lost connection is not lost with them.
//  8. Two branches of one slot differ in their random part.
#include "sip/client_transaction_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <set>

#include "unit/sip/loop_lab.h"

namespace missive::sip {
namespace {

using test::address;
using test::Lab;
using test::RecordingClient;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One request under way.
struct Client : RecordingClient {
  explicit Client(Lab& lab, Transport* over = nullptr, std::string_view to = "192.0.2.2:5060")
      : lab_(lab) {
    test::write_request(request);
    result = transaction.start(lab.layer, request, over != nullptr ? *over : lab.udp, address(to));
  }

  Lab& lab_;
  OutgoingRequest request;
  ClientTransaction transaction{*this};
  base::Result<void> result;
};

std::string branch_of(unsigned shard, std::uint32_t slot) {
  base::RandomSource random;
  ClientTransactionTable table(shard, random, 10);
  std::string out(OutgoingRequest::branch_length, '!');
  table.write_branch(slot, out.data());
  return out;
}

TEST(ClientTransactionTable, BranchForm) {  // 1
  for (const auto& [shard, slot, prefix] : std::vector<std::tuple<unsigned, unsigned, std::string>>{
           {0, 0, "z9hG4bKms000000"},
           {1, 1, "z9hG4bKms010001"},
           {31, 31, "z9hG4bKms0v000v"},
           {32, 32, "z9hG4bKms100010"},
           {1023, (1u << 20) - 1, "z9hG4bKmsvvvvvv"}}) {
    const auto branch = branch_of(shard, slot);
    EXPECT_EQ(branch.substr(0, prefix.size()), prefix);
    EXPECT_EQ(branch.find_first_not_of("0123456789abcdefghijklmnopqrstuv", prefix.size()),
              std::string::npos)
        << branch;
  }
}

TEST(ClientTransactionTable, ShardOf) {  // 2
  for (const unsigned shard : {0u, 1u, 31u, 32u, 777u, 1023u}) {
    EXPECT_EQ(ClientTransactionTable::shard_of(branch_of(shard, 5)), shard);
  }
  for (const auto* foreign : {"", "z9hG4bK", "z9hG4bKms", "z9hG4bKms0", "z9hG4bKmsw0xxxx",
                              "z9hG4bKms0Vxxxx", "z9hG4bKMS00xxxx", "z9hG4bK-524287-1---"}) {
    EXPECT_EQ(ClientTransactionTable::shard_of(foreign), std::nullopt) << foreign;
  }
}

TEST(ClientTransactionTable, FindsOnlyTheVeryBranch) {  // 3
  Lab lab;
  Client first(lab), second(lab);
  auto& table = lab.layer.clients();
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.find(first.request.branch()), &first.transaction);
  EXPECT_EQ(table.find(second.request.branch()), &second.transaction);

  const std::string branch(second.request.branch());
  for (std::size_t i = 0; i < branch.size(); ++i) {
    auto wrong = branch;
    wrong[i] = wrong[i] == 'a' ? 'b' : 'a';
    EXPECT_EQ(table.find(wrong), nullptr) << wrong;
  }
  EXPECT_EQ(table.find(branch + "0"), nullptr);
  EXPECT_EQ(table.find(branch.substr(0, branch.size() - 1)), nullptr);
  EXPECT_EQ(table.find(""), nullptr);
  EXPECT_EQ(table.find("z9hG4bK-524287-1---abcdefgh"), nullptr);
  EXPECT_EQ(table.find(branch_of(0, 2)), nullptr) << "a slot that never was";
  EXPECT_EQ(table.find(branch_of(0, 1)), nullptr) << "the slot with another random part";
}

TEST(ClientTransactionTable, ReusedSlot) {  // 4
  Lab lab;
  Client first(lab);
  const std::string late(first.request.branch());
  first.transaction.stop();
  EXPECT_EQ(lab.layer.clients().size(), 0u);
  EXPECT_EQ(lab.layer.clients().find(late), nullptr);
  Client second(lab);
  EXPECT_EQ(second.request.branch().substr(0, 15), late.substr(0, 15)) << "the same slot";
  EXPECT_EQ(lab.layer.clients().find(late), nullptr);
  EXPECT_EQ(lab.layer.clients().find(second.request.branch()), &second.transaction);
}

TEST(ClientTransactionTable, Full) {  // 5
  TransactionLimits limits;
  limits.client_transactions = 2;
  Lab lab(limits);
  Client first(lab), second(lab), third(lab);
  EXPECT_TRUE(first.result && second.result);
  ASSERT_FALSE(third.result);
  EXPECT_EQ(third.result.error().text,
            "too many messages are under way (2); try again in a moment");
  EXPECT_FALSE(third.transaction.active());
  first.transaction.stop();
  EXPECT_TRUE(Client(lab).result);
  test::settle(lab.shard);
  EXPECT_THAT(third.log, IsEmpty());
}

TEST(ClientTransactionTable, LostConnection) {  // 6
  Lab lab;
  Client lost(lab, &lab.tcp), other_port(lab, &lab.tcp, "192.0.2.2:5061"), other_transport(lab);
  test::settle(lab.shard);
  lab.tcp.lose_connection(address("192.0.2.2:5060"), {"closed by peer"});
  EXPECT_THAT(lost.log, ElementsAre("sent", "error: closed by peer"));
  EXPECT_THAT(other_port.log, ElementsAre("sent"));
  EXPECT_THAT(other_transport.log, ElementsAre("sent"));
  EXPECT_FALSE(lost.transaction.active());
  EXPECT_EQ(lab.layer.clients().size(), 2u);
}

// Sends two more as soon as the first is lost.
struct Persistent final : RecordingClient {
  explicit Persistent(Lab& lab) : lab_(lab) {
    test::write_request(request);
    EXPECT_TRUE(transaction.start(lab.layer, request, lab.tcp, address("192.0.2.2:5060")));
  }
  void on_send_error(const base::Error& error) override {
    RecordingClient::on_send_error(error);
    for (int i = 0; i < 2; ++i) more.emplace_back(lab_, &lab_.tcp);
  }

  Lab& lab_;
  OutgoingRequest request;
  ClientTransaction transaction{*this};
  std::deque<Client> more;
};

TEST(ClientTransactionTable, StartedWhileOthersAreLost) {  // 7
  Lab lab;
  Persistent persistent(lab);
  Client also_lost(lab, &lab.tcp);
  test::settle(lab.shard);
  lab.tcp.lose_connection(address("192.0.2.2:5060"), {"closed by peer"});
  test::settle(lab.shard);
  EXPECT_THAT(also_lost.log, ElementsAre("sent", "error: closed by peer"));
  ASSERT_EQ(persistent.more.size(), 2u);
  for (const auto& client : persistent.more) EXPECT_THAT(client.log, ElementsAre("sent"));
}

TEST(ClientTransactionTable, RandomPart) {  // 8
  Lab lab;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    Client client(lab);
    EXPECT_TRUE(seen.insert(std::string(client.request.branch().substr(15))).second);
  }
}

}  // namespace
}  // namespace missive::sip
