// xmpp/deliveries: from the order to what becomes of it.
//
//  1. A refused order: handed_over with a passing refusal, finished never.
//  2. A success: handed_over, then finished, once, with where it went; a second one is not known.
//  3. A failure, for good and for now, with code and text.
//  4. Whom a message is for, by account, whatever the device.
//  5. Answers come on the order's own shard, not within the call.
#include "xmpp/deliveries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using message::Status;
using testing::ElementsAre;
using testing::IsEmpty;

class DeliveriesTest : public testing::Test {
 protected:
  Order order(std::string id = "m1") {
    Order made;
    made.account = "gw";
    made.text.id = std::move(id);
    made.text.to = "bob@x/phone";
    made.home = &shard;
    made.handed_over = [this](const message::Acceptance& answer) {
      told.push_back(answer.refusal ? (answer.refusal->passing() ? "later: " : "never: ") +
                                          answer.refusal->reason
                                    : "taken");
    };
    made.finished = [this](const message::Attempted& attempted) {
      const auto& status = attempted.status;
      told.push_back(fmt::format("{} {} {} {}{}", name_of(status.state), status.response_code,
                                 status.response_text, status.contact,
                                 attempted.passing ? " passing" : ""));
    };
    return made;
  }
  void turn() {
    while (shard.run_once()) {
    }
  }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  Deliveries deliveries;
  std::vector<std::string> told;
};

TEST_F(DeliveriesTest, Refuses) {
  Deliveries::refuse(order(), "away");
  EXPECT_THAT(told, IsEmpty());
  turn();
  EXPECT_THAT(told, ElementsAre("later: away"));
}

TEST_F(DeliveriesTest, Succeeds) {
  deliveries.begin(order());
  EXPECT_TRUE(deliveries.has("m1"));
  EXPECT_TRUE(deliveries.succeed("m1", Status::State::sent));
  EXPECT_FALSE(deliveries.succeed("m1", Status::State::delivered));
  EXPECT_EQ(deliveries.size(), 0u);
  EXPECT_THAT(told, IsEmpty());
  turn();
  EXPECT_THAT(told, ElementsAre("taken", "sent 0  bob@x/phone"));
}

TEST_F(DeliveriesTest, Fails) {
  deliveries.begin(order("a"));
  deliveries.begin(order("b"));
  EXPECT_TRUE(deliveries.fail("a", 404, "item-not-found", false));
  EXPECT_TRUE(deliveries.fail("b", 503, "lost", true));
  turn();
  EXPECT_THAT(told, ElementsAre("taken", "taken", "failed 404 item-not-found bob@x/phone",
                                "failed 503 lost bob@x/phone passing"));
}

TEST_F(DeliveriesTest, KnowsWhomItIsFor) {
  deliveries.begin(order());
  EXPECT_TRUE(deliveries.is_to("m1", "bob@x"));
  EXPECT_FALSE(deliveries.is_to("m1", "eve@x"));
  EXPECT_FALSE(deliveries.is_to("m2", "bob@x"));
}

}  // namespace
}  // namespace missive::xmpp
