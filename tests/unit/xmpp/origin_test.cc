// xmpp/origin: who sent a message that went on.
//
//  1. Written and read again, with everything that an address and an id may hold.
//  2. What is no such origin.
#include "xmpp/origin.h"

#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

TEST(Origin, IsReadAsItWasWritten) {
  for (const auto& origin :
       {Origin{"gw", "bob@example.com/phone", "abc", "alice@gw.example.com", true, false},
        Origin{"gw", "bob@example.com/a b/c?d&e=f", "id&receipt?x/y%20", "a&marker=b@c", false,
               true},
        Origin{"a/b", "jos\xC3\xA9@example.com", "", "", false, false},
        Origin{"gw", "example.com", "1", "", true, true}}) {
    const auto text = origin.str();
    EXPECT_EQ(text.find(' '), std::string::npos) << text;
    const auto back = Origin::parse(text);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, origin) << text;
  }
}

TEST(Origin, OfOthersIsNone) {
  for (const auto* text : {"", "pjsip:alice", "xmpp:", "xmpp:gw", "xmpp:gw/bob", "xmpp:?id=1/"}) {
    EXPECT_FALSE(Origin::parse(text)) << text;
  }
}

}  // namespace
}  // namespace missive::xmpp
