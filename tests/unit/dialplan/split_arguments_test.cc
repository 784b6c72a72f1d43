// Taking the arguments of applications and functions apart.
//
//  1. commas split; of an empty text there is nothing; empty ones count
//  2. quotes, parentheses and brackets keep commas; quotes are taken off
//  3. a backslash takes any meaning off what follows
//  4. without unquoting everything stays
//  5. the last of a limited number keeps the rest as it is
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dialplan/function.h"

namespace missive::dialplan {
namespace {

using Parts = std::vector<std::string>;

struct Row {
  std::string_view text;
  Parts parts;
};

TEST(SplitArguments, SplitsAtCommas) {
  const Row rows[] = {
      {"", {}},
      {"a", {"a"}},
      {"a,b", {"a", "b"}},
      {"a, b ", {"a", " b "}},
      {",", {"", ""}},
      {"a,", {"a", ""}},
      {",a", {"", "a"}},
      {"a,,b", {"a", "", "b"}},
      {"pjsip:bob,\"Alice, A.\" <sip:alice@example.com>",
       {"pjsip:bob", "Alice, A. <sip:alice@example.com>"}},
      {"(a,b),c", {"(a,b)", "c"}},
      {"f(a,g(b,c)),d", {"f(a,g(b,c))", "d"}},
      {"[a,b],c", {"[a,b]", "c"}},
      {"a),b", {"a)", "b"}},
      {"a],b", {"a]", "b"}},
      {"(a,b", {"(a,b"}},
      {"\"a,b\",c", {"a,b", "c"}},
      {"x\"a,b\"y,c", {"xa,by", "c"}},
      {"\"a(\",b", {"a(", "b"}},
      {"\"a,b", {"a,b"}},
      {"a\\,b,c", {"a,b", "c"}},
      {"a\\\\,b", {"a\\", "b"}},
      {"\\\"a,b\\\"", {"\"a", "b\""}},
      {"\\(a,b", {"(a", "b"}},
      {"a\\", {"a\\"}},
  };
  for (const auto& row : rows) EXPECT_EQ(split_arguments(row.text), row.parts) << row.text;
}

TEST(SplitArguments, KeepsQuotesWhenAsked) {
  const Row rows[] = {
      {"\"a,b\",c", {"\"a,b\"", "c"}},
      {"a\\,b,c", {"a\\,b", "c"}},
      {"\\\"a,b", {"\\\"a", "b"}},
      {"(a,b),\"c\"", {"(a,b)", "\"c\""}},
  };
  for (const auto& row : rows)
    EXPECT_EQ(split_arguments(row.text, 0, false), row.parts) << row.text;
}

TEST(SplitArguments, LeavesTheRestToTheLast) {
  EXPECT_EQ(split_arguments("a,b,c", 1), Parts({"a,b,c"}));
  EXPECT_EQ(split_arguments("a,b,c", 2), Parts({"a", "b,c"}));
  EXPECT_EQ(split_arguments("a,b,c", 3), Parts({"a", "b", "c"}));
  EXPECT_EQ(split_arguments("a,b,c", 4), Parts({"a", "b", "c"}));
  EXPECT_EQ(split_arguments("\"a\",\"b\\,\",c", 2), Parts({"a", "\"b\\,\",c"}));
  EXPECT_EQ(split_arguments("a,", 2), Parts({"a", ""}));
  EXPECT_EQ(split_arguments("", 2), Parts());
}

}  // namespace
}  // namespace missive::dialplan
