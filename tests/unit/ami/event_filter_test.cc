// Event filters.
//
// 1. Expressions over the whole event, with and without '!'.
// 2. Criteria: name, header (any of several), each method, without a method.
// 3. '!' in front of the expression excludes with criteria too; action() wins.
// 4. Including and excluding filters together.
// 5. Mistakes are refused with a reason, those of the format apart from those of the expression; so
//    are expressions that could exhaust memory or time.
#include "ami/event_filter.h"

#include <gtest/gtest.h>

namespace missive::ami {
namespace {

const Event hangup{Class::call, "Hangup",
                   "Event: Hangup\r\nPrivilege: call,all\r\nChannel: Local/1\r\n"
                   "channel: PJSIP/bob-1\r\nCause: 16\r\n\r\n"};

bool matches(std::string_view expression) {
  return EventFilter::make({}, expression)->matches(hangup);
}

bool matches(std::string_view criteria, std::string_view expression) {
  const auto filter = EventFilter::make(criteria, expression);
  EXPECT_TRUE(filter) << criteria << ": " << filter.error().text;
  return filter && filter->matches(hangup);
}

std::optional<EventFilter::Mistake> what_is_wrong(std::string_view criteria,
                                                  std::string_view expression) {
  const auto filter = EventFilter::make(criteria, expression);
  if (filter) return std::nullopt;
  return filter.error().what;
}

TEST(EventFilter, MatchesExpressionsAnywhere) {
  EXPECT_TRUE(matches("Event: Hangup"));
  EXPECT_TRUE(matches("Channel: (PJ)?SIP/|Cause: 1[67]"));
  EXPECT_FALSE(matches("Event: Newchannel"));
  EXPECT_FALSE(EventFilter::make({}, "x")->excludes());
  EXPECT_TRUE(EventFilter::make({}, "!x")->excludes());
  EXPECT_TRUE(matches("!Cause: 16"));
}

TEST(EventFilter, MatchesCriteria) {
  EXPECT_TRUE(matches("name(Hangup)", ""));
  EXPECT_FALSE(matches("name(Hang)", ""));
  EXPECT_TRUE(matches("header(Cause)", ""));
  EXPECT_FALSE(matches("header(Caus)", ""));
  EXPECT_TRUE(matches("name(Hangup), header(Cause), method(exact)", "16"));
  EXPECT_FALSE(matches("header(Cause),method(exact)", "1"));
  EXPECT_TRUE(matches("header(Channel),method(starts_with)", "Local/"));
  EXPECT_TRUE(matches("header(Channel),method(starts_with)", "PJSIP/"));
  EXPECT_FALSE(matches("header(Channel),method(starts_with)", "ocal/"));
  EXPECT_TRUE(matches("header(Channel),method(ends_with)", "-1"));
  EXPECT_TRUE(matches("header(Channel),method(contains)", "bob"));
  EXPECT_TRUE(matches("header(Channel),method(regex)", "^PJSIP/b.b-[0-9]+$"));
  EXPECT_FALSE(matches("header(Channel),method(regex)", "^ocal"));
  EXPECT_TRUE(matches("header(Cause),method(none)", ""));
  EXPECT_FALSE(matches("name(Newchannel),header(Cause)", ""));
  EXPECT_TRUE(EventFilter::make("action(exclude),name(X)", "")->excludes());
  EXPECT_FALSE(EventFilter::make("action(include),name(X)", "")->excludes());
}

TEST(EventFilter, ExcludesByAnExclamationMark) {
  const auto filter = EventFilter::make("header(Cause),method(exact)", "!16");
  EXPECT_TRUE(filter->excludes());
  EXPECT_TRUE(filter->matches(hangup));
  EXPECT_FALSE(EventFilter::make("action(include),header(Cause),method(exact)", "!16")->excludes());
  EXPECT_TRUE(EventFilter::make("name(Hangup)", "!")->excludes());
}

TEST(EventFilter, CombinesIncludingAndExcluding) {
  const auto passes = [](std::initializer_list<std::string_view> expressions) {
    EventFilters filters;
    for (const auto text : expressions) filters.add(*EventFilter::make({}, text));
    return filters.pass(hangup);
  };
  EXPECT_TRUE(passes({}));
  EXPECT_TRUE(passes({"nothing", "Hangup"}));
  EXPECT_FALSE(passes({"nothing"}));
  EXPECT_TRUE(passes({"!nothing"}));
  EXPECT_FALSE(passes({"!Hangup"}));
  EXPECT_FALSE(passes({"Hangup", "!Cause: 16"}));
  EXPECT_TRUE(passes({"Hangup", "!Cause: 17"}));
}

TEST(EventFilter, RefusesMistakes) {
  for (const auto text : {"", "!", "bad(", "[", "(a)\\1", "a{600}{600}", "((a{99}){99}){99}"}) {
    EXPECT_FALSE(EventFilter::make({}, text)) << text;
  }
  EXPECT_FALSE(EventFilter::make({}, std::string(2000, '(')));
  EXPECT_TRUE(EventFilter::make({}, "[0-9]{3,5}-\\(x\\){2}"));
  for (const auto criteria : {"name", "name()", "name(x", "colour(red)", "action(maybe)",
                              "method(like)", "method(none)", "name(x),method(exact)", " "}) {
    EXPECT_EQ(what_is_wrong(criteria, ""), EventFilter::Mistake::format) << criteria;
  }
  EXPECT_EQ(what_is_wrong("", ""), EventFilter::Mistake::format);
  EXPECT_EQ(what_is_wrong("name(x)", "y"), EventFilter::Mistake::format);
  EXPECT_EQ(what_is_wrong("name(x),method(none)", "y"), EventFilter::Mistake::format);
  EXPECT_EQ(what_is_wrong("", "bad("), EventFilter::Mistake::expression);
  EXPECT_EQ(what_is_wrong("method(regex)", "bad("), EventFilter::Mistake::expression);
}

}  // namespace
}  // namespace missive::ami
