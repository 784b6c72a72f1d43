// What a web client sends and gets, without a session.
//
// Requests
// 1. Query and form, in their order, names that repeat; escapes, '+', a '%' that begins none, a
//    name without '=', parts without a name.
// 2. A body that is no form is an error; the type may have parameters.
// 3. What would not stay in its line is an error: line ends, NULs, a ':' in a name.
// 4. Cookies: with and without quotes, among others, of several fields; a name that ends alike.
// Answers
// 5. Text is passed on as it is.
// 6. XML: a <response> for each packet; names in lower case with '_'; the second of a name; all
//    that must be escaped; octets that are no UTF-8; an empty value; a name that begins with a
//    digit. The id and the element that the request names, if it is a name.
// 7. The page has a row for each header, escaped, and a form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ami/web/form.h"
#include "ami/web/format.h"

namespace missive::ami::web {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

http::Request request(std::string query, std::string body = "",
                      std::string type = "application/x-www-form-urlencoded") {
  http::Request out;
  out.query = std::move(query);
  out.body = std::move(body);
  out.fields.push_back({"Content-Type", std::move(type)});
  return out;
}

TEST(WebForm, TakesQueryAndForm) {
  const auto read =
      parameters_of(request("action=MessageSend&Variable=a%3D1&x&=lost&&c=1%2b2",
                            "Variable=b%26c&body=one+two%20three&odd=100%&half=%4&bad=%zz",
                            "Application/X-www-form-urlencoded; charset=UTF-8"));
  ASSERT_TRUE(read);
  EXPECT_THAT(*read,
              ElementsAre(Pair("action", "MessageSend"), Pair("Variable", "a=1"), Pair("x", ""),
                          Pair("c", "1+2"), Pair("Variable", "b&c"), Pair("body", "one two three"),
                          Pair("odd", "100%"), Pair("half", "%4"), Pair("bad", "%zz")));
  EXPECT_EQ(*action_of({{"action", "Ping"}, {"ActionID", "1 2"}}),
            "action: Ping\r\nActionID: 1 2\r\n\r\n");
  EXPECT_EQ(*action_of({}), "\r\n");
}

TEST(WebForm, RefusesOtherBodies) {
  EXPECT_FALSE(parameters_of(request("", "{}", "application/json")));
  EXPECT_FALSE(parameters_of(request("", "a=1", "")));
  EXPECT_TRUE(parameters_of(request("a=1", "", "application/json")));
}

TEST(WebForm, KeepsValuesInTheirLine) {
  using namespace std::string_literals;
  for (const auto& bad : {"a\r\nAction: Logoff"s, "a\nb"s, "a\rb"s, "a\0b"s}) {
    EXPECT_FALSE(action_of({{"Body", bad}}));
    EXPECT_FALSE(action_of({{bad, "x"}}));
  }
  EXPECT_FALSE(action_of({{"Action: Logoff", "x"}}));
}

TEST(WebForm, FindsTheCookie) {
  http::Request given;
  EXPECT_EQ(cookie_of(given, "mansession_id"), "");
  given.fields = {{"Cookie", "not_mansession_id=1; a=b"},
                  {"cookie", "x=y;mansession_id=\"abc\"; z"}};
  EXPECT_EQ(cookie_of(given, "mansession_id"), "abc");
  given.fields = {{"Cookie", "mansession_id = abc "}};
  EXPECT_EQ(cookie_of(given, "mansession_id"), "abc");
}

constexpr std::string_view packets =
    "Response: Success\r\nMessage: Command output follows\r\nOutput: a <b> & 'c' \"d\"\r\n"
    "Output: two\r\n\r\nEvent: X\r\nCID-CallingPres: \r\n2nd: \xE9\r\n\r\n";

TEST(WebFormat, Text) { EXPECT_EQ(render({Format::text}, packets), packets); }

TEST(WebFormat, Xml) {
  EXPECT_EQ(render({Format::xml}, packets),
            "<ajax-response>\n"
            "<response type='object' id='unknown'><generic response='Success' "
            "message='Command output follows' output='a &lt;b&gt; &amp; &apos;c&apos; "
            "&quot;d&quot;' output-2='two' /></response>\n"
            "<response type='object' id='unknown'><generic event='X' cid_callingpres='' "
            "_2nd='&#233;' /></response>\n"
            "</ajax-response>\n");
  EXPECT_THAT(render({Format::xml}, "A: ü\tb\r\n\r\n"), HasSubstr("a='ü\tb'"));
  EXPECT_EQ(render({Format::xml}, ""), "<ajax-response>\n</ajax-response>\n");
}

TEST(WebFormat, XmlWithTheNamesOfTheRequest) {
  const auto first_line = [](const Parameters& parameters) {
    const auto text = render(view_of(Format::xml, parameters), "A: b\r\n\r\n");
    return text.substr(16, text.find('\n', 16) - 16);
  };
  EXPECT_EQ(first_line({{"AjaxDest", "status"}, {"ajaxobjtype", "item-2"}}),
            "<response type='object' id='status'><item-2 a='b' /></response>");
  EXPECT_EQ(first_line({{"ajaxdest", "x'><script>"}, {"ajaxobjtype", "a><b"}}),
            "<response type='object' id='x&apos;&gt;&lt;script&gt;'><generic a='b' /></response>");
  for (const auto* name : {"", "2nd", "-x", "a b", "a/", "é"}) {
    EXPECT_THAT(first_line({{"ajaxdest", ""}, {"ajaxobjtype", name}}),
                HasSubstr("id='unknown'><generic a="));
  }
}

TEST(WebFormat, Page) {
  const auto page = render({Format::html}, "Response: <script>\r\n\r\n");
  EXPECT_THAT(page, HasSubstr("<tr><td>Response</td><td>&lt;script&gt;</td></tr>"));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("<form method=\"post\">"));
}

}  // namespace
}  // namespace missive::ami::web
