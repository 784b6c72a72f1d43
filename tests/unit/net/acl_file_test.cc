// acl.conf.
//
//  1. lists by name, without case; templates are none of them; the first of two of one name
//  2. a name that is not there: what there is
//  3. errors with file and line
//  4. from a folder: a missing file has no lists
#include "net/acl_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace missive::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Loaded {
  AclFile lists;
  std::vector<std::string> problems;
};

Loaded load(std::string_view text) {
  conf::Problems problems;
  Loaded loaded;
  loaded.lists = AclFile::from(conf::parse(text, "acl.conf", problems), problems);
  for (const auto& problem : problems) loaded.problems.push_back(problem.str());
  return loaded;
}

Address ip(std::string_view text) { return *Address::from_ip(text, 5060); }

TEST(AclFile, Lists) {  // 1
  const auto [lists, problems] = load(
      "[base](!)\ndeny=0.0.0.0/0\n[office](base)\npermit=10.0.0.0/8\n[open]\n"
      "[office]\npermit=0.0.0.0/0\n");
  EXPECT_THAT(problems, IsEmpty());
  const auto* office = lists.find("OFFICE");
  ASSERT_NE(office, nullptr);
  EXPECT_TRUE(office->permits(ip("10.1.2.3")));
  EXPECT_FALSE(office->permits(ip("192.0.2.1")));
  ASSERT_NE(lists.find("open"), nullptr);
  EXPECT_TRUE(lists.find("open")->permits(ip("192.0.2.1")));
  EXPECT_EQ(lists.find("base"), nullptr);
}

TEST(AclFile, UnknownNames) {  // 2
  const auto lists = load("[office]\n[lan]\n").lists;
  EXPECT_TRUE(lists.get("lan"));
  EXPECT_EQ(lists.get("gone").error().text,
            "there is no list 'gone' in acl.conf; there are office, lan");
  EXPECT_EQ(AclFile().get("gone").error().text, "there is no list 'gone' in acl.conf");
}

TEST(AclFile, Errors) {  // 3
  EXPECT_THAT(load("[a]\ndeny=1.2.3\n[b]\nallow=1.2.3.4\n").problems,
              ElementsAre(StartsWith("acl.conf:2: error: [a] deny: '1.2.3' is not an IP address"),
                          StartsWith("acl.conf:4: error: [b] unknown acl option 'allow'")));
}

TEST(AclFile, FromAFolder) {  // 4
  const auto folder = std::filesystem::path(testing::TempDir()) / "missive-acl-file-test";
  std::filesystem::create_directories(folder);
  std::filesystem::remove(folder / "acl.conf");
  conf::Problems problems;
  const auto none = AclFile::load(folder, problems);
  ASSERT_TRUE(none);
  EXPECT_EQ(none->find("a"), nullptr);
  std::ofstream(folder / "acl.conf") << "[a]\ndeny=10.0.0.0/8\n";
  const auto some = AclFile::load(folder, problems);
  ASSERT_TRUE(some);
  EXPECT_FALSE(some->find("a")->permits(ip("10.0.0.1")));
  EXPECT_THAT(problems, IsEmpty());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace missive::net
