// $[expressions].
//
//  1. arithmetic: precedence, brackets, unary signs, blanks or none
//  2. how numbers are written: whole ones without a point, fractions, large ones, kept spelling
//  3. comparisons: as numbers if both are, else as texts; quotes are part of a text
//  4. logic: | & ! and what is null
//  5. regular expressions: anchored or not, with a group or without, what does not match
//  6. ~~ joins without quotes
//  7. the conditional: nested, right to left
//  8. mathematical functions, by the documented examples
//  9. what makes a result doubtful is a warning, and the result Asterisk's
// 10. what cannot be read is an error that says where
// 11. quotes: escaped ones, and sealed places whose quotes end nothing
// 12. long input: deep nesting is an error, long rows are not
// 13. what a condition means
#include "dialplan/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::dialplan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Row {
  std::string_view expression;
  std::string_view result;
};

void expect(std::initializer_list<Row> rows) {
  for (const auto& [expression, result] : rows) {
    std::vector<std::string> warnings;
    const auto value = evaluate(expression, {}, warnings);
    ASSERT_TRUE(value) << expression << ": " << value.error().text;
    EXPECT_EQ(*value, result) << expression;
    EXPECT_THAT(warnings, IsEmpty()) << expression;
  }
}

std::string error_of(std::string_view expression) {
  const auto value = evaluate(expression);
  return value ? "no error but " + *value : value.error().text;
}

TEST(Expression, Calculates) {
  expect({{"1 + 2", "3"},          {"1+2", "3"},       {" 1+ 2 ", "3"},    {"2 + 8 / 2", "6"},
          {"2+8/2", "6"},          {"(2+8)/2", "5"},   {"(3+8)/2", "5.5"}, {"10 - 3 - 2", "5"},
          {"100 / 10 / 5", "2"},   {"7 % 4", "3"},     {"-7 % 3", "-1"},   {"5.5 % 2", "1.5"},
          {"2 * 3 + 4 * 5", "26"}, {"((((1))))", "1"}, {"-5", "-5"},       {"- 5 + 8", "3"},
          {"3+ -4", "-1"},         {"3--4", "7"},      {"--5", "5"},       {"2 * -3", "-6"},
          {"-(2+3)", "-5"},        {"1\t+\n1", "2"}});
}

TEST(Expression, WritesNumbersAsAsteriskDoes) {
  expect({{"1/4", "0.25"},
          {"10/4", "2.5"},
          {"1/3", "0.333333333333333333"},
          {"0.1 + 0.2", "0.3"},
          {"2.50 + 0", "2.5"},
          {"1000000 * 1000", "1000000000"},
          {"1000000 * 1000000", "1000000000000"},
          {"999999999999999999 + 1", "1000000000000000000"},
          {"0 * -1", "0"},
          {"0 - 0.5", "-0.5"},
          {"007", "007"},
          {"007 + 0", "7"},
          {"1.50", "1.50"},
          {"abc", "abc"},
          {"a.b,c@d", "a.b,c@d"},
          {"\"abc def\"", "\"abc def\""},
          {"", ""},
          {"  ", ""}});
}

TEST(Expression, Compares) {
  expect({{"1 = 1", "1"},         {"1 == 1", "1"},
          {"1 = 2", "0"},         {"1 != 2", "1"},
          {"007 = 7", "1"},       {"1.0 = 1", "1"},
          {"2 < 10", "1"},        {"2 > 10", "0"},
          {"2 <= 2", "1"},        {"2 >= 3", "0"},
          {"-1 < 1", "1"},        {"abc = abc", "1"},
          {"abc = ABC", "0"},     {"abc < abd", "1"},
          {"\"a\" = \"a\"", "1"}, {"\"a b\" = \"a b\"", "1"},
          {"\"a\" = a", "0"},     {"\"2\" < \"10\"", "0"},
          {"\"\" = \"\"", "1"},   {"\"x\" = \"\"", "0"},
          {"1 + 1 = 2", "1"},     {"0x10 = 16", "0"},
          {"inf = inf", "1"},     {"nan = nan", "1"}});
}

TEST(Expression, KnowsLogic) {
  expect({{"1 | 0", "1"},   {"a | b", "a"},         {"0 | b", "b"},         {"\"\" | b", "b"},
          {"0 | 0", "0"},   {"a & b", "a"},         {"0 & b", "0"},         {"a & \"\"", "0"},
          {"1 || 0", "1"},  {"1 && 0", "0"},        {"! 0", "1"},           {"! 1", "0"},
          {"!0.0", "1"},    {"! \"\"", "1"},        {"! \"0\"", "1"},       {"! abc", "0"},
          {"!!5", "1"},     {"1 = 1 & 2 = 2", "1"}, {"1 = 2 | 2 = 2", "1"}, {"0 & 1 | 1", "1"},
          {"!(1 = 2)", "1"}});
}

TEST(Expression, MatchesRegularExpressions) {
  expect({{"\"One Thousand Five Hundred\" =~ \"(T[^ ]+)\"", "Thousand"},
          {"\"One Thousand Five Hundred\" =~ \"T[^ ]+\"", "8"},
          {"\"One Thousand Five Hundred\" : \"T[^ ]+\"", "0"},
          {"\"One Thousand Five Hundred\" : \"(T[^ ]+)\"", ""},
          {"\"8015551212\" : \"(...)\"", "801"},
          {"\"3075551212\":\"...(...)\"", "555"},
          {"! \"One Thousand Five Hundred\" =~ \"T[^ ]+\"", "0"},
          {"!( \"One Thousand Five Hundred\" : \"T[^ ]+\" )", "1"},
          {"alice =~ ^al", "2"},
          {"alice : li", "0"},
          {"alice =~ li", "2"},
          {"\"abc\" =~ \"^x|c$\"", "1"},
          {"\"12\" : \"(1)\" + 1", "2"},
          {"\"Alice\" =~ \"(alice)?$\"", ""}});
  EXPECT_THAT(error_of("\"a\" =~ \"(\""), HasSubstr("is no regular expression"));
  EXPECT_THAT(error_of("\"a\" =~ \"(a)\\1\""), HasSubstr("back-reference"));
}

TEST(Expression, JoinsTexts) {
  expect({{"\"a b\" ~~ \"c\"", "a bc"},
          {"a ~~ b ~~ c", "abc"},
          {"1 ~~ 2", "12"},
          {"1 ~~ 2 + 1", "13"},
          {"\"\" ~~ \"\"", ""}});
}

TEST(Expression, ChoosesByAConditional) {
  expect({{"1 ? 2 :: 3", "2"},
          {"0 ? 2 :: 3", "3"},
          {"0.0?a::b", "b"},
          {"\"\" ? a :: b", "b"},
          {"\"x\" ? \"yes it is\" :: b", "\"yes it is\""},
          {"0 ? a :: 0 ? b :: c", "c"},
          {"1 ? 0 ? a :: b :: c", "b"},
          {"1 = 2 | 1 ? a :: b", "a"},
          {"(1 ? 2 :: 3) + 1", "3"}});
}

TEST(Expression, KnowsMathematicalFunctions) {
  expect({{"TRUNC((3+8)/2)", "5"},  {"FLOOR(2.5)", "2"},
          {"FLOOR(-2.5)", "-3"},    {"CEIL(2.5)", "3"},
          {"CEIL(-2.5)", "-2"},     {"ROUND(2.5)", "3"},
          {"ROUND(3.5)", "4"},      {"ROUND(-2.5)", "-3"},
          {"RINT(2.5)", "2"},       {"RINT(3.5)", "4"},
          {"RINT(-2.5)", "-2"},     {"RINT(-3.5)", "-4"},
          {"TRUNC(2.5)", "2"},      {"TRUNC(-3.5)", "-3"},
          {"POW(2,10)", "1024"},    {"POW( 2 , 3 ) + 1", "9"},
          {"SQRT(9)", "3"},         {"sqrt(16)", "4"},
          {"EXP(0)", "1"},          {"EXP2(8)", "256"},
          {"LOG(1)", "0"},          {"LOG2(8)", "3"},
          {"LOG10(1000)", "3"},     {"SIN(0)", "0"},
          {"COS(0)", "1"},          {"TAN(0)", "0"},
          {"ASIN(0)", "0"},         {"ACOS(1)", "0"},
          {"ATAN(0)", "0"},         {"ATAN2(0,1)", "0"},
          {"REMAINDER(7,4)", "-1"}, {"FLOOR(POW(2,0.5))", "1"},
          {"1 + FLOOR (1.5)", "2"}});
  EXPECT_THAT(error_of("FLOR(1)"), HasSubstr("there is no function FLOR() in expressions; did you "
                                             "mean 'FLOOR'?"));
  EXPECT_EQ(error_of("POW(2)"), "POW() takes 2 numbers, not 1");
  EXPECT_EQ(error_of("FLOOR()"), "FLOOR() takes 1 number, not 0");
  EXPECT_EQ(error_of("SQRT(-1)"), "SQRT() has no result for these numbers");
  EXPECT_EQ(error_of("LOG(0)"), "LOG() has no result for these numbers");
}

TEST(Expression, WarnsOfDoubtfulResults) {
  const struct {
    std::string_view expression, result, warning;
  } rows[] = {
      {"5 / 0", "2147483647", "division by zero; the result is 2147483647"},
      {"5 % 0", "2147483647", "division by zero; the result is 2147483647"},
      {"abc + 1", "1", "non-numeric argument 'abc' counts as 0"},
      {"1 + abc", "1", "non-numeric argument 'abc' counts as 0"},
      {"1 - \"2\"", "1", "non-numeric argument '\"2\"' counts as 0"},
      {"3 * abc", "0", "non-numeric argument 'abc' counts as 0"},
      {"- abc", "0", "non-numeric argument 'abc' counts as 0"},
      {"FLOOR(abc)", "0", "non-numeric argument 'abc' counts as 0"},
      // All three parts of a conditional are calculated.
      {"1 ? 2 :: 1 / 0", "2", "division by zero; the result is 2147483647"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> warnings;
    const auto value = evaluate(row.expression, {}, warnings);
    ASSERT_TRUE(value) << row.expression;
    EXPECT_EQ(*value, row.result) << row.expression;
    EXPECT_THAT(warnings, ElementsAre(row.warning)) << row.expression;
  }
}

TEST(Expression, SaysWhereItCannotBeRead) {
  EXPECT_EQ(error_of("= 5"),
            "a value is expected at column 1, not '='; texts that may be empty or hold blanks "
            "belong between quotes");
  EXPECT_THAT(error_of("1 + = 2"), StartsWith("a value is expected at column 5, not '='"));
  EXPECT_THAT(error_of("hello world"), StartsWith("an operator is expected at column 7, not"));
  EXPECT_THAT(error_of("\"a\" \"b\""), StartsWith("an operator is expected at column 5"));
  EXPECT_EQ(error_of("1 +"), "it ends where a value is expected");
  EXPECT_EQ(error_of("(1"), "it ends where ')' is expected");
  EXPECT_THAT(error_of("1)"), StartsWith("an operator is expected at column 2, not ')'"));
  EXPECT_EQ(error_of("1 = \"abc"), "the string at column 5 has no closing '\"'");
  EXPECT_EQ(error_of("1 ? 2"), "it ends where '::' is expected");
  EXPECT_THAT(error_of("1 ? 2 : 3"), StartsWith("it ends where '::' is expected"));
  EXPECT_EQ(error_of("FLOOR(1"), "it ends where ',' or ')' is expected");
  EXPECT_EQ(error_of(std::string(4000, '9') + "*" + std::string(4000, '9')),
            "the result is too large");
}

TEST(Expression, KeepsQuotesInsideOfStrings) {
  expect({{R"("a\"b" = "a\"b")", "1"}, {R"("a\"b" = "a")", "0"}, {R"("\d" = "\d")", "1"}});

  // A value that would end the string and go on.
  std::vector<std::string> warnings;
  const std::string attack = R"(hi" | "1)";
  const std::string text = "\"" + attack + "\" = \"yes\"";
  const Sealed sealed[] = {{1, 1 + attack.size()}};
  EXPECT_EQ(evaluate(text, sealed, warnings), "0");
  EXPECT_EQ(evaluate(text, {}, warnings), "\"hi\"");

  // Two of them, an empty one, one that ends in a backslash.
  const std::string two = R"("" ~~ "\" ~~ "x"y")";
  const Sealed places[] = {{1, 1}, {7, 8}, {14, 17}};
  EXPECT_EQ(evaluate(two, places, warnings), R"(\x"y)");
}

TEST(Expression, StandsLongInput) {
  EXPECT_EQ(error_of(std::string(100'000, '(')), "it is nested more than 100 deep");
  std::string conditions;
  for (int i = 0; i < 20'000; ++i) conditions += "1 ? ";
  EXPECT_EQ(error_of(conditions), "it is nested more than 100 deep");
  std::string joins = "1";
  for (int i = 0; i < 20'000; ++i) joins += " : - 1";
  EXPECT_EQ(error_of(joins), "it is nested more than 100 deep");

  EXPECT_EQ(evaluate(std::string(100'000, '!') + "0"), "0");
  EXPECT_EQ(evaluate(std::string(100'001, '-') + "1"), "-1");
  std::string sum = "0";
  for (int i = 0; i < 20'000; ++i) sum += "+1";
  EXPECT_EQ(evaluate(sum), "20000");
  EXPECT_EQ(evaluate(std::string(100'000, 'x'))->size(), 100'000U);
}

TEST(Expression, KnowsWhatAConditionMeans) {
  for (const auto* const yes : {"1", "-1", "2.5", "abc", "\"\"", "yes", "01", "1abc", "-", " 3"}) {
    EXPECT_TRUE(is_true(yes)) << yes;
  }
  for (const auto* const no : {"", "0", "00", "-0", "0.5", "0 ", " 0", "0abc"}) {
    EXPECT_FALSE(is_true(no)) << no;
  }
}

}  // namespace
}  // namespace missive::dialplan
