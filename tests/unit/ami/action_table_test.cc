// The tables of actions and events in docs/ami.md against those of ours.
//
// 1. It names each of the 167 actions of Asterisk's documentation once, and no other.
// 2. Whoever has a "yes" is in the registry, and whoever is in the registry has one: what was added
//    without `scripts/ami-actions` fails here.
// 3. Whoever is not there has a reason.
// 4. Its first line counts right.
// 5. `manager show events` lists, in order, each event that the page has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "ami/action.h"
#include "ami/event_names.h"
#include "base/text.h"
#include "support/source_file.h"

namespace missive::ami {
namespace {

std::string text_of(const char* file) {
  std::ostringstream out;
  out << std::ifstream(source_file(file)).rdbuf();
  return out.str();
}

// The rows: name and what is said of it.
std::map<std::string, std::string> table_rows(std::string_view section) {
  std::map<std::string, std::string> rows;
  for (const auto line : base::split_list(section, '\n')) {
    if (!line.starts_with("| `")) continue;
    const auto name = line.substr(3, line.find('`', 3) - 3);
    const auto cell = line.substr(line.find("| ", 3) + 2);
    const auto [place, is_new] = rows.emplace(name, base::trim(cell.substr(0, cell.rfind('|'))));
    EXPECT_TRUE(is_new) << name << " is there twice";
  }
  return rows;
}

struct ActionTable : testing::Test {
  ActionTable() {
    const auto page = text_of("docs/ami.md");
    const auto begin = page.find("<!-- scripts/ami-actions writes from here -->");
    const auto end = page.find("<!-- to here -->");
    if (begin != std::string::npos && end != std::string::npos) {
      section = page.substr(begin, end - begin);
    }
    rows = table_rows(section);
  }

  std::string section;
  std::map<std::string, std::string> rows;
};

TEST_F(ActionTable, NamesAllOfAsterisks) {
  std::size_t names = 0;
  const auto list = text_of("tests/data/asterisk_actions.txt");
  for (const auto line : base::split_list(list, '\n')) {
    if (line.starts_with('#')) continue;
    ++names;
    EXPECT_TRUE(rows.contains(std::string(line.substr(0, line.find('\t'))))) << line;
  }
  EXPECT_EQ(names, 167u);
  EXPECT_EQ(rows.size(), names);
}

TEST_F(ActionTable, TellsTheTruth) {
  ASSERT_FALSE(rows.empty());
  std::size_t there = 0;
  for (const auto& [name, answer] : rows) {
    const bool known = find_action(name) != nullptr;
    there += known ? 1 : 0;
    EXPECT_EQ(answer == "yes", known) << name << ": run scripts/ami-actions";
    EXPECT_FALSE(answer.empty()) << name;
  }
  EXPECT_NE(section.find(fmt::format("{} of {}:", there, rows.size())), std::string::npos);
}

// `Name` of every row; what begins in lower case is no event.
std::vector<std::string> documented_events() {
  const auto page = text_of("docs/ami.md");
  const auto begin = page.find("\n## Events\n");
  const auto section = page.substr(begin, page.find("\nA session gets", begin) - begin);
  std::vector<std::string> names;
  for (const auto line : base::split_list(section, '\n')) {
    if (!line.starts_with('|')) continue;
    const auto cell = line.substr(1, line.find('|', 1) - 1);
    for (auto at = cell.find('`'); at != cell.npos;) {
      const auto end = cell.find('`', at + 1);
      const auto name = cell.substr(at + 1, end - at - 1);
      if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') names.emplace_back(name);
      at = cell.find('`', end + 1);
    }
  }
  return names;
}

TEST(EventNames, AreThoseOfThePage) {
  const auto documented = documented_events();
  EXPECT_GE(documented.size(), 25u);
  for (const auto& name : documented) EXPECT_THAT(event_names, testing::Contains(name));
  EXPECT_TRUE(std::is_sorted(event_names.begin(), event_names.end(),
                             [](auto a, auto b) { return base::lower(a) < base::lower(b); }));
}

}  // namespace
}  // namespace missive::ami
