// name-addr and addr-spec.
//
//  1. A quoted display name, with and without quoted pairs.
//  2. A display name of tokens, with and without the blank before '<'.
//  3. Brackets alone: what is in them belongs to the URI, what follows to the header.
//  4. Without brackets what follows ';' belongs to the header.
//  5. Header parameters: flag, token, host, quoted; names without regard to case.
//  6. What is malformed is refused, with words.
//  7. append_quoted() escapes, and unquoted_display() undoes it.
//  8. The splitter minds quotes and brackets, and hands out empty values.
#include "sip/name_addr.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace missive::sip {
namespace {

TEST(NameAddr, QuotedDisplayName) {
  const auto address = parse_name_addr(R"("J Rosenberg \\\"" <sip:j@example.com>;tag=98asjd8)");
  ASSERT_TRUE(address) << address.error().text;
  EXPECT_EQ(address->display_name, R"(J Rosenberg \\\")");
  EXPECT_TRUE(address->quoted);
  EXPECT_EQ(address->unquoted_display(), R"(J Rosenberg \")");
  EXPECT_EQ(address->uri, "sip:j@example.com");
  EXPECT_EQ(address->tag(), "98asjd8");

  const auto tricky = parse_name_addr(R"("a <sip:x@y>;tag=no, b"<sip:c@d>)");
  ASSERT_TRUE(tricky) << tricky.error().text;
  EXPECT_EQ(tricky->uri, "sip:c@d");
  EXPECT_EQ(tricky->tag(), "");
  EXPECT_EQ(parse_name_addr("\"\" <sip:c@d>").value().display_name, "");
}

TEST(NameAddr, TokenDisplayName) {
  const auto address = parse_name_addr("  Alice  B. <sip:a@b> ");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->display_name, "Alice  B.");
  EXPECT_FALSE(address->quoted);
  EXPECT_EQ(address->unquoted_display(), "Alice  B.");
  EXPECT_EQ(parse_name_addr("caller<sip:a@b>").value().display_name, "caller");
}

TEST(NameAddr, BracketsAlone) {
  const auto address = parse_name_addr("<sip:a@b;lr?x=y>;q=0.5");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->display_name, "");
  EXPECT_EQ(address->uri, "sip:a@b;lr?x=y");
  EXPECT_EQ(address->params, ";q=0.5");
  EXPECT_EQ(address->param("lr"), std::nullopt);
}

TEST(NameAddr, WithoutBrackets) {
  const auto address = parse_name_addr("sip:vivekg@example.com ;   tag    = 1918181833n");
  ASSERT_TRUE(address) << address.error().text;
  EXPECT_EQ(address->uri, "sip:vivekg@example.com");
  EXPECT_EQ(address->tag(), "1918181833n");
  EXPECT_EQ(parse_name_addr("tel:+123").value().uri, "tel:+123");
}

TEST(NameAddr, Params) {
  const auto address = parse_name_addr(
      R"(<sip:a@b>;reg-id=1;+sip.instance="<urn:x:\"1,2;3>";flag;received=[::1];Expires = 60)");
  ASSERT_TRUE(address) << address.error().text;
  EXPECT_EQ(address->param("reg-id"), "1");
  EXPECT_EQ(address->param("+SIP.instance"), R"(<urn:x:\"1,2;3>)");
  EXPECT_EQ(address->param("flag"), "");
  EXPECT_EQ(address->param("received"), "[::1]");
  EXPECT_EQ(address->param("expires"), "60");
  EXPECT_EQ(address->param("none"), std::nullopt);
}

TEST(NameAddr, Refused) {
  for (const auto* text : {"",
                           "  ",
                           "<>",
                           "<sip:a@b",
                           "sip:a@b>",
                           "\"Mr. J. User <sip:j@example.com>",
                           "\"x\" sip:a@b",
                           "\"x\"",
                           "Bell, Alexander <sip:a@b>",
                           "a@b <sip:a@b>",
                           "< sip:a@b >",
                           "<sip:a@b>;",
                           "<sip:a@b>;;x",
                           "<sip:a@b>;=x",
                           "<sip:a@b>;x=",
                           "<sip:a@b>x",
                           "<sip:a@b>,",
                           "<sip:a@b>, <sip:c@d>",
                           "sip:a@b,sip:c@d",
                           "sip:a@b?Route=x",
                           "sip:a b",
                           "sip:a@b;tag=",
                           "<sip:a@b>;tag",
                           "<sip:a@b>;tag=1;tag=2",
                           "<sip:a@b>;tag=\"x\"",
                           "<sip:a@b>;x=\"y",
                           "<<sip:a@b>>",
                           "\xC3\xA4 <sip:a@b>"}) {
    EXPECT_FALSE(parse_name_addr(text)) << text;
  }
  EXPECT_EQ(parse_name_addr("Bell, Alexander <sip:a@b>").error().text,
            "the display name 'Bell, Alexander ' must stand in quotes");
  EXPECT_EQ(parse_name_addr("<sip:a@b").error().text, "the '>' after the URI is missing");
}

TEST(NameAddr, AppendQuoted) {
  std::string out = "x";
  append_quoted(out, "a\"b\\c\r\n\td\x7F");
  EXPECT_EQ(out, "x\"a\\\"b\\\\c   d \"");

  std::string value;
  append_quoted(value, R"(say "hi" \ bye)");
  value += " <sip:a@b>";
  EXPECT_EQ(parse_name_addr(value).value().unquoted_display(), R"(say "hi" \ bye)");
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  ListSplitter splitter(list);
  std::string_view item;
  while (splitter.next(item)) items.emplace_back(item);
  return items;
}

TEST(NameAddr, ListSplitter) {
  using Items = std::vector<std::string>;
  EXPECT_EQ(split("<sip:a@b>"), Items({"<sip:a@b>"}));
  EXPECT_EQ(split("\"a, \\\"b\" <sip:a,b@c>;x=\"1,2\" , sip:d@e ;y"),
            Items({"\"a, \\\"b\" <sip:a,b@c>;x=\"1,2\"", "sip:d@e ;y"}));
  EXPECT_EQ(split("a,,b,"), Items({"a", "", "b", ""}));
  EXPECT_EQ(split(""), Items({""}));
  EXPECT_EQ(split("\"open, quote"), Items({"\"open, quote"}));
}

}  // namespace
}  // namespace missive::sip
