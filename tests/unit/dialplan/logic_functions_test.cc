// Functions of logic and numbers.
//
//  1. IF, ISNULL, EXISTS, SET.
//  2. MATH: every operator, every type.
//  3. MATH with numbers out of range, and with what is no number, never does harm.
//  4. INC and DEC change their variable, and stop at the last number there is.
//  5. RAND stays within its bounds, the widest ones too.
#include <gtest/gtest.h>

#include "base/text.h"
#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using LogicFunctions = FunctionTest;

TEST_F(LogicFunctions, Conditions) {
  set("x", "7");
  expect({
      {"${IF($[${x} = 7]?seven:other)}", "seven"},
      {"${IF(0?yes:no)}", "no"},
      {"${IF(?yes:no)}", "no"},
      {"${IF(word?yes:no)}", "yes"},
      {"${IF(1?yes)}", "yes"},
      {"${IF(0?yes)}", ""},
      {"${IF(1?\"sip:alice\":none)}", "sip:alice"},
      {"${IF(1?sip\\:alice:none)}", "sip:alice"},
      {"${IF(1?a(b:c):d)}", "a(b:c)"},
      {"${IF(1? spaced :d)}", "spaced"},
      {"${IF(0?:\" kept \")}", " kept "},
      {"${IF(1?\"\":d)}", ""},
      {"${IF(nothing)}", ""},
      {"${ISNULL()}", "1"},
      {"${ISNULL(${x})}", "0"},
      {"${EXISTS()}", "0"},
      {"${EXISTS(${x})}", "1"},
      {"${SET(y=a=b)}/${y}", "a=b/a=b"},
      {"${SET(HASH(h,k)=v)}/${HASH(h,k)}", "v/v"},
      {"${SET(=x)}", ""},
      {"${SET(novalue)}", ""},
      {"${SET(LEN(x)=1)}", ""},
  });
}

TEST_F(LogicFunctions, Math) {
  expect({
      {"${MATH(1+2)}", "3.000000"},
      {"${MATH(1 + 2,int)}", "3"},
      {"${MATH(123%16,int)}", "11"},
      {"${MATH(7-10,i)}", "-3"},
      {"${MATH(-7--10,i)}", "3"},
      {"${MATH(6*7,int)}", "42"},
      {"${MATH(7/2)}", "3.500000"},
      {"${MATH(7/2,int)}", "3"},
      {"${MATH(2^10,int)}", "1024"},
      {"${MATH(1<<4,int)}", "16"},
      {"${MATH(256>>4,int)}", "16"},
      {"${MATH(12AND10,int)}", "8"},
      {"${MATH(12 OR 3,int)}", "15"},
      {"${MATH(12 XOR 10,int)}", "6"},
      {"${MATH(1<2)}", "TRUE"},
      {"${MATH(1>2)}", "FALSE"},
      {"${MATH(2<=2)}", "TRUE"},
      {"${MATH(1>=2)}", "FALSE"},
      {"${MATH(2==2.0)}", "TRUE"},
      {"${MATH(200+55,hex)}", "ff"},
      {"${MATH(60+5,char)}", "A"},
      {"${MATH(0.1+0.2,f)}", "0.300000"},
      {"${MATH(1/0,int)}", "0"},
      {"${MATH(1%0.5,int)}", "0"},
      {"${MATH(9007199254740993 AND 1,int)}", "0"},
  });
}

TEST_F(LogicFunctions, MathOutOfRange) {
  for (const auto* text : {"",           "1",         "1+",
                           "+",          "a+b",       "1+2+3",
                           "1++2x",      "1e308*10",  "1e400+1",
                           "1e300,int",  "1e300%3",   "1<<64",
                           "1<<-1",      "1>>64",     "-1^0.5",
                           "nan+1",      "inf+1",     "9223372036854775808,int",
                           "1e19+0,int", "0x10+1",    "1+2,float,extra)(",
                           "1+2,type",   "1 AND 1e30"}) {
    const auto result = read("MATH", text);
    if (std::string_view(text) != "1+2,float,extra)(") {
      EXPECT_FALSE(result) << text;
    }
  }
  EXPECT_EQ(read("MATH", "-9223372036854775808%-1,int"), "0");
  EXPECT_EQ(read("MATH", "-1<<63,int"), "-9223372036854775808");
}

TEST_F(LogicFunctions, IncrementAndDecrement) {
  set("i", "41");
  EXPECT_EQ(expand("${INC(i)}${i}"), "4242");
  EXPECT_EQ(expand("${DEC(i)}${DEC(i)}"), "4140");
  EXPECT_EQ(expand("${INC(fresh)}"), "1");
  set("word", "abc");
  EXPECT_EQ(expand("${DEC(word)}"), "-1");
  set("last", "9223372036854775807");
  EXPECT_FALSE(read("INC", "last"));
  set("first", "-9223372036854775808");
  EXPECT_FALSE(read("DEC", "first"));
  EXPECT_EQ(get("last"), "9223372036854775807");
  EXPECT_FALSE(read("INC", ""));
}

TEST_F(LogicFunctions, Rand) {
  for (int i = 0; i < 200; ++i) {
    const auto number = base::parse_number<int>(expand("${RAND(3,5)}"));
    ASSERT_TRUE(number);
    EXPECT_TRUE(*number >= 3 && *number <= 5);
  }
  expect({{"${RAND(7,7)}", "7"}, {"${RAND(x)}", ""}});
  EXPECT_EQ(read("RAND", "5,3")->size(), 1u);
  EXPECT_TRUE(read("RAND", ""));
  EXPECT_TRUE(read("RAND", "-9223372036854775808,9223372036854775807"));
  EXPECT_FALSE(read("RAND", "0,9223372036854775808"));
}

}  // namespace
}  // namespace missive::dialplan
