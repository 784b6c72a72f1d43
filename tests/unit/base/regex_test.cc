// base/regex: POSIX extended expressions, in bounded time and memory.
//
//  1. What is refused, and why: back-references, collating elements, NULs, and what is too long or
//     too large.
//  2. Patterns that take the C library's matcher seconds, or for ever.
//  3. The first match, the longest of those that begin there; its first group.
//  4. Octets: NULs, line ends, what is no UTF-8.
//  5. Backslashes: the meanings that GNU gives them, otherwise the character itself.
//  6. Brackets: a backslash, ']' and '[' in them, classes.
#include "base/regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::base {
namespace {

using testing::HasSubstr;

std::string refusal_of(std::string_view pattern) {
  const auto regex = Regex::compile(pattern);
  return regex ? "" : regex.error().text;
}

// What `pattern` finds in `text`; "-" where it finds nothing.
std::string found_by(std::string_view pattern, std::string_view text) {
  const auto regex = Regex::compile(pattern);
  if (!regex) return regex.error().text;
  const auto found = regex->find(text);
  if (!found) return found.error().text;
  EXPECT_EQ(regex->matches(text), found->has_value());
  return *found ? std::string((*found)->whole) : "-";
}

TEST(Regex, RefusesWhatItCannotBound) {  // 1
  EXPECT_EQ(refusal_of("(a)\\1"),
            "back-references such as \\1 are not allowed in a regular expression");
  for (const auto* element : {"[[.a.]]", "[x[=a=]]"}) {
    EXPECT_EQ(refusal_of(element), "[.x.] and [=x=] are not allowed in a regular expression");
  }
  EXPECT_THAT(refusal_of(std::string_view("a\0b", 3)), HasSubstr("NUL"));
  EXPECT_THAT(refusal_of(std::string(2000, 'a')), HasSubstr("2000 octets; 1024 are the most"));
  EXPECT_THAT(refusal_of("a{1,30000}"), HasSubstr("\"a{1,30000}\" is no regular expression: "));
  EXPECT_THAT(refusal_of("((a{255}){255}){255}"), HasSubstr("is no regular expression"));
  EXPECT_THAT(refusal_of("((abcdefghij){900}(abcdefghij){900})"), HasSubstr("too large"));
  for (const auto* wrong : {"(", "a)", "[a", "*", "a|*", "[[:foo:]]", "[b-a]", "a\\"}) {
    EXPECT_THAT(refusal_of(wrong), HasSubstr("is no regular expression")) << wrong;
  }
  const auto regex = Regex::compile("a");
  EXPECT_TRUE(regex->matches(std::string(Regex::max_subject, 'b')));
  EXPECT_FALSE(regex->matches(std::string(Regex::max_subject + 1, 'b')));
  EXPECT_FALSE(regex->find(std::string(Regex::max_subject + 1, 'b')));
}

TEST(Regex, IsBounded) {  // 2
  const std::string text(12, 'E');
  EXPECT_EQ(found_by("((F?|E)?)+F*", text), text);
  EXPECT_EQ(found_by("((F*|(E))*)+", text), text);
  EXPECT_EQ(found_by("(F*(F?|(F*)E){0,3})+", text), text);
  EXPECT_EQ(found_by("E++++*+++++++++++++++++K", text), "-");
  std::string nested = "E";
  for (int i = 0; i < 30; ++i) nested = "(" + nested + ")+";
  EXPECT_EQ(found_by(nested, text), text);
  EXPECT_EQ(found_by("(a|aa)+$", std::string(Regex::max_subject - 1, 'a') + "b"), "-");
}

TEST(Regex, FindsTheFirstAndLongest) {  // 3
  EXPECT_EQ(found_by("a|ab|abc", "xabcd"), "abc");
  EXPECT_EQ(found_by("b*", "abb"), "");
  EXPECT_EQ(found_by("a{,2}", "aaa"), "aa");
  EXPECT_EQ(found_by("^b", "ab"), "-");
  const auto regex = Regex::compile("b(c+)|(x)");
  ASSERT_TRUE(regex);
  EXPECT_TRUE(regex->has_group());
  const auto found = regex->find("abccd");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->whole, "bcc");
  EXPECT_EQ((*found)->group, "cc");
  const auto without = regex->find("x");
  ASSERT_TRUE(without && *without);
  EXPECT_EQ((*without)->group, "");  // it took no part
  EXPECT_FALSE(Regex::compile("b")->has_group());
  EXPECT_EQ((*Regex::compile("b")->find("b"))->group, std::nullopt);
}

TEST(Regex, SeesOctets) {  // 4
  EXPECT_EQ(found_by("b$", std::string_view("a\0b", 3)), "b");
  EXPECT_EQ(found_by("a.b", "a\nb"), "a\nb");
  EXPECT_EQ(found_by("a[^x]b", "a\nb"), "a\nb");
  EXPECT_EQ(found_by("a$", "a\n"), "-");
  EXPECT_EQ(found_by("^..$", "\xC3\xBC"), "\xC3\xBC");
  EXPECT_EQ(found_by("\xFF+", "a\xFF\xFF"), "\xFF\xFF");
}

TEST(Regex, ReadsBackslashes) {  // 5
  EXPECT_EQ(found_by("\\.\\@\\-\\_\\/", "a.@-_/"), ".@-_/");
  EXPECT_EQ(found_by("\\d\\n\\Q\\p", "7dnQp"), "dnQp");
  EXPECT_EQ(found_by("\\w+\\W\\s\\S", "ab- c"), "ab- c");
  EXPECT_EQ(found_by("\\<b\\>", "ab b"), "b");
  EXPECT_EQ(found_by("\\Bb", "b ab"), "b");
  EXPECT_EQ(found_by("\\(\\[", "a(["), "([");
}

TEST(Regex, ReadsBrackets) {  // 6
  EXPECT_EQ(found_by("[\\1{300}]+", "a\\1{3"), "\\1{3");
  EXPECT_EQ(found_by("[]a]+", "x]a"), "]a");
  EXPECT_EQ(found_by("[^]a]+", "]ax"), "x");
  EXPECT_EQ(found_by("[[a]+", "x[a"), "[a");
  EXPECT_EQ(found_by("[^[:alpha:][:digit:]_-]+", "a1_-!?"), "!?");
  EXPECT_EQ(found_by("[a-c-]+", "x-ab"), "-ab");
}

}  // namespace
}  // namespace missive::base
