// Who is woken when a phone comes, and told when it goes.
//
//  1. a contact that is created or updated wakes all endpoints of its AOR, and the AOR behind each
//  2. a contact that goes wakes nobody, nor does one of pjsip.conf, nor one of an unknown AOR
//  3. qualify: reachable wakes, also a contact of pjsip.conf; unreachable and unknown do not
//  4. nothing waits: nobody is woken
//  5. a reload changes who has an AOR
//  6. a contact that is removed is abandoned, after the one in its place has woken; one that has
//     expired is not
#include "pjsip/outbox_waker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/configured.h"
#include "unit/pjsip/location_lab.h"

namespace missive::pjsip {
namespace {

using test::put;
using test::some_contact;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view one =
    "[alice]\ntype=endpoint\naors=home,desk\n[family]\ntype=endpoint\naors=home\n"
    "[home]\ntype=aor\n[desk]\ntype=aor\ncontact=sip:desk@127.0.0.1\n[other]\ntype=aor\n";

class OutboxWakerTest : public testing::Test {
 protected:
  OutboxWakerTest() { locations.add(waker); }
  std::vector<std::string> take() { return std::exchange(woken, {}); }

  bool something = true;
  std::vector<std::string> woken;
  std::shared_ptr<const Configuration> configuration = test::configured(one);
  OutboxWaker waker{[this] { return something; },
                    [this](std::string_view recipient, std::string_view contact) {
                      woken.push_back(fmt::format("{} {}", recipient, contact));
                    },
                    [this](std::string_view recipient, std::string_view contact) {
                      woken.push_back(fmt::format("{} not {}", recipient, contact));
                    },
                    *configuration};
  LocationService locations;
};

TEST_F(OutboxWakerTest, ARegistration) {  // 1, 2
  put(locations, some_contact("home", "sip:a"));
  const auto all = ElementsAre("pjsip:alice sip:a", "pjsip:alice/home sip:a", "pjsip:family sip:a",
                               "pjsip:family/home sip:a");
  EXPECT_THAT(take(), all);
  put(locations, some_contact("home", "sip:a"));
  EXPECT_THAT(take(), all);
  test::remove(locations, "home", "sip:a");
  EXPECT_THAT(take(), ElementsAre("pjsip:alice not sip:a", "pjsip:alice/home not sip:a",
                                  "pjsip:family not sip:a", "pjsip:family/home not sip:a"));
  put(locations, some_contact("other", "sip:a"));
  put(locations, some_contact("nowhere", "sip:a"));
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(OutboxWakerTest, Qualify) {  // 2, 3
  using std::chrono_literals::operator""ms;
  locations.configure(*configuration);
  EXPECT_THAT(take(), IsEmpty());
  const auto say = [&](Reachability reachability) {
    locations.set_status("desk", "sip:desk@127.0.0.1", {reachability, 5ms});
  };
  say(Reachability::unreachable);
  EXPECT_THAT(take(), IsEmpty());
  say(Reachability::reachable);
  EXPECT_THAT(take(),
              ElementsAre("pjsip:alice sip:desk@127.0.0.1", "pjsip:alice/desk sip:desk@127.0.0.1"));
  say(Reachability::reachable);
  say(Reachability::unknown);
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(OutboxWakerTest, NothingWaits) {  // 4
  something = false;
  put(locations, some_contact("home", "sip:a"));
  EXPECT_THAT(take(), IsEmpty());
  something = true;
  put(locations, some_contact("home", "sip:b"));
  EXPECT_EQ(take().size(), 4U);
}

TEST_F(OutboxWakerTest, AContactThatGoes) {  // 6
  put(locations, some_contact("home", "sip:a"));
  take();
  locations.change("home", [](LocationService::Contacts& contacts) {
    contacts = {{some_contact("home", "sip:b"), {}}};
    return true;
  });
  EXPECT_THAT(take(), ElementsAre("pjsip:alice sip:b", "pjsip:alice/home sip:b",
                                  "pjsip:family sip:b", "pjsip:family/home sip:b",
                                  "pjsip:alice not sip:a", "pjsip:alice/home not sip:a",
                                  "pjsip:family not sip:a", "pjsip:family/home not sip:a"));
  locations.expire(*locations.find("home", "sip:b"));
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(OutboxWakerTest, AReload) {  // 5
  waker.use(*test::configured("[bob]\ntype=endpoint\naors=other\n[other]\ntype=aor\n"));
  put(locations, some_contact("home", "sip:a"));
  EXPECT_THAT(take(), IsEmpty());
  put(locations, some_contact("other", "sip:a"));
  EXPECT_THAT(take(), ElementsAre("pjsip:bob sip:a", "pjsip:bob/other sip:a"));
}

}  // namespace
}  // namespace missive::pjsip
