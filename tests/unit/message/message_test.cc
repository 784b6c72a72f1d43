// The message every interface hands to the core.
//
//  1. It keeps copies: what it was built from may go.
//  2. Body and values are octets: NUL, CR, LF, nothing and much survive.
//  3. Variables keep their order and may repeat.
//  4. technology() and address(), with and without a colon, with several.
//  5. What was not given is empty.
//  6. It is shared, not copied; short texts stay in place as well.
#include "message/message.h"

#include <gtest/gtest.h>

#include <array>

namespace missive::message {
namespace {

TEST(Message, KeepsCopies) {  // 1
  std::shared_ptr<const Message> message;
  {
    std::string id = "id-1", destination = "pjsip:alice", to = "sip:a@b", from = "crm",
                body = std::string(100, 'x'), name = "X-One", value = "1";
    const std::array variables{Variable{name, value}};
    message = Message::create({id, destination, to, from, body, variables});
    for (auto* text : {&id, &destination, &to, &from, &body, &name, &value}) text->assign(200, '!');
  }
  EXPECT_EQ(message->id(), "id-1");
  EXPECT_EQ(message->destination(), "pjsip:alice");
  EXPECT_EQ(message->to(), "sip:a@b");
  EXPECT_EQ(message->from(), "crm");
  EXPECT_EQ(message->body(), std::string(100, 'x'));
  ASSERT_EQ(message->variables().size(), 1u);
  EXPECT_EQ(message->variables()[0].name, "X-One");
  EXPECT_EQ(message->variables()[0].value, "1");
}

TEST(Message, Octets) {  // 2
  for (const auto& body : {std::string("a\0b\r\n\xff\n", 7), std::string(1, '\0'), std::string(),
                           std::string(1 << 20, 'x')}) {
    const std::array variables{Variable{"X", body}};
    const auto message = Message::create({.body = body, .variables = variables});
    EXPECT_EQ(message->body(), body);
    EXPECT_EQ(message->variables()[0].value, body);
  }
}

TEST(Message, Variables) {  // 3
  const std::array variables{Variable{"X", "1"}, Variable{"Y", ""}, Variable{"X", "2"},
                             Variable{"", "z"}};
  const auto message = Message::create({.variables = variables});
  ASSERT_EQ(message->variables().size(), 4u);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    EXPECT_EQ(message->variables()[i].name, variables[i].name);
    EXPECT_EQ(message->variables()[i].value, variables[i].value);
  }
}

TEST(Message, TechnologyAndAddress) {  // 4
  struct Case {
    std::string_view destination, technology, address;
  };
  for (const auto& [destination, technology, address] :
       {Case{"pjsip:alice", "pjsip", "alice"}, Case{"pjsip:sip:a@b:5060", "pjsip", "sip:a@b:5060"},
        Case{"PJSIP:alice", "PJSIP", "alice"}, Case{"pjsip:", "pjsip", ""},
        Case{":alice", "", "alice"}, Case{"alice", "", "alice"}, Case{"", "", ""},
        Case{"xmpp:a/b:c", "xmpp", "a/b:c"}}) {
    const auto message = Message::create({.destination = destination});
    EXPECT_EQ(message->technology(), technology) << destination;
    EXPECT_EQ(message->address(), address) << destination;
  }
}

TEST(Message, Empty) {  // 5
  const auto message = Message::create({});
  EXPECT_EQ(message->id(), "");
  EXPECT_EQ(message->destination(), "");
  EXPECT_EQ(message->to(), "");
  EXPECT_EQ(message->from(), "");
  EXPECT_EQ(message->body(), "");
  EXPECT_TRUE(message->variables().empty());
}

TEST(Message, Shared) {  // 6
  auto message = Message::create({.id = "i", .body = "b"});
  const auto* body = message->body().data();
  const auto other = message;
  message.reset();
  EXPECT_EQ(other->body(), "b");
  EXPECT_EQ(other->body().data(), body);
}

}  // namespace
}  // namespace missive::message
