// Option binders, and the names they suggest.
//
//  1. every kind of option reads its good values; names without case; the last one wins
//  2. every kind of option refuses bad values in words, and the member keeps its value
//  3. lists replace, several and lines add up
//  4. ignored options, aliases and deprecated names
//  5. an unknown option names section and kind, and the nearest known name
//  6. an inherited mistake is reported once, for the line it stands in
//  7. sizes with k, M and G; times with s, m, h and d; what was not set stays unset
//  8. nearest names: small mistakes are found, strangers are not suggested
#include "conf/binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conf/nearest.h"

namespace missive::conf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class Colour { red, green };

struct Thing {
  std::string name = "unset";
  bool on = false;
  int level = -1;
  std::uint16_t port = 5060;
  std::chrono::milliseconds wait{500};
  std::chrono::seconds life{60};
  std::size_t limit = 1;
  std::chrono::seconds age{1};
  std::optional<bool> open;
  std::optional<std::chrono::seconds> pause;
  Colour colour = Colour::red;
  std::vector<Colour> colours;
  std::vector<std::string> list, several, lines;
  std::string upper;
};

base::Result<void> set_upper(Thing& thing, const Option& option) {
  if (option.value != base::lower(option.value)) {
    thing.upper = option.value;
    return {};
  }
  return base::fail("has no capital letter");
}

const Binder<Thing>& binder() {
  using std::chrono_literals::operator""ms;
  using std::chrono_literals::operator""s;
  static const auto made =
      Binder<Thing>("thing")
          .text("name", &Thing::name)
          .boolean("on", &Thing::on)
          .number("level", &Thing::level, -5, 5)
          .number("port", &Thing::port, 1, 65535)
          .number("wait", &Thing::wait, 10ms, 1000ms)
          .number("life", &Thing::life, 0s, 60s)
          .size("limit", &Thing::limit, 1, 4096)
          .duration("age", &Thing::age, 1s, 7 * 86'400s)
          .boolean("open", &Thing::open)
          .duration("pause", &Thing::pause, 0s, 90s)
          .choice("colour", &Thing::colour, {{"red", Colour::red}, {"green", Colour::green}})
          .choices("colours", &Thing::colours, {{"red", Colour::red}, {"green", Colour::green}})
          .list("list", &Thing::list)
          .several("several", &Thing::several)
          .lines("lines", &Thing::lines)
          .custom("upper", set_upper)
          .ignored({"type", "quiet"})
          .alias("titel", "name")
          .deprecated("waittime", "wait");
  return made;
}

struct Bound {
  Thing thing;
  std::vector<std::string> problems;
};

// Binds every section of the text, one after the other, to one Thing.
Bound bind(std::string_view text) {
  Problems problems;
  const auto file = parse(text, "t.conf", problems);
  EXPECT_THAT(problems, IsEmpty());
  Bound bound;
  for (const auto& section : file.sections) {
    if (!section.is_template) binder().bind(section, bound.thing, problems);
  }
  for (const auto& problem : problems) bound.problems.push_back(problem.str());
  return bound;
}

TEST(Binder, ReadsGoodValues) {
  const auto [thing, problems] = bind(
      "[x]\n"
      "NAME = first\nname = a; comment\n"
      "on = Yes\nlevel = -5\nport = 65535\nwait = 10\nlife = 0\nlimit = 4k\n"
      "colour = GREEN\ncolours = green, Red\nupper = Big\n");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(thing.name, "a");
  EXPECT_TRUE(thing.on);
  EXPECT_EQ(thing.level, -5);
  EXPECT_EQ(thing.port, 65535);
  EXPECT_EQ(thing.wait.count(), 10);
  EXPECT_EQ(thing.life.count(), 0);
  EXPECT_EQ(thing.limit, 4096U);
  EXPECT_EQ(thing.colour, Colour::green);
  EXPECT_THAT(thing.colours, ElementsAre(Colour::green, Colour::red));
  EXPECT_EQ(thing.upper, "Big");
}

TEST(Binder, RefusesBadValuesAndKeepsTheDefault) {
  const auto [thing, problems] = bind(
      "[x]\n"
      "on = maybe\nlevel = 6\nlevel = 1x\nport = 65536\nwait = 9\nlife =\n"
      "limit = 5k\nlimit = 0\nlimit = 4g\ncolour = blue\ncolours = red,blue\nupper = small\n");
  EXPECT_THAT(
      problems,
      ElementsAre("t.conf:2: error: [x] on: 'maybe' is neither yes nor no",
                  "t.conf:3: error: [x] level: '6' is no whole number from -5 to 5",
                  "t.conf:4: error: [x] level: '1x' is no whole number from -5 to 5",
                  "t.conf:5: error: [x] port: '65536' is no whole number from 1 to 65535",
                  "t.conf:6: error: [x] wait: '9' is no whole number from 10 to 1000 milliseconds",
                  "t.conf:7: error: [x] life: '' is no whole number from 0 to 60 seconds",
                  "t.conf:8: error: [x] limit: '5k' is no size from 1 to 4096 octets (k, M and G "
                  "are understood)",
                  "t.conf:9: error: [x] limit: '0' is no size from 1 to 4096 octets (k, M and G "
                  "are understood)",
                  "t.conf:10: error: [x] limit: '4g' is no size from 1 to 4096 octets (k, M and "
                  "G are understood)",
                  "t.conf:11: error: [x] colour: 'blue' is none of red, green",
                  "t.conf:12: error: [x] colours: 'blue' is none of red, green",
                  "t.conf:13: error: [x] upper: has no capital letter"));
  EXPECT_FALSE(thing.on);
  EXPECT_EQ(thing.level, -1);
  EXPECT_EQ(thing.port, 5060);
  EXPECT_EQ(thing.wait.count(), 500);
  EXPECT_EQ(thing.limit, 1U);
  EXPECT_EQ(thing.colour, Colour::red);
  EXPECT_THAT(thing.colours, IsEmpty());
}

TEST(Binder, ReadsSizesAndTimesWithUnits) {
  using std::chrono_literals::operator""s;
  EXPECT_EQ(*read_size("3", 0, 10), 3);
  EXPECT_EQ(*read_size("2 K", 0, 1LL << 40), 2048);
  EXPECT_EQ(*read_size("2m", 0, 1LL << 40), 2LL << 20);
  EXPECT_EQ(*read_size("16G", 0, 1LL << 40), 16LL << 30);
  EXPECT_FALSE(read_size("9223372036854775807G", 0, std::numeric_limits<long long>::max()));
  for (const auto& [text, seconds] : std::vector<std::pair<std::string_view, long long>>{
           {"30", 30}, {"30s", 30}, {"5 m", 300}, {"2H", 7200}, {"7d", 604'800}, {"1", 1}}) {
    const auto time = read_duration(text, 1s, 604'800s);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(time->count(), seconds) << text;
  }
  for (const std::string_view text :
       {"", "s", "0", "-1", "8d", "1.5h", "1h30m", "7w", "5 min", "99999999999999999999", "x"}) {
    EXPECT_FALSE(read_duration(text, 1s, 604'800s)) << text;
  }
  EXPECT_EQ(show_duration(0s), "0s");
  EXPECT_EQ(show_duration(90s), "90s");
  EXPECT_EQ(show_duration(7200s), "2h");
  EXPECT_EQ(show_duration(604'800s), "7d");

  const auto [unset, none] = bind("[x]\n");
  EXPECT_FALSE(unset.open.has_value() || unset.pause.has_value());
  const auto [thing, problems] = bind(
      "[x]\nage = 3h\nopen = no\npause = 0\n"
      "age = 8d\nopen = maybe\npause = 2m\n");
  EXPECT_EQ(thing.age.count(), 10'800);
  EXPECT_EQ(thing.open, false);
  EXPECT_EQ(thing.pause, 0s);
  EXPECT_THAT(
      problems,
      ElementsAre(
          "t.conf:5: error: [x] age: '8d' is no time from 1s to 7d (as in 30, 30s, 5m, 2h or 7d)",
          "t.conf:6: error: [x] open: 'maybe' is neither yes nor no",
          "t.conf:7: error: [x] pause: '2m' is no time from 0s to 90s (as in 30, 30s, 5m, 2h or "
          "7d)"));
}

TEST(Binder, ListsReplaceAndSeveralAddUp) {
  const auto [thing, problems] = bind(
      "[x]\n"
      "list = a, b\nlist = c ,, d\n"
      "several = a, b\nseveral = c\n"
      "lines = A=1,2\nlines = B=3\n");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(thing.list, ElementsAre("c", "d"));
  EXPECT_THAT(thing.several, ElementsAre("a", "b", "c"));
  EXPECT_THAT(thing.lines, ElementsAre("A=1,2", "B=3"));
}

TEST(Binder, KnowsOtherNames) {
  const auto [thing, problems] = bind("[x]\ntype = any\nQuiet = 1\ntitel = t\nwaittime = 20\n");
  EXPECT_THAT(problems,
              ElementsAre("t.conf:5: warning: [x] option 'waittime' is now called 'wait'"));
  EXPECT_EQ(thing.name, "t");
  EXPECT_EQ(thing.wait.count(), 20);
}

TEST(Binder, SuggestsTheNearestName) {
  const auto [thing, problems] = bind("[x]\nquite = 1\nwiat = 2\nelephant = 3\n");
  EXPECT_THAT(
      problems,
      ElementsAre("t.conf:2: error: [x] unknown thing option 'quite'; did you mean 'quiet'?",
                  "t.conf:3: error: [x] unknown thing option 'wiat'; did you mean 'wait'?",
                  "t.conf:4: error: [x] unknown thing option 'elephant'"));
}

TEST(Binder, ReportsInheritedMistakesOnce) {
  const auto [thing, problems] = bind(
      "[t](!)\n"
      "on = maybe\n"
      "[a](t)\n"
      "on = maybe\n"
      "[b](t)\n"
      "level = 9\n");
  EXPECT_THAT(problems, ElementsAre("t.conf:2: error: [a] on: 'maybe' is neither yes nor no",
                                    "t.conf:4: error: [a] on: 'maybe' is neither yes nor no",
                                    "t.conf:6: error: [b] level: '9' is no whole number from -5 "
                                    "to 5"));
}

TEST(Nearest, FindsSmallMistakesOnly) {
  const std::vector<std::string_view> names{"callerid", "call_group", "context", "aors"};
  EXPECT_EQ(nearest("callerdi", names), "callerid");
  EXPECT_EQ(nearest("CALLER_ID", names), "callerid");
  EXPECT_EQ(nearest("contxt", names), "context");
  EXPECT_EQ(nearest("aor", names), "aors");
  EXPECT_EQ(nearest("ao", names), "");
  EXPECT_EQ(nearest("transport", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(100'000, 'a'), names), "");
  EXPECT_EQ(did_you_mean("aor", names), "; did you mean 'aors'?");
  EXPECT_EQ(did_you_mean("transport", names), "");
}

}  // namespace
}  // namespace missive::conf
