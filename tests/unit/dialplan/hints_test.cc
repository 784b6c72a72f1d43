// Hints: which state an extension has, and who hears of it.
//  1. a hint is what the line says, with its name; the first of an extension counts; one of a
//     caller is nobody's
//  2. EXTEN, CONTEXT and globals are filled in, functions are empty
//  3. found by name, with dashes, through an include, by a pattern; an extension with priorities
//     of its own does not hide a pattern's hint
//  4. every state of devices as a state of the extension
//  5. changes are told once each; of one device to all its extensions; a device that no hint has
//  6. a pattern's extension is watched once it was asked for, up to a number of them
//  7. a presence is told to who has it as the second part
//  8. a reload: hints that are gone, new ones, asked for ones of patterns that stay
//  9. no hint at all
// 10. the functions HINT, EXTENSION_STATE, DEVICE_STATE, PRESENCE_STATE
// 11. what they refuse
#include "dialplan/hints.h"

#include <gmock/gmock.h>

#include "dialplan/tables.h"
#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Ear final : public HintObserver {
 public:
  void on_extension_state(const ExtensionStatus& status) override {
    heard.push_back(fmt::format("{}@{} {} {}", status.exten, status.context, status.hint,
                                text_of(status.state)));
  }
  void on_extension_presence(const ExtensionStatus& status,
                             const states::Presence& presence) override {
    heard.push_back(fmt::format("{}@{} {}", status.exten, status.context, presence.state));
  }
  std::vector<std::string> heard;
};

std::shared_ptr<const Dialplan> plan(std::string_view text) {
  conf::Problems problems;
  auto loaded = Dialplan::parse(text, all_applications(), all_functions(), problems);
  if (!loaded) throw std::runtime_error(loaded.error().text);
  return *loaded;
}

constexpr std::string_view file = R"([globals]
TECH=Custom
[phones]
exten => alice,hint,Custom:alice&Custom:desk,CustomPresence:al(Alice A)
exten => alice,1,NoOp()
exten => alice,hint,Custom:other
exten => 12-34,hint,${TECH}:${EXTEN}${CONTEXT}${DEVICE_STATE(Custom:x)}
exten => bob/77,hint,Custom:bob
exten => _2XX,hint,Custom:room${EXTEN:1}
exten => 200,1,NoOp()
[office]
include => phones
)";

struct HintsTest : FunctionTest {
  HintsTest() {
    shared_.states = &states;
    shared_.hints = &hints;
    states.devices.add(hints);
    states.presences.add(hints);
    hints.add(ear);
    hints.use(plan(file));
  }
  std::string status(std::string_view context, std::string_view exten) {
    const auto found = hints.find(context, exten);
    return found ? fmt::format("{} {}", found->hint, text_of(found->state)) : "none";
  }
  void device(std::string_view name, std::string_view state) {
    ASSERT_TRUE(states.devices.set(name, state));
  }
  std::vector<std::string> heard() { return std::exchange(ear.heard, {}); }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& one : hints.all()) names.push_back(one.exten + "@" + one.context);
    return names;
  }

  states::States states{database_};
  Hints hints{states, all_functions(), clock_};
  Ear ear;
};

TEST_F(HintsTest, SayWhatTheLineSays) {  // 1
  const auto found = hints.find("phones", "alice");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->hint, "Custom:alice&Custom:desk,CustomPresence:al");
  EXPECT_EQ(found->name, "Alice A");
  EXPECT_EQ(status("phones", "bob"), "none");
  conf::Problems problems;
  ASSERT_TRUE(Dialplan::parse(file, all_applications(), all_functions(), problems));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_THAT(problems[0].str(), HasSubstr("extension 'alice' has a hint already, at "
                                           "extensions.conf:4; it stays"));
}

TEST_F(HintsTest, FillTheirVariables) {  // 2
  EXPECT_EQ(status("phones", "1234"), "Custom:12-34phones Idle");
  EXPECT_EQ(status("office", "207"), "Custom:room07 Idle");
}

TEST_F(HintsTest, AreFound) {  // 3
  EXPECT_EQ(status("phones", "1-2-34"), status("phones", "12-34"));
  EXPECT_EQ(status("office", "alice"), status("phones", "alice"));
  EXPECT_EQ(status("phones", "200"), "Custom:room00 Idle");
  EXPECT_EQ(status("phones", "300"), "none");
  EXPECT_EQ(status("nowhere", "alice"), "none");
}

TEST_F(HintsTest, HaveTheStatesOfDevices) {  // 4
  const std::vector<std::pair<std::string_view, std::string_view>> table{
      {"INUSE", "InUse"},     {"BUSY", "Busy"},    {"UNAVAILABLE", "Unavailable"},
      {"RINGING", "Ringing"}, {"ONHOLD", "Hold"},  {"RINGINUSE", "InUse&Ringing"},
      {"NOT_INUSE", "Idle"},  {"UNKNOWN", "Idle"}, {"INVALID", "Unavailable"}};
  for (const auto& [device_state, text] : table) {
    device("Custom:room05", device_state);
    EXPECT_EQ(status("phones", "205"), fmt::format("Custom:room05 {}", text)) << device_state;
  }
  EXPECT_EQ(text_of(ExtensionState::in_use_on_hold), "InUse&Hold");
  EXPECT_EQ(extension_state_of(states::DeviceState::ring_in_use), ExtensionState::in_use_ringing);
}

TEST_F(HintsTest, ChangesAreTold) {  // 5
  device("Custom:alice", "INUSE");
  device("Custom:desk", "INUSE");
  device("Custom:desk", "BUSY");
  device("Custom:nobodys", "BUSY");
  EXPECT_THAT(heard(), ElementsAre("alice@phones Custom:alice&Custom:desk,CustomPresence:al InUse",
                                   "alice@phones Custom:alice&Custom:desk,CustomPresence:al Busy"));
  hints.use(plan("[a]\nexten => x,hint,Custom:desk\nexten => y,hint,custom:desk\n"));
  device("Custom:desk", "NOT_INUSE");
  EXPECT_THAT(heard(), ElementsAre("x@a Custom:desk Idle", "y@a custom:desk Idle"));
}

TEST_F(HintsTest, PatternsAreWatchedWhenAskedFor) {  // 6
  device("Custom:room01", "BUSY");
  EXPECT_THAT(heard(), IsEmpty());
  EXPECT_THAT(names(), ElementsAre("alice@phones", "12-34@phones"));
  EXPECT_EQ(status("phones", "201"), "Custom:room01 Busy");
  device("Custom:room01", "INUSE");
  EXPECT_THAT(heard(), ElementsAre("201@phones Custom:room01 InUse"));
  EXPECT_THAT(names(), ElementsAre("alice@phones", "12-34@phones", "201@phones"));
  hints.use(plan("[many]\nexten => _X.,hint,Custom:${EXTEN}\n"));
  for (std::size_t i = 0; i < Hints::most_of_patterns + 10; ++i) {
    EXPECT_NE(status("many", std::to_string(1'000'000 + i)), "none");
  }
  EXPECT_EQ(hints.all().size(), Hints::most_of_patterns);
}

TEST_F(HintsTest, PresencesAreTold) {  // 7
  ASSERT_TRUE(states.presences.set("CustomPresence:al", "away,x,y"));
  ASSERT_TRUE(states.presences.set("CustomPresence:else", "away,x,y"));
  EXPECT_THAT(heard(), ElementsAre("alice@phones away"));
}

TEST_F(HintsTest, FollowAReload) {  // 8
  EXPECT_NE(status("phones", "201"), "none");
  hints.use(plan("[phones]\nexten => carol,hint,Custom:carol\nexten => _20X,hint,Custom:new\n"));
  EXPECT_THAT(names(), ElementsAre("carol@phones", "201@phones"));
  EXPECT_EQ(status("phones", "201"), "Custom:new Idle");
  device("Custom:room01", "BUSY");
  device("Custom:alice", "BUSY");
  EXPECT_THAT(heard(), IsEmpty());
  hints.use(plan("[phones]\nexten => carol,hint,Custom:carol\n"));
  EXPECT_THAT(names(), ElementsAre("carol@phones"));
}

TEST_F(HintsTest, ThereMayBeNone) {  // 9
  Hints none{states, all_functions(), clock_};
  EXPECT_FALSE(none.find("phones", "alice"));
  EXPECT_TRUE(none.all().empty());
}

TEST_F(HintsTest, AreFunctions) {  // 10
  expect({{"${HINT(alice@phones)}", "Custom:alice&Custom:desk,CustomPresence:al"},
          {"${HINT(alice@phones,n)}", "Alice A"},
          {"${HINT(nobody@phones)}", ""},
          {"${EXTENSION_STATE(alice@phones)}", "NOT_INUSE"},
          {"${EXTENSION_STATE(nobody@phones)}", "UNKNOWN"},
          {"${DEVICE_STATE(Custom:alice)}", "UNKNOWN"},
          {"${DEVICE_STATE(PJSIP/alice)}", "INVALID"},
          {"${PRESENCE_STATE(CustomPresence:al,value)}", "not_set"}});
  ASSERT_TRUE(write("DEVICE_STATE", "Custom:alice", "BUSY"));
  ASSERT_TRUE(write("PRESENCE_STATE", "CustomPresence:al", "away,lunch,back, at two"));
  expect({{"${DEVICE_STATE(Custom:alice)}", "BUSY"},
          {"${EXTENSION_STATE(alice@phones)}", "BUSY"},
          {"${PRESENCE_STATE(CustomPresence:al,value)}", "away"},
          {"${PRESENCE_STATE(CustomPresence:al,subtype)}", "lunch"},
          {"${PRESENCE_STATE(CustomPresence:al,message)}", "back"},
          {"${PRESENCE_STATE(CustomPresence:al,message,e)}", "YmFjaw=="}});
}

TEST_F(HintsTest, FunctionsRefuse) {  // 11
  const auto reason = [](const auto& done) { return done ? "none" : done.error().text; };
  const std::string long_name(300, 'x');
  EXPECT_THAT(reason(write("DEVICE_STATE", "PJSIP/alice", "BUSY")), HasSubstr("cannot be set"));
  EXPECT_THAT(reason(write("DEVICE_STATE", "Custom:" + long_name, "BUSY")),
              HasSubstr("307 octets; 256 are the most"));
  EXPECT_THAT(reason(read("DEVICE_STATE", "")), HasSubstr("needs a name"));
  EXPECT_THAT(reason(write("PRESENCE_STATE", "CustomPresence:al", "asleep")),
              HasSubstr("'asleep' is no presence"));
  EXPECT_THAT(reason(write("PRESENCE_STATE", "CustomPresence:" + long_name, "away")),
              HasSubstr("octets"));
  EXPECT_THAT(reason(read("PRESENCE_STATE", "CustomPresence:al,colour")),
              HasSubstr("no field 'colour'"));
  EXPECT_THAT(reason(read("PRESENCE_STATE", "al,value")), HasSubstr("no presentity 'al'"));
  EXPECT_THAT(reason(read("HINT", "")), HasSubstr("needs a name"));
  shared_.states = nullptr;
  shared_.hints = nullptr;
  EXPECT_THAT(reason(read("DEVICE_STATE", "Custom:a")), HasSubstr("keeps no states"));
  EXPECT_THAT(reason(write("PRESENCE_STATE", "CustomPresence:a", "away")),
              HasSubstr("keeps no states"));
  EXPECT_THAT(reason(read("EXTENSION_STATE", "alice")), HasSubstr("keeps no states"));
}

}  // namespace
}  // namespace missive::dialplan
