// xmpp/condition: XMPP's conditions and SIP's status codes.
//
//  1. Conditions as status codes; one that is unknown is 400.
//  2. Status codes as conditions, with the type of the error; by class where there is none.
#include "xmpp/condition.h"

#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

TEST(Condition, AsAStatus) {
  EXPECT_EQ(sip_status_of("item-not-found"), 404);
  EXPECT_EQ(sip_status_of("service-unavailable"), 480);
  EXPECT_EQ(sip_status_of("remote-server-timeout"), 408);
  EXPECT_EQ(sip_status_of("forbidden"), 403);
  EXPECT_EQ(sip_status_of("made-up"), 400);
  EXPECT_EQ(sip_status_of(""), 400);
}

TEST(Condition, OfAStatus) {
  EXPECT_EQ(condition_of(404).name, "item-not-found");
  EXPECT_EQ(condition_of(480).name, "recipient-unavailable");
  EXPECT_EQ(condition_of(480).type, "wait");
  EXPECT_EQ(condition_of(486).name, "service-unavailable");
  EXPECT_EQ(condition_of(499).name, "bad-request");
  EXPECT_EQ(condition_of(599).name, "internal-server-error");
  EXPECT_EQ(condition_of(699).name, "service-unavailable");
  EXPECT_EQ(condition_of(0).name, "undefined-condition");
}

}  // namespace
}  // namespace missive::xmpp
