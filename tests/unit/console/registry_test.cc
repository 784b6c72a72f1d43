// The table of commands.
//
// 1. words of a line: blanks, quotes, a backslash, an empty word
// 2. the command with the longest name that fits is run, without case, with its arguments
// 3. unknown commands, too few and too many arguments
// 4. completion: words of names, what a command offers for its arguments, nothing
// 5. help: all, those of a beginning, how one is used, none
#include "console/registry.h"

#include <gmock/gmock.h>

namespace missive::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct RegistryTest : testing::Test {
  RegistryTest() {
    add("pjsip show endpoint", 1);
    add("pjsip show endpoints", 0);
    add("pjsip show", 2);
    registry.add({"database get", "FAMILY KEY", 2, 2, "Gets a value", say("database get"),
                  [](const Arguments& before) {
                    return before.empty() ? Command::Choices{"cid", "sip", "Case"}
                                          : Command::Choices{before[0] + "-1"};
                  }});
  }
  static std::function<void(Call)> say(std::string name) {
    return at_once([name](const Call& call) {
      auto out = name;
      for (const auto& argument : call.arguments) out += "|" + argument;
      return success(out);
    });
  }
  void add(const std::string& name, std::size_t most) {
    registry.add({name, most > 0 ? "NAME" : "", 0, most, "Shows " + name, say(name)});
  }
  Result run(std::string_view line) {
    Result said{false, "not answered"};
    registry.run(line, [&said](const Result& result) { said = result; });
    return said;
  }

  Registry registry;
};

TEST_F(RegistryTest, RunsTheLongestName) {
  EXPECT_EQ(run("PJSIP show  Endpoint alice").text, "pjsip show endpoint|alice");
  EXPECT_EQ(run("pjsip show endpoints").text, "pjsip show endpoints");
  EXPECT_EQ(run("pjsip show endpointless").text, "pjsip show|endpointless");
  EXPECT_EQ(run("database get \"a b\" c").text, "database get|a b|c");
}

TEST_F(RegistryTest, RefusesWhatItHasNot) {
  const auto unknown = run(" no such ");
  EXPECT_FALSE(unknown.ok);
  EXPECT_EQ(
      unknown.text,
      "No such command 'no such' (type 'core show help no such' for other possible commands)");
  EXPECT_FALSE(run("pjsip").ok);
  EXPECT_FALSE(run("").ok);
  EXPECT_EQ(run("database get a").text, "Usage: database get FAMILY KEY");
  EXPECT_EQ(run("database get a b c").text, "Usage: database get FAMILY KEY");
}

TEST_F(RegistryTest, Completes) {
  EXPECT_THAT(registry.complete(""), ElementsAre("database", "pjsip"));
  EXPECT_THAT(registry.complete("P"), ElementsAre("pjsip"));
  EXPECT_THAT(registry.complete("pjsip show e"), ElementsAre("endpoint", "endpoints"));
  EXPECT_THAT(registry.complete("pjsip show "), ElementsAre("endpoint", "endpoints"));
  EXPECT_THAT(registry.complete("database get c"), ElementsAre("Case", "cid"));
  EXPECT_THAT(registry.complete("database get sip "), ElementsAre("sip-1"));
  EXPECT_THAT(registry.complete("database get sip x "), IsEmpty());
  EXPECT_THAT(registry.complete("nothing "), IsEmpty());
}

TEST_F(RegistryTest, Helps) {
  const auto all = registry.help({});
  EXPECT_TRUE(all.ok);
  EXPECT_THAT(all.text, HasSubstr("                  database get  Gets a value\n"));
  EXPECT_THAT(registry.help({"pjsip", "show", "e"}).text, Not(HasSubstr("database")));
  EXPECT_EQ(registry.help({"database", "get"}).text,
            "Usage: database get FAMILY KEY\n       Gets a value.\n");
  EXPECT_FALSE(registry.help({"no", "such"}).ok);
}

}  // namespace
}  // namespace missive::console
