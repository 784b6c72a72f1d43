// Variables that become headers, and those that must not.
//
//  1. Without variables: the defaults. Whatever an earlier message left is gone.
//  2. A plain variable is a header, in the order given, also twice, also empty.
//  3. Blocked names, in any case and in compact form, are left out; the rest goes on.
//  4. A name that is no token is refused.
//  5. A value with a control character is refused; a tab and octets above 127 are not.
//  6. Max-Forwards: one less; 0, 256, -1 and what is no number are refused.
//  7. Content-Type, also as `c`: the body's type, with parameters; what is none is refused.
//  8. User-Agent is sent and remembered.
//  9. Media types, a table.
// 10. The first defect refuses; reasons are printable.
#include "pjsip/outgoing_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::pjsip {
namespace {

using message::Variable;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> lines(const OutgoingHeaders& headers) {
  std::vector<std::string> out;
  for (const auto& header : headers.extra) {
    out.push_back(std::string(header.name) + ": " + std::string(header.value));
  }
  return out;
}

// "" when the variables are good.
std::string sort(const std::vector<Variable>& variables, OutgoingHeaders& out) {
  const auto sorted = sort_variables(variables, 70, out);
  return sorted ? "" : sorted.error().text;
}

std::string refused(const std::vector<Variable>& variables) {
  OutgoingHeaders out;
  return sort(variables, out);
}

TEST(OutgoingHeaders, Defaults) {  // 1
  OutgoingHeaders out;
  const std::vector<Variable> some{
      {"X", "1"}, {"Max-Forwards", "9"}, {"Content-Type", "text/html"}, {"User-Agent", "x"}};
  ASSERT_EQ(sort(some, out), "");
  EXPECT_EQ(out.max_forwards, 8);
  ASSERT_EQ(sort({}, out), "");
  EXPECT_THAT(lines(out), IsEmpty());
  EXPECT_EQ(out.content_type, "text/plain");
  EXPECT_EQ(out.max_forwards, 70);
  EXPECT_FALSE(out.user_agent_given);
}

TEST(OutgoingHeaders, Plain) {  // 2
  OutgoingHeaders out;
  ASSERT_EQ(sort({{"X-One", "1"},
                  {"P-Asserted-Identity", "<sip:a@b>"},
                  {"X-One", "2"},
                  {" X-Two ", " spaced out "},
                  {"X-Empty", ""},
                  {"Subject", "a, b"},
                  {"k", "x"}},
                 out),
            "");
  EXPECT_THAT(lines(out), ElementsAre("X-One: 1", "P-Asserted-Identity: <sip:a@b>", "X-One: 2",
                                      "X-Two:  spaced out ", "X-Empty: ", "Subject: a, b", "k: x"));
}

TEST(OutgoingHeaders, Blocked) {  // 3
  for (const auto* name : {"To",
                           "to",
                           "t",
                           "T",
                           "From",
                           "FROM",
                           "f",
                           "Via",
                           "v",
                           "Route",
                           "Contact",
                           "m",
                           "Call-ID",
                           "call-id",
                           "i",
                           "CSeq",
                           "cSEQ",
                           "Allow",
                           "Content-Length",
                           "l",
                           "L",
                           "Request-URI",
                           "Record-Route",
                           "Proxy-Authorization",
                           "Authorization",
                           " Via ",
                           "via\t"}) {
    OutgoingHeaders out;
    EXPECT_EQ(sort({{"X-A", "1"}, {name, "evil"}, {"X-B", "2"}}, out), "") << name;
    EXPECT_THAT(lines(out), ElementsAre("X-A: 1", "X-B: 2")) << name;
  }
  // Near misses are headers like any other.
  for (const auto* name : {"Too", "X-Via", "Allow-Events", "Authorizationx", "Content-Language"}) {
    OutgoingHeaders out;
    EXPECT_EQ(sort({{name, "1"}}, out), "");
    EXPECT_THAT(lines(out), ElementsAre(std::string(name) + ": 1"));
  }
}

TEST(OutgoingHeaders, NoToken) {  // 4
  for (const std::string& name :
       {std::string(), std::string("   "), std::string("X Y"), std::string("X:"),
        std::string("X\r\nY"), std::string("X\0", 2), std::string("X\x80"), std::string("X(1)"),
        std::string("X,Y"), std::string("\"X\""), std::string("X@Y"), std::string("Via:x")}) {
    EXPECT_THAT(refused({{name, "1"}}), HasSubstr("not a header name"));
  }
  OutgoingHeaders out;
  EXPECT_EQ(sort({{"-.!%*_+`'~aZ9", "1"}}, out), "");
}

TEST(OutgoingHeaders, ControlCharacters) {  // 5
  for (const std::string& value :
       {std::string("a\rb"), std::string("a\nb"), std::string("a\r\nX: 1"), std::string("a\0b", 3),
        std::string("\r\n x"), std::string("\x01"), std::string("\x1f"), std::string("a\x7f"),
        std::string("a\r\n")}) {
    EXPECT_THAT(refused({{"X", value}}), HasSubstr("the value holds a control character"));
    EXPECT_THAT(refused({{"Max-Forwards", value}}), HasSubstr("control character"));
    EXPECT_THAT(refused({{"Content-Type", value}}), HasSubstr("control character"));
  }
  OutgoingHeaders out;
  EXPECT_EQ(sort({{"X", "a\tb \xC3\xA9 \xFF \x80"}}, out), "");
}

TEST(OutgoingHeaders, MaxForwards) {  // 6
  for (const auto& [given, expected] : std::vector<std::pair<std::string, int>>{
           {"1", 0}, {"10", 9}, {"70", 69}, {"255", 254}, {" 10 ", 9}, {"007", 6}}) {
    OutgoingHeaders out;
    EXPECT_EQ(sort({{"Max-Forwards", given}}, out), "") << given;
    EXPECT_EQ(out.max_forwards, expected);
    EXPECT_THAT(lines(out), IsEmpty());
  }
  OutgoingHeaders out;
  EXPECT_EQ(sort({{"MAX-FORWARDS", "5"}}, out), "");
  EXPECT_EQ(out.max_forwards, 4);
  EXPECT_EQ(refused({{"Max-Forwards", "0"}}),
            "Variable Max-Forwards: 0 hops are left, so the message may go no further");
  for (const auto* bad : {"256", "-1", "abc", "", " ", "1 2", "+1", "1.0", "0x10", "99999999999"}) {
    EXPECT_THAT(refused({{"Max-Forwards", bad}}), HasSubstr("is no number from 0 to 255")) << bad;
  }
}

TEST(OutgoingHeaders, ContentType) {  // 7
  OutgoingHeaders out;
  EXPECT_EQ(sort({{"Content-Type", " text/html;charset=utf-8 "}}, out), "");
  EXPECT_EQ(out.content_type, "text/html;charset=utf-8");
  EXPECT_THAT(lines(out), IsEmpty());
  EXPECT_EQ(sort({{"c", "application/json"}}, out), "");
  EXPECT_EQ(out.content_type, "application/json");
  EXPECT_EQ(sort({{"CONTENT-TYPE", "a/b"}, {"C", "message/cpim"}}, out), "");
  EXPECT_EQ(out.content_type, "message/cpim");
  EXPECT_EQ(refused({{"Content-Type", "rubbish"}}),
            "Variable Content-Type: 'rubbish' is no media type such as text/html");
  EXPECT_THAT(refused({{"Content-Type", ""}}), HasSubstr("is no media type"));
}

TEST(OutgoingHeaders, UserAgent) {  // 8
  OutgoingHeaders out;
  EXPECT_EQ(sort({{"user-agent", "mine"}}, out), "");
  EXPECT_TRUE(out.user_agent_given);
  EXPECT_THAT(lines(out), ElementsAre("user-agent: mine"));
}

TEST(OutgoingHeaders, MediaTypes) {  // 9
  for (const auto* good :
       {"text/plain", "text/html", "application/vnd.x+json", "x/y", "text / plain",
        "text/plain;charset=utf-8", "text/plain ; charset = \"utf-8\"", "a/b;c=d;e=f",
        "message/cpim;x=\"a;b, c\\\"\"", "TEXT/PLAIN"}) {
    EXPECT_TRUE(is_media_type(good)) << good;
  }
  for (const auto* bad :
       {"", "text", "/", "text/", "/plain", "text/plain/x", "te xt/plain", "text/pl ain",
        "text/plain;", "text/plain;charset", "text/plain;charset=", "text/plain;=x",
        "text/plain;a=\"b", "text/plain,text/html", "text/plain;a=b,text/html", "text/plain x",
        "<text>/plain", "text/plain;a=b c"}) {
    EXPECT_FALSE(is_media_type(bad)) << bad;
  }
}

TEST(OutgoingHeaders, FirstDefect) {  // 10
  EXPECT_THAT(refused({{"X", "1"}, {"Max-Forwards", "0"}, {"Content-Type", "bad"}}),
              HasSubstr("0 hops are left"));
  const auto reason = refused({{"X", std::string(10000, '\n')}});
  EXPECT_LT(reason.size(), 500u);
  EXPECT_EQ(reason.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace missive::pjsip
