// Functions of text.
//
//  1. The table: each function with its usual and its odd arguments.
//  2. Too few arguments are an error that says what is right.
//  3. What would get longer than 1 MiB is an error, not memory.
//  4. A variable is named, never expanded twice: hostile text stays text.
//  5. Functions inside of functions end at a depth; those that block cannot be named so.
#include <gtest/gtest.h>

#include "dialplan/functions/arguments.h"
#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using TextFunctions = FunctionTest;

TEST_F(TextFunctions, Table) {
  set("phone", "123-456-7890");
  set("spaced", "a b c");
  set("lines", "one\ntwo\nthree");
  set("quoted", "say \"hi\"");
  set("csv", "x,y,z");
  set("nothing", "");
  expect({
      {"${LEN(example)}", "7"},
      {"${LEN()}", "0"},
      {"${LEN(${phone})}", "12"},
      {"${CUT(phone,-,2)}", "456"},
      {"${CUT(phone,,1)}", "123"},
      {"${CUT(phone,-,1&3)}", "123-7890"},
      {"${CUT(phone,-,2-)}", "456-7890"},
      {"${CUT(phone,-,-2)}", "123-456"},
      {"${CUT(phone,-,2-9)}", "456-7890"},
      {"${CUT(phone,-,4)}", ""},
      {"${CUT(phone,-,0)}", "123"},
      {"${CUT(phone,-,99999999999999999999999)}", ""},
      {"${CUT(phone,-,x)}", ""},
      {"${CUT(spaced, ,2)}", "b"},
      {"${CUT(csv,\\,,2)}", "y"},
      {"${CUT(lines,\\n,2)}", "two"},
      {"${CUT(lines,\\\\n,3)}", "three"},
      {"${CUT(nothing,-,1)}", ""},
      {"${CUT(PASSTHRU(Message/ast_msg_queue),/,2)}", "ast_msg_queue"},
      {"${CUT(phone:4,-,1)}", "456"},
      {"${FILTER(0-9,(555) 123-4567)}", "5551234567"},
      {"${FILTER(a-zA-Z,Hello\\, World 1)}", "HelloWorld"},
      {"${FILTER(0-9\\-,1-2 3)}", "1-23"},
      {"${FILTER(\\x41-\\x43,ABCDE)}", "ABC"},
      {"${FILTER(\\x20,a b c)}", "  "},
      {"${FILTER(\\040,a b)}", " "},
      {"${FILTER(z-a,Ab)}", "b"},
      {"${FILTER(a-,a-b)}", "a-"},
      {"${FILTER(,abc)}", ""},
      {"${REPLACE(phone,-)}", "1234567890"},
      {"${REPLACE(phone,-,.)}", "123.456.7890"},
      {"${REPLACE(phone,13,x)}", "x2x-456-7890"},
      {"${REPLACE(phone,-,xy)}", "123x456x7890"},
      {"${REPLACE(spaced, ,_)}", "a_b_c"},
      {"${REPLACE(csv,\\,,;)}", "x;y;z"},
      {"${REPLACE(lines,\\n, )}", "one two three"},
      {"${REPLACE(quoted,\\\")}", "say hi"},
      {"${STRREPLACE(phone,-)}", "1234567890"},
      {"${STRREPLACE(phone,456,x)}", "123-x-7890"},
      {"${STRREPLACE(phone,-,--,1)}", "123--456-7890"},
      {"${STRREPLACE(phone,-,x,0)}", "123-456-7890"},
      {"${STRREPLACE(phone,,x)}", ""},
      {"${STRBETWEEN(csv,w)}", "xw,wyw,wz"},
      {"${STRBETWEEN(nothing,w)}", ""},
      {"${REGEX(\"^[0-9]+$\" 123)}", "1"},
      {"${REGEX(\"^[0-9]+$\" 12a)}", "0"},
      {"${REGEX(\"b{2}\" abba)}", "1"},
      {"${REGEX(\"[[:alpha:]]\" 1)}", "0"},
      {"${REGEX(\"^$\" )}", "1"},
      {"${REGEX(\"[\" x)}", ""},
      {"${TOUPPER(Abc-1)}", "ABC-1"},
      {"${TOLOWER(AbC-1)}", "abc-1"},
      {"[${TRIM(  a b )}]", "[a b]"},
      {"[${LTRIM(  a b )}]", "[a b ]"},
      {"[${RTRIM(  a b )}]", "[  a b]"},
      {"${PASSTHRU(a,b)}", "a,b"},
      {"${QUOTE(${quoted})}", "\"say \\\"hi\\\"\""},
      {"${QUOTE()}", "\"\""},
      {"${CSV_QUOTE(\"a,b\" 123)}", "\"\"\"a,b\"\" 123\""},
      {"${KEYPADHASH(Les)}", "537"},
      {"${KEYPADHASH(pqrs wxyz 10*#-!)}", "7777999910*#"},
  });
}

TEST_F(TextFunctions, TooFewArguments) {
  for (const auto* function : {"CUT", "FILTER", "REPLACE", "STRREPLACE", "STRBETWEEN", "REGEX"}) {
    for (const auto* arguments : {"", "x"}) {
      const auto result = read(function, arguments);
      ASSERT_FALSE(result) << function;
      EXPECT_NE(result.error().text.find(function), std::string::npos) << result.error().text;
    }
  }
}

TEST_F(TextFunctions, LongResults) {
  set("long", std::string(max_text / 4, 'a'));
  EXPECT_FALSE(read("STRREPLACE", "long,a,bbbbbbbb"));
  EXPECT_FALSE(read("STRBETWEEN", "long,xxxxxxxx"));
  EXPECT_FALSE(read("CUT", "long,-,1&1&1&1&1&1&1&1&1&1"));
  EXPECT_FALSE(read("QUOTE", std::string(max_text, '"')));
  EXPECT_FALSE(read("CSV_QUOTE", std::string(max_text, '"')));
  EXPECT_TRUE(read("STRREPLACE", "long,a,b"));
}

TEST_F(TextFunctions, TextIsNotExpandedTwice) {
  set("secret", "42");
  set("body", "${secret}-x");
  expect({
      {"${CUT(body,-,1)}", "${secret}"},
      {"${CUT(PASSTHRU(${body}),-,1)}", "${secret}"},
      {"${REPLACE(PASSTHRU(${body}),x,y)}", "${secret}-y"},
      {"${CUT(${body},-,1)}", ""},
  });
}

TEST_F(TextFunctions, FunctionsInsideOfFunctions) {
  std::string deep = "CUT(";
  for (int i = 0; i < 20'000; ++i) deep += "CUT(";
  deep += "x" + std::string(20'000, ')') + ",-,1)";
  EXPECT_FALSE(read("CUT", deep + ",-,1"));
  EXPECT_FALSE(read("CUT", "SHELL(date),-,1"));
  EXPECT_FALSE(read("CUT", "CURL(http://127.0.0.1:1/),-,1"));
  EXPECT_FALSE(read("CUT", "NOSUCH(x),-,1"));
  EXPECT_FALSE(read("CUT", "ARRAY(x),-,1"));  // can only be set
}

}  // namespace
}  // namespace missive::dialplan
