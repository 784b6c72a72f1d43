// The grammar of destinations.
//
//  1. Every form of the documentation, a table: with an endpoint, without one, and as a dial
//  string;
//     with ports, IPv6 literals, URI parameters, schemes in capitals, blanks around.
//  2. Display names: plain, quoted, with slashes, quotes, brackets, '@' and escapes in them.
//  3. What is malformed, with the sentence that says so.
//  4. name_of() has the documentation's words for each form.
//  5. The views are into the text that was parsed.
//  6. No text of up to four characters that matter to the grammar makes it fail or go wrong.
#include "pjsip/destination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::pjsip {
namespace {

using Form = Destination::Form;
using ::testing::HasSubstr;

struct Good {
  std::string_view text;
  Form form;
  std::string_view endpoint, user, target, display_name = "";
};

void PrintTo(const Good& good, std::ostream* out) { *out << good.text; }

class GoodDestination : public testing::TestWithParam<Good> {};

TEST_P(GoodDestination, IsTakenApart) {  // 1, 2
  const auto& expected = GetParam();
  const auto found = parse_destination(expected.text);
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(name_of(found->form), name_of(expected.form));
  EXPECT_EQ(found->endpoint, expected.endpoint);
  EXPECT_EQ(found->user, expected.user);
  EXPECT_EQ(found->target, expected.target);
  EXPECT_EQ(found->display_name, expected.display_name);
}

INSTANTIATE_TEST_SUITE_P(
    Names, GoodDestination,
    testing::Values(Good{"bob", Form::name, "bob", "", "bob"},
                    Good{"  bob\t", Form::name, "bob", "", "bob"},
                    Good{"127.0.0.2", Form::name, "127.0.0.2", "", "127.0.0.2"},
                    Good{"127.0.0.2:5062", Form::name, "127.0.0.2:5062", "", "127.0.0.2:5062"},
                    Good{"[2001:db8::1]", Form::name, "[2001:db8::1]", "", "[2001:db8::1]"},
                    Good{"[::1]:5060", Form::name, "[::1]:5060", "", "[::1]:5060"},
                    Good{"host.example.com;transport=tcp", Form::name,
                         "host.example.com;transport=tcp", "", "host.example.com;transport=tcp"},
                    Good{"bob@example.com", Form::name_at_host, "bob", "bob", "bob@example.com"},
                    Good{"carl@127.0.0.2:5063", Form::name_at_host, "carl", "carl",
                         "carl@127.0.0.2:5063"},
                    Good{"carl@[::1]:5063", Form::name_at_host, "carl", "carl", "carl@[::1]:5063"},
                    Good{"+15551212@gw;user=phone", Form::name_at_host, "+15551212", "+15551212",
                         "+15551212@gw;user=phone"}));

INSTANTIATE_TEST_SUITE_P(
    BehindAnEndpoint, GoodDestination,
    testing::Values(
        Good{"bob/bob2", Form::endpoint_name, "bob", "", "bob2"},
        Good{"bob/127.0.0.2", Form::endpoint_name, "bob", "", "127.0.0.2"},
        Good{"bob/127.0.0.2:5062", Form::endpoint_name, "bob", "", "127.0.0.2:5062"},
        Good{"bob/[::1]:5062", Form::endpoint_name, "bob", "", "[::1]:5062"},
        Good{"bob/carl@127.0.0.2:5063", Form::endpoint_user_host, "bob", "", "carl@127.0.0.2:5063"},
        Good{"bob/carl@[::1]", Form::endpoint_user_host, "bob", "", "carl@[::1]"},
        Good{"bob/sip:127.0.0.2:5062", Form::endpoint_uri, "bob", "", "sip:127.0.0.2:5062"},
        Good{"bob/sip:carl@127.0.0.2", Form::endpoint_uri, "bob", "", "sip:carl@127.0.0.2"},
        Good{"bob/sips:127.0.0.2", Form::endpoint_uri, "bob", "", "sips:127.0.0.2"},
        Good{"bob/sips:carl@127.0.0.2:5063", Form::endpoint_uri, "bob", "",
             "sips:carl@127.0.0.2:5063"},
        Good{"bob/SIP:carl@host", Form::endpoint_uri, "bob", "", "SIP:carl@host"},
        Good{"bob/sip:a/b@host", Form::endpoint_uri, "bob", "", "sip:a/b@host"},
        Good{"bob/sip:carl@h;transport=tcp;lr", Form::endpoint_uri, "bob", "",
             "sip:carl@h;transport=tcp;lr"},
        Good{"bob/<sip:127.0.0.2:5062>", Form::endpoint_uri, "bob", "", "sip:127.0.0.2:5062"},
        Good{"bob/<sip:carl@127.0.0.2>", Form::endpoint_uri, "bob", "", "sip:carl@127.0.0.2"},
        Good{"bob/<sips:carl@[::1]:5061;x=1>", Form::endpoint_uri, "bob", "",
             "sips:carl@[::1]:5061;x=1"},
        Good{"bob/\"Carl C\" <sip:127.0.0.2>", Form::endpoint_uri, "bob", "", "sip:127.0.0.2",
             "Carl C"},
        Good{"bob/\"Carl C\" <sip:carl@127.0.0.2:5063>", Form::endpoint_uri, "bob", "",
             "sip:carl@127.0.0.2:5063", "Carl C"},
        Good{"bob/\"Carl C\" <sips:carl@127.0.0.2>", Form::endpoint_uri, "bob", "",
             "sips:carl@127.0.0.2", "Carl C"},
        Good{"bob/\"Carl C\"<sip:127.0.0.2>", Form::endpoint_uri, "bob", "", "sip:127.0.0.2",
             "Carl C"},
        Good{"bob/Carl C <sip:127.0.0.2>", Form::endpoint_uri, "bob", "", "sip:127.0.0.2",
             "Carl C"},
        Good{"bob/ <sip:127.0.0.2> ", Form::endpoint_uri, "bob", "", "sip:127.0.0.2"}));

INSTANTIATE_TEST_SUITE_P(
    ThroughTheDefaultEndpoint, GoodDestination,
    testing::Values(
        Good{"sip:127.0.0.2:5062", Form::uri, "", "", "sip:127.0.0.2:5062"},
        Good{"sip:carl@127.0.0.2:5063", Form::uri, "", "", "sip:carl@127.0.0.2:5063"},
        Good{"sips:127.0.0.2", Form::uri, "", "", "sips:127.0.0.2"},
        Good{"SIPS:carl@127.0.0.2", Form::uri, "", "", "SIPS:carl@127.0.0.2"},
        Good{"sip:carl@127.0.0.2:5063;transport=udp", Form::uri, "", "",
             "sip:carl@127.0.0.2:5063;transport=udp"},
        Good{"sip:carl@h?Subject=a/b", Form::uri, "", "", "sip:carl@h?Subject=a/b"},
        Good{"<sip:127.0.0.2:5062>", Form::uri, "", "", "sip:127.0.0.2:5062"},
        Good{"<sip:carl@127.0.0.2>", Form::uri, "", "", "sip:carl@127.0.0.2"},
        Good{"<sips:carl@h>", Form::uri, "", "", "sips:carl@h"},
        Good{"\"Carl C\" <sip:127.0.0.2:5062>", Form::uri, "", "", "sip:127.0.0.2:5062", "Carl C"},
        Good{"\"Carl C\" <sip:carl@127.0.0.2>", Form::uri, "", "", "sip:carl@127.0.0.2", "Carl C"},
        Good{"\"Carl C\" <sips:carl@127.0.0.2>", Form::uri, "", "", "sips:carl@127.0.0.2",
             "Carl C"},
        Good{"Carl <sip:carl@127.0.0.2>", Form::uri, "", "", "sip:carl@127.0.0.2", "Carl"},
        Good{"Carl<sip:carl@127.0.0.2>", Form::uri, "", "", "sip:carl@127.0.0.2", "Carl"}));

INSTANTIATE_TEST_SUITE_P(
    DisplayNames, GoodDestination,
    testing::Values(
        Good{R"("a/b" <sip:x@h>)", Form::uri, "", "", "sip:x@h", "a/b"},
        Good{R"(bob/"a/b" <sip:x@h>)", Form::endpoint_uri, "bob", "", "sip:x@h", "a/b"},
        Good{R"("Carl \"the C\" X" <sip:x@h>)", Form::uri, "", "", "sip:x@h",
             R"(Carl \"the C\" X)"},
        Good{R"("back\\slash" <sip:x@h>)", Form::uri, "", "", "sip:x@h", R"(back\\slash)"},
        Good{R"("a <b@c>" <sip:x@h>)", Form::uri, "", "", "sip:x@h", "a <b@c>"},
        Good{R"("sip:no@where" <sip:x@h>)", Form::uri, "", "", "sip:x@h", "sip:no@where"},
        Good{R"(bob/"a@b, c;d" <sip:x@h>)", Form::endpoint_uri, "bob", "", "sip:x@h", "a@b, c;d"},
        Good{R"("" <sip:x@h>)", Form::uri, "", "", "sip:x@h", ""},
        Good{"\"Jos\xC3\xA9\" <sip:x@h>", Form::uri, "", "", "sip:x@h", "Jos\xC3\xA9"}));

INSTANTIATE_TEST_SUITE_P(
    DialStrings, GoodDestination,
    testing::Values(Good{"PJSIP/8005551212@alice", Form::dial_string, "alice", "8005551212", ""},
                    Good{"PJSIP/alice", Form::dial_string, "alice", "", ""},
                    Good{"PJSIP/a@b@alice", Form::dial_string, "alice", "a@b", ""},
                    Good{"PJSIP/bob/sip:carl@h", Form::endpoint_uri, "bob", "", "sip:carl@h"},
                    Good{"PJSIP/bob/bob2", Form::endpoint_name, "bob", "", "bob2"},
                    Good{"PJSIP/bob/carl@h", Form::endpoint_user_host, "bob", "", "carl@h"},
                    // With another case it is an endpoint.
                    Good{"pjsip/alice", Form::endpoint_name, "pjsip", "", "alice"}));

struct Bad {
  std::string_view text;
  std::string_view why;
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.text; }

class BadDestination : public testing::TestWithParam<Bad> {};

TEST_P(BadDestination, IsRefused) {  // 3
  const auto found = parse_destination(GetParam().text);
  ASSERT_FALSE(found) << name_of(found->form);
  EXPECT_THAT(found.error().text, HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Sentences, BadDestination,
    testing::Values(
        Bad{"", "the destination is empty"}, Bad{"   ", "the destination is empty"},
        Bad{"/x", "there is no endpoint in front of '/'"},
        Bad{"/", "there is no endpoint in front of '/'"}, Bad{"bob/", "nothing follows 'bob/'"},
        Bad{"@x", "there is no user in front of '@'"}, Bad{"@", "there is no user in front of '@'"},
        Bad{"bob@", "no host follows '@'"}, Bad{"bob/bob2/extra", "'bob2/extra' has a second '/'"},
        Bad{"bob//x", "'/x' has a second '/'"},
        Bad{"<tel:+15551212>", "'tel:+15551212' is no SIP URI; it must begin with sip: or sips:"},
        Bad{"bob/<tel:+15551212>", "'tel:+15551212' is no SIP URI"},
        Bad{"<carl@127.0.0.2>", "'carl@127.0.0.2' is no SIP URI"}, Bad{"<>", "is no URI"},
        Bad{"<sip:x@h", "the '>' after the URI is missing"},
        Bad{"bob/<sip:x@h", "the '>' after the URI is missing"},
        Bad{"\"Carl <sip:x@h>", "the closing '\"' of the display name is missing"},
        Bad{"\"Carl\"", "must be followed by '<'"},
        Bad{"\"Carl\" sip:x@h", "must be followed by '<'"},
        Bad{"Carl, C <sip:x@h>", "must stand in quotes"},
        Bad{"<sip:x@h>;tag=1", "';tag=1' follows the closing '>'; parameters belong inside"},
        Bad{"<sip:x@h> rubbish", "is no header parameter"},
        Bad{"PJSIP/", "PJSIP/ names no endpoint"}, Bad{"PJSIP/1@", "PJSIP/ names no endpoint"},
        Bad{"PJSIP/@alice", "there is no user in front of '@'"},
        Bad{"PJSIP//x", "there is no endpoint in front of '/'"},
        Bad{"PJSIP/bob/", "nothing follows 'bob/'"}));

TEST(Destination, Names) {  // 4
  EXPECT_EQ(name_of(Form::name), "endpoint or host");
  EXPECT_EQ(name_of(Form::name_at_host), "endpoint@domain or user@host");
  EXPECT_EQ(name_of(Form::endpoint_name), "endpoint/aor or endpoint/host");
  EXPECT_EQ(name_of(Form::endpoint_user_host), "endpoint/user@host");
  EXPECT_EQ(name_of(Form::endpoint_uri), "endpoint/URI");
  EXPECT_EQ(name_of(Form::uri), "URI");
  EXPECT_EQ(name_of(Form::dial_string), "PJSIP/user@endpoint");
}

TEST(Destination, ViewsIntoTheText) {  // 5
  const std::string text = "  bob/\"Carl C\" <sip:carl@h>  ";
  const auto found = parse_destination(text);
  ASSERT_TRUE(found);
  for (const auto part : {found->endpoint, found->target, found->display_name}) {
    EXPECT_GE(part.data(), text.data());
    EXPECT_LE(part.data() + part.size(), text.data() + text.size());
  }
}

TEST(Destination, EveryShortText) {  // 6
  const std::string_view letters = "a/@<>\": \\;";
  const auto try_all = [&](auto&& self, std::string text) -> void {
    if (const auto found = parse_destination(text)) {
      EXPECT_FALSE(found->endpoint.empty() && found->target.empty()) << text;
    } else {
      EXPECT_FALSE(found.error().text.empty()) << text;
    }
    if (text.size() == 4) return;
    for (const char letter : letters) self(self, text + letter);
  };
  try_all(try_all, "");
}

}  // namespace
}  // namespace missive::pjsip
