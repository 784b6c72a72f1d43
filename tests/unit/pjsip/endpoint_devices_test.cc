// Endpoints as devices: there while a contact may be reached.
//  1. by contact: permanent, registered, reachable, unreachable, none; of two AORs; without an AOR
//  2. names: the endpoint's, with case; who is none
//  3. all of them are visited
//  4. who comes and goes is told once, each endpoint of the AOR; an update is none
//  5. a reload: another configuration from then on
#include "pjsip/endpoint_devices.h"

#include <gmock/gmock.h>

#include "unit/pjsip/configured.h"

namespace missive::pjsip {
namespace {

using states::DeviceState;
using testing::ElementsAre;

constexpr std::string_view conf = R"([home]
type = aor
max_contacts = 2
[desk]
type = aor
contact = sip:192.0.2.1
[alice]
type = endpoint
aors = home
[both]
type = endpoint
aors = home,desk
[desk]
type = endpoint
aors = desk
[none]
type = endpoint
)";

class Ear final : public states::DeviceObserver {
 public:
  void on_device_state(std::string_view device, DeviceState state) override {
    heard.push_back(std::string(device) + "=" + std::string(name_of(state)));
  }
  std::vector<std::string> heard;
};

struct EndpointDevicesTest : testing::Test {
  EndpointDevicesTest() {
    states.add(ear);
    locations.add(devices);
    locations.configure(*configuration);
  }
  void contact(const std::string& uri) {
    locations.change("home", [&uri](auto& contacts) {
      Contact contact;
      contact.aor = "home";
      contact.uri = uri;
      contacts.push_back({std::make_shared<const Contact>(contact), {}});
      return 0;
    });
  }
  std::vector<std::string> heard() { return std::exchange(ear.heard, {}); }

  store::AstDb database;
  states::DeviceStates states{database};
  LocationService locations;
  std::shared_ptr<const Configuration> configuration = test::configured(conf);
  EndpointDevices devices{"PJSIP", states, locations, configuration};
  Ear ear;
};

TEST_F(EndpointDevicesTest, AreThereWithAContact) {  // 1
  EXPECT_EQ(states.state("PJSIP/alice"), DeviceState::unavailable);
  EXPECT_EQ(states.state("PJSIP/both"), DeviceState::not_in_use);
  EXPECT_EQ(states.state("PJSIP/desk"), DeviceState::not_in_use);
  EXPECT_EQ(states.state("PJSIP/none"), DeviceState::unavailable);
  contact("sip:a@192.0.2.2");
  EXPECT_EQ(states.state("PJSIP/alice"), DeviceState::not_in_use);
  locations.set_status("home", "sip:a@192.0.2.2", {Reachability::unreachable, {}});
  EXPECT_EQ(states.state("PJSIP/alice"), DeviceState::unavailable);
  contact("sip:b@192.0.2.3");
  EXPECT_EQ(states.state("PJSIP/alice"), DeviceState::not_in_use);
}

TEST_F(EndpointDevicesTest, HaveNames) {  // 2
  EXPECT_EQ(states.state("PJSIP/Alice"), DeviceState::invalid);
  EXPECT_EQ(states.state("PJSIP/home"), DeviceState::invalid);
  EXPECT_EQ(states.state("PJSIP/"), DeviceState::invalid);
  EXPECT_EQ(states.state("SIP/alice"), DeviceState::invalid);
}

TEST_F(EndpointDevicesTest, AreVisited) {  // 3
  std::vector<std::string> all;
  states.visit([&all](std::string_view device, DeviceState state) {
    all.push_back(std::string(device) + "=" + std::string(name_of(state)));
  });
  EXPECT_THAT(all, ElementsAre("PJSIP/alice=UNAVAILABLE", "PJSIP/both=NOT_INUSE",
                               "PJSIP/desk=NOT_INUSE", "PJSIP/none=UNAVAILABLE"));
}

TEST_F(EndpointDevicesTest, TellWhoComesAndGoes) {  // 4
  EXPECT_THAT(heard(), ElementsAre("PJSIP/both=NOT_INUSE", "PJSIP/desk=NOT_INUSE"));
  contact("sip:a@192.0.2.2");
  EXPECT_THAT(heard(), ElementsAre("PJSIP/alice=NOT_INUSE"));
  contact("sip:b@192.0.2.3");
  locations.change("home", [](auto& contacts) {
    auto again = *contacts.front().contact;
    again.cseq = 2;
    contacts.front().contact = std::make_shared<const Contact>(again);
    return 0;
  });
  EXPECT_THAT(heard(), ElementsAre());
  locations.change("home", [](auto& contacts) {
    contacts.clear();
    return 0;
  });
  EXPECT_THAT(heard(), ElementsAre("PJSIP/alice=UNAVAILABLE"));
}

TEST_F(EndpointDevicesTest, FollowAReload) {  // 5
  devices.use(test::configured("[home]\ntype=aor\n[carol]\ntype=endpoint\naors=home\n"));
  EXPECT_EQ(states.state("PJSIP/alice"), DeviceState::invalid);
  heard();
  contact("sip:a@192.0.2.2");
  EXPECT_THAT(heard(), ElementsAre("PJSIP/carol=NOT_INUSE"));
}

}  // namespace
}  // namespace missive::pjsip
