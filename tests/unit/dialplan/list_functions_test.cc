// Functions of lists.
//
//  1. The table of those that read.
//  2. SHIFT and POP take items off a variable until it is empty.
//  3. PUSH and UNSHIFT add them, in their order, with the list's delimiter.
//  4. Too few arguments, no name and lists that grow too long are errors.
#include <gtest/gtest.h>

#include "dialplan/functions/arguments.h"
#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using ListFunctions = FunctionTest;

TEST_F(ListFunctions, Table) {
  set("example", "ex-amp-le");
  set("csv", "a,b,,c");
  set("nothing", "");
  expect({
      {"${FIELDQTY(example,-)}", "3"},
      {"${FIELDQTY(csv,\\,)}", "4"},
      {"${FIELDQTY(csv,-)}", "1"},
      {"${FIELDQTY(nothing,-)}", "0"},
      {"${FIELDQTY(PASSTHRU(a b c), )}", "3"},
      {"${FIELDNUM(example,-,amp)}", "2"},
      {"${FIELDNUM(example,-,am)}", "0"},
      {"${FIELDNUM(csv,\\,,c)}", "4"},
      {"${FIELDNUM(csv,\\,,)}", "3"},
      {"${FIELDNUM(nothing,-,)}", "0"},
      {"${LISTFILTER(example,-,amp)}", "ex-le"},
      {"${LISTFILTER(csv,\\,,a)}", "b,,c"},
      {"${LISTFILTER(csv,\\,,)}", "a,b,c"},
      {"${LISTFILTER(csv,\\,,x)}", "a,b,,c"},
      {"${SORT(a:3,b:1,c:2.5)}", "b,c,a"},
      {"${SORT(a:2,b:1,c:2)}", "b,a,c"},
      {"${SORT(a:-1,b:x,c:nan)}", "a,b,c"},
      {"${SORT(a:1e400,b:2)}", "a,b"},
      {"${SORT(a:1)}", "a"},
      {"${SORT()}", ""},
      {"${SORT(a)}", ""},
  });
}

TEST_F(ListFunctions, ShiftAndPop) {
  set("list", "one,two,three");
  EXPECT_EQ(expand("${SHIFT(list)}"), "one");
  EXPECT_EQ(get("list"), "two,three");
  EXPECT_EQ(expand("${POP(list)}"), "three");
  EXPECT_EQ(get("list"), "two");
  EXPECT_EQ(expand("${POP(list)}"), "two");
  EXPECT_EQ(get("list"), "");
  EXPECT_EQ(expand("${SHIFT(list)}${POP(list)}"), "");
  set("other", "a-b");
  EXPECT_EQ(expand("${SHIFT(other,-)}"), "a");
  EXPECT_EQ(get("other"), "b");
}

TEST_F(ListFunctions, PushAndUnshift) {
  ASSERT_TRUE(write("PUSH", "list", "one,two"));
  EXPECT_EQ(get("list"), "one,two");
  ASSERT_TRUE(write("PUSH", "list", "three"));
  EXPECT_EQ(get("list"), "one,two,three");
  ASSERT_TRUE(write("UNSHIFT", "list", "x,y"));
  EXPECT_EQ(get("list"), "x,y,one,two,three");
  ASSERT_TRUE(write("PUSH", "other,-", "a,b"));
  EXPECT_EQ(get("other"), "a-b");
  ASSERT_TRUE(write("UNSHIFT", "fresh", "a"));
  EXPECT_EQ(get("fresh"), "a");
}

TEST_F(ListFunctions, Errors) {
  EXPECT_FALSE(read("FIELDQTY", "x"));
  EXPECT_FALSE(read("FIELDNUM", "x,-"));
  EXPECT_FALSE(read("LISTFILTER", "x,-"));
  EXPECT_FALSE(read("SHIFT", ""));
  EXPECT_FALSE(write("PUSH", "", "x"));
  set("long", std::string(max_text, 'a'));
  EXPECT_FALSE(write("PUSH", "long", "x"));
  EXPECT_FALSE(write("UNSHIFT", "long", "x"));
  EXPECT_EQ(get("long").size(), max_text);
}

}  // namespace
}  // namespace missive::dialplan
