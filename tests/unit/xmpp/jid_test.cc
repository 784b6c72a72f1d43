// xmpp/jid: addresses.
//
//  1. The three parts, and what is left out.
//  2. Local and domain are lower case, the resource is kept; `/` and `@` in a resource are its own.
//  3. What is no address, each with its reason.
//  4. Parts of 1,023 octets are taken, of 1,024 not.
//  5. bare() and full() give back what was parsed.
#include "xmpp/jid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using testing::HasSubstr;

TEST(Jid, HasThreeParts) {
  const auto jid = Jid::parse("alice@example.com/phone");
  ASSERT_TRUE(jid);
  EXPECT_EQ(*jid, (Jid{"alice", "example.com", "phone"}));
  EXPECT_EQ(*Jid::parse("gw.example.com"), (Jid{"", "gw.example.com", ""}));
  EXPECT_EQ(*Jid::parse("a@127.0.0.1"), (Jid{"a", "127.0.0.1", ""}));
  EXPECT_EQ(*Jid::parse("a@[::1]"), (Jid{"a", "[::1]", ""}));
  EXPECT_EQ(*Jid::parse("example.com."), (Jid{"", "example.com", ""}));
}

TEST(Jid, ComparesInLowerCase) {
  EXPECT_EQ(*Jid::parse("Alice@Example.COM/Phone"), (Jid{"alice", "example.com", "Phone"}));
  EXPECT_EQ(Jid::parse("a@b/c/d@e")->resource, "c/d@e");
  EXPECT_EQ(Jid::parse("jos\xC3\xA9@example.com")->local, "jos\xC3\xA9");
}

TEST(Jid, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no domain"},           {"@example.com", "precedes the '@'"},
      {"alice@", "no domain"},     {"alice@example.com/", "follows the '/'"},
      {"a b@example.com", "user"}, {"a@exa mple.com", "domain"},
      {"a@\xFF", "UTF-8"},         {"a@b/c\x01", "control"},
      {"<a@b>", "user"},
  };
  for (const auto& [text, why] : cases) {
    const auto jid = Jid::parse(text);
    ASSERT_FALSE(jid) << text;
    EXPECT_THAT(jid.error().text, HasSubstr(why)) << text;
  }
}

TEST(Jid, HasALimit) {
  const std::string most(1023, 'a');
  EXPECT_TRUE(Jid::parse(most + "@b/" + most));
  EXPECT_FALSE(Jid::parse(most + "a@b"));
  EXPECT_FALSE(Jid::parse("a@b/" + most + "a"));
}

TEST(Jid, IsWrittenAsItWasRead) {
  for (const std::string text : {"alice@example.com/phone", "alice@example.com", "example.com"}) {
    EXPECT_EQ(Jid::parse(text)->full(), text);
  }
  EXPECT_EQ(Jid::parse("alice@example.com/phone")->bare(), "alice@example.com");
}

}  // namespace
}  // namespace missive::xmpp
