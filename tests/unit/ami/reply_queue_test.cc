// The order of replies.
//
// 1. With nothing pending tail() is the output itself.
// 2. What is written behind a pending reply waits for it, in order; settling in any order
//    gives the order of the actions.
// 3. held() counts what waits; is_pending() knows settled and foreign tickets.
// 4. Places are used again: many rounds of many pending replies, each settled from the middle.
#include "ami/reply_queue.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace missive::ami {
namespace {

void settle(ReplyQueue& queue, ReplyQueue::Ticket ticket) {
  queue.settle(ticket, [](std::string& out, const ReplyQueue::Pending& pending) {
    out += pending.action_id + ":" + pending.message_id + " ";
  });
}

TEST(ReplyQueue, WritesThroughWhenNothingIsPending) {
  std::string out;
  ReplyQueue queue(out);
  EXPECT_EQ(&queue.tail(), &out);
  const auto ticket = queue.reserve("a", "1");
  EXPECT_NE(&queue.tail(), &out);
  settle(queue, ticket);
  EXPECT_EQ(&queue.tail(), &out);
  EXPECT_EQ(out, "a:1 ");
}

TEST(ReplyQueue, KeepsTheOrderOfActions) {
  std::vector<int> order{0, 1, 2, 3};
  do {
    std::string out;
    ReplyQueue queue(out);
    std::vector<ReplyQueue::Ticket> tickets;
    for (const auto* id : {"a", "b", "c", "d"}) {
      tickets.push_back(queue.reserve(id, "x"));
      queue.tail() += std::string("after-") + id + " ";
    }
    for (const int i : order) settle(queue, tickets[static_cast<std::size_t>(i)]);
    EXPECT_EQ(out, "a:x after-a b:x after-b c:x after-c d:x after-d ");
    EXPECT_TRUE(queue.idle());
    EXPECT_EQ(queue.held(), 0u);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(ReplyQueue, CountsWhatWaits) {
  std::string out;
  ReplyQueue queue(out);
  const auto first = queue.reserve("a", "");
  queue.tail() += "12345";
  EXPECT_EQ(queue.held(), 5u);
  const auto second = queue.reserve("b", "");
  queue.tail() += "678";
  EXPECT_EQ(queue.held(), 8u);
  settle(queue, second);  // "b: "
  EXPECT_EQ(queue.held(), 11u);
  EXPECT_FALSE(queue.is_pending(second));
  EXPECT_TRUE(queue.is_pending(first));
  EXPECT_FALSE(queue.is_pending(second + 1));
  settle(queue, first);
  EXPECT_FALSE(queue.is_pending(first));
  EXPECT_EQ(queue.held(), 0u);
  EXPECT_EQ(out, "a: 12345b: 678");
}

TEST(ReplyQueue, UsesPlacesAgain) {
  std::string out;
  std::string expected;
  ReplyQueue queue(out);
  for (int round = 0; round < 50; ++round) {
    std::vector<ReplyQueue::Ticket> tickets;
    for (int i = 0; i < round; ++i) {
      const auto id = std::to_string(round) + "." + std::to_string(i);
      tickets.push_back(queue.reserve(id, ""));
      queue.tail() += std::string(i == 3 ? 5000 : 1, '.');
      expected += id + ": " + std::string(i == 3 ? 5000 : 1, '.');
    }
    std::rotate(tickets.begin(), tickets.begin() + round / 2, tickets.end());
    for (const auto ticket : tickets) settle(queue, ticket);
  }
  EXPECT_EQ(out, expected);
  EXPECT_EQ(queue.held(), 0u);
}

}  // namespace
}  // namespace missive::ami
