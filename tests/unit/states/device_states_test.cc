// What devices there are, and who hears of their states.
//  1. names and texts of every state; a name without case; a name that is none
//  2. what several devices are together, in any order
//  3. a technology's device is asked of it; its name without case; nobody's device is invalid
//  4. a Custom: device is kept in astdb as Asterisk keeps it, told once, unknown before that
//  5. what is no state makes it unknown; the state of others cannot be set
//  6. a change is told when it is one, of a device told of before and of a new one
//  7. all of them are listed: those of technologies, then the Custom: ones
//  8. a device that is gone is told as invalid each time, and nothing is kept of it
#include "states/device_states.h"

#include <gmock/gmock.h>

namespace missive::states {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Phones final : public DeviceProvider {
 public:
  std::string_view technology() const override { return "PJSIP"; }
  DeviceState state(std::string_view resource) const override {
    const auto found = states.find(std::string(resource));
    return found == states.end() ? DeviceState::invalid : found->second;
  }
  void visit(const Visit& visit) const override {
    for (const auto& [name, state] : states) visit(name, state);
  }
  std::map<std::string, DeviceState> states{{"alice", DeviceState::unavailable},
                                            {"bob", DeviceState::not_in_use}};
};

class Ear final : public DeviceObserver {
 public:
  void on_device_state(std::string_view device, DeviceState state) override {
    heard.push_back(std::string(device) + "=" + std::string(name_of(state)));
  }
  std::vector<std::string> heard;
};

struct Devices : testing::Test {
  Devices() {
    devices.add(phones);
    devices.add(ear);
  }
  store::AstDb database;
  DeviceStates devices{database};
  Phones phones;
  Ear ear;
};

TEST(DeviceStateNames, AreAsterisks) {  // 1
  const std::vector<std::pair<std::string_view, std::string_view>> words{
      {"UNKNOWN", "Unknown"}, {"NOT_INUSE", "Not in use"}, {"INUSE", "In use"},
      {"BUSY", "Busy"},       {"INVALID", "Invalid"},      {"UNAVAILABLE", "Unavailable"},
      {"RINGING", "Ringing"}, {"RINGINUSE", "Ring+Inuse"}, {"ONHOLD", "On Hold"}};
  for (const auto& [name, text] : words) {
    const auto state = device_state_named(name);
    ASSERT_TRUE(state) << name;
    EXPECT_EQ(name_of(*state), name);
    EXPECT_EQ(text_of(*state), text);
  }
  EXPECT_EQ(device_state_named("not_inuse"), DeviceState::not_in_use);
  EXPECT_FALSE(device_state_named("asleep"));
}

DeviceState sum_of(const std::vector<DeviceState>& states) {
  DeviceStateSum sum;
  for (const auto state : states) sum.add(state);
  return sum.state();
}

TEST(DeviceStateSums, TakeWhatMattersMost) {  // 2
  using S = DeviceState;
  EXPECT_EQ(sum_of({}), S::invalid);
  EXPECT_EQ(sum_of({S::unavailable}), S::unavailable);
  EXPECT_EQ(sum_of({S::unavailable, S::not_in_use}), S::not_in_use);
  EXPECT_EQ(sum_of({S::not_in_use, S::unavailable}), S::not_in_use);
  EXPECT_EQ(sum_of({S::unknown, S::unavailable}), S::unavailable);
  EXPECT_EQ(sum_of({S::on_hold, S::not_in_use}), S::on_hold);
  EXPECT_EQ(sum_of({S::in_use, S::on_hold}), S::in_use);
  EXPECT_EQ(sum_of({S::busy, S::in_use, S::invalid}), S::busy);
  EXPECT_EQ(sum_of({S::ringing, S::on_hold}), S::ring_in_use);
  EXPECT_EQ(sum_of({S::busy, S::ringing}), S::ring_in_use);
}

TEST_F(Devices, TechnologiesAreAsked) {  // 3
  EXPECT_EQ(devices.state("PJSIP/bob"), DeviceState::not_in_use);
  EXPECT_EQ(devices.state("pjsip/alice"), DeviceState::unavailable);
  EXPECT_EQ(devices.state("PJSIP/eve"), DeviceState::invalid);
  for (const auto* nobodys : {"SIP/bob", "bob", "", "/", "Park:701@parked"}) {
    EXPECT_EQ(devices.state(nobodys), DeviceState::invalid) << nobodys;
  }
}

TEST_F(Devices, CustomOnesAreKept) {  // 4
  EXPECT_EQ(devices.state("Custom:lamp"), DeviceState::unknown);
  ASSERT_TRUE(devices.set("custom:lamp", "inuse"));
  ASSERT_TRUE(devices.set("Custom:lamp", "INUSE"));
  EXPECT_EQ(database.get("CustomDevstate", "lamp"), "INUSE");
  EXPECT_EQ(devices.state("Custom:lamp"), DeviceState::in_use);
  EXPECT_THAT(ear.heard, ElementsAre("Custom:lamp=INUSE"));
}

TEST_F(Devices, OthersCannotBeSet) {  // 5
  ASSERT_TRUE(devices.set("Custom:lamp", "BUSY"));
  ASSERT_TRUE(devices.set("Custom:lamp", "on fire"));
  EXPECT_EQ(devices.state("Custom:lamp"), DeviceState::unknown);
  for (const auto* device : {"PJSIP/alice", "Custom:", "lamp"}) {
    const auto done = devices.set(device, "BUSY");
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().text, testing::HasSubstr("cannot be set, only that of a Custom:NAME"));
  }
}

TEST_F(Devices, ChangesAreTold) {  // 6
  devices.changed("PJSIP/bob");
  devices.changed("PJSIP/bob");
  phones.states["bob"] = DeviceState::unavailable;
  devices.changed("PJSIP/bob");
  devices.changed("PJSIP/alice");
  EXPECT_THAT(ear.heard, ElementsAre("PJSIP/bob=NOT_INUSE", "PJSIP/bob=UNAVAILABLE",
                                     "PJSIP/alice=UNAVAILABLE"));
}

TEST_F(Devices, AreListed) {  // 7
  ASSERT_TRUE(devices.set("Custom:lamp", "BUSY"));
  database.put("CustomDevstate", "a/door", "nonsense");
  std::vector<std::string> all;
  devices.visit([&all](std::string_view device, DeviceState state) {
    all.push_back(std::string(device) + "=" + std::string(name_of(state)));
  });
  EXPECT_THAT(all, ElementsAre("PJSIP/alice=UNAVAILABLE", "PJSIP/bob=NOT_INUSE",
                               "Custom:a/door=UNKNOWN", "Custom:lamp=BUSY"));
}

TEST_F(Devices, WhatIsGoneIsInvalid) {  // 8
  devices.changed("PJSIP/bob");
  phones.states.erase("bob");
  devices.changed("PJSIP/bob");
  phones.states["bob"] = DeviceState::not_in_use;
  devices.changed("PJSIP/bob");
  EXPECT_THAT(ear.heard,
              ElementsAre("PJSIP/bob=NOT_INUSE", "PJSIP/bob=INVALID", "PJSIP/bob=NOT_INUSE"));
}

}  // namespace
}  // namespace missive::states
